import { z } from 'zod'
import { jsonTemplates, template, templateSchema, urlTemplate } from '../template/template-schema.ts'
import { clientCertificateSchema } from './client-certificate.ts'
import { type Field, fieldNameSchema, fieldsSchema } from './field.ts'
import { jwtSchema, type OAuth2, oauth2Schema, ownJwtSchema, ownOAuth2Schema } from './oauth2.ts'
import { propertyPathSchema } from './path.ts'
import { placementSchema, placementShape, toPlacement } from './placement.ts'
import { durationSchema, headersSchema, instantFormatSchema } from './primitives.ts'

/** Names that the message of an HMAC may read besides the usual ones. */
const messageNames = ['method', 'url', 'path', 'query', 'body', 'timestamp', 'nonce']

const sigV4Schema = z.strictObject({
  type: z.literal('signature'),
  method: z.literal('aws_sigv4'),
  fields: fieldsSchema,
  accessKeyId: template,
  secretAccessKey: template,
  sessionToken: template.optional(),
  region: template,
  service: template,
  /** The keys above obtain temporary ones, which sign the requests. */
  assumeRole: z
    .strictObject({
      roleArn: template,
      externalId: template.optional(),
      sessionName: template.optional(),
      duration: durationSchema.optional(),
      /** Default: the endpoint of AWS STS in the region. */
      url: urlTemplate.optional(),
    })
    .optional(),
  clientCertificate: clientCertificateSchema.optional(),
})

/** The UsernameToken of the OASIS Web Services Security profile, as a header. */
const wsseSchema = z.strictObject({
  type: z.literal('signature'),
  method: z.literal('wsse'),
  fields: fieldsSchema,
  username: template,
  password: template,
  hash: z.enum(['sha1', 'sha256']).optional(),
  /** What base64 encodes: the bytes of the hash, or its hexadecimal digits. */
  digest: z.enum(['bytes', 'hex']).optional(),
  nonceEncoding: z.enum(['text', 'base64']).optional(),
  clientCertificate: clientCertificateSchema.optional(),
})

const timestampSchema = z
  .strictObject({ ...placementShape, format: instantFormatSchema })
  .transform(({ format, ...placement }, context) => {
    const parsed = toPlacement(placement, context)
    return parsed ? { ...parsed, format } : z.NEVER
  })

const hmacSchema = z.strictObject({
  type: z.literal('signature'),
  method: z.literal('hmac'),
  fields: fieldsSchema,
  key: template,
  keyEncoding: z.enum(['utf8', 'base64', 'hex']).optional(),
  hash: z.enum(['sha1', 'sha256', 'sha512']),
  message: templateSchema(messageNames),
  encoding: z.enum(['hex', 'base64']),
  placement: placementSchema,
  timestamp: timestampSchema.optional(),
  nonce: placementSchema.optional(),
  clientCertificate: clientCertificateSchema.optional(),
})

export const signatureSchema = z.discriminatedUnion('method', [sigV4Schema, hmacSchema, wsseSchema])

const oauth1Schema = z
  .strictObject({
    type: z.literal('oauth1'),
    /** All three, or none: then the token is supplied by a person, who gets it from the provider. */
    requestTokenUrl: urlTemplate.optional(),
    authorizationUrl: urlTemplate.optional(),
    accessTokenUrl: urlTemplate.optional(),
    signature: z.enum(['HMAC-SHA1', 'HMAC-SHA256', 'PLAINTEXT']).optional(),
    realm: template.optional(),
    clientCertificate: clientCertificateSchema.optional(),
  })
  .superRefine((auth, context) => {
    const keys = ['requestTokenUrl', 'authorizationUrl', 'accessTokenUrl'] as const
    const missing = keys.filter((key) => auth[key] === undefined)
    if (missing.length === keys.length) return
    const message = 'is missing: the three URLs belong together. Without all of them, the token is a field.'
    for (const key of missing) context.addIssue({ code: 'custom', path: [key], message })
  })

const noneSchema = z
  .strictObject({
    type: z.literal('none'),
    /** Only for a client certificate, which is then all that authenticates. */
    fields: fieldsSchema.optional(),
    clientCertificate: clientCertificateSchema.optional(),
  })
  .refine(({ fields, clientCertificate }) => fields === undefined || clientCertificate !== undefined, {
    path: ['fields'],
    error: 'must be left out: without clientCertificate, requests are not authenticated',
  })

