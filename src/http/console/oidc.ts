import { createHash, randomBytes } from 'node:crypto'
import {
  AuthorizationResponseError,
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discoveryRequest,
  type IDToken,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  ResponseBodyError,
  UnsupportedOperationError,
  validateApplicationLevelSignature,
  validateAuthResponse,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi'
import type { Operator } from '../../access/console-sessions.ts'
import { claimValue } from '../../access/token-end-user.ts'
import type { ConsoleOidc } from '../../config.ts'
import type { Egress } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { illFormedText } from '../../kit/input.ts'

/** Where the provider sends the browser back to. Operators register this address. */
export const CALLBACK_PATH = '/console/oidc/callback'

const TIMEOUT_MS = 10_000
const MAX_RESPONSE_BYTES = 512 * 1024
/** How long metadata of the provider is used. */
const METADATA_MS = 10 * 60 * 1000
const MAX_NAME = 200

/** Why a sign-in by OIDC failed. The message is for the log of the operator. */
export class SignInError extends Error {
  override readonly name = 'SignInError'
}

export interface OidcSignIn {
  /** @returns the secret to keep in the browser, and the address of the provider's page. @throws SignInError */
  begin(publicUrl: string): Promise<{ secret: string; location: string }>
  /**
   * @param callback the address that the browser came back to
   * @param secret what the browser kept
   * @throws SignInError
   */
  finish(publicUrl: string, callback: URL, secret: string): Promise<Operator>
}

/**
 * Signs operators in by their OIDC provider: authorization code flow with PKCE (RFC 7636), `state`, `nonce` and, where the provider
 * announces it, `iss` (RFC 9207). All three values come from one secret that only the browser keeps, so that a response works in the
 * browser that asked for it and nothing has to be stored.
 */
export function createOidcSignIn(settings: ConsoleOidc, egress: Egress): OidcSignIn {
  const { issuer, clientId, clientSecret } = settings
  const client = { client_id: clientId }
  const options = {
    // The egress policy decides which hosts may be reached without TLS.
    [allowInsecureRequests]: true,
    [customFetch]: (url: string, init: { method: string; headers?: unknown; body?: unknown }) =>
      send(egress, url, init),
  }
  let read: { metadata: AuthorizationServer; atMs: number } | undefined

  const metadataOf = async (): Promise<AuthorizationServer> => {
    if (read !== undefined && performance.now() - read.atMs < METADATA_MS) return read.metadata
    const response = await discoveryRequest(new URL(issuer), { ...options, algorithm: 'oidc' })
    const metadata = await processDiscoveryResponse(new URL(issuer), response)
    if (metadata.issuer !== issuer) throw new SignInError('The metadata belongs to another issuer.')
    read = { metadata, atMs: performance.now() }
    return metadata
  }

  return {
    begin: (publicUrl) =>
      explained(async () => {
        const metadata = await metadataOf()
        if (metadata.authorization_endpoint === undefined) {
          throw new SignInError('The metadata has no authorization_endpoint.')
        }
        const secret = randomBytes(32).toString('base64url')
        const location = new URL(metadata.authorization_endpoint)
        const parameters = {
          response_type: 'code',
          client_id: clientId,
          redirect_uri: `${publicUrl}${CALLBACK_PATH}`,
          scope: settings.scopes,
          state: derived(secret, 'state'),
          nonce: derived(secret, 'nonce'),
          code_challenge: sha256(derived(secret, 'verifier')),
          code_challenge_method: 'S256',
        }
        for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value)
        return { secret, location: location.href }
      }),
    finish: (publicUrl, callback, secret) =>
      explained(async () => {
        const metadata = await metadataOf()
        const parameters = validateAuthResponse(metadata, client, callback, derived(secret, 'state'))
        const methods = metadata.token_endpoint_auth_methods_supported
        const byBody = methods?.includes('client_secret_post') === true && !methods.includes('client_secret_basic')
        const response = await authorizationCodeGrantRequest(
          metadata,
          client,
          byBody ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret),
          parameters,
          `${publicUrl}${CALLBACK_PATH}`,
          derived(secret, 'verifier'),
          options,
        )
        const result = await processAuthorizationCodeResponse(metadata, client, response, {
          expectedNonce: derived(secret, 'nonce'),
          requireIdToken: true,
        })
        await validateApplicationLevelSignature(metadata, response, options)
        return operatorOf(settings, idTokenOf(result.id_token))
      }),
  }
}

/** The claims of an ID token that was verified. */
function idTokenOf(token: string | undefined): IDToken {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8')) as IDToken
}

function operatorOf({ issuer, roleClaim, operators, readers }: ConsoleOidc, claims: IDToken): Operator {
  const claim = claimValue(claims, roleClaim)
  const values: unknown[] = Array.isArray(claim) ? claim : [claim]
  const has = (accepted: readonly string[]) =>
    values.some((value) => typeof value === 'string' && accepted.includes(value))
  const names = [claims['email'], claims['preferred_username'], claims['name'], claims.sub]
  const name = names.find((each): each is string => typeof each === 'string' && each !== '') ?? claims.sub
  if (illFormedText([name, claims.sub]) !== null) throw new SignInError('The ID token has ill-formed text.')
  const role = has(operators) ? 'OPERATOR' : has(readers) ? 'READER' : null
  return { issuer, subject: claims.sub, name: name.slice(0, MAX_NAME).toWellFormed(), role }
}

/** Values that a browser which does not know the secret cannot compute. 43 characters, as RFC 7636 requires of a verifier. */
function derived(secret: string, purpose: 'state' | 'nonce' | 'verifier'): string {
  return sha256(`console ${purpose} ${secret}`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Follows no redirects, so that the client secret is sent to the provider only. */
async function send(
  egress: Egress,
  url: string,
  { method, headers, body }: { method: string; headers?: unknown; body?: unknown },
): Promise<Response> {
  const response = await egress.send({
    method,
    url,
    headers: Object.fromEntries(new Headers(headers as Record<string, string>)),
    ...(body == null ? {} : { body: String(body) }),
    redirect: 'manual',
    timeoutMs: TIMEOUT_MS,
    maxResponseBytes: MAX_RESPONSE_BYTES,
  })
  const text = await response.text()
  return new Response(text, { status: response.status, headers: response.headers })
}

/** Turns every failure that the provider or the browser can cause into a SignInError without a secret in its message. */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof EgressError) throw new SignInError(`The provider cannot be reached: ${error.message}`)
    if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
      throw new SignInError(
        `The provider refused with the error ${/^[\w.-]{1,60}$/.exec(error.error)?.[0] ?? 'unknown'}.`,
      )
    }
    if (error instanceof WWWAuthenticateChallengeError) {
      throw new SignInError('The provider refused the client of LATCHKEY_CONSOLE_OIDC_CLIENT_ID and its secret.')
    }
    if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
      throw new SignInError(`${error.message} (${error.code})`)
    }
    throw error
  }
}
