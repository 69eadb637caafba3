import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const person = (id: string, day: string) => ({
  id,
  first_name: 'Ada',
  last_name: 'Lovelace',
  status: 'ACTIVE',
  created_at: '2026-01-01T08:00:00Z',
  updated_at: `2026-06-${day}T10:00:00Z`,
  employments: [{ id: 'eb3f5858-0000-4000-8000-000000000001' }],
})

const linked = (data: unknown[], next?: string) => ({
  body: {
    _data: data,
    _meta: { links: { self: { href: 'https://api.personio.de/v2/persons' }, ...(next && { next: { href: next } }) } },
  },
})

const actions: ActionExample[] = [
  {
    action: 'list_persons',
    arguments: { email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', limit: 5 },
    request: 'GET https://api.personio.de/v2/persons?email=ada%40example.com&first_name=Ada&last_name=Lovelace&limit=5',
    answer: { body: { _data: [{ id: '3003' }], _meta: { links: {} } } },
    output: { _data: [{ id: '3003' }], _meta: { links: {} } },
  },
  {
    action: 'list_employments',
    arguments: { person_id: '3003', limit: 5 },
    request: 'GET https://api.personio.de/v2/persons/3003/employments?limit=5',
    answer: { body: { _data: [{ id: 'eb3f5858-0000-4000-8000-000000000001' }], _meta: { links: {} } } },
    output: { _data: [{ id: 'eb3f5858-0000-4000-8000-000000000001' }], _meta: { links: {} } },
  },
  {
    action: 'list_absences',
    arguments: { changed_since: '2026-06-01', limit: 5 },
    request: 'GET https://api.personio.de/v2/absence-periods?updated_at.gte=2026-06-01T00%3A00%3A00Z&limit=5',
    answer: { body: { _data: [], _meta: { links: {} } } },
    output: { _data: [], _meta: { links: {} } },
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { client_id: 'client-id', client_secret: 'cl1ent-s3cret' } },
  renewal: {
    answer: {
      body: {
        access_token: 'papi-0123456789abcdef',
        token_type: 'Bearer',
        expires_in: 86400,
        scope: 'personio:persons:read personio:absences:read',
      },
    },
    accessToken: 'papi-0123456789abcdef',
    lifetimeSeconds: 86400,
    scopes: ['personio:persons:read', 'personio:absences:read'],
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_client',
          error_description: 'Client authentication failed',
          timestamp: '2026-06-01T10:00:00Z',
          trace_id: 'a1b2',
        },
      },
      reason: 'INVALID_CLIENT',
      says: 'Client authentication failed',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_client', error_description: 'Client authentication failed' } },
      says: 'Client authentication failed',
      cause: 'is wrong, or the credentials were deleted',
    },
  ],
  test: {
    asks: 'GET api.personio.de/v2/persons?limit=1',
    headers: { authorization: 'Bearer papi-0123456789abcdef' },
    good: linked([person('3003', '01')]),
    refused: {
      answer: {
        status: 401,
        body: {
          personio_trace_id: 'a1b2',
          timestamp: '2026-06-01T10:00:00Z',
          errors: [{ title: 'Unauthorized', detail: 'The access token is invalid.', type: '/errors/unauthorized' }],
        },
      },
      says: 'Unauthorized: The access token is invalid.',
    },
  },
  streams: [
    {
      name: 'persons',
      pages: [
        linked([person('3003', '01')], 'https://api.personio.de/v2/persons?cursor=cur_82sQwR2eZvKilo2'),
        linked([person('3004', '02')]),
      ],
      keys: ['3003', '3004'],
      asksFor: 'cursor=cur_82sQwR2eZvKilo2',
      since: { cursor: '2026-06-01T10:00:00Z', value: '2026-06-01T09:59:59.000Z' },
      limited: { status: 429, headers: { 'retry-after': '30' }, body: {} },
    },
    {
      name: 'absence_periods',
      pages: [
        linked(
          [{ id: '9b0a', person: { id: '3003' }, updated_at: '2026-06-01T10:00:00Z' }],
          'https://api.personio.de/v2/absence-periods?cursor=cur_2',
        ),
        linked([{ id: '9b0b', person: { id: '3003' }, updated_at: '2026-06-02T10:00:00Z' }]),
      ],
      keys: ['9b0a', '9b0b'],
      asksFor: 'cursor=cur_2',
      since: { cursor: '2026-06-01T10:00:00Z', value: '2026-06-01T10:00:00.000Z' },
    },
    {
      name: 'employments',
      parent: { id: '3003' },
      pages: [linked([{ id: 'eb3f5858-0000-4000-8000-000000000001', person: { id: '3003' } }])],
      keys: ['parent/eb3f5858-0000-4000-8000-000000000001'],
      asksFor: '/persons/3003/employments?limit=50',
    },
  ],
  actions,
}
