import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const purchase = {
  id: 'pste_ckuwiblvv1tn101l3zvscxis8',
  card_id: 'ncard_ckrz3n9b9013i01h5hgdyz7jh',
  description: "Chili's",
  amount: { amount: 12900, currency: 'USD' },
  posted_at_date: '2021-10-18',
  type: 'PURCHASE',
}

const actions: ActionExample[] = [
  {
    action: 'get_current_user',
    arguments: {},
    request: 'GET https://api.brex.com/v2/users/me',
    answer: { body: { id: 'cuuser_1', first_name: 'Ada', email: 'ada@example.com' } },
    output: { id: 'cuuser_1', first_name: 'Ada', email: 'ada@example.com' },
  },
  {
    action: 'find_users',
    arguments: { email: 'ada@example.com' },
    request: 'GET https://api.brex.com/v2/users?email=ada%40example.com',
    answer: { body: { next_cursor: null, items: [{ id: 'cuuser_1', email: 'ada@example.com' }] } },
    output: [{ id: 'cuuser_1', email: 'ada@example.com' }],
  },
  {
    action: 'list_card_transactions',
    arguments: { posted_since: '2021-10-01T00:00:00Z', limit: 2, cursor: 'eyJsaW1pdCI6Miwib2Zmc2V0IjoyfQ==' },
    request:
      'GET https://api.brex.com/v2/transactions/card/primary?posted_at_start=2021-10-01T00%3A00%3A00Z&limit=2&cursor=eyJsaW1pdCI6Miwib2Zmc2V0IjoyfQ%3D%3D',
    answer: { body: { next_cursor: null, items: [purchase] } },
    output: { next_cursor: null, items: [purchase] },
  },
]

const list = (name: string, parent?: Record<string, unknown>): StreamTrial => ({
  name,
  ...(parent === undefined ? {} : { parent }),
  pages: [
    {
      body: {
        next_cursor: 'eyJsaW1pdCI6Miwib2Zmc2V0IjoyfQ==',
        items: [{ id: 'pste_ckuxu8f0j07jn0ddg6bjofzde', posted_at_date: '2021-10-18' }],
      },
    },
    { body: { next_cursor: null, items: [{ id: purchase.id, posted_at_date: '2021-10-19' }] } },
  ],
  keys: ['pste_ckuxu8f0j07jn0ddg6bjofzde', purchase.id].map((key) => (parent === undefined ? key : `parent/${key}`)),
  asksFor: 'cursor=eyJsaW1pdCI6Miwib2Zmc2V0IjoyfQ==',
})

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'oauth' } },
  exchange: {
    answer: {
      body: {
        access_token: 'first',
        token_type: 'Bearer',
        expires_in: 3600,
        refresh_token: 'first-refresh',
        scope: 'openid offline_access users.readonly',
      },
    },
    accessToken: 'first',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 90 * 86_400,
    scopes: ['openid', 'offline_access', 'users.readonly'],
  },
  renewal: {
    answer: {
      body: { access_token: 'second', token_type: 'Bearer', expires_in: 3600, refresh_token: 'second-refresh' },
    },
    accessToken: 'second',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 90 * 86_400,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'The refresh token is invalid or expired.' },
      },
      reason: 'INVALID_GRANT',
      says: 'The refresh token is invalid or expired.',
    },
  ],
  test: {
    asks: 'GET api.brex.com/v2/users/me',
    headers: { authorization: 'Bearer first' },
    good: { body: { id: 'cuuser_1', first_name: 'Ada' } },
    refused: { answer: { status: 401, body: { message: 'Unauthorized' } }, says: 'Unauthorized' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'bxt_jBWQLZXtu1f4sVT6UjaWPp7Gh9nVGjzEZ' } },
      asks: 'GET api.brex.com/v2/users/me',
      headers: { authorization: 'Bearer bxt_jBWQLZXtu1f4sVT6UjaWPp7Gh9nVGjzEZ' },
    },
  ],
  streams: [
    { ...list('users'), limited: { status: 429, body: { message: 'Too many requests' } } },
    { ...list('card_transactions'), since: { cursor: '2021-10-19', value: '2021-10-19T00:00:00Z' } },
    list('cash_accounts'),
    { ...list('cash_transactions', { id: 'dpacc_1' }), since: { cursor: '2021-10-19', value: '2021-10-19T00:00:00Z' } },
  ],
  actions,
}
