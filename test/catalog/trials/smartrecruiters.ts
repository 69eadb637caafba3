import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_jobs',
    arguments: { query: 'engineer', limit: 5 },
    request: 'GET https://api.smartrecruiters.com/jobs?q=engineer&limit=5',
    answer: { body: { offset: 0, limit: 5, totalFound: 1, content: [{ id: 'job-1', title: 'Engineer' }] } },
    output: [{ id: 'job-1', title: 'Engineer' }],
  },
  {
    action: 'get_candidate',
    arguments: { candidate_id: 'candidate-1' },
    request: 'GET https://api.smartrecruiters.com/candidates/candidate-1',
    answer: { body: { id: 'candidate-1', firstName: 'Ada' } },
    output: { id: 'candidate-1', firstName: 'Ada' },
  },
  {
    action: 'create_candidate',
    arguments: {
      first_name: 'Ada',
      last_name: 'Lovelace',
      email: 'ada@example.com',
    },
    request: 'POST https://api.smartrecruiters.com/candidates',
    body: {
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.com',
    },
    answer: { status: 201, body: { id: 'candidate-1', firstName: 'Ada' } },
    output: { id: 'candidate-1', firstName: 'Ada' },
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'client', client_id: 'client-id', client_secret: 'cl1ent-s3cret' } },
  renewal: {
    answer: { body: { access_token: 'smart-access-t0ken', token_type: 'bearer', expires_in: 1799 } },
    accessToken: 'smart-access-t0ken',
    lifetimeSeconds: 1799,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Bad client credentials' } },
      reason: 'INVALID_CLIENT',
      says: 'Bad client credentials',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Bad client credentials' } },
      says: 'Bad client credentials',
      cause: 'is wrong, or the credential was revoked',
    },
  ],
  test: {
    asks: 'GET api.smartrecruiters.com/jobs?limit=1',
    headers: { authorization: 'Bearer smart-access-t0ken' },
    good: { body: { offset: 0, limit: 1, totalFound: 0, content: [] } },
    refused: { answer: { status: 401, body: { message: 'Unauthorized' } }, says: 'Unauthorized' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'DCRA1-d0b1128084f' } },
      asks: 'GET api.smartrecruiters.com/jobs?limit=1',
      headers: { 'x-smarttoken': 'DCRA1-d0b1128084f' },
    },
  ],
  streams: [
    {
      name: 'candidates',
      pages: [
        {
          body: {
            limit: 100,
            nextPageId: '5fc4c5aa357d700efe2215ab',
            content: [{ id: 'candidate-1', firstName: 'Ada', updatedOn: '2026-06-01T10:00:00.000Z' }],
          },
        },
        { body: { limit: 100, content: [{ id: 'candidate-2', updatedOn: '2026-06-02T10:00:00.000Z' }] } },
      ],
      keys: ['candidate-1', 'candidate-2'],
      asksFor: 'pageId=5fc4c5aa357d700efe2215ab',
      since: { cursor: '2026-06-01T10:00:00.000Z', value: '2026-06-01T09:59:59.000Z' },
      limited: { status: 429, headers: { 'retry-after': '1' }, body: { message: 'Too many requests' } },
    },
    {
      name: 'jobs',
      pages: [
        {
          body: {
            offset: 0,
            limit: 100,
            totalFound: 101,
            content: Array.from({ length: 100 }, (_, index) => ({ id: `job-${index + 1}` })),
          },
        },
        { body: { offset: 100, limit: 100, totalFound: 101, content: [{ id: 'job-101' }] } },
      ],
      keys: Array.from({ length: 101 }, (_, index) => `job-${index + 1}`),
      asksFor: 'offset=100',
    },
  ],
  actions,
}
