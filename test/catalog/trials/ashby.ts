import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const candidate = { id: '3ae2b801-19f6-41ef-ad28-214bd731948f', name: 'Adam Hart' }

const actions: ActionExample[] = [
  {
    action: 'create_candidate',
    arguments: {
      name: 'Adam Hart',
      email: 'adam@example.com',
      phone: '+44 20 7946 0000',
      linkedin_url: 'https://www.linkedin.com/in/adam-hart',
    },
    request: 'POST https://api.ashbyhq.com/candidate.create',
    body: {
      name: 'Adam Hart',
      email: 'adam@example.com',
      phoneNumber: '+44 20 7946 0000',
      linkedInUrl: 'https://www.linkedin.com/in/adam-hart',
    },
    answer: { body: { success: true, results: candidate } },
    output: candidate,
  },
  {
    action: 'search_candidates',
    readsWithPost: true,
    arguments: { email: 'adam@example.com', name: 'Adam' },
    request: 'POST https://api.ashbyhq.com/candidate.search',
    body: { email: 'adam@example.com', name: 'Adam' },
    answer: { body: { success: true, results: [candidate] } },
    output: [candidate],
  },
  {
    action: 'create_note',
    arguments: { candidate_id: candidate.id, note: 'Great fit.' },
    request: 'POST https://api.ashbyhq.com/candidate.createNote',
    body: { candidateId: candidate.id, note: 'Great fit.' },
    answer: { body: { success: true, results: { id: 'e9ed20fd-d45f-4aad-8a00-a19bfba0083e' } } },
    output: { id: 'e9ed20fd-d45f-4aad-8a00-a19bfba0083e' },
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'ashby-key' } },
  test: {
    asks: 'POST api.ashbyhq.com/candidate.list',
    headers: { authorization: `Basic ${btoa('ashby-key:')}`, accept: 'application/json; version=1' },
    good: { body: { success: true, results: [candidate], moreDataAvailable: false } },
    refused: {
      answer: { status: 403, body: { success: false, errors: ['invalid_api_key'] } },
      says: 'invalid_api_key',
    },
  },
  hints: [
    {
      what: 'request',
      answer: { status: 403, body: { success: false, errors: ['missing_endpoint_permission'] } },
      says: 'missing_endpoint_permission',
      cause: 'lacks the permission',
    },
  ],
  streams: [
    {
      name: 'candidates',
      pages: [
        { body: { success: true, results: [candidate], moreDataAvailable: true, nextCursor: 'G8' } },
        {
          body: {
            success: true,
            results: [{ id: 'b9ed20fd-d45f-4aad-8a00-a19bfba0083e', name: 'Ada' }],
            moreDataAvailable: false,
            syncToken: '6W05prn4d',
          },
        },
      ],
      keys: [candidate.id, 'b9ed20fd-d45f-4aad-8a00-a19bfba0083e'],
      asksFor: '"cursor":"G8"',
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { success: false, errors: ['rate_limited'] } },
    },
    {
      name: 'jobs',
      pages: [{ body: { success: true, results: [{ id: 'job-1', title: 'Engineer' }], moreDataAvailable: false } }],
      keys: ['job-1'],
      asksFor: '/job.list',
    },
  ],
  // developers.ashbyhq.com/docs/setting-up-webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Ashby-Signature': `sha256=${hmac('sha256', secret, body, 'hex')}` }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: { action: 'candidateStageChange', data: { application: { id: 'application-1', candidate } } },
        events: [{ type: 'candidateStageChange', account: 'crm-1', streams: ['candidates', 'applications'] }],
      },
    ],
  },
  actions,
  failureWith200: { success: false, errors: ['candidate_not_found'] },
}
