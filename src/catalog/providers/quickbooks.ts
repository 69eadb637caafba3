import { quickbooksActions } from '../actions/quickbooks.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

/** No streams, because lists use a query language with paging inside the query. */
export const quickbooks: IntegrationDefinition = {
  displayName: 'QuickBooks Online',
  docsUrl: 'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0',
  categories: ['accounting'],
  // The callback returns the company. Injected tokens supply it as extra.realm_id.
  baseUrl:
    "https://{{ 'sandbox-quickbooks' if input.environment == 'sandbox' else 'quickbooks' }}.api.intuit.com/v3/company/{{ kept.realm_id }}",
  inputFields: [
    {
      name: 'environment',
      label: 'Environment',
      description: 'production, or sandbox for the test companies of a developer account. Default: production.',
      pattern: 'production|sandbox',
      example: 'production',
    },
  ],
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://appcenter.intuit.com/connect/oauth2',
    tokenUrl: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
    revocation: {
      url: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
      json: { token: '{{ config.refresh_token }}' },
    },
    callbackKeep: { realmId: 'realm_id' },
    scopes: ['com.intuit.quickbooks.accounting'],
    clientAuth: 'client_secret_basic',
    tokenResponse: { refreshTokenExpiry: { path: ['x_refresh_token_expires_in'], format: 'seconds' } },
    // The previous refresh token stays valid for 24 hours (github.com/intuit/oauth-jsclient).
    rotation: 'rotating',
    graceSeconds: 86_400,
  },
  responseErrors: [
    { status: 401, path: ['fault', 'error', 0, 'detail'], as: 'auth', message: ['fault', 'error', 0, 'detail'] },
    // Without a detail, the token is not for this company (help.developer.intuit.com/s/article/3100-message-AuthorizationFailed-errorCode-003100-statusCode-403).
    { status: 403, path: ['fault', 'error', 0, 'detail'], as: 'fail', message: ['fault', 'error', 0, 'detail'] },
    { status: 403, path: ['fault', 'error', 0, 'message'], as: 'fail', message: ['fault', 'error', 0, 'message'] },
    { status: 400, path: ['Fault', 'Error', 0, 'Detail'], as: 'fail', message: ['Fault', 'Error', 0, 'Detail'] },
  ],
  // A browser brings the company of the callback, so this request has to prove that the user has access to it.
  afterConnect: [{ path: '/companyinfo/{{ kept.realm_id }}', keep: { company_name: ['CompanyInfo', 'CompanyName'] } }],
  // developer.intuit.com/app/developer/qbo/docs/develop/webhooks. The body is a list of CloudEvents, also of several companies.
  webhook: {
    verify: { method: 'hmac', header: 'intuit-signature', hash: 'sha256', encoding: 'base64' },
    events: [],
    id: 'item.id',
    type: 'item.type',
    connection: { value: 'item.intuitaccountid', equals: 'kept.realm_id' },
  },
  testRequest: { path: '/companyinfo/{{ kept.realm_id }}' },
  actions: quickbooksActions,
}
