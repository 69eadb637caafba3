import { z } from 'zod'
import { newId } from '../../kit/ids.ts'
import { signWebhook, webhookSecretBytes } from '../../kit/standard-webhooks.ts'
import { readExpiry } from '../token-expiry.ts'
import type { AuthProviderStrategy } from './auth-provider.ts'
import { malformed, requestAuthProvider, stringOf, urlSchema } from './auth-provider.ts'

const config = z.strictObject({
  /** The product's own endpoint. */
  url: urlSchema,
})

/**
 * The product's own endpoint: a POST of the `AccountReference` as JSON, signed as the Standard Webhooks specification says. The response is `{ accessToken, expiresAt? | expiresIn? }` (ISO 8601, or seconds). 404 or 410 means that
 * the account is gone.
 */
export const tokenCallback: AuthProviderStrategy<z.infer<typeof config>> = {
  kind: 'TOKEN_CALLBACK',
  config,
  secretProblem: (secret) =>
    webhookSecretBytes(secret) === null ? 'Must be whsec_ followed by 24 to 64 random bytes in base64.' : null,
  async fetch({ url }, signingSecret, account, context) {
    const body = JSON.stringify(account)
    const signed = signWebhook([signingSecret], `msg_${newId().replaceAll('-', '')}`, context.now, body)
    const response = await requestAuthProvider(
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
    const accessToken = stringOf(response['accessToken'])
    if (accessToken === undefined) throw malformed('The response of the token callback has no accessToken.')
    const [instant, seconds] = [response['expiresAt'] ?? null, response['expiresIn'] ?? null]
    if (instant === null && seconds === null) return { input: { secretText: accessToken } }
    const expiresAt =
      instant === null ? readExpiry(seconds, 'seconds', context.now) : readExpiry(instant, 'iso8601', context.now)
    if (expiresAt === undefined)
      throw malformed('The token of the token callback has expired, or its expiry cannot be read.')
    return { input: { secretText: accessToken }, expiresAt }
  },
}
