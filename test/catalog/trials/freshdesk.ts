import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_ticket',
    arguments: {
      email: 'ada@example.com',
      subject: 'Support needed',
      description: 'The dashboard does not open.',
      priority: 2,
      status: 3,
      tags: ['dashboard'],
    },
    request: 'POST https://acme.freshdesk.com/api/v2/tickets',
    body: {
      email: 'ada@example.com',
      subject: 'Support needed',
      description: 'The dashboard does not open.',
      priority: 2,
      status: 3,
      tags: ['dashboard'],
    },
    answer: { status: 201, body: { id: 20, subject: 'Support needed', status: 3 } },
    output: { id: 20, subject: 'Support needed', status: 3 },
  },
  {
    action: 'get_ticket',
    arguments: { ticket_id: 20, include: 'requester' },
    request: 'GET https://acme.freshdesk.com/api/v2/tickets/20?include=requester',
    answer: { body: { id: 20, requester: { id: 1, email: 'ada@example.com' } } },
    output: { id: 20, requester: { id: 1, email: 'ada@example.com' } },
  },
  {
    action: 'add_note',
    arguments: { ticket_id: 20, body: 'Escalated.', private: false },
    request: 'POST https://acme.freshdesk.com/api/v2/tickets/20/notes',
    body: { body: 'Escalated.', private: false },
    answer: { status: 201, body: { id: 5, body_text: 'Escalated.', private: false } },
    output: { id: 5, body_text: 'Escalated.', private: false },
  },
]

const pages = (name: string, updated?: string): StreamTrial => ({
  name,
  pages: [
    {
      headers: { link: `<https://acme.freshdesk.com/api/v2/${name}?per_page=100&page=2>; rel="next"` },
      body: [{ id: 18, updated_at: updated }],
    },
    { body: [{ id: 19, updated_at: updated }] },
  ],
  keys: ['18', '19'],
  asksFor: 'page=2',
})

export const trial: ProviderTrial = {
  credential: { fields: { api_key: '9i1AtT08nkY1BlBmjtLk' } },
  test: {
    asks: 'GET acme.freshdesk.com/api/v2/agents/me',
    headers: { authorization: `Basic ${btoa('9i1AtT08nkY1BlBmjtLk:X')}` },
    good: { body: { id: 1, available: true, contact: { name: 'Ada', email: 'ada@example.com' } } },
    refused: {
      answer: {
        status: 401,
        body: { code: 'invalid_credentials', message: 'You have to be logged in to perform this action.' },
      },
      says: 'invalid_credentials: You have to be logged in to perform this action.',
    },
  },
  hints: [
    {
      what: 'request',
      answer: {
        status: 401,
        body: { code: 'invalid_credentials', message: 'You have to be logged in to perform this action.' },
      },
      says: 'invalid_credentials: You have to be logged in to perform this action.',
      cause: 'wrong or was reset',
    },
  ],
  streams: [
    {
      ...pages('tickets', '2015-08-24T11:59:05Z'),
      pages: [
        {
          headers: { link: '<https://acme.freshdesk.com/api/v2/tickets?per_page=100&page=300>; rel="next"' },
          body: [{ id: 18, updated_at: '2015-08-24T11:59:05Z' }],
        },
        {
          headers: { link: '<https://acme.freshdesk.com/api/v2/tickets?per_page=100&page=301>; rel="next"' },
          body: [{ id: 19, updated_at: '2015-08-24T11:59:05Z' }],
        },
        {
          status: 400,
          body: {
            description: 'Validation failed',
            errors: [
              { field: 'page', message: 'You cannot access tickets beyond the 300th page', code: 'invalid_value' },
            ],
          },
        },
      ],
      asksFor: 'page=301',
      since: { cursor: '2015-08-24T11:59:05Z', value: '2015-08-24T11:59:04Z' },
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { message: 'You have exceeded the limit' } },
    },
    {
      ...pages('contacts', '2015-08-24T11:59:05Z'),
      since: { cursor: '2015-08-24T11:59:05Z', value: '2015-08-24T11:59:04Z' },
    },
    pages('companies'),
    pages('agents'),
  ],
  actions,
}
