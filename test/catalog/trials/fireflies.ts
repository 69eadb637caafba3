import { expect } from 'vitest'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const failed = {
  errors: [
    { message: 'Invalid or missing API key.', code: 'auth_failed', friendly: true, extensions: { status: 401 } },
  ],
}

const actions: ActionExample[] = [
  {
    action: 'list_meetings',
    arguments: { keyword: 'budget', from: '2026-06-01T00:00:00Z', to: '2026-07-01T00:00:00Z', limit: 5 },
    request: 'POST https://api.fireflies.ai/graphql',
    body: {
      query: expect.stringMatching(/^query .* transcripts\(keyword: \$keyword, .*\) \{ id title .*\} \}$/),
      variables: { keyword: 'budget', fromDate: '2026-06-01T00:00:00Z', toDate: '2026-07-01T00:00:00Z', limit: 5 },
    },
    answer: { body: { data: { transcripts: [{ id: 'ASxwZxCstx', title: 'Budget' }] } } },
    output: [{ id: 'ASxwZxCstx', title: 'Budget' }],
    readsWithPost: true,
  },
  {
    action: 'get_transcript',
    arguments: { meeting_id: 'ASxwZxCstx' },
    request: 'POST https://api.fireflies.ai/graphql',
    body: {
      query: expect.stringMatching(/^query .* transcript\(id: \$id\) \{ id title .* sentences \{ .*\} \} \}$/),
      variables: { id: 'ASxwZxCstx' },
    },
    answer: { body: { data: { transcript: { id: 'ASxwZxCstx', sentences: [{ index: 0, text: 'Hello.' }] } } } },
    output: { id: 'ASxwZxCstx', sentences: [{ index: 0, text: 'Hello.' }] },
    readsWithPost: true,
  },
]

export const trial: ProviderTrial = {
  credential: { secretText: 'fireflies-key-0123456789' },
  test: {
    asks: 'POST api.fireflies.ai/graphql',
    headers: { authorization: 'Bearer fireflies-key-0123456789' },
    good: { body: { data: { user: { user_id: 'u1', email: 'ada@example.com' } } } },
    refused: { answer: { status: 401, body: failed }, says: 'auth_failed: Invalid or missing API key.' },
  },
  hints: [
    {
      what: 'request',
      answer: { status: 401, body: failed },
      says: 'auth_failed: Invalid or missing API key.',
      cause: 'wrong or was replaced',
    },
  ],
  streams: [
    {
      name: 'transcripts',
      pages: [
        {
          body: {
            data: {
              transcripts: Array.from({ length: 50 }, (_, index) => ({ id: `m${index}`, date: 1_780_308_000_000 })),
            },
          },
        },
        { body: { data: { transcripts: [] } } },
      ],
      keys: Array.from({ length: 50 }, (_, index) => `m${index}`),
      asksFor: '"skip":50',
      limited: {
        status: 429,
        headers: { 'retry-after': '30' },
        body: { errors: [{ message: 'Too many requests.', code: 'too_many_requests', extensions: { status: 429 } }] },
      },
    },
    {
      name: 'users',
      pages: [{ body: { data: { users: [{ user_id: 'u1', email: 'ada@example.com' }] } } }],
      keys: ['u1'],
      asksFor: 'users',
    },
  ],
  // docs.fireflies.ai/graphql-api/webhooks-v2
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Hub-Signature': `sha256=${hmac('sha256', secret, body, 'hex')}` }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          event: 'meeting.transcribed',
          timestamp: 1710876543210,
          meeting_id: 'ASxwZxCstx',
          client_reference_id: 'be582c46-4ac9-4565-9ba6-6ab4264496a8',
        },
        events: [
          {
            id: 'meeting.transcribed ASxwZxCstx 1710876543210',
            type: 'meeting.transcribed',
            account: 'crm-1',
            streams: ['transcripts'],
          },
        ],
      },
    ],
  },
  actions,
}
