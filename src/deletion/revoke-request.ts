import { allowInsecureRequests, customFetch, revocationRequest } from 'oauth4webapi'
import { clientCertificateFor } from '../auth/client-certificate.ts'
import { requestScope } from '../auth/oauth2/renew.ts'
import { clientAuthOf } from '../auth/oauth2/token-request.ts'
import { ownClientOf, refreshTokenOf, tokenPlacement } from '../auth/oauth2/token-response.ts'
import type { StoredCredential, StoredOAuth2 } from '../auth/stored-credential.ts'
import type { ConnectionContext, OAuthClient, RenewContext } from '../auth/strategy.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import { authMethodField } from '../catalog/definition/auth-fields.ts'
import type { OAuth2 } from '../catalog/definition/oauth2.ts'
import type { TemplateScope } from '../catalog/template/template.ts'
import { renderJson, renderTemplate } from '../catalog/template/template.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import { isRecord, TemplateError } from '../catalog/template/value.ts'
import type { ClientDeletion } from '../connections/registered-clients.ts'
import { PrivateKeyError } from '../kit/private-key.ts'
import { type CredentialResponse, sendCredentialRequest } from '../wire/credential-request.ts'
import { applyPlacement } from '../wire/placement.ts'
import { errorCodeOf } from '../wire/provider-words.ts'
import { ClientHostError, RenewalError } from '../wire/renewal-error.ts'
import { type RequestDraft, serializeDraft } from '../wire/request-draft.ts'
import { classifyResponse, FAILURES, isTransientStatus } from '../wire/verdict.ts'

/** A credential with tokens to revoke, and an auth with a revocation endpoint. */
interface Revocable {
  auth: OAuth2 & { revocation: NonNullable<OAuth2['revocation']> }
  stored: StoredOAuth2
  context: ConnectionContext
  tokens: Token[]
}

interface Token {
  /** RFC 7009 section 2.1. */
  hint: 'refresh_token' | 'access_token'
  value: string
}

/** Result of a revocation. `retry`: the token may still be valid (RFC 7009 section 2.2.1). `why` contains no secret. */
export type RevocationOutcome =
  | { as: 'revoked' }
  | { as: 'retry'; why: string; retryAfterMs?: number }
  | { as: 'refused'; why: string }

/** @returns null when there is no token to revoke or no revocation endpoint */
export function revocableOf(auth: Auth, stored: StoredCredential, context: ConnectionContext): Revocable | null {
  if (auth.type === 'selective' && stored.type === 'selective') {
    const option = auth.options.find(({ key }) => key === stored.fields[authMethodField.name])
    const input = { ...context.input, ...stored.fields }
    return option === undefined ? null : revocableOf(option.auth, stored.inner, { ...context, input })
  }
  if (auth.type !== 'oauth2' || stored.type !== 'oauth2' || auth.revocation === undefined) return null
  const tokens = tokensOf(auth, stored, context)
  return tokens.length === 0 ? null : { auth: { ...auth, revocation: auth.revocation }, stored, context, tokens }
}

/** The refresh token comes first: it lives longer, and at many providers its revocation ends the whole grant. */
function tokensOf(auth: OAuth2, stored: StoredOAuth2, context: ConnectionContext): Token[] {
  const tokens: Token[] = []
  const refreshToken = unlessMissing(() => refreshTokenOf(auth, stored, context))
  if (refreshToken !== undefined) tokens.push({ hint: 'refresh_token', value: refreshToken })
  if (stored.accessToken !== undefined) tokens.push({ hint: 'access_token', value: stored.accessToken })
  return tokens
}

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}

/**
 * Revokes the tokens at the provider, by RFC 7009 or as the definition's `revocation` describes. A token that the provider
 * does not know counts as revoked. Failures of the provider are returned, not thrown.
 */
export async function sendRevocation(revocable: Revocable, context: RenewContext): Promise<RevocationOutcome> {
  const { auth, stored, tokens } = revocable
  const told: RenewContext = { ...context, ...revocable.context }
  const sent = new Set<string>()
  let refusal: RevocationOutcome | undefined
  let revoked = false
  try {
    told.clientCertificate = clientCertificateFor(auth, stored, told)
    const client = ownClientOf(auth, stored, told) ?? context.oauthClient
    const refreshToken = tokens.find(({ hint }) => hint === 'refresh_token')?.value
    const scope = requestScope(auth, stored, told, client, refreshToken)
    for (const token of tokens) {
      const parts = partsOf(auth, scope, token)
      // If the request does not contain the token, one request ends the whole grant.
      const fingerprint = JSON.stringify([parts.url, ...parts.params, parts.json])
      if (sent.has(fingerprint)) continue
      sent.add(fingerprint)
      const outcome = judge(revocable, await ask(revocable, parts, token, client, told, scope), told)
      if (outcome.as === 'retry') return outcome
      if (outcome.as === 'revoked') revoked = true
      else refusal ??= outcome
    }
  } catch (error) {
    if (error instanceof ClientHostError) return { as: 'refused', why: error.message }
    if (error instanceof RenewalError) return retryLater(error.message, error.retryAfterMs)
    if (!(error instanceof TemplateError) && !(error instanceof PrivateKeyError)) throw error
    return { as: 'refused', why: `The request cannot be made: ${error.message}` }
  }
  // Many providers revoke only one of the two kinds (RFC 7009 section 2.2.1, unsupported_token_type).
  return revoked || refusal === undefined ? { as: 'revoked' } : refusal
}

