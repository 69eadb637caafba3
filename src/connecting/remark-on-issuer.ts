import type { Auth } from '../catalog/definition/auth.ts'
import { ProviderError } from '../kit/errors.ts'
import { consentOf } from './oauth/consent-request.ts'
import { type IssuerMetadata, pkceDoubt } from './oauth/issuer-metadata.ts'

/**
 * What whoever tries a definition should know of its authorization server, as whole sentences: that no flow can begin with it,
 * that its metadata cannot be read, or that its PKCE may be worth nothing. Null: nothing.
 */
export async function remarkOnIssuer(metadata: IssuerMetadata, definition: { auth: Auth }): Promise<string | null> {
  const auth = consentOf(definition.auth)?.auth
  if (auth === undefined || auth.type === 'oauth1') return null
  try {
    return pkceDoubt(auth, await metadata.inspect(auth))
  } catch (error) {
    if (error instanceof ProviderError) return error.message
    throw error
  }
}
