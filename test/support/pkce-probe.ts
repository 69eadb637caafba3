import { generateRandomCodeVerifier } from 'oauth4webapi'
import { exchangeCode } from '../../src/auth/oauth2/renew.ts'
import type { OAuthClient } from '../../src/auth/strategy.ts'
import type { OAuth2 } from '../../src/catalog/definition/oauth2.ts'
import { authorizationUrl } from '../../src/connecting/oauth/consent-request.ts'
import type { Egress } from '../../src/egress/egress.ts'
import { RenewalError } from '../../src/wire/renewal-error.ts'

export interface PkceProbe {
  auth: OAuth2
  client: OAuthClient
  redirectUri: string
  egress: Egress
  /** Agrees at the provider. @returns the URL that the browser is sent back to */
  agree(authorizationUrl: string): Promise<URL>
}

/**
 * Finds out whether a provider keeps what PKCE promises (RFC 7636 section 4.6), which many do not tell: `enforced` where it
 * refuses a code with a wrong verifier, and one without any, that it takes with the right one.
 * @throws when it takes no code at all, or fails otherwise: then nothing is known
 */
export async function probePkce(probe: PkceProbe): Promise<'enforced' | 'PKCE unsupported'> {
  if (!(await isTaken(probe, (right) => right))) throw new Error('The provider refuses the right verifier too.')
  const wrong = await isTaken(probe, generateRandomCodeVerifier)
  const none = await isTaken(probe, () => undefined)
  return wrong || none ? 'PKCE unsupported' : 'enforced'
}

/** Whether the provider gives tokens for a code and what is made of its verifier. */
async function isTaken(
  { auth, client, redirectUri, egress, agree }: PkceProbe,
  verifierOf: (right: string) => string | undefined,
): Promise<boolean> {
  const input = {}
  const asked = { clientId: client.clientId, redirectUri, state: crypto.randomUUID(), scopes: auth.scopes ?? [], input }
  const { url, codeVerifier } = await authorizationUrl(auth, asked)
  if (codeVerifier === undefined) throw new Error('The definition has PKCE off.')
  const code = (await agree(url.href)).searchParams.get('code')
  if (code === null) throw new Error('The provider gave no code.')
  const verifier = verifierOf(codeVerifier)
  const exchange = { code, redirectUri, ...(verifier === undefined ? {} : { codeVerifier: verifier }) }
  try {
    await exchangeCode(auth, exchange, { egress, now: new Date(), input, kept: {}, oauthClient: client })
    return true
  } catch (error) {
    if (error instanceof RenewalError && error.reason === 'INVALID_GRANT') return false
    throw error
  }
}
