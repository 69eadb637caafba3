import { type ClientAuth, ClientSecretPost, modifyAssertion, None, PrivateKeyJwt } from 'oauth4webapi'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { toClientKey } from '../signature/private-key.ts'
import type { OAuthClient } from '../strategy.ts'

const assertionLifetimeSeconds = 60

/**
 * How the client proves itself at the token endpoint: `client_secret_post` unless the definition names another way; a
 * client without a secret only names itself, and without a client there is nothing to say. Throws PrivateKeyError.
 *
 * The assertion of private_key_jwt (RFC 7523 section 3) has one audience, the issuer, so that it is worth nothing at
 * another server.
 */
export async function clientAuthOf(auth: OAuth2, client: OAuthClient | undefined, now: Date): Promise<ClientAuth> {
  if (client === undefined) return () => {}
  const { clientSecret } = client
  const method = auth.clientAuth ?? 'client_secret_post'
  if (clientSecret === undefined || clientSecret === '' || method === 'none') return None()
  if (method === 'client_secret_basic') return clientSecretBasic(clientSecret)
  if (method === 'client_secret_post') return ClientSecretPost(clientSecret)
  const { alg, kid } = auth.clientKey ?? { alg: 'RS256' }
  const key = await toClientKey(clientSecret, alg)
  const iat = Math.floor(now.getTime() / 1000)
  return PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
    [modifyAssertion](header, payload) {
      header['alg'] = alg
      Object.assign(payload, { iat, nbf: iat, exp: iat + assertionLifetimeSeconds })
    },
  })
}

/**
 * RFC 6749 section 2.3.1: id and secret are form-encoded, each, before they are joined. oauth4webapi's own also encodes
 * `-`, `.` and `_`, which is right too, but fails at the many servers that do not decode at all.
 */
function clientSecretBasic(clientSecret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    const credentials = `${formEncode(client.client_id)}:${formEncode(clientSecret)}`
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`)
  }
}

/** application/x-www-form-urlencoded, as one value. */
export function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
