import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const ada = { id: 4711, name: 'Ada Lovelace', emails: ['ada@example.com'] }

const actions: ActionExample[] = [
  {
    action: 'list_candidates',
    arguments: { offer_id: 12, limit: 5 },
    request: 'GET https://api.recruitee.com/c/117135/candidates?offer_id=12&limit=5',
    answer: { body: { candidates: [ada] } },
    output: [ada],
  },
  {
    action: 'get_candidate',
    arguments: { candidate_id: 4711 },
    request: 'GET https://api.recruitee.com/c/117135/candidates/4711',
    answer: { body: { candidate: ada } },
    output: ada,
  },
  {
    action: 'create_candidate',
    arguments: { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+44 20 7946 0000', offer_ids: [12] },
    request: 'POST https://api.recruitee.com/c/117135/candidates',
    body: {
      candidate: { name: 'Ada Lovelace', emails: ['ada@example.com'], phones: ['+44 20 7946 0000'] },
      offers: [12],
    },
    answer: { status: 201, body: { candidate: ada } },
    output: ada,
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { token: 'recruitee-t0ken' } },
  test: {
    asks: 'GET api.recruitee.com/c/117135/candidates?limit=1',
    headers: { authorization: 'Bearer recruitee-t0ken' },
    good: { body: { candidates: [ada] } },
    refused: {
      answer: { status: 401, body: { error: ['Unauthorized'] } },
      says: 'Unauthorized',
    },
  },
  streams: [
    {
      name: 'candidates',
      pages: [
        { body: { candidates: Array.from({ length: 100 }, (_, index) => ({ id: index + 1 })) } },
        { body: { candidates: [] } },
      ],
      keys: Array.from({ length: 100 }, (_, index) => String(index + 1)),
      asksFor: 'offset=100',
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { error: ['Too many requests'] } },
    },
    {
      name: 'offers',
      pages: [{ body: { offers: [{ id: 12, title: 'Engineer', status: 'published' }] } }],
      keys: ['12'],
      asksFor: '/offers',
    },
  ],
  // docs.recruitee.com/docs/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Recruitee-Signature': hmac('sha256', secret, body, 'hex') }),
    handshakes: [{ body: { test: true }, answer: 'ok' }],
    connection: { input: { company_id: '117135' } },
    requests: [
      {
        body: {
          id: 93,
          attempt_count: 1,
          event_type: 'candidate_moved',
          event_subtype: 'stage_changed',
          payload: {
            company: { id: 117135, name: 'Acme' },
            candidate: ada,
            details: { from_stage: { id: 1, name: 'Applied' }, to_stage: { id: 2, name: 'Interview' } },
          },
        },
        events: [{ id: '93', type: 'candidate_moved', account: '117135', streams: ['candidates'] }],
      },
    ],
  },
  actions,
}
