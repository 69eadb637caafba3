import { z } from 'zod'
import { jsonTemplates, template, urlTemplate } from '../template/template-schema.ts'
import { jwtSchema } from './definition-jwt.ts'
import { oauth1Schema, signatureSchema } from './definition-signature.ts'
import { durationSchema } from './duration-schema.ts'
import { fieldsSchema } from './field.ts'
import { instantFormatSchema } from './instant-format-schema.ts'
import { type OAuth2, oauth2Schema } from './oauth2.ts'
import { propertyPathSchema } from './path.ts'
import { placementSchema } from './placement.ts'
import { headersSchema } from './primitives.ts'

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
    message: 'must not stand beside form: a request has one body',
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
        key: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must hold 1 to 64 letters, digits, _, . and -'),
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

const loginAuthSchema = z.discriminatedUnion('type', [
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

/** Every way of authenticating that a definition can name. */
export const authSchema = z.discriminatedUnion('type', [
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

/** What a login request of a session token may be authenticated by. */
export type LoginAuth = None | Basic | Bearer | ApiKey | Jwt | Signature | OAuth1 | Selective | Custom

export type Auth = LoginAuth | OAuth2 | SessionToken
export type AuthKind = Auth['type']
