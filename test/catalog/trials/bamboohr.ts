import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_employee',
    arguments: { employee_id: '123', fields: 'firstName,lastName' },
    request: 'GET https://acme.bamboohr.com/api/v1/employees/123?fields=firstName%2ClastName',
    answer: { body: { id: '123', firstName: 'Ada', lastName: 'Lovelace' } },
    output: { id: '123', firstName: 'Ada', lastName: 'Lovelace' },
  },
  {
    action: 'create_employee',
    arguments: { first_name: 'Ada', last_name: 'Lovelace', work_email: 'ada@example.com', job_title: 'Engineer' },
    request: 'POST https://acme.bamboohr.com/api/v1/employees',
    body: { firstName: 'Ada', lastName: 'Lovelace', workEmail: 'ada@example.com', jobTitle: 'Engineer' },
    answer: { status: 201, headers: { location: 'https://acme.bamboohr.com/api/v1/employees/124' } },
    output: null,
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: '61d6b3a2e2f5a8b5',
        expires_in: 3600,
        token_type: 'Bearer',
        scope: 'email openid offline_access',
        refresh_token: '85c4a5c1b2d4e6f8',
        id_token: 'eyJhbGciOi.id.token',
        companyDomain: 'acme',
      },
    },
    accessToken: '61d6b3a2e2f5a8b5',
    refreshToken: '85c4a5c1b2d4e6f8',
    lifetimeSeconds: 3600,
    scopes: ['email', 'openid', 'offline_access'],
    kept: { company_domain: 'acme' },
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        expires_in: 3600,
        token_type: 'Bearer',
        scope: 'email openid offline_access',
        refresh_token: 'second-refresh-t0ken',
        companyDomain: 'acme',
      },
    },
    accessToken: 'second',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 3600,
    kept: { company_domain: 'acme' },
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid refresh token' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid refresh token',
    },
  ],
  test: {
    asks: 'GET acme.bamboohr.com/api/v1/meta/fields',
    headers: { authorization: 'Bearer 61d6b3a2e2f5a8b5', accept: 'application/json' },
    good: { body: [{ id: 16, name: 'Address', type: 'text', alias: 'address' }] },
    refused: { answer: { status: 401, body: 'Unauthorized' }, says: 'Unauthorized' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: '59d783083fb25565aba21744e6bba90de8634de0' } },
      asks: 'GET acme.bamboohr.com/api/v1/meta/fields',
      headers: { authorization: `Basic ${btoa('59d783083fb25565aba21744e6bba90de8634de0:x')}` },
    },
  ],
  streams: [
    {
      name: 'employees',
      pages: [
        {
          body: {
            data: [{ employeeId: '123', firstName: 'Ada', lastName: 'Lovelace', status: 'Active' }],
            meta: { total: 2, page: { limit: 100, nextCursor: 'eyJpZCI6MTIzfQ', prevCursor: null } },
          },
        },
        {
          body: {
            data: [{ employeeId: '124', firstName: 'Grace', lastName: 'Hopper', status: 'Active' }],
            meta: { total: 2, page: { limit: 100, nextCursor: null, prevCursor: 'eyJpZCI6MTI0fQ' } },
          },
        },
      ],
      keys: ['123', '124'],
      asksFor: 'page[after]=eyJpZCI6MTIzfQ',
      limited: { status: 429, headers: { 'retry-after': '30' }, body: '' },
    },
    {
      name: 'employee_changes',
      pages: [
        {
          body: {
            latest: '2026-06-02T10:00:00+00:00',
            employees: {
              '123': { id: '123', action: 'Updated', lastChanged: '2026-06-01T10:00:00+00:00' },
              '125': { id: '125', action: 'Deleted', lastChanged: '2026-06-02T10:00:00+00:00' },
            },
          },
        },
      ],
      keys: ['123', '125'],
      asksFor: 'since=2000-01-01T00:00:00',
      since: { cursor: '2026-06-01T10:00:00+00:00', value: '2026-06-01T10:00:00Z' },
    },
  ],
  actions,
}
