import { z } from 'zod'
import { clientHostProblem } from '../../egress/host-rules.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { compileTemplate } from '../template/template.ts'
import {
  jsonTemplates,
  jsonTemplatesSchema,
  pageUrlTemplate,
  template,
  templateSchema,
  urlTemplate,
} from '../template/template-schema.ts'
import { clientCertificateSchema } from './client-certificate.ts'
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

/** Names that the claims and headers of a JWT may read besides the usual ones: the time in seconds, and a value that is never repeated. */
const jwtNames = ['now', 'nonce']

/** Headers whose meaning the signature depends on. `alg` is the algorithm. */
const FIXED_JWT_HEADERS = new Set(['crit', 'b64'])

const jwtShape = {
  algorithm: z.enum(jwtAlgorithms),
  key: template,
  keyIsBase64: z.boolean().optional(),
  keyEncoding: z.enum(['utf8', 'base64', 'hex']).optional(),
  /** Of a private key that is encrypted (PKCS #8). */
  passphrase: template.optional(),
  lifetime: durationSchema.optional(),
  headers: jsonTemplatesSchema(jwtNames)
    .superRefine((headers, context) => {
      for (const name of Object.keys(headers)) {
        if (!FIXED_JWT_HEADERS.has(name) || currentDefinitionBudget().isStored) continue
        context.addIssue({ code: 'custom', path: [name], message: 'is a header that changes what is signed' })
      }
    })
    .optional(),
  claims: jsonTemplatesSchema(jwtNames).optional(),
}

function checkKeyEncoding(
  { keyIsBase64, keyEncoding, algorithm }: { keyIsBase64?: boolean; keyEncoding?: string; algorithm: string },
  context: z.RefinementCtx,
): void {
  const problem =
    keyIsBase64 !== undefined && keyEncoding !== undefined
      ? 'must be left out, because keyIsBase64 says how the key is written'
      : keyEncoding === 'hex' && !algorithm.startsWith('HS')
        ? 'must be utf8 or base64, because a private key is not written in hex'
        : undefined
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['keyEncoding'], message: problem })
}

/** How a JWT is signed: for an assertion (RFC 7523), and with fields and placement for the auth type `jwt`. */
export const assertionSchema = z.strictObject(jwtShape).superRefine(checkKeyEncoding)

export const jwtSchema = z
  .strictObject({
    ...jwtShape,
    type: z.literal('jwt'),
    fields: fieldsSchema,
    placement: placementSchema.optional(),
    clientCertificate: clientCertificateSchema.optional(),
  })
  .superRefine(checkKeyEncoding)

/** A JWT that is signed with fields of the connection's own credential. */
export const ownJwtSchema = z
  .strictObject({ ...jwtShape, type: z.literal('jwt'), placement: placementSchema.optional() })
  .superRefine(checkKeyEncoding)

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

