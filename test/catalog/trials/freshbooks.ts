import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_businesses',
    arguments: {},
    request: 'GET https://api.freshbooks.com/auth/api/v1/users/me',
    answer: {
      body: { response: { id: 712052, business_memberships: [{ business: { id: 77128, account_id: 'xZNQ1X' } }] } },
    },
    output: { id: 712052, business_memberships: [{ business: { id: 77128, account_id: 'xZNQ1X' } }] },
  },
  {
    action: 'list_invoices',
    arguments: { account_id: 'xZNQ1X', limit: 10, page: 2 },
    request: 'GET https://api.freshbooks.com/accounting/account/xZNQ1X/invoices/invoices?per_page=10&page=2',
    answer: { body: { response: { result: { invoices: [{ id: 987 }], page: 2, pages: 2, per_page: 10, total: 11 } } } },
    output: { invoices: [{ id: 987 }], page: 2, pages: 2, per_page: 10, total: 11 },
  },
  {
    action: 'create_client',
    arguments: {
      account_id: 'xZNQ1X',
      email: 'gordon@example.com',
      first_name: 'Gordon',
      last_name: 'Shumway',
      organization: 'Alf',
    },
    request: 'POST https://api.freshbooks.com/accounting/account/xZNQ1X/users/clients',
    body: { client: { email: 'gordon@example.com', fname: 'Gordon', lname: 'Shumway', organization: 'Alf' } },
    answer: { body: { response: { result: { client: { id: 238951, email: 'gordon@example.com' } } } } },
    output: { id: 238951, email: 'gordon@example.com' },
  },
]

const list = (name: string): StreamTrial => ({
  name,
  parent: { id: 77128, account_id: 'xZNQ1X' },
  pages: [1, 2].map((page) => ({
    body: { response: { result: { [name]: [{ id: page }], page, pages: 2, per_page: 100, total: 2 } } },
  })),
  keys: ['parent/1', 'parent/2'],
  asksFor: '?page=2',
})

const tokens = {
  access_token: 'lots_of_letters_and_numbers',
  token_type: 'Bearer',
  expires_in: 43_200,
  refresh_token: 'same_deal',
  scope: 'user:profile:read user:clients:read',
  created_at: 1_424_471_407,
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'lots_of_letters_and_numbers',
    refreshToken: 'same_deal',
    lifetimeSeconds: 43_200,
    scopes: ['user:profile:read', 'user:clients:read'],
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second', refresh_token: 'second-refresh' } },
    accessToken: 'second',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 43_200,
    scopes: ['user:profile:read', 'user:clients:read'],
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 401,
        body: {
          error: 'invalid_grant',
          error_description: 'The provided authorization grant is invalid, expired or revoked.',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'The provided authorization grant is invalid',
    },
  ],
  revocation: [
    'POST api.freshbooks.com/auth/oauth/revoke {"client_id":"client-id","client_secret":"cl1ent-s3cret","token":"lots_of_letters_and_numbers"}',
  ],
  test: {
    asks: 'GET api.freshbooks.com/auth/api/v1/users/me',
    headers: { authorization: 'Bearer lots_of_letters_and_numbers', 'api-version': 'alpha' },
    good: { body: { response: { id: 712052, email: 'ada@example.com', business_memberships: [] } } },
    refused: {
      answer: {
        status: 401,
        body: { error: 'unauthenticated', error_description: 'This action requires authentication to continue.' },
      },
      says: 'unauthenticated: This action requires authentication to continue.',
    },
  },
  streams: [
    {
      name: 'businesses',
      pages: [
        {
          body: {
            response: {
              id: 712052,
              business_memberships: [
                { id: 168372, role: 'owner', business: { id: 77128, name: 'BillSpring', account_id: 'xZNQ1X' } },
                { id: 168373, role: 'client', business: { id: 77129, name: 'Other', account_id: null } },
              ],
            },
          },
        },
      ],
      keys: ['77128'],
      asksFor: '/users/me',
    },
    {
      ...list('clients'),
      limited: { status: 429, headers: { 'retry-after': '10' }, body: { message: 'Too many requests' } },
    },
    list('invoices'),
    list('payments'),
    list('expenses'),
  ],
  actions,
}
