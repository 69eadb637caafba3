import type { IntegrationDefinition } from '../definition/definition.ts'
import type { OAuth2 } from '../definition/oauth2.ts'

/**
 * OAuth of Google's APIs for web servers (https://developers.google.com/identity/protocols/oauth2/web-server). A refresh
 * token comes only with `access_type=offline`, and with every consent only when consent is asked for.
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
    // Told only where the person gave access for a time.
    tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
    rotation: 'none',
  }
}

/** Limits are told with 403 (https://developers.google.com/workspace/drive/api/guides/handle-errors). */
export const googleResponseErrors: NonNullable<IntegrationDefinition['responseErrors']> = [
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
].map((reason) => ({ status: 403, path: ['error', 'errors', 0, 'reason'], equals: reason, as: 'rate_limit' }))
