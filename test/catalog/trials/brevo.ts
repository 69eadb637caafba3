import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: { email: 'ada@example.com', list_ids: [2, 36] },
    request: 'POST https://api.brevo.com/v3/contacts',
    body: { email: 'ada@example.com', listIds: [2, 36] },
    answer: { status: 201, body: { id: 229 } },
    output: { id: 229 },
  },
]

export const trial: ProviderTrial = {
  credential: { secretText: 'xkeysib-0123456789abcdef' },
  test: {
    asks: 'GET api.brevo.com/v3/account',
    headers: { 'api-key': 'xkeysib-0123456789abcdef' },
    good: { body: { email: 'ada@example.com', companyName: 'Acme', plan: [{ type: 'free', credits: 300 }] } },
    refused: {
      answer: { status: 401, body: { code: 'unauthorized', message: 'Key not found' } },
      says: 'unauthorized: Key not found',
    },
  },
  hints: [
    {
      what: 'request',
      answer: { status: 401, body: { code: 'unauthorized', message: 'Key not found' } },
      says: 'unauthorized: Key not found',
      cause: 'does not exist or was deleted',
    },
  ],
  streams: [
    {
      name: 'contacts',
      pages: [
        {
          body: {
            count: 1_001,
            contacts: Array.from({ length: 1_000 }, (_, index) => ({
              id: index + 1,
              modifiedAt: '2026-06-01T10:00:00.000Z',
            })),
          },
        },
        { body: { count: 1_001, contacts: [{ id: 1_001, modifiedAt: '2026-06-02T10:00:00.000Z' }] } },
      ],
      keys: Array.from({ length: 1_001 }, (_, index) => String(index + 1)),
      asksFor: 'offset=1000',
      since: { cursor: '2026-06-01T10:00:00.000Z', value: '2026-06-01T10:00:00.000Z' },
      limited: { status: 429, headers: { 'x-sib-ratelimit-reset': '30' }, body: { message: 'Too many requests' } },
    },
    {
      name: 'lists',
      pages: [{ body: { count: 1, lists: [{ id: 2, name: 'Newsletter', totalSubscribers: 7 }] } }],
      keys: ['2'],
      asksFor: 'offset=0',
    },
  ],
  actions,
}
