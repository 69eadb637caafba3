import { z } from 'zod'
import { isRecord } from '../../catalog/template/value.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import type { AuthProviderStrategy } from './auth-provider.ts'
import { accountGone, malformed, originSchema, requestAuthProvider, stringOf } from './auth-provider.ts'

const config = z.strictObject({
  /** Origin of the API. */
  baseUrl: originSchema.default('https://backend.composio.dev'),
})

/** Only the user can reconnect an account in these states. */
const GONE = new Set(['EXPIRED', 'FAILED', 'INACTIVE', 'REVOKED'])

/**
 * Composio, API v3: `GET /api/v3/connected_accounts/{id}` with the project's key in `x-api-key`. The credential is in
 * `state.val`, with names that depend on its scheme. If the project masks secrets, or the account was connected through
 * Composio's own OAuth client, the response has `REDACTED` or the first characters and dots instead. Such an account cannot be
 * used, and the error says so.
 */
export const composio: AuthProviderStrategy<z.infer<typeof config>> = {
  kind: 'COMPOSIO',
  config,
  secretProblem: (secret) =>
    /^[\x21-\x7e]{8,512}$/.test(secret) ? null : 'Must be the API key of a Composio project.',
  async fetch({ baseUrl }, apiKey, { accountId }, context) {
    const body = await requestAuthProvider(
      {
        method: 'GET',
        url: `${baseUrl}/api/v3/connected_accounts/${encodeURIComponent(accountId)}`,
        headers: [
          ['x-api-key', apiKey],
          ['accept', 'application/json'],
        ],
        credentialHeaders: ['x-api-key'],
      },
      [apiKey],
      context,
    )
    const status = stringOf(body['status'])
    if (status !== undefined && GONE.has(status)) throw accountGone()
    if (status !== undefined && status !== 'ACTIVE') {
      throw new RenewalError('The account is not connected at Composio yet.', { reason: 'REVOKED', retryable: true })
    }
    const state = isRecord(body['state']) ? body['state']['val'] : undefined
    const values = isRecord(state) ? state : isRecord(body['data']) ? body['data'] : {}
    const token = ['access_token', 'token', 'bearer_token', 'api_key', 'generic_api_key']
      .map((name) => stringOf(values[name]))
      .find(Boolean)
    const [username, password] = [stringOf(values['username']), stringOf(values['password'])]
    for (const secret of [token, password]) if (secret !== undefined && isMasked(secret)) throw masked()
    // `expires_in` counts from when Composio received the token. That time is not in the response, so the expiry is unknown.
    if (token !== undefined) return { input: { secretText: token } }
    if (username !== undefined) return { input: { basic: { username, password: password ?? '' } } }
    throw malformed('The response of Composio has no credential of a known kind.')
  },
}

function isMasked(secret: string): boolean {
  return secret === 'REDACTED' || /^.{0,8}(?:\.{3,}|…|\*{3,})$/.test(secret)
}

function masked(): RenewalError {
  const message =
    'Composio masks the secret of this account. Connect the account through your own OAuth client, and turn off the masking of secrets in the Composio project.'
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: false })
}
