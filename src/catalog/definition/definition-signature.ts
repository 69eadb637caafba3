import { z } from 'zod'
import { template, templateSchema, urlTemplate } from '../template/template-schema.ts'
import { fieldsSchema } from './field.ts'
import { instantFormatSchema } from './instant-format-schema.ts'
import { placementSchema, placementShape, toPlacement } from './placement.ts'

/** What the message of an HMAC may read besides the usual names. */
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

export const oauth1Schema = z.strictObject({
  type: z.literal('oauth1'),
  requestTokenUrl: urlTemplate,
  authorizationUrl: urlTemplate,
  accessTokenUrl: urlTemplate,
  signature: z.enum(['HMAC-SHA1', 'HMAC-SHA256', 'PLAINTEXT']).optional(),
})
