import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'

export interface AuthorizationRequest {
  clientId: string
  redirectUri: string
  state: string
  scopes: readonly string[]
  /** By the definition's inputFields, checked. */
  input: Readonly<Record<string, unknown>>
}

/** What must be as we say, whatever the definition adds: it binds the answer to its question. */
const BINDING = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const

/**
 * Where the person agrees (RFC 6749 section 4.1.1), with PKCE S256 (RFC 7636) unless the definition says that its provider
 * cannot. The definition's `authorizationNames` stand in place of the standard names, its `authorizationParams` beside them.
 * @throws TemplateError for an input that cannot stand in the URL
 */
export async function authorizationUrl(
  auth: OAuth2,
  { clientId, redirectUri, state, scopes, input }: AuthorizationRequest,
): Promise<{ url: URL; codeVerifier: string | undefined }> {
  if (auth.authorizationUrl === undefined) throw new Error('The grant authorization_code has an authorization URL.')
  const scope = { config: { ...input, client_id: clientId }, input, kept: {} }
  const codeVerifier = auth.pkce === 'none' ? undefined : generateRandomCodeVerifier()
  const standard: Record<string, string> = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(auth.scopeSeparator ?? ' ') }),
    state,
    ...(codeVerifier === undefined
      ? {}
      : { code_challenge: await calculatePKCECodeChallenge(codeVerifier), code_challenge_method: 'S256' }),
  }
  const nameOf = (name: string) => auth.authorizationNames?.[name] ?? name
  const url = renderUrl(auth.authorizationUrl, scope)
  for (const [name, value] of Object.entries(standard)) url.searchParams.set(nameOf(name), value)
  const bound = new Set(BINDING.map(nameOf))
  for (const [name, source] of Object.entries(auth.authorizationParams ?? {})) {
    if (!bound.has(name)) url.searchParams.set(name, renderTemplate(source, scope))
  }
  // Some providers read a plus sign in a query as a plus sign.
  url.search = url.search.replaceAll('+', '%20')
  return { url, codeVerifier }
}
