import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_customer_invoices',
    arguments: { limit: 50, cursor: 'eyJpZCI6MTAwfQ==' },
    request: 'GET https://app.pennylane.com/api/external/v2/customer_invoices?limit=50&cursor=eyJpZCI6MTAwfQ%3D%3D',
    answer: { body: { items: [{ id: 42, label: 'Invoice' }], has_more: false, next_cursor: null } },
    output: { items: [{ id: 42, label: 'Invoice' }], has_more: false, next_cursor: null },
  },
  {
    action: 'get_customer_invoice',
    arguments: { invoice_id: 42 },
    request: 'GET https://app.pennylane.com/api/external/v2/customer_invoices/42',
    answer: { body: { id: 42, label: 'Invoice', amount: '230.32' } },
    output: { id: 42, label: 'Invoice', amount: '230.32' },
  },
]

const list = (name: string): StreamTrial => ({
  name,
  pages: [
    { body: { items: [{ id: 100 }], has_more: true, next_cursor: 'eyJpZCI6MTAwfQ==' } },
    { body: { items: [{ id: 99 }], has_more: false, next_cursor: null } },
  ],
  keys: ['100', '99'],
  asksFor: 'cursor=eyJpZCI6MTAwfQ==',
})

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'oauth' } },
  exchange: {
    answer: {
      body: {
        access_token: 'first',
        token_type: 'Bearer',
        expires_in: 86_400,
        refresh_token: 'first-refresh',
        scope: 'customers:readonly customer_invoices:readonly suppliers:readonly supplier_invoices:readonly',
      },
    },
    accessToken: 'first',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 86_400,
    refreshLifetimeSeconds: 90 * 86_400,
    scopes: ['customers:readonly', 'customer_invoices:readonly', 'suppliers:readonly', 'supplier_invoices:readonly'],
  },
  renewal: {
    answer: {
      body: { access_token: 'second', token_type: 'Bearer', expires_in: 86_400, refresh_token: 'second-refresh' },
    },
    accessToken: 'second',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 86_400,
    refreshLifetimeSeconds: 90 * 86_400,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'The provided authorization grant is invalid.' },
      },
      reason: 'INVALID_GRANT',
      says: 'The provided authorization grant is invalid.',
    },
  ],
  hints: [
    {
      what: 'request',
      answer: { status: 403 },
      says: 'The provider does not allow this request for this account (status 403).',
      cause: 'does not have the scope',
    },
  ],
  test: {
    asks: 'GET app.pennylane.com/api/external/v2/me',
    headers: { authorization: 'Bearer first' },
    good: { body: { user: { email: 'ada@example.com' }, company: { id: 1, name: 'Acme' } } },
    refused: { answer: { status: 401, body: { error: 'Unauthorized' } }, says: 'Unauthorized' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'aZ9b4Lp3QhN7' } },
      asks: 'GET app.pennylane.com/api/external/v2/me',
      headers: { authorization: 'Bearer aZ9b4Lp3QhN7' },
    },
  ],
  streams: [
    {
      ...list('customers'),
      limited: {
        status: 429,
        headers: { 'retry-after': '2', 'ratelimit-limit': '25', 'ratelimit-remaining': '0' },
        body: 'Rate limit exceeded. Please retry in 2 seconds.',
      },
    },
    list('customer_invoices'),
    list('suppliers'),
    list('supplier_invoices'),
  ],
  actions,
}
