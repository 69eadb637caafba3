import { xeroActions } from '../actions/xero.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

/** If the user granted access to several organisations, the first one is used. */
export const xero: IntegrationDefinition = {
  displayName: 'Xero',
  docsUrl: 'https://developer.xero.com/documentation/guides/oauth2/auth-flow/',
  categories: ['accounting'],
  baseUrl: 'https://api.xero.com',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://login.xero.com/identity/connect/authorize',
    tokenUrl: 'https://identity.xero.com/connect/token',
    revocation: { url: 'https://identity.xero.com/connect/revocation' },
    // Apps created since 2 March 2026 cannot use accounting.transactions.read; other apps lose it in September 2027.
    scopes: ['offline_access', 'accounting.contacts.read', 'accounting.invoices.read', 'accounting.settings.read'],
    clientAuth: 'client_secret_basic',
    // A used refresh token is accepted for 30 more minutes, in case the response was lost.
    rotation: 'rotating',
    graceSeconds: 1800,
    // It expires when it is not used for 60 days.
    refreshTokenLifetime: 'P60D',
  },
  // Injected tokens supply it as extra.tenant_id.
  headers: { 'Xero-Tenant-Id': '{{ kept.tenant_id }}' },
  afterConnect: [{ path: '/connections', keep: { tenant_id: [0, 'tenantId'], tenant_name: [0, 'tenantName'] } }],
  responseErrors: [
    // The token lacks a scope (stackoverflow.com/questions/61047303).
    { status: 401, path: ['Detail'], equals: 'AuthorizationUnsuccessful', as: 'fail', message: ['Detail'] },
    { status: 401, path: ['Detail'], as: 'auth', message: ['Detail'] },
    // The user did not grant access to this organisation.
    { status: 403, path: ['Detail'], as: 'auth', message: ['Detail'] },
    // developer.xero.com/documentation/api/accounting/responsecodes
    validation(['Elements', 0, 'ValidationErrors', 0, 'Message']),
    validation(['Message']),
  ],
  // 10,000 calls per minute and app over all organisations. The limit of 60 per organisation is reported with 429
  // (developer.xero.com/documentation/guides/oauth2/limits/).
  rateLimit: { requestsPerSecond: 160 },
  // developer.xero.com/documentation/guides/webhooks/overview. A list without events is Xero's check of the signature (intent to receive).
  webhook: {
    verify: { method: 'hmac', header: 'x-xero-signature', hash: 'sha256', encoding: 'base64' },
    events: ['events'],
    id: "item.resourceId ~ ':' ~ item.eventType ~ ':' ~ item.eventDateUtc",
    type: "item.eventCategory ~ '.' ~ item.eventType",
    connection: { value: 'item.tenantId', equals: 'kept.tenant_id' },
    sync: [
      { where: "item.eventCategory == 'CONTACT'", streams: ['contacts'] },
      { where: "item.eventCategory == 'INVOICE'", streams: ['invoices'] },
    ],
  },
  testRequest: { path: '/api.xro/2.0/Organisation' },
  streams: [
    objects('contacts', 'Contacts', 'ContactID'),
    objects('invoices', 'Invoices', 'InvoiceID'),
    { name: 'accounts', path: '/api.xro/2.0/Accounts', recordsPath: ['Accounts'], primaryKey: [['AccountID']] },
  ],
  actions: xeroActions,
}

function validation(message: (string | number)[]) {
  return { status: 400, path: message, as: 'fail' as const, message }
}

function objects(name: string, resource: string, id: string): StreamDefinition {
  return {
    name,
    path: `/api.xro/2.0/${resource}`,
    recordsPath: [resource],
    primaryKey: [[id]],
    // Responses have a `pagination` (model Pagination of xero-node, Xero's own client).
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'pageSize',
      size: 100,
      totalPages: ['pagination', 'pageCount'],
    },
  }
}
