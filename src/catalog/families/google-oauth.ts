import type { IntegrationDefinition } from '../definition/definition.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { Webhook } from '../definition/webhook.ts'

/**
 * OAuth of Google's APIs for web servers (https://developers.google.com/identity/protocols/oauth2/web-server). Google issues a refresh
 * token only with `access_type=offline`, and for every consent only with `prompt=consent`.
 */
export function googleOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    authorizationParams: { access_type: 'offline', prompt: 'consent' },
    tokenUrl: 'https://oauth2.googleapis.com/token',
    revocation: { url: 'https://oauth2.googleapis.com/revoke' },
    scopes,
    // Present only when the user granted access for a limited time.
    tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
    rotation: 'none',
    // It expires when it is not used for six months (developers.google.com/identity/protocols/oauth2#expiration).
    refreshTokenLifetime: 'P180D',
  }
}

/** Rate limits are reported with 403 (https://developers.google.com/workspace/drive/api/guides/handle-errors). */
export const googleResponseErrors: NonNullable<IntegrationDefinition['responseErrors']> = [
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
].map((reason) => ({ status: 403, path: ['error', 'errors', 0, 'reason'], equals: reason, as: 'rate_limit' }))

/**
 * Push notifications of Google's APIs (https://developers.google.com/workspace/calendar/api/guides/push,
 * https://developers.google.com/workspace/drive/api/guides/push). Each channel has the secret as its token, and its address names the
 * connection. A notification consists of headers.
 */
export function googleWebhook(sync: Webhook['sync']): Webhook {
  return {
    verify: { method: 'token', place: { in: 'header', name: 'X-Goog-Channel-Token' } },
    id: "headers['x-goog-channel-id'] ~ ':' ~ headers['x-goog-message-number']",
    type: "headers['x-goog-resource-state']",
    connection: { value: 'query.external_id', equals: 'externalId' },
    sync,
  }
}