/** The parts of the request that the definition describes. */
interface RevocationParts {
  url: URL
  params: URLSearchParams
  json: Record<string, unknown> | undefined
}

function partsOf({ revocation }: Revocable['auth'], scope: TemplateScope, { hint, value }: Token): RevocationParts {
  const { method = 'POST', form, json } = revocation
  const url = renderUrl(revocation.url, scope)
  const params = new URLSearchParams()
  if (form !== undefined) {
    for (const [name, source] of Object.entries(form))
      params.set(name, renderTemplate(source, { ...scope, token: value }))
  } else if (json === undefined && method === 'POST') {
    params.set('token', value)
    params.set('token_type_hint', hint)
  }
  const rendered = json === undefined ? undefined : renderJson(json, scope)
  return { url, params, json: isRecord(rendered) ? rendered : undefined }
}

async function ask(
  { auth, stored }: Revocable,
  parts: RevocationParts,
  token: Token,
  client: OAuthClient | undefined,
  context: RenewContext,
  scope: TemplateScope,
): Promise<CredentialResponse> {
  const byToken = auth.revocation.auth === 'token'
  const method = auth.revocation.clientAuth ?? auth.clientAuth
  const proving = method === undefined ? auth : { ...auth, clientAuth: method }
  const clientAuth = byToken ? () => {} : await clientAuthOf(proving, client, context.now, scope)
  const server = { issuer: auth.issuer ?? parts.url.href, revocation_endpoint: parts.url.href }
  let reply: CredentialResponse | undefined
  await revocationRequest(server, { client_id: client?.clientId || 'none' }, clientAuth, token.value, {
    // The egress policy decides which hosts may be reached without TLS.
    [allowInsecureRequests]: true,
    [customFetch]: async (_url, { body, headers }) => {
      const draft = toDraft(auth, parts, body, headers)
      if (byToken && stored.accessToken !== undefined) applyPlacement(draft, tokenPlacement(auth), stored.accessToken)
      reply = await sendCredentialRequest(serializeDraft(draft), context, client)
      return new Response()
    },
  })
  if (reply === undefined) throw new Error('The revocation request was not sent.')
  return reply
}

/** Combines the client authentication of oauth4webapi with the parameters of the definition. */
function toDraft(
  { revocation }: Revocable['auth'],
  { url, params, json }: RevocationParts,
  standard: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): RequestDraft {
  const { method = 'POST' } = revocation
  const all = new URLSearchParams([...standard].filter(([name]) => name !== 'token' && name !== 'token_type_hint'))
  for (const [name, value] of params) all.set(name, value)
  const draft: RequestDraft = { method, url: new URL(url), headers: new Headers(), credentialHeaders: new Set() }
  draft.headers.set('accept', 'application/json')
  const { authorization } = headers
  if (authorization !== undefined) draft.headers.set('authorization', authorization)
  // The client secret must not be part of a URL.
  if (method === 'GET') for (const [name, value] of params) draft.url.searchParams.set(name, value)
  else if (json !== undefined) draft.body = { type: 'json', value: { ...Object.fromEntries(all), ...json } }
  else if (all.size > 0) draft.body = { type: 'form', value: all }
  return draft
}

function judge({ auth }: Revocable, reply: CredentialResponse, context: RenewContext): RevocationOutcome {
  const { status, body, retryAfterMs } = reply
  const code = errorCodeOf(body, auth.tokenResponse?.error)
  if (code?.toLowerCase() === 'invalid_token') return { as: 'revoked' }
  const { failure } = classifyResponse(reply, context.responseErrors)
  if (failure === null) return code === undefined ? { as: 'revoked' } : { as: 'refused', why: answered(status) }
  const { retryable, credentialRefused } = FAILURES[failure]
  // The request is authorized by the access token, which the provider no longer accepts.
  if (credentialRefused && auth.revocation.auth === 'token') return { as: 'revoked' }
  if (retryable || isTransientStatus(status)) return retryLater(answered(status), retryAfterMs)
  return { as: 'refused', why: answered(status) }
}

function retryLater(why: string, retryAfterMs: number | undefined): RevocationOutcome {
  return { as: 'retry', why, retryAfterMs }
}

/**
 * Deletes a registered client at its server (RFC 7592 section 2.3). A client or a token that the server does not know counts as deleted.
 * Failures of the provider are returned, not thrown.
 */
export async function deleteClient(
  { clientUri, registrationToken }: ClientDeletion,
  context: Parameters<typeof sendCredentialRequest>[1],
): Promise<RevocationOutcome> {
  const headers: [string, string][] = [
    ['accept', 'application/json'],
    ['authorization', `Bearer ${registrationToken}`],
  ]
  try {
    const request = { method: 'DELETE', url: clientUri, headers, body: undefined, credentialHeaders: [] }
    const { status, retryAfterMs } = await sendCredentialRequest(request, context, undefined)
    if ((status >= 200 && status < 300) || [401, 404, 410].includes(status)) return { as: 'revoked' }
    return isTransientStatus(status)
      ? retryLater(answered(status), retryAfterMs)
      : { as: 'refused', why: answered(status) }
  } catch (error) {
    if (error instanceof RenewalError) return retryLater(error.message, error.retryAfterMs)
    throw error
  }
}

/** Only the status of the response is used, because its text may contain the token. */
function answered(status: number): string {
  return `The provider responded with status ${status}.`
}
