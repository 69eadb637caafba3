import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

/** Of several organisations that the person granted access to it is the first one that is used. */
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
    // Apps made since 2 March 2026 no longer get accounting.transactions.read, and nobody does from September 2027.
    scopes: ['offline_access', 'accounting.contacts.read', 'accounting.invoices.read', 'accounting.settings.read'],
    clientAuth: 'client_secret_basic',
    // A refresh token that was used is taken again for 30 minutes, should the answer have been lost.
    rotation: 'rotating',
    graceSeconds: 1800,
  },
  // Injected tokens bring it as extra.tenant_id.
  headers: { 'Xero-Tenant-Id': '{{ kept.tenant_id }}' },
  afterConnect: [{ path: '/connections', keep: { tenant_id: [0, 'tenantId'], tenant_name: [0, 'tenantName'] } }],
  responseErrors: [
    { status: 401, path: ['Detail'], as: 'auth', message: ['Detail'] },
    // The organisation is not among those that were granted.
    { status: 403, path: ['Detail'], as: 'auth', message: ['Detail'] },
  ],
  // 10,000 calls a minute for an app over all organisations; 60 for each of them, which it tells with 429
  // (developer.xero.com/documentation/guides/oauth2/limits/).
  rateLimit: { requestsPerSecond: 160 },
  testRequest: { path: '/api.xro/2.0/Organisation' },
  streams: [
    objects('contacts', 'Contacts', 'ContactID'),
    objects('invoices', 'Invoices', 'InvoiceID'),
    { name: 'accounts', path: '/api.xro/2.0/Accounts', recordsPath: ['Accounts'], primaryKey: [['AccountID']] },
  ],
}

function objects(name: string, resource: string, id: string): StreamDefinition {
  return {
    name,
    path: `/api.xro/2.0/${resource}`,
    recordsPath: [resource],
    primaryKey: [[id]],
    pagination: { type: 'page', param: 'page', sizeParam: 'pageSize', size: 100 },
  }
}
