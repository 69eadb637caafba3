import { z } from 'zod'
import { clientHostProblem } from '../../egress/host-rules.ts'
import { jsonTemplates, template, templateSchema, urlTemplate } from '../template/template-schema.ts'
import { currentDefinitionBudget } from './definition-budget.ts'
import { fieldNameSchema, fieldsSchema } from './field.ts'
import { keptNameProblem, keptPathSchema, propertyPathSchema } from './path.ts'
import { placementSchema } from './placement.ts'
import { durationSchema, headersSchema, instantFormatSchema } from './primitives.ts'

/** Signing algorithms of RFC 7518 section 3.1 and RFC 8037; never `none`. */
const jwtAlgorithms = [
  ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const

/** Algorithms for private_key_jwt client authentication. */
const clientKeyAlgorithms = jwtAlgorithms.filter((algorithm) => !algorithm.startsWith('HS'))

const claimName = z.string().min(1).max(256)

/** How a JWT is signed: for an assertion (RFC 7523), and with fields and placement for the auth type `jwt`. */
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

const name = z.string().min(1).max(256)
const text = z.string().min(1).max(2_000)

const grants = ['authorization_code', 'refresh_token', 'client_credentials', 'jwt_bearer', 'custom'] as const
const parameterNames = z.enum([
  ...['grant_type', 'client_id', 'client_secret', 'refresh_token', 'code', 'redirect_uri', 'scope'],
] as const)

/** RFC 8693 section 2.1. */
export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** RFC 6749, section 3.3, without spaces and commas, which some providers use as separators. */
export const scopePattern = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/

const clientAuthMethods = z.enum(['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'])

/** Parameters of an authorization response that have a meaning of their own. */
const RESPONSE_PARAMETERS = new Set([
  ...['state', 'iss', 'error', 'error_description', 'error_uri'],
  ...['access_token', 'refresh_token', 'id_token', 'token', 'response'],
])

const authorizationResponseSchema = z.strictObject({
  code: name
    .refine((parameter) => !RESPONSE_PARAMETERS.has(parameter), 'must be the parameter with the authorization code')
    .optional(),
})

const revocationSchema = z.strictObject({
  url: urlTemplate,
  method: z.enum(['POST', 'DELETE', 'GET']).optional(),
  auth: z.enum(['client', 'token']).optional(),
  clientAuth: clientAuthMethods.optional(),
  form: z.record(name, templateSchema(['token'])).optional(),
  json: jsonTemplates.optional(),
})

const tokenRequestSchema = z.strictObject({
  format: z.enum(['form', 'json']).optional(),
  params: z.record(name, template).optional(),
  headers: headersSchema(template).optional(),
  names: z.partialRecord(parameterNames, name).optional(),
})

const tokenResponseSchema = z.strictObject({
  accessToken: propertyPathSchema.optional(),
  refreshToken: propertyPathSchema.optional(),
  refreshTokenExpiry: z.strictObject({ path: propertyPathSchema, format: instantFormatSchema.optional() }).optional(),
  error: propertyPathSchema.optional(),
  errorDescription: propertyPathSchema.optional(),
  expiry: z.strictObject({ path: propertyPathSchema.optional(), format: instantFormatSchema.optional() }).optional(),
  errorWhen: z.strictObject({ path: propertyPathSchema, equals: z.json() }).optional(),
  keep: z.record(fieldNameSchema, keptPathSchema).optional(),
})

/** A host to which an OAuth client or a credential may be sent: `api.example.com`, `*.example.com`, with a port or without. */
export const clientHostSchema = z
  .string()
  .max(300)
  .superRefine((host, context) => {
    const problem = clientHostProblem(host)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

export const oauth2Schema = z
  .strictObject({
    type: z.literal('oauth2'),
    fields: fieldsSchema.optional(),
    clientId: template.optional(),
    clientSecret: template.optional(),
    refreshToken: template.optional(),
    grant: z.enum(grants),
    grantType: text.optional(),
    assertion: assertionSchema.optional(),
    issuer: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    authorizationUrl: urlTemplate.optional(),
    authorizationParams: z.record(name, template).optional(),
    authorizationNames: z.record(name, name).optional(),
    authorizationResponse: authorizationResponseSchema.optional(),
    tokenUrl: urlTemplate,
    refreshUrl: urlTemplate.optional(),
    revocation: revocationSchema.optional(),
    callbackKeep: z.record(name, fieldNameSchema).optional(),
    callbackVerify: z.strictObject({ method: z.literal('shopify_hmac') }).optional(),
    scopes: z.array(z.string().regex(scopePattern, 'must be a scope')).max(200).optional(),
    scopeSeparator: z.string().min(1).max(5).optional(),
    pkce: z.enum(['S256', 'none']).optional(),
    /** Hosts to which the OAuth client may be sent, where an input is part of a host. Constants: no value of a connection adds one. */
    clientHosts: z.array(clientHostSchema).max(50).optional(),
    clientAuth: clientAuthMethods.optional(),
    clientKey: z.strictObject({ alg: z.enum(clientKeyAlgorithms), kid: text.optional() }).optional(),
    tokenRequest: tokenRequestSchema.optional(),
    tokenResponse: tokenResponseSchema.optional(),
    tokenLifetime: durationSchema.optional(),
    refreshTokenLifetime: durationSchema.optional(),
    permanentErrors: z.array(text).max(50).optional(),
    rotation: z.enum(['none', 'rotating', 'strict']).optional(),
    graceSeconds: z.number().min(0).max(86_400).optional(),
    placement: placementSchema.optional(),
  })
  .superRefine((auth, context) => {
    const secretParameters = new Set(['code', 'state', auth.authorizationResponse?.code])
    for (const parameter of Object.keys(auth.callbackKeep ?? {})) {
      const isCode = secretParameters.has(parameter) && !currentDefinitionBudget().isStored
      const message = isCode ? 'must not be kept, because it is a secret of the flow' : keptNameProblem(parameter)
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['callbackKeep', parameter], message })
    }
    const need = (key: 'authorizationUrl' | 'grantType' | 'assertion' | 'clientKey', because: string) => {
      if (auth[key] === undefined) context.addIssue({ code: 'custom', path: [key], message: `is missing: ${because}` })
    }
    if (auth.grant === 'authorization_code') need('authorizationUrl', 'the grant authorization_code needs it')
    if (auth.grant === 'custom') need('grantType', 'the grant custom sends it')
    if (auth.grant === 'jwt_bearer') need('assertion', 'the grant jwt_bearer needs it')
    if (auth.grantType === TOKEN_EXCHANGE_GRANT) {
      for (const name of ['subject_token', 'subject_token_type']) {
        if (auth.tokenRequest?.params?.[name] !== undefined) continue
        const path = ['tokenRequest', 'params', name]
        context.addIssue({ code: 'custom', path, message: 'is missing: a token exchange needs it' })
      }
    }
    if ([auth.clientAuth, auth.revocation?.clientAuth].includes('private_key_jwt'))
      need('clientKey', 'private_key_jwt needs its algorithm')
  })

export type OAuth2 = z.infer<typeof oauth2Schema>