const tokenRequestSchema = z
  .strictObject({
    /** Where the parameters go. Default: body. */
    in: z.enum(['body', 'query']).optional(),
    format: z.enum(['form', 'json']).optional(),
    params: z.record(name, template).optional(),
    /** In place of `params`, in renewals with the refresh token. Absent: `params` are sent there too. */
    refreshParams: z.record(name, template).optional(),
    headers: headersSchema(template).optional(),
    names: z.partialRecord(parameterNames, name).optional(),
    /** Parameters that the provider does not take. */
    omit: z.array(parameterNames).max(20).optional(),
  })
  .refine(({ in: place, format }) => place !== 'query' || format === undefined, {
    path: ['format'],
    error: 'must be left out, because the parameters are in the query',
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

/** Client metadata (RFC 7591 section 2) that Latchkey decides itself. */
const OWN_METADATA = ['redirect_uris', 'token_endpoint_auth_method', 'client_id', 'client_secret', 'jwks', 'jwks_uri']
const MAX_METADATA_BYTES = 16 * 1024

const registrationSchema = z.strictObject({
  url: urlTemplate.optional(),
  metadata: z
    .record(name, z.json())
    .superRefine((metadata, context) => {
      for (const key of OWN_METADATA) {
        if (Object.hasOwn(metadata, key))
          context.addIssue({ code: 'custom', path: [key], message: 'must be left out, because Latchkey decides it' })
      }
      if (Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES)
        context.addIssue({ code: 'custom', message: `must be at most ${MAX_METADATA_BYTES} bytes of JSON` })
    })
    .optional(),
})

/** RFC 8707 section 2: an absolute URI without a fragment. */
const resourceSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_000)
  .refine((resource) => !resource.includes('#'), 'must not have a fragment')

/** A host to which an OAuth client or a credential may be sent: `api.example.com`, `*.example.com`, with a port or without. */
export const clientHostSchema = z
  .string()
  .max(300)
  .superRefine((host, context) => {
    const problem = clientHostProblem(host)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

const oauth2Shape = {
  type: z.literal('oauth2'),
  fields: fieldsSchema.optional(),
  clientId: template.optional(),
  clientSecret: template.optional(),
  refreshToken: template.optional(),
  grant: z.enum(grants),
  grantType: text.optional(),
  assertion: assertionSchema.optional(),
  issuer: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  authorizationUrl: pageUrlTemplate.optional(),
  authorizationParams: z.record(name, template).optional(),
  authorizationNames: z.record(name, name).optional(),
  authorizationResponse: authorizationResponseSchema.optional(),
  /** Absent: read from the metadata of the authorization server when an integration is created (`discoverEndpoints`). */
  tokenUrl: urlTemplate.optional(),
  refreshUrl: urlTemplate.optional(),
  revocation: revocationSchema.optional(),
  registration: registrationSchema.optional(),
  resource: resourceSchema.optional(),
  callbackKeep: z.record(name, fieldNameSchema).optional(),
  callbackVerify: z.strictObject({ method: z.literal('shopify_hmac') }).optional(),
  scopes: z.array(z.string().regex(scopePattern, 'must be a scope')).max(200).optional(),
  /** Null: each scope is a parameter of its own. */
  scopeSeparator: z.string().min(1).max(5).nullable().optional(),
  pkce: z.enum(['S256', 'none']).optional(),
  /** Hosts to which the OAuth client may be sent, where an input is part of a host. Constants: no value of a connection adds one. */
  clientHosts: z.array(clientHostSchema).max(50).optional(),
  clientAuth: clientAuthMethods.optional(),
  clientKey: z
    .strictObject({ alg: z.enum(clientKeyAlgorithms), kid: text.optional(), passphrase: template.optional() })
    .optional(),
  tokenRequest: tokenRequestSchema.optional(),
  tokenResponse: tokenResponseSchema.optional(),
  tokenLifetime: durationSchema.optional(),
  refreshTokenLifetime: durationSchema.optional(),
  permanentErrors: z.array(text).max(50).optional(),
  rotation: z.enum(['none', 'rotating', 'strict']).optional(),
  graceSeconds: z.number().min(0).max(86_400).optional(),
  placement: placementSchema.optional(),
  /** Presented to the token endpoint, for revocations, and to the API. */
  clientCertificate: clientCertificateSchema.optional(),
}

export const oauth2Schema = z.strictObject(oauth2Shape).superRefine((auth, context) => {
  const secretParameters = new Set(['code', 'state', auth.authorizationResponse?.code])
  for (const parameter of Object.keys(auth.callbackKeep ?? {})) {
    const isCode = secretParameters.has(parameter) && !currentDefinitionBudget().isStored
    const message = isCode ? 'must not be kept, because it is a secret of the flow' : keptNameProblem(parameter)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['callbackKeep', parameter], message })
  }
  const need = (key: 'authorizationUrl' | 'tokenUrl' | 'grantType' | 'assertion' | 'clientKey', because: string) => {
    if (auth[key] === undefined) context.addIssue({ code: 'custom', path: [key], message: `is missing: ${because}` })
  }
  if (!isDiscoverable(auth)) {
    const instead = 'Without it, name the issuer whose metadata has it.'
    if (auth.grant === 'authorization_code')
      need('authorizationUrl', `the grant authorization_code needs it. ${instead}`)
    need('tokenUrl', `tokens are requested there. ${instead}`)
  }
  for (const [path, message] of registrationProblems(auth)) context.addIssue({ code: 'custom', path, message })
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

const OWN_GRANTS = ['client_credentials', 'jwt_bearer', 'custom'] as const

/** Tokens that fields of the connection's own credential obtain again and again, without a consent and without a refresh token. */
export const ownOAuth2Schema = z
  .strictObject({
    type: oauth2Shape.type,
    grant: z.enum(OWN_GRANTS, {
      error: `must be one of ${OWN_GRANTS.join(', ')}: a connection has one consent and one refresh token, which belong to auth`,
    }),
    grantType: oauth2Shape.grantType,
    assertion: oauth2Shape.assertion,
    clientId: oauth2Shape.clientId,
    clientSecret: oauth2Shape.clientSecret,
    clientAuth: oauth2Shape.clientAuth,
    clientKey: oauth2Shape.clientKey,
    tokenUrl: urlTemplate,
    scopes: oauth2Shape.scopes,
    scopeSeparator: oauth2Shape.scopeSeparator,
    resource: oauth2Shape.resource,
    tokenRequest: oauth2Shape.tokenRequest,
    tokenResponse: tokenResponseSchema.omit({ refreshToken: true, refreshTokenExpiry: true, keep: true }).optional(),
    tokenLifetime: oauth2Shape.tokenLifetime,
    permanentErrors: oauth2Shape.permanentErrors,
    placement: oauth2Shape.placement,
  })
  .superRefine((auth, context) => {
    const need = (key: 'grantType' | 'assertion' | 'clientKey' | 'clientId', because: string) => {
      if (auth[key] === undefined) context.addIssue({ code: 'custom', path: [key], message: `is missing: ${because}` })
    }
    if (auth.grant === 'client_credentials') need('clientId', 'the client of the integration is not used for it')
    if (auth.grant === 'custom') need('grantType', 'the grant custom sends it')
    if (auth.grant === 'jwt_bearer') need('assertion', 'the grant jwt_bearer needs it')
    if (auth.clientAuth === 'private_key_jwt') need('clientKey', 'private_key_jwt needs its algorithm')
  })

/** Whether endpoints that a definition leaves out can be read from metadata: of its issuer, or of its API (RFC 9728). */
function isDiscoverable({ issuer, registration }: Pick<OAuth2, 'issuer' | 'registration'>): boolean {
  return issuer !== undefined || registration !== undefined
}

function* registrationProblems(auth: OAuth2): Generator<[path: string[], message: string]> {
  const { registration, clientAuth, grant } = auth
  if (registration === undefined) return
  if (grant !== 'authorization_code')
    yield [['registration'], 'must be left out: only the grant authorization_code registers a client']
  if (clientAuth === 'private_key_jwt')
    yield [['clientAuth'], 'must be a method with a client secret, or none: no key is registered']
  for (const key of ['clientId', 'clientSecret'] as const) {
    if (auth[key] !== undefined)
      yield [['registration'], `must be left out beside ${key}, which names a client that exists already`]
  }
  if (registration.url !== undefined && compileTemplate(registration.url).constant === undefined)
    yield [['registration', 'url'], 'must be a constant: the client is registered once for all connections']
}

/** The token endpoint. @throws UnsupportedError when the definition leaves it to discovery, which did not take place */
export function tokenUrlOf({ tokenUrl }: OAuth2): string {
  if (tokenUrl !== undefined) return tokenUrl
  throw new UnsupportedError(
    'The definition has no tokenUrl. Add it, or create the integration with this definition as its own: createIntegration reads it from the metadata of the issuer.',
  )
}
