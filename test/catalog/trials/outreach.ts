import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const prospect = { type: 'prospect', id: 1, attributes: { firstName: 'Sally', updatedAt: '2026-06-01T10:00:00.000Z' } }

const actions: ActionExample[] = [
  {
    action: 'find_prospects',
    arguments: { email: 'sally@example.com' },
    request: 'GET https://api.outreach.io/api/v2/prospects?filter%5Bemails%5D=sally%40example.com',
    answer: { body: { data: [prospect] } },
    output: [prospect],
  },
  {
    action: 'create_prospect',
    arguments: {
      email: 'sally@example.com',
      first_name: 'Sally',
      last_name: 'Smith',
      title: 'Engineer',
      company: 'Acme',
    },
    request: 'POST https://api.outreach.io/api/v2/prospects',
    headers: { 'content-type': 'application/vnd.api+json' },
    // The content type is not application/json, so the body is compared as text.
    body: JSON.stringify({
      data: {
        type: 'prospect',
        attributes: {
          emails: ['sally@example.com'],
          firstName: 'Sally',
          lastName: 'Smith',
          title: 'Engineer',
          company: 'Acme',
        },
      },
    }),
    answer: { status: 201, body: { data: prospect } },
    output: prospect,
  },
]

const resources = (name: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        data: [{ id: 1, attributes: { updatedAt: '2026-06-01T10:00:00.000Z' } }],
        links: { next: `https://api.outreach.io/api/v2/${name}?page%5Bafter%5D=abc&page%5Bsize%5D=100` },
      },
    },
    { body: { data: [{ id: 2, attributes: { updatedAt: '2026-06-02T10:00:00.000Z' } }], links: {} } },
  ],
  keys: ['1', '2'],
  asksFor: 'page[after]=abc',
  since: { cursor: '2026-06-01T10:00:00.000Z', value: '2026-06-01T10:00:00Z..inf' },
})

const tokens = {
  access_token: 'first-access',
  token_type: 'Bearer',
  expires_in: 7200,
  refresh_token: 'first-refresh',
  scope: 'users.read prospects.read accounts.read sequences.read',
  created_at: 1503301100,
}

const scopes = tokens.scope.split(' ')

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'first-access',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 7200,
    scopes,
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second-access', refresh_token: 'second-refresh' } },
    accessToken: 'second-access',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 7200,
    scopes,
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
    asks: 'GET api.outreach.io/api/v2/users?page[size]=1',
    headers: { authorization: 'Bearer first-access' },
    good: { body: { data: [{ type: 'user', id: 1 }] } },
    refused: {
      answer: {
        status: 401,
        body: { errors: [{ id: 'unauthorized', title: 'Unauthorized', detail: 'The access token is not valid.' }] },
      },
      says: 'The access token is not valid.',
    },
  },
  streams: [
    {
      ...resources('prospects'),
      limited: {
        status: 429,
        headers: { 'retry-after': '30' },
        body: { errors: [{ id: 'rateLimitExceeded', title: 'Rate Limit Exceeded', detail: 'Too many requests.' }] },
      },
    },
    resources('accounts'),
    resources('sequences'),
    resources('users'),
  ],
  // developers.outreach.io/api/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Outreach-Webhook-Signature': hmac('sha256', secret, body, 'hex') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          data: { type: 'prospect', id: 1, attributes: { firstName: 'Sally' } },
          meta: { deliveredAt: '2026-01-01T00:00:00', eventName: 'prospect.updated' },
        },
        events: [
          {
            id: 'prospect.updated 1 2026-01-01T00:00:00',
            type: 'prospect.updated',
            account: 'crm-1',
            streams: ['prospects'],
          },
        ],
      },
    ],
  },
  actions,
}
