import { z } from 'zod'
import { newId } from '../../kit/ids.ts'
import { signWebhook, webhookSecretBytes } from '../../kit/standard-webhooks.ts'
import { readExpiry } from '../token-expiry.ts'
import type { AuthProviderStrategy } from './auth-provider.ts'
import { askAuthProvider, malformed, stringOf, urlSchema } from './auth-provider.ts'

const config = z.strictObject({
  /** The product's endpoint. */
  url: urlSchema,
})

/**
 * The product's own endpoint: `POST { connectionId, integration, accountId, endUserExternalId }`, signed by the Standard
 * Webhooks specification, answered by `{ accessToken, expiresAt? | expiresIn? }` (ISO 8601, or seconds). 404 or 410: the
 * account is gone.
 */
export const tokenCallback: AuthProviderStrategy<z.infer<typeof config>> = {
  kind: 'TOKEN_CALLBACK',
  config,
  secretProblem: (secret) =>
    webhookSecretBytes(secret) === null ? 'Must be whsec_ and the base64 of 24 to 64 random bytes.' : null,
  async fetch({ url }, signingSecret, { connectionId, integration, accountId, endUserExternalId }, context) {
    const body = JSON.stringify({ connectionId, integration, accountId, endUserExternalId })
    const signed = signWebhook(signingSecret, `msg_${newId().replaceAll('-', '')}`, context.now, body)
    const answer = await askAuthProvider(
      {
        method: 'POST',
        url,
        headers: [['content-type', 'application/json'], ['accept', 'application/json'], ...Object.entries(signed)],
        body,
        credentialHeaders: ['webhook-signature'],
      },
      [signingSecret],
      context,
    )
    const accessToken = stringOf(answer['accessToken'])
    if (accessToken === undefined) throw malformed('The token callback gave no accessToken.')
    const [instant, seconds] = [answer['expiresAt'] ?? null, answer['expiresIn'] ?? null]
    if (instant === null && seconds === null) return { input: { secretText: accessToken } }
    const expiresAt =
      instant === null ? readExpiry(seconds, 'seconds', context.now) : readExpiry(instant, 'iso8601', context.now)
    if (expiresAt === undefined)
      throw malformed('The token callback gave a token that has ended, or an end that cannot be read.')
    return { input: { secretText: accessToken }, expiresAt }
  },
}
