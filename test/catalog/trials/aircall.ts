import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'search_calls',
    arguments: {
      from: '2026-06-01T10:00:00Z',
      to: '2026-06-02T10:00:00Z',
      phone_number: '+33612345678',
      order: 'asc',
      limit: 10,
      page: 2,
    },
    request:
      'GET https://api.aircall.io/v1/calls/search?from=1780308000&to=1780394400&phone_number=%2B33612345678&order=asc&per_page=10&page=2',
    answer: { body: { meta: { count: 1, total: 11, current_page: 2 }, calls: [{ id: 812, direction: 'inbound' }] } },
    output: { meta: { count: 1, total: 11, current_page: 2 }, calls: [{ id: 812, direction: 'inbound' }] },
  },
  {
    action: 'get_call',
    arguments: { call_id: 812 },
    request: 'GET https://api.aircall.io/v1/calls/812',
    answer: { body: { call: { id: 812, direction: 'inbound' } } },
    output: { id: 812, direction: 'inbound' },
  },
]

const objects = (name: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        meta: {
          count: 1,
          total: 2,
          current_page: 1,
          per_page: 1,
          next_page_link: `https://api.aircall.io/v1/${name}?page=2&per_page=50`,
          previous_page_link: null,
        },
        [name]: [{ id: 1, started_at: 1584998199 }],
      },
    },
    {
      body: {
        meta: { count: 1, total: 2, current_page: 2, per_page: 1, next_page_link: null, previous_page_link: null },
        [name]: [{ id: 2, started_at: 1584998205 }],
      },
    },
  ],
  keys: ['1', '2'],
  asksFor: 'page=2',
})

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'api_key', api_id: 'an-id', api_token: 'a-token-0123456789' } },
  exchange: {
    answer: { body: { access_token: 'a1rcall-access-t0ken', token_type: 'Bearer', created_at: 1585002627 } },
    accessToken: 'a1rcall-access-t0ken',
  },
  refusals: [{ what: 'code', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' }],
  test: {
    asks: 'GET api.aircall.io/v1/ping',
    headers: { authorization: 'Bearer a1rcall-access-t0ken' },
    good: { body: { ping: 'pong' } },
    refused: { answer: { status: 403, body: { message: 'Forbidden' } }, says: 'Forbidden' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_id: 'an-id', api_token: 'a-token-0123456789' } },
      asks: 'GET api.aircall.io/v1/ping',
      headers: { authorization: `Basic ${btoa('an-id:a-token-0123456789')}` },
    },
  ],
  streams: [
    {
      ...objects('calls'),
      since: { cursor: 1584998199, value: '1584911799' },
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { error: 'Too many requests' } },
    },
    objects('users'),
    objects('contacts'),
    objects('numbers'),
  ],
  actions,
}
