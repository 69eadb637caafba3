import type { IntegrationDefinition } from '../definition/definition.ts'
import type { Field } from '../definition/field.ts'
import type { OAuth2 } from '../definition/oauth2.ts'

const login = "https://{{ input.domain | default('login') }}.salesforce.com/services/oauth2"

export const salesforceDomain: Field = {
  name: 'domain',
  label: 'Login domain',
  description: 'What stands before .salesforce.com: login, test for a sandbox, or yours. Default: login.',
  pattern: '[A-Za-z0-9.-]+',
  example: 'acme.my',
}

/**
 * The web server flow of Salesforce's platform (https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm).
 * Each organisation has its own host, which the token response returns as instance_url.
 */
export function salesforceOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${login}/authorize`,
    tokenUrl: `${login}/token`,
    revocation: { url: `${login}/revoke` },
    scopes: [...scopes, 'refresh_token'],
    tokenResponse: { keep: { instance_url: ['instance_url'], identity_url: ['id'] } },
    // The response has no expiry. The organisation's session settings decide it; the default is two hours.
    tokenLifetime: 'PT2H',
    // For apps with refresh token rotation. Otherwise the first refresh token stays valid.
    rotation: 'strict',
  }
}

export const salesforceErrors: NonNullable<IntegrationDefinition['responseErrors']> = [
  { status: 401, path: [0, 'errorCode'], as: 'auth', message: [0, 'message'] },
  { path: [0, 'errorCode'], equals: 'REQUEST_LIMIT_EXCEEDED', as: 'rate_limit', message: [0, 'message'] },
  { path: [0, 'errorCode'], equals: 'SERVER_UNAVAILABLE', as: 'retry', message: [0, 'message'] },
  { status: 403, path: [0, 'errorCode'], as: 'fail', message: [0, 'message'] },
  { status: 400, path: [0, 'errorCode'], as: 'fail', message: [0, 'message'] },
  { status: 404, path: [0, 'errorCode'], as: 'fail', message: [0, 'message'] },
]
