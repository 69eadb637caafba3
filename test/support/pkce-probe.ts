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
  /** Gives consent at the provider. @returns the URL that the browser is redirected to */
  agree(authorizationUrl: string): Promise<URL>
}

/**
 * Tests whether a provider enforces PKCE (RFC 7636 section 4.6), which many do not document. `enforced`: it accepts a code
 * with the right verifier, and refuses it with a wrong verifier and with none.
 * @throws when it refuses the right verifier too, or fails in another way
 */
export async function probePkce(probe: PkceProbe): Promise<'enforced' | 'PKCE unsupported'> {
  if (!(await acceptsCode(probe, (right) => right))) throw new Error('The provider refuses the right verifier too.')
  const wrong = await acceptsCode(probe, generateRandomCodeVerifier)
  const none = await acceptsCode(probe, () => undefined)
  return wrong || none ? 'PKCE unsupported' : 'enforced'
}

/** Whether the provider issues tokens for a code with the verifier that `verifierOf` makes of the right one. */
async function acceptsCode(
  { auth, client, redirectUri, egress, agree }: PkceProbe,
  verifierOf: (right: string) => string | undefined,
): Promise<boolean> {
  const input = {}
  const request = {
    clientId: client.clientId,
    redirectUri,
    state: crypto.randomUUID(),
    scopes: auth.scopes ?? [],
    input,
  }
  const { url, codeVerifier } = await authorizationUrl(auth, request)
  if (codeVerifier === undefined) throw new Error('The definition disables PKCE.')
  const code = (await agree(url.href)).searchParams.get('code')
  if (code === null) throw new Error('The provider returned no code.')
  const verifier = verifierOf(codeVerifier)
  const exchange = { code, redirectUri, codeVerifier: verifier }
  try {
    await exchangeCode(auth, exchange, { egress, now: new Date(), input, kept: {}, oauthClient: client })
    return true
  } catch (error) {
    if (error instanceof RenewalError && error.reason === 'INVALID_GRANT') return false
    throw error
  }
}
