import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const candidate = (id: string, day: string) => ({
  id,
  type: 'candidates',
  attributes: { 'first-name': 'Ada', 'last-name': 'Lovelace', 'updated-at': `2026-06-${day}T10:00:00.000+02:00` },
})

const actions: ActionExample[] = [
  {
    action: 'list_jobs',
    arguments: { status: 'published', limit: 5 },
    request: 'GET https://api.teamtailor.com/v1/jobs?filter%5Bstatus%5D=published&page%5Bsize%5D=5',
    answer: { body: { data: [{ id: '2', type: 'jobs', attributes: { title: 'IT Designer' } }], links: {} } },
    output: { data: [{ id: '2', type: 'jobs', attributes: { title: 'IT Designer' } }], links: {} },
  },
  {
    action: 'find_candidates',
    arguments: { email: 'ada@example.com' },
    request: 'GET https://api.teamtailor.com/v1/candidates?filter%5Bemail%5D=ada%40example.com',
    answer: { body: { data: [candidate('1', '01')], links: {} } },
    output: [candidate('1', '01')],
  },
  {
    action: 'create_candidate',
    arguments: {
      first_name: 'Ada',
      last_name: 'Lovelace',
      email: 'ada@example.com',
      phone: '+44 20 7946 0000',
      pitch: 'Writes programs.',
      sourced: true,
      tags: ['engineering'],
    },
    request: 'POST https://api.teamtailor.com/v1/candidates',
    headers: { 'content-type': 'application/vnd.api+json' },
    // Compared as text, because its type is that of JSON:API.
    body: JSON.stringify({
      data: {
        type: 'candidates',
        attributes: {
          'first-name': 'Ada',
          'last-name': 'Lovelace',
          email: 'ada@example.com',
          phone: '+44 20 7946 0000',
          pitch: 'Writes programs.',
          sourced: true,
          tags: ['engineering'],
        },
      },
    }),
    answer: { status: 201, body: { data: candidate('1', '01') } },
    output: candidate('1', '01'),
  },
]

export const trial: ProviderTrial = {
  input: { region: 'eu' },
  credential: { secretText: 'abc123abc123' },
  test: {
    asks: 'GET api.teamtailor.com/v1/jobs?page[size]=1',
    headers: { authorization: 'Token token=abc123abc123', 'x-api-version': '20240404' },
    good: { body: { data: [], links: {} } },
    refused: {
      answer: { status: 401, body: { errors: [{ title: 'Unauthorized', status: '401' }] } },
      says: 'Unauthorized',
    },
  },
  streams: [
    {
      name: 'candidates',
      pages: [
        {
          body: {
            data: [candidate('1', '01')],
            links: { next: 'https://api.teamtailor.com/v1/candidates?page%5Bnumber%5D=2&page%5Bsize%5D=30' },
          },
        },
        { body: { data: [candidate('2', '02')], links: {} } },
      ],
      keys: ['1', '2'],
      asksFor: 'page[number]=2',
      since: { cursor: '2026-06-01T10:00:00.000+02:00', value: '2026-06-01T08:00:00.000Z' },
      limited: { status: 429, headers: { 'retry-after': '10' }, body: { errors: [{ title: 'Rate limit exceeded' }] } },
    },
    {
      name: 'job_applications',
      pages: [{ body: { data: [{ id: '7', type: 'job-applications', attributes: {} }], links: {} } }],
      keys: ['7'],
      asksFor: '/v1/job-applications',
    },
  ],
  actions,
}
