import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_jobs',
    arguments: { limit: 5 },
    request: 'GET https://acme.workable.com/spi/v3/jobs?limit=5',
    answer: { body: { jobs: [{ id: '61884e2', title: 'Sales Intern', shortcode: 'GROOV003' }], paging: {} } },
    output: { jobs: [{ id: '61884e2', title: 'Sales Intern', shortcode: 'GROOV003' }], paging: {} },
  },
  {
    action: 'list_candidates',
    arguments: { job_shortcode: 'GROOV003', email: 'lakita@example.com', limit: 5 },
    request: 'GET https://acme.workable.com/spi/v3/candidates?shortcode=GROOV003&email=lakita%40example.com&limit=5',
    answer: { body: { candidates: [{ id: 'ce4da98', name: 'Lakita Marrero' }], paging: {} } },
    output: { candidates: [{ id: 'ce4da98', name: 'Lakita Marrero' }], paging: {} },
  },
  {
    action: 'create_candidate',
    arguments: {
      job_shortcode: 'GROOV003',
      first_name: 'Lakita',
      last_name: 'Marrero',
      email: 'lakita@example.com',
      phone: '+44 20 7946 0000',
      tags: ['sales'],
    },
    request: 'POST https://acme.workable.com/spi/v3/jobs/GROOV003/candidates',
    body: {
      sourced: true,
      candidate: {
        firstname: 'Lakita',
        lastname: 'Marrero',
        email: 'lakita@example.com',
        phone: '+44 20 7946 0000',
        tags: ['sales'],
      },
    },
    answer: { status: 201, body: { status: 'created', candidate: { id: 'ce4da98' } } },
    output: { status: 'created', candidate: { id: 'ce4da98' } },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'first-access-t0ken',
        token_type: 'bearer',
        expires_in: 7200,
        refresh_token: 'first-refresh-t0ken',
        scope: 'r_jobs r_candidates',
      },
    },
    accessToken: 'first-access-t0ken',
    refreshToken: 'first-refresh-t0ken',
    lifetimeSeconds: 7200,
    scopes: ['r_jobs', 'r_candidates'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second-access-t0ken',
        token_type: 'bearer',
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
        status: 401,
        body: { error: 'invalid_grant', error_description: 'The provided authorization grant is invalid or expired.' },
      },
      reason: 'INVALID_GRANT',
      says: 'invalid or expired',
    },
  ],
  test: {
    asks: 'GET acme.workable.com/spi/v3/jobs?limit=1',
    headers: { authorization: 'Bearer first-access-t0ken' },
    good: { body: { jobs: [], paging: {} } },
    refused: { answer: { status: 401, body: { error: 'Not authorized' } }, says: 'Not authorized' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'account-t0ken' } },
      asks: 'GET acme.workable.com/spi/v3/jobs?limit=1',
      headers: { authorization: 'Bearer account-t0ken' },
    },
  ],
  streams: [
    {
      name: 'candidates',
      pages: [
        {
          body: {
            candidates: [{ id: 'ce4da98', name: 'Lakita Marrero', updated_at: '2026-06-01T10:00:00Z' }],
            paging: { next: 'https://acme.workable.com/spi/v3/candidates?limit=100&since_id=2700d6df' },
          },
        },
        {
          body: {
            candidates: [{ id: '108d1748', name: 'Cindy Sawyers', updated_at: '2026-06-02T10:00:00Z' }],
            paging: {},
          },
        },
      ],
      keys: ['ce4da98', '108d1748'],
      asksFor: 'since_id=2700d6df',
      since: { cursor: '2026-06-01T10:00:00Z', value: '2026-06-01T09:59:59.000Z' },
      limited: { status: 429, body: { error: 'Too many requests' } },
    },
    {
      name: 'stages',
      pages: [{ body: { stages: [{ slug: 'sourced', name: 'Sourced', kind: 'sourced', position: 0 }] } }],
      keys: ['sourced'],
      asksFor: '/spi/v3/stages',
    },
  ],
  // workable.readme.io/reference/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Workable-Signature': hmac('sha256', secret, body, 'hex') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          id: 'b2b5d5a0-5f0c-4f0e-9d7e-0a1c5c5f3a11',
          event_type: 'candidate_moved',
          data: { id: 'ce4da98', name: 'Lakita Marrero', stage: 'Interview' },
        },
        events: [
          {
            id: 'b2b5d5a0-5f0c-4f0e-9d7e-0a1c5c5f3a11',
            type: 'candidate_moved',
            account: 'crm-1',
            streams: ['candidates'],
          },
        ],
      },
    ],
  },
  actions,
}