const basicSchema = z.strictObject({
  type: z.literal('basic'),
  fields: fieldsSchema.optional(),
  username: template.optional(),
  password: template.optional(),
  clientCertificate: clientCertificateSchema.optional(),
})

const bearerSchema = z.strictObject({
  type: z.literal('bearer'),
  fields: fieldsSchema.optional(),
  token: template.optional(),
  clientCertificate: clientCertificateSchema.optional(),
})

const apiKeySchema = z.strictObject({
  type: z.literal('api_key'),
  fields: fieldsSchema.optional(),
  value: template.optional(),
  placement: placementSchema,
  clientCertificate: clientCertificateSchema.optional(),
})

const customSchema = z.strictObject({
  type: z.literal('custom'),
  strategy: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be the name of a strategy'),
  options: z.record(z.string(), z.json()).optional(),
})

const name = z.string().min(1).max(256)

/** A request of a login. */
const loginStepSchema = z
  .strictObject({
    url: urlTemplate,
    method: z.enum(['GET', 'POST', 'PUT']).optional(),
    get auth(): z.ZodOptional<z.ZodType<LoginAuth>> {
      return loginAuthSchema.optional()
    },
    query: z.record(name, template).optional(),
    headers: headersSchema(template).optional(),
    form: z.record(name, template).optional(),
    json: jsonTemplates.optional(),
    retryStatuses: z.array(z.int().min(400).max(599)).max(50).optional(),
    /** Values of the response that later requests of the login read as `kept`. */
    keep: z.record(fieldNameSchema, propertyPathSchema).optional(),
  })
  .refine((login) => login.form === undefined || login.json === undefined, {
    path: ['json'],
    message: 'must not be combined with form, because a request has one body',
  })
  .refine((login) => login.auth?.type !== 'signature' || login.auth.method !== 'aws_sigv4' || !login.auth.assumeRole, {
    path: ['auth', 'assumeRole'],
    message: 'must be left out, because it is a login of its own',
  })

const USELESS_KEEP = 'must be left out, because no later request reads it'
const loginSchema = loginStepSchema.refine(({ keep }) => keep === undefined, { path: ['keep'], message: USELESS_KEEP })

const loginStepsSchema = z
  .array(loginStepSchema)
  .min(1)
  .max(5)
  .superRefine((steps, context) => {
    if (steps.at(-1)?.keep === undefined) return
    context.addIssue({ code: 'custom', path: [steps.length - 1, 'keep'], message: USELESS_KEEP })
  })

const sessionTokenSchema = z.strictObject({
  type: z.literal('session_token'),
  login: z.union([loginSchema, loginStepsSchema]),
  fields: fieldsSchema,
  /** A token that people may have already. It is used until it is refused. */
  token: template.optional(),
  tokenPath: propertyPathSchema,
  lifetime: durationSchema.optional(),
  expiry: z.strictObject({ path: propertyPathSchema, format: instantFormatSchema.optional() }).optional(),
  placement: placementSchema,
  /** Presented to the login and to the API. That of the auth of a login is presented only there. */
  clientCertificate: clientCertificateSchema.optional(),
})

const selectiveSchema = z.strictObject({
  type: z.literal('selective'),
  options: z
    .array(
      z.strictObject({
        key: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must consist of 1 to 64 letters, digits, _, . and -'),
        label: z.string().min(1).max(200),
        get auth(): z.ZodType<Auth> {
          return authSchema
        },
      }),
    )
    .min(1)
    .max(20)
    .superRefine((options, context) => {
      const seen = new Set<string>()
      for (const [index, { key }] of options.entries()) {
        if (seen.has(key))
          context.addIssue({ code: 'custom', path: [index, 'key'], message: `${key} stands here twice` })
        seen.add(key)
      }
    }),
})

const loginAuthSchema = z
  .discriminatedUnion('type', [
    noneSchema,
    basicSchema,
    bearerSchema,
    apiKeySchema,
    jwtSchema,
    signatureSchema,
    oauth1Schema,
    selectiveSchema,
    customSchema,
  ])
  .meta({ id: 'LoginAuth' })

