import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'search_contacts',
    arguments: { keywords: 'tim zheng', limit: 10, page: 2 },
    request: 'POST https://api.apollo.io/api/v1/contacts/search',
    body: { q_keywords: 'tim zheng', sort_by_field: 'contact_updated_at', per_page: 10, page: 2 },
    answer: { body: { contacts: [{ id: '66e34b81740c50074e3d1bd4' }], pagination: { page: 2, total_pages: 2 } } },
    output: { contacts: [{ id: '66e34b81740c50074e3d1bd4' }], pagination: { page: 2, total_pages: 2 } },
    readsWithPost: true,
  },
  {
    action: 'create_contact',
    arguments: {
      first_name: 'Ada',
      last_name: 'Lovelace',
      email: 'ada@example.com',
      title: 'Engineer',
      organization_name: 'Acme',
      dedupe: true,
    },
    request: 'POST https://api.apollo.io/api/v1/contacts',
    body: {
      first_name: 'Ada',
      last_name: 'Lovelace',
      email: 'ada@example.com',
      title: 'Engineer',
      organization_name: 'Acme',
      run_dedupe: true,
    },
    answer: { body: { contact: { id: '66e34b81740c50074e3d1bd4', name: 'Ada Lovelace' } } },
    output: { id: '66e34b81740c50074e3d1bd4', name: 'Ada Lovelace' },
  },
]

const pages = (name: string) => [
  {
    body: {
      [name]: [{ id: 'b', updated_at: '2026-06-02T10:00:00.000Z' }],
      pagination: { page: 1, per_page: 100, total_entries: 2, total_pages: 2 },
    },
  },
  {
    body: {
      [name]: [{ id: 'a', updated_at: '2026-06-01T10:00:00.000Z' }],
      pagination: { page: 2, per_page: 100, total_entries: 2, total_pages: 2 },
    },
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'api_key', api_key: 'eh_3LUIFtj04rG4KF_FoFw' } },
  withoutPkce: true,
  exchange: {
    answer: {
      body: {
        access_token: 'first-access',
        token_type: 'Bearer',
        expires_in: 2592000,
        refresh_token: 'first-refresh',
        scope: 'read_user_profile app_scopes',
        created_at: 1719600000,
      },
    },
    accessToken: 'first-access',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 2592000,
    scopes: ['read_user_profile', 'app_scopes'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second-access',
        token_type: 'Bearer',
        expires_in: 2592000,
        refresh_token: 'second-refresh',
      },
    },
    accessToken: 'second-access',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 2592000,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description: 'The provided authorization grant is invalid, expired, revoked.',
        },
      },
      reason: 'INVALID_GRANT',
    },
  ],
  test: {
    asks: 'GET api.apollo.io/api/v1/users/api_profile',
    headers: { authorization: 'Bearer first-access' },
    good: { body: { id: '66302798d03b9601c7934ebf', email: 'ada@example.com' } },
    refused: { answer: { status: 401, body: { error: 'Invalid access token.' } }, says: 'Invalid access token.' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'eh_3LUIFtj04rG4KF_FoFw' } },
      asks: 'GET api.apollo.io/api/v1/auth/health',
      headers: { 'x-api-key': 'eh_3LUIFtj04rG4KF_FoFw' },
    },
  ],
  streams: [
    {
      name: 'contacts',
      pages: pages('contacts'),
      keys: ['b', 'a'],
      asksFor: '"page":2',
      limited: { status: 429, headers: { 'retry-after': '60' }, body: { error: 'Too many requests' } },
    },
    { name: 'accounts', pages: pages('accounts'), keys: ['b', 'a'], asksFor: '"page":2' },
  ],
  actions,
}
