import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_candidates',
    arguments: { ids: [53883394, 53883395], limit: 5 },
    request: 'GET https://harvest.greenhouse.io/v3/candidates?ids=53883394%2C53883395&per_page=5',
    answer: { body: [{ id: 53883394, first_name: 'John' }] },
    output: [{ id: 53883394, first_name: 'John' }],
  },
  {
    action: 'list_applications',
    arguments: { candidate_ids: [53883394], limit: 5 },
    request: 'GET https://harvest.greenhouse.io/v3/applications?candidate_ids=53883394&per_page=5',
    answer: { body: [{ id: 69306314, candidate_id: 53883394 }] },
    output: [{ id: 69306314, candidate_id: 53883394 }],
  },
  {
    action: 'list_jobs',
    arguments: { ids: [6404], limit: 5 },
    request: 'GET https://harvest.greenhouse.io/v3/jobs?ids=6404&per_page=5',
    answer: { body: [{ id: 6404, name: 'Archaeologist' }] },
    output: [{ id: 6404, name: 'Archaeologist' }],
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'client', client_id: 'client-id', client_secret: 'cl1ent-s3cret' } },
  renewal: {
    answer: { body: { token_type: 'Bearer', access_token: 'eyJhbGciOi.jwt', expires_at: '2026-07-01T13:00:00Z' } },
    accessToken: 'eyJhbGciOi.jwt',
    lifetimeSeconds: 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed.' } },
      reason: 'INVALID_CLIENT',
      says: 'Client authentication failed.',
    },
  ],
  test: {
    asks: 'GET harvest.greenhouse.io/v3/candidates?per_page=1',
    headers: { authorization: 'Bearer eyJhbGciOi.jwt' },
    good: { body: [] },
    refused: {
      answer: { status: 401, body: { message: 'Unauthorized', errors: ['Token could not be decoded.'] } },
      says: 'Unauthorized',
    },
  },
  otherWays: [
    {
      // The key is the user name, and the password is empty.
      credential: { fields: { auth_method: 'api_key', api_key: 'a7183e1b7e9ab09b8a5cfa87d1934c3c' } },
      asks: 'GET harvest.greenhouse.io/v1/candidates?per_page=1',
      headers: { authorization: `Basic ${btoa('a7183e1b7e9ab09b8a5cfa87d1934c3c:')}` },
    },
  ],
  streams: [
    {
      name: 'candidates',
      pages: [
        {
          headers: { link: '<https://harvest.greenhouse.io/v3/candidates?cursor=cursor-2>; rel="next"' },
          body: [{ id: 53883394, first_name: 'Jane' }],
        },
        { headers: { link: '' }, body: [{ id: 53883395, first_name: 'Joe' }] },
      ],
      keys: ['53883394', '53883395'],
      asksFor: 'cursor=cursor-2',
      limited: { status: 429, headers: { 'retry-after': '10' }, body: { message: 'Rate limit exceeded' } },
    },
  ],
  actions,
}
