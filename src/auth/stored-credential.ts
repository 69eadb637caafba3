import { z } from 'zod'

/** A stored credential does not have the shape that its strategy expects. Names the places, never the values. */
export class StoredCredentialError extends Error {
  override readonly name = 'StoredCredentialError'
}

const fields = z.record(z.string(), z.string())
/** ISO 8601, UTC. */
const instant = z.iso.datetime()

const ownTokenSchema = z.strictObject({
  token: z.string(),
  /** Absent: it is used until it is refused. */
  expiresAt: instant.optional(),
  /** Digest of the auth that obtained it. A token of another auth is not used. */
  of: z.string(),
})

/** A token that an entry of `auths` has obtained with the fields of the credential. Secret. */
export type StoredOwnToken = z.infer<typeof ownTokenSchema>

/** What every stored credential may have beside its own. */
const common = {
  fields,
  /** By the keys of `auths`. */
  tokens: z.record(z.string(), ownTokenSchema).optional(),
}

const noneSchema = z.strictObject({ type: z.literal('none'), ...common })
const basicSchema = z.strictObject({ type: z.literal('basic'), ...common })
const bearerSchema = z.strictObject({ type: z.literal('bearer'), ...common })
const apiKeySchema = z.strictObject({ type: z.literal('api_key'), ...common })
const jwtSchema = z.strictObject({ type: z.literal('jwt'), ...common })
const signatureSchema = z.strictObject({
  type: z.literal('signature'),
  ...common,
  /** Temporary keys of a role in AWS. */
  session: z
    .strictObject({
      roleArn: z.string(),
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      sessionToken: z.string(),
    })
    .optional(),
  expiresAt: instant.optional(),
})
const oauth1Schema = z.strictObject({ type: z.literal('oauth1'), ...common })

const oauth2Schema = z.strictObject({
  type: z.literal('oauth2'),
  ...common,
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  tokenType: z.string().optional(),
  /** When the access token expires. */
  expiresAt: instant.optional(),
  scopes: z.array(z.string()),
  /** The OAuth client that the token was issued to, if it is not the integration's. */
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  extra: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
})

const sessionTokenSchema = z.strictObject({
  type: z.literal('session_token'),
  ...common,
  token: z.string().optional(),
  expiresAt: instant.optional(),
})

const customSchema = z.strictObject({
  type: z.literal('custom'),
  strategy: z.string(),
  ...common,
  /** The result of the strategy's last renewal. */
  data: z.record(z.string(), z.json()),
  expiresAt: instant.optional(),
  scopes: z.array(z.string()).optional(),
})

/** A reference to a credential that an auth provider of the workspace holds. Not secret. */
export const storedAuthProviderSchema = z.strictObject({
  type: z.literal('auth_provider'),
  /** Name of the auth provider. */
  provider: z.string(),
  accountId: z.string(),
})

export type StoredAuthProvider = z.infer<typeof storedAuthProviderSchema>

export interface StoredSelective {
  type: 'selective'
  /** The field `auth_method` with the key of the option. */
  fields: Record<string, string>
  tokens?: Record<string, StoredOwnToken> | undefined
  inner: StoredCredential
}

const selectiveSchema: z.ZodType<StoredSelective> = z.strictObject({
  type: z.literal('selective'),
  ...common,
  get inner(): z.ZodType<StoredCredential> {
    return z.union(Object.values(storedSchemas))
  },
})

export const storedSchemas = {
  none: noneSchema,
  basic: basicSchema,
  bearer: bearerSchema,
  api_key: apiKeySchema,
  oauth2: oauth2Schema,
  session_token: sessionTokenSchema,
  jwt: jwtSchema,
  signature: signatureSchema,
  oauth1: oauth1Schema,
  selective: selectiveSchema,
  custom: customSchema,
}

type StoredNone = z.infer<typeof noneSchema>
type StoredBasic = z.infer<typeof basicSchema>
type StoredBearer = z.infer<typeof bearerSchema>
type StoredApiKey = z.infer<typeof apiKeySchema>
export type StoredOAuth2 = z.infer<typeof oauth2Schema>
export type StoredSessionToken = z.infer<typeof sessionTokenSchema>
type StoredJwt = z.infer<typeof jwtSchema>
export type StoredSignature = z.infer<typeof signatureSchema>
type StoredOAuth1 = z.infer<typeof oauth1Schema>
export type StoredCustom = z.infer<typeof customSchema>

/** Plain JSON, one shape for each auth type. Secret as a whole, and encrypted as a whole. */
export type StoredCredential =
  | StoredNone
  | StoredBasic
  | StoredBearer
  | StoredApiKey
  | StoredOAuth2
  | StoredSessionToken
  | StoredJwt
  | StoredSignature
  | StoredOAuth1
  | StoredSelective
  | StoredCustom

/** Parses a stored credential. @throws StoredCredentialError */
export function readStored<T>(schema: z.ZodType<T>, stored: unknown): T {
  const parsed = schema.safeParse(stored)
  if (parsed.success) return parsed.data
  const places = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'the top level'))]
  throw new StoredCredentialError(
    `The stored credential does not have the shape that its auth type needs: ${places.join(', ')}.`,
  )
}
