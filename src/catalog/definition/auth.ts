import { z } from 'zod'
import { jsonTemplates, template, templateSchema, urlTemplate } from '../template/template-schema.ts'
import { fieldsSchema } from './field.ts'
import { jwtSchema, type OAuth2, oauth2Schema } from './oauth2.ts'
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
})

export const signatureSchema = z.discriminatedUnion('method', [sigV4Schema, hmacSchema])

const oauth1Schema = z.strictObject({
  type: z.literal('oauth1'),
  requestTokenUrl: urlTemplate,
  authorizationUrl: urlTemplate,
  accessTokenUrl: urlTemplate,
  signature: z.enum(['HMAC-SHA1', 'HMAC-SHA256', 'PLAINTEXT']).optional(),
})

const noneSchema = z.strictObject({ type: z.literal('none') })

const basicSchema = z.strictObject({
  type: z.literal('basic'),
  fields: fieldsSchema.optional(),
  username: template.optional(),
  password: template.optional(),
})

const bearerSchema = z.strictObject({
  type: z.literal('bearer'),
  fields: fieldsSchema.optional(),
  token: template.optional(),
})

const apiKeySchema = z.strictObject({
  type: z.literal('api_key'),
  fields: fieldsSchema.optional(),
  value: template.optional(),
  placement: placementSchema,
})

const customSchema = z.strictObject({
  type: z.literal('custom'),
  strategy: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be the name of a strategy'),
  options: z.record(z.string(), z.json()).optional(),
})

const name = z.string().min(1).max(256)

const loginSchema = z
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
  })
  .refine((login) => login.form === undefined || login.json === undefined, {
    path: ['json'],
    message: 'must not be combined with form, because a request has one body',
  })

const sessionTokenSchema = z.strictObject({
  type: z.literal('session_token'),
  login: loginSchema,
  fields: fieldsSchema,
  tokenPath: propertyPathSchema,
  lifetime: durationSchema.optional(),
  expiry: z.strictObject({ path: propertyPathSchema, format: instantFormatSchema.optional() }).optional(),
  placement: placementSchema,
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

/**
 * Another way in which a stream sends the fields of the connection. It has no fields of its own, so that it shows where a secret goes, its
 * values are templates.
 */
export const streamAuthSchema = z.discriminatedUnion('type', [
  noneSchema,
  z.strictObject({ type: z.literal('basic'), username: template, password: template.optional() }),
  z.strictObject({ type: z.literal('bearer'), token: template }),
  z.strictObject({ type: z.literal('api_key'), value: template, placement: placementSchema }),
])
export type StreamAuth = z.infer<typeof streamAuthSchema>

export type None = z.infer<typeof noneSchema>
export type Basic = z.infer<typeof basicSchema>
export type Bearer = z.infer<typeof bearerSchema>
export type ApiKey = z.infer<typeof apiKeySchema>
export type SessionToken = z.infer<typeof sessionTokenSchema>
export type Jwt = z.infer<typeof jwtSchema>
export type Signature = z.infer<typeof signatureSchema>
export type OAuth1 = z.infer<typeof oauth1Schema>
export type Custom = z.infer<typeof customSchema>
export interface Selective {
  type: 'selective'
  options: { key: string; label: string; auth: Auth }[]
}

/** Types that can authenticate the login request of a session token. */
export type LoginAuth = None | Basic | Bearer | ApiKey | Jwt | Signature | OAuth1 | Selective | Custom

export type Auth = LoginAuth | OAuth2 | SessionToken
export type AuthKind = Auth['type']

/** The ways to authenticate: those of a selective authentication, or the authentication itself. */
export function waysOf(auth: Auth): Exclude<Auth, Selective>[] {
  return auth.type === 'selective' ? auth.options.flatMap((option) => waysOf(option.auth)) : [auth]
}