/** The authentication of a definition: one of all supported types. */
export const authSchema = z
  .discriminatedUnion('type', [
    noneSchema,
    basicSchema,
    bearerSchema,
    apiKeySchema,
    oauth2Schema,
    sessionTokenSchema,
    jwtSchema,
    signatureSchema,
    oauth1Schema,
    selectiveSchema,
    customSchema,
  ])
  .meta({ id: 'Auth' })

const withoutFields = { fields: true, clientCertificate: true } as const

/**
 * Another way in which requests send the fields of the connection. It has no fields of its own, so that it shows where a secret goes, its
 * values are templates. A client certificate of the connection is presented all the same.
 */
export const ownAuthSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('basic'), username: template, password: template.optional() }),
  z.strictObject({ type: z.literal('bearer'), token: template }),
  z.strictObject({ type: z.literal('api_key'), value: template, placement: placementSchema }),
  ownJwtSchema,
  z.discriminatedUnion('method', [
    sigV4Schema.omit({ ...withoutFields, assumeRole: true }),
    hmacSchema.omit(withoutFields),
    wsseSchema.omit(withoutFields),
  ]),
  sessionTokenSchema.omit({ ...withoutFields, token: true }),
  ownOAuth2Schema,
])
export type OwnAuth = z.infer<typeof ownAuthSchema>
/** An auth of `auths` whose token is obtained from the provider, and stored. */
export type OwnTokenAuth = Extract<OwnAuth, { type: 'session_token' | 'oauth2' }>

export function obtainsToken(auth: OwnAuth): auth is OwnTokenAuth {
  return auth.type === 'session_token' || auth.type === 'oauth2'
}

/**
 * An auth of `auths` as its strategy takes it.
 * @param fields those of the connection, which say what is removed from errors. Default: none
 */
export function ownAuthOf(auth: OwnAuth, fields: readonly Field[] = []): Auth {
  const takesFields = obtainsToken(auth) || auth.type === 'jwt' || auth.type === 'signature'
  // It is not a form: the fields were checked by the auth that declares them.
  return takesFields ? { ...auth, fields: fields.map((field) => ({ ...field, required: false })) } : auth
}

export type None = z.infer<typeof noneSchema>
export type Basic = z.infer<typeof basicSchema>
export type Bearer = z.infer<typeof bearerSchema>
export type ApiKey = z.infer<typeof apiKeySchema>
export type SessionToken = z.infer<typeof sessionTokenSchema>
export type Jwt = z.infer<typeof jwtSchema>
export type Signature = z.infer<typeof signatureSchema>
export type OAuth1 = z.infer<typeof oauth1Schema>
/** OAuth 1.0a with a consent page. */
export type OAuth1Consent = OAuth1 & { requestTokenUrl: string; authorizationUrl: string; accessTokenUrl: string }
export type Custom = z.infer<typeof customSchema>
export interface Selective {
  type: 'selective'
  options: { key: string; label: string; auth: Auth }[]
}

export type LoginStep = z.infer<typeof loginStepSchema>

/** The requests of a login in their order, each with its place in the auth. */
export function loginStepsOf({ login }: SessionToken): { step: LoginStep; place: (string | number)[] }[] {
  if (!Array.isArray(login)) return [{ step: login, place: ['login'] }]
  return login.map((step, index) => ({ step, place: ['login', index] }))
}

/** Types that can authenticate the login request of a session token. */
export type LoginAuth = None | Basic | Bearer | ApiKey | Jwt | Signature | OAuth1 | Selective | Custom

export type Auth = LoginAuth | OAuth2 | SessionToken
export type AuthKind = Auth['type']

/** Whether requests have a credential: something in them, or a client certificate. */
export function hasCredential(auth: Auth): boolean {
  return auth.type !== 'none' || auth.clientCertificate !== undefined
}

/** The ways to authenticate: those of a selective authentication, or the authentication itself. */
export function waysOf(auth: Auth): Exclude<Auth, Selective>[] {
  return auth.type === 'selective' ? auth.options.flatMap((option) => waysOf(option.auth)) : [auth]
}
