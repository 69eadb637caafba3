import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const api_domain = 'https://acme.pipedrive.com'

const actions: ActionExample[] = [
  {
    action: 'create_person',
    arguments: {
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: '12345',
      organization_id: 1234,
      owner_id: 123,
    },
    request: 'POST https://acme.pipedrive.com/api/v2/persons',
    body: {
      name: 'Ada Lovelace',
      emails: [{ value: 'ada@example.com' }],
      phones: [{ value: '12345' }],
      org_id: 1234,
      owner_id: 123,
    },
    answer: { body: { success: true, data: { id: 1, name: 'Ada Lovelace', owner_id: 123, org_id: 1234 } } },
    output: { id: 1, name: 'Ada Lovelace', owner_id: 123, org_id: 1234 },
  },
  {
    action: 'search_persons',
    arguments: { term: 'ada', exact_match: false, limit: 10, cursor: 'eyJpZCI6MX0' },
    request:
      'GET https://acme.pipedrive.com/api/v2/persons/search?term=ada&exact_match=false&limit=10&cursor=eyJpZCI6MX0',
    answer: {
      body: {
        success: true,
        data: { items: [{ result_score: 0.5, item: { id: 1, type: 'person', name: 'Ada Lovelace' } }] },
        additional_data: { next_cursor: null },
      },
    },
    output: {
      success: true,
      data: { items: [{ result_score: 0.5, item: { id: 1, type: 'person', name: 'Ada Lovelace' } }] },
      additional_data: { next_cursor: null },
    },
  },
  {
    action: 'create_deal',
    arguments: {
      title: 'Engine',
      value: 1000.5,
      currency: 'EUR',
      person_id: 1,
      organization_id: 1234,
      stage_id: 2,
      owner_id: 123,
      expected_close_date: '2026-07-01',
    },
    request: 'POST https://acme.pipedrive.com/api/v2/deals',
    body: {
      title: 'Engine',
      value: 1000.5,
      currency: 'EUR',
      person_id: 1,
      org_id: 1234,
      stage_id: 2,
      owner_id: 123,
      expected_close_date: '2026-07-01',
    },
    answer: { body: { success: true, data: { id: 7, title: 'Engine', status: 'open' } } },
    output: { id: 7, title: 'Engine', status: 'open' },
  },
]

const records = (name: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        success: true,
        data: [{ id: 1, update_time: '2026-06-01T10:00:00Z' }],
        additional_data: { next_cursor: 'eyJhY3Rpdml0eSI6NDJ9' },
      },
    },
    {
      body: {
        success: true,
        data: [{ id: 2, update_time: '2026-06-02T10:00:00Z' }],
        additional_data: { next_cursor: null },
      },
    },
  ],
  keys: ['1', '2'],
  asksFor: 'cursor=eyJhY3Rpdml0eSI6NDJ9',
  since: { cursor: '2026-06-01T10:00:00Z', value: '2026-06-01T10:00:00Z' },
})

const tokens = {
  access_token: 'v1u:AQIBAHj-LzTNK2yuuaaLqifzhWb9crUNKTpk4FlQ9rjnXqp_6AFXvQIKwDVPTL',
  token_type: 'Bearer',
  refresh_token: '1234567:1234567:42a3cf8c94b7b6e9a0f1bd9d6d3a5d4f4c8c0b1f',
  scope: 'base,deals:read,contacts:read,activities:read',
  expires_in: 3599,
  api_domain,
}

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'oauth' } },
  withoutPkce: true,
  exchange: {
    answer: { body: tokens },
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    lifetimeSeconds: 3599,
    refreshLifetimeSeconds: 5_184_000,
    scopes: ['base', 'deals:read', 'contacts:read', 'activities:read'],
    kept: { api_domain },
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'v1u:second' } },
    accessToken: 'v1u:second',
    refreshToken: tokens.refresh_token,
    lifetimeSeconds: 3599,
    refreshLifetimeSeconds: 5_184_000,
    scopes: ['base', 'deals:read', 'contacts:read', 'activities:read'],
    kept: { api_domain },
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { success: false, message: 'Invalid grant', error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  revocation: [
    `POST oauth.pipedrive.com/oauth/revoke token=${tokens.refresh_token}`,
    `POST oauth.pipedrive.com/oauth/revoke token=${tokens.access_token}`,
  ],
  test: {
    asks: 'GET acme.pipedrive.com/api/v1/users/me',
    headers: { authorization: `Bearer ${tokens.access_token}` },
    good: { body: { success: true, data: { id: 123, name: 'Ada', company_domain: 'acme' } } },
    refused: {
      answer: { status: 401, body: { success: false, error: 'unauthorized access', errorCode: 401 } },
      says: 'unauthorized access',
    },
  },
  otherWays: [
    {
      credential: {
        fields: {
          auth_method: 'api_token',
          company_domain: 'acme',
          api_token: '659c9fddb16335e48cc67114694b52074e812e03',
        },
      },
      asks: 'GET acme.pipedrive.com/api/v1/users/me',
      headers: { 'x-api-token': '659c9fddb16335e48cc67114694b52074e812e03' },
    },
  ],
  streams: [
    {
      ...records('persons'),
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { success: false, error: 'request over limit' } },
    },
    records('organizations'),
    records('deals'),
    records('activities'),
  ],
  actions,
}
