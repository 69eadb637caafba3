import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const company = '5df911a0-e8e9-412d-8aaf-a46ad193dd96'

const actions: ActionExample[] = [
  {
    action: 'list_employees',
    arguments: { limit: 5, page: 2 },
    request: `GET https://api.gusto.com/v1/companies/${company}/employees?per=5&page=2`,
    answer: { body: [{ uuid: '948daac8-4355-4ece-9e2a-229898accb22', first_name: 'Ada' }] },
    output: [{ uuid: '948daac8-4355-4ece-9e2a-229898accb22', first_name: 'Ada' }],
  },
  {
    action: 'create_employee',
    arguments: { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' },
    request: `POST https://api.gusto.com/v1/companies/${company}/employees`,
    body: { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' },
    answer: { status: 201, body: { uuid: '948daac8-4355-4ece-9e2a-229898accb22' } },
    output: { uuid: '948daac8-4355-4ece-9e2a-229898accb22' },
  },
]

export const trial: ProviderTrial = {
  input: { environment: 'production' },
  exchange: {
    answer: {
      body: {
        access_token: 'de6d780eaf0b57d8dcfdc9e8a1f3d1f6',
        token_type: 'Bearer',
        expires_in: 7200,
        refresh_token: '267879f1ad42a9e8f4a1d1e7ad9d5c66',
        created_at: 1671058841,
      },
    },
    accessToken: 'de6d780eaf0b57d8dcfdc9e8a1f3d1f6',
    refreshToken: '267879f1ad42a9e8f4a1d1e7ad9d5c66',
    lifetimeSeconds: 7200,
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second-access-t0ken',
        token_type: 'Bearer',
        expires_in: 7200,
        refresh_token: 'second-refresh-t0ken',
      },
    },
    accessToken: 'second-access-t0ken',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 7200,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description: 'The provided authorization grant is invalid, expired, or revoked.',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'expired, or revoked',
    },
  ],
  afterConnect: {
    answers: [
      {
        body: {
          scope: 'companies:read employees:read',
          resource: { type: 'Company', uuid: company },
          resource_owner: { type: 'CompanyAdmin', uuid: 'f83d0bd8-7d20-43b9-834c-6d514ef6cb47' },
        },
      },
    ],
    kept: { company_uuid: company },
  },
  test: {
    asks: 'GET api.gusto.com/v1/token_info',
    headers: { authorization: 'Bearer de6d780eaf0b57d8dcfdc9e8a1f3d1f6', 'x-gusto-api-version': '2025-06-15' },
    good: { body: { scope: 'companies:read', resource: { type: 'Company', uuid: company } } },
    refused: {
      answer: {
        status: 401,
        body: {
          errors: [{ error_key: 'request', category: 'invalid_access_token', message: 'Access token is invalid' }],
        },
      },
      says: 'Access token is invalid',
    },
  },
  streams: [
    {
      name: 'employees',
      pages: [
        {
          headers: { 'x-page': '1', 'x-total-pages': '2', 'x-total-count': '2', 'x-per-page': '1' },
          body: [{ uuid: '948daac8-4355-4ece-9e2a-229898accb22', first_name: 'Ada' }],
        },
        {
          headers: { 'x-page': '2', 'x-total-pages': '2', 'x-total-count': '2', 'x-per-page': '1' },
          body: [{ uuid: 'a1d0e5f7-0b0a-4c5d-9d0a-5a3f3f1f5a11', first_name: 'Grace' }],
        },
      ],
      keys: ['948daac8-4355-4ece-9e2a-229898accb22', 'a1d0e5f7-0b0a-4c5d-9d0a-5a3f3f1f5a11'],
      asksFor: 'page=2',
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { errors: [{ message: 'Too many requests' }] } },
    },
    {
      name: 'departments',
      pages: [{ body: [{ uuid: '56260b3d-c375-415c-b77a-75d99f717193', title: 'Treats' }] }],
      keys: ['56260b3d-c375-415c-b77a-75d99f717193'],
      asksFor: `/v1/companies/${company}/departments`,
    },
  ],
  // docs.gusto.com/app-integrations/docs/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Gusto-Signature': hmac('sha256', secret, body, 'hex') }),
    handshakes: [
      {
        body: {
          verification_token: 'ZZlcVIvwJ3ZLbAVpCkFbLeRZQ6ZVyRiNuCW2nxkKNaU',
          webhook_subscription_uuid: 'afec2d9a-e8e9-412d-8aaf-a46ad193dd96',
        },
        answer: 'ok',
        secret: 'ZZlcVIvwJ3ZLbAVpCkFbLeRZQ6ZVyRiNuCW2nxkKNaU',
      },
    ],
    connection: { kept: { company_uuid: company } },
    requests: [
      {
        body: {
          uuid: 'f7397a24-57ad-4fae-b011-d258e8232900',
          event_type: 'employee.created',
          resource_type: 'Company',
          resource_uuid: company,
          entity_type: 'Employee',
          entity_uuid: '948daac8-4355-4ece-9e2a-229898accb22',
          timestamp: 1671058841,
        },
        events: [
          {
            id: 'f7397a24-57ad-4fae-b011-d258e8232900',
            type: 'employee.created',
            account: company,
            streams: ['employees'],
          },
        ],
      },
    ],
  },
  actions,
}
