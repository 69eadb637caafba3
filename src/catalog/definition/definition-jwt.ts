import { z } from 'zod'
import { template } from '../template/template-schema.ts'
import { durationSchema } from './duration-schema.ts'
import { fieldsSchema } from './field.ts'
import { placementSchema } from './placement.ts'

/** Signing algorithms of RFC 7518 section 3.1 and RFC 8037; never `none`. */
export const jwtAlgorithms = [
  ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const

/** Of a client that proves itself by a private key. */
export const clientKeyAlgorithms = jwtAlgorithms.filter((algorithm) => !algorithm.startsWith('HS'))

const claimName = z.string().min(1).max(256)

/** How a JWT is made: for an assertion (RFC 7523) as it stands, for the auth type `jwt` with fields and placement. */
export const assertionSchema = z.strictObject({
  algorithm: z.enum(jwtAlgorithms),
  key: template,
  keyIsBase64: z.boolean().optional(),
  lifetime: durationSchema.optional(),
  headers: z.record(claimName, template).optional(),
  claims: z.record(claimName, template).optional(),
})

export const jwtSchema = z.strictObject({
  ...assertionSchema.shape,
  type: z.literal('jwt'),
  fields: fieldsSchema,
  placement: placementSchema.optional(),
})
