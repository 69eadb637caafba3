import type { Field } from '../definition/field.ts'
import type { OAuth2 } from '../definition/oauth2.ts'

/** Development keys of an Intuit app work with sandbox companies only. */
export const intuitEnvironment: Field = {
  name: 'environment',
  label: 'Environment',
  description: 'Sandbox is for the test companies of a developer account. Default: production.',
  choices: [
    { value: 'production', label: 'Production' },
    { value: 'sandbox', label: 'Sandbox' },
  ],
  example: 'production',
}

/**
 * OAuth of Intuit's APIs (https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0). The
 * callback returns the company as realmId.
 */
export function intuitOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://appcenter.intuit.com/connect/oauth2',
    tokenUrl: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
    revocation: {
      url: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
      json: { token: '{{ config.refresh_token }}' },
    },
    callbackKeep: { realmId: 'realm_id' },
    scopes,
    clientAuth: 'client_secret_basic',
    tokenResponse: { refreshTokenExpiry: { path: ['x_refresh_token_expires_in'], format: 'seconds' } },
    // The previous refresh token stays valid for 24 hours (github.com/intuit/oauth-jsclient).
    rotation: 'rotating',
    graceSeconds: 86_400,
  }
}
