import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_customers',
    arguments: { email: 'ada@example.com', limit: 5 },
    request:
      'GET https://acme.gorgias.com/api/customers?email=ada%40example.com&limit=5&order_by=updated_datetime%3Adesc',
    answer: { body: { data: [{ id: 12 }], meta: { next_cursor: null } } },
    output: { data: [{ id: 12 }], meta: { next_cursor: null } },
  },
  {
    action: 'get_ticket',
    arguments: { ticket_id: 254 },
    request: 'GET https://acme.gorgias.com/api/tickets/254',
    answer: { body: { id: 254, status: 'open', subject: 'Help' } },
    output: { id: 254, status: 'open', subject: 'Help' },
  },
  {
    action: 'create_customer',
    arguments: { email: 'ada@example.com', name: 'Ada Lovelace' },
    request: 'POST https://acme.gorgias.com/api/customers',
    body: { email: 'ada@example.com', name: 'Ada Lovelace' },
    answer: { status: 201, body: { id: 12, email: 'ada@example.com' } },
    output: { id: 12, email: 'ada@example.com' },
  },
]

const pages = (name: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        data: [{ id: 1, updated_datetime: '2026-06-02T10:00:00.000000+00:00' }],
        object: 'list',
        meta: { prev_cursor: null, next_cursor: 'WyIyMDI2Il0=' },
      },
    },
    {
      body: {
        data: [{ id: 2, updated_datetime: '2026-06-01T10:00:00.000000+00:00' }],
        object: 'list',
        meta: { prev_cursor: 'p', next_cursor: null },
      },
    },
  ],
  keys: ['1', '2'],
  asksFor: 'cursor=WyIyMDI2Il0=',
})

const tokens = {
  access_token: 'first',
  refresh_token: 'refresh-first',
  expires_in: 86400,
  token_type: 'Bearer',
  scope: 'openid email profile offline account:read users:read customers:read tickets:read',
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'first',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 86400,
    scopes: ['openid', 'email', 'profile', 'offline', 'account:read', 'users:read', 'customers:read', 'tickets:read'],
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second' } },
    accessToken: 'second',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 86400,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  test: {
    asks: 'GET acme.gorgias.com/api/account',
    headers: { authorization: 'Bearer first' },
    good: { body: { domain: 'acme', status: { status: 'active' } } },
    refused: { answer: { status: 401, body: { error: { msg: 'Unauthorized' } } }, says: 'Unauthorized' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', email: 'ada@example.com', api_key: 'an-api-k3y' } },
      asks: 'GET acme.gorgias.com/api/account',
      headers: { authorization: `Basic ${btoa('ada@example.com:an-api-k3y')}` },
    },
  ],
  streams: [
    {
      ...pages('tickets'),
      limited: { status: 429, headers: { 'retry-after': '20' }, body: { error: { msg: 'Too many requests' } } },
    },
    pages('customers'),
    pages('users'),
  ],
  actions,
}
