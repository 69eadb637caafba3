import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_ticket',
    arguments: {
      email: 'ada@example.com',
      subject: 'Support needed',
      description: 'The laptop does not start.',
      priority: 2,
      status: 3,
      workspace_id: 3,
    },
    request: 'POST https://acme.freshservice.com/api/v2/tickets',
    body: {
      email: 'ada@example.com',
      subject: 'Support needed',
      description: 'The laptop does not start.',
      priority: 2,
      status: 3,
      workspace_id: 3,
    },
    answer: { status: 201, body: { ticket: { id: 265, subject: 'Support needed' } } },
    output: { id: 265, subject: 'Support needed' },
  },
  {
    action: 'get_ticket',
    arguments: { ticket_id: 265, include: 'requester' },
    request: 'GET https://acme.freshservice.com/api/v2/tickets/265?include=requester',
    answer: { body: { ticket: { id: 265, requester: { id: 1 } } } },
    output: { id: 265, requester: { id: 1 } },
  },
  {
    action: 'add_note',
    arguments: { ticket_id: 265, body: 'Escalated.', private: false },
    request: 'POST https://acme.freshservice.com/api/v2/tickets/265/notes',
    body: { body: 'Escalated.', private: false },
    answer: { status: 201, body: { conversation: { id: 5, body: 'Escalated.' } } },
    output: { id: 5, body: 'Escalated.' },
  },
]

const pages = (name: string): StreamTrial => ({
  name,
  pages: [
    { body: { [name]: [{ id: 18, updated_at: '2015-08-24T11:59:05Z' }] } },
    { body: { [name]: [{ id: 19, updated_at: '2015-08-24T11:59:06Z' }] } },
    { body: { [name]: [] } },
  ],
  keys: ['18', '19'],
  asksFor: 'page=3',
})

const refused = {
  status: 401,
  body: { code: 'invalid_credentials', message: 'Unauthorized' },
}

export const trial: ProviderTrial = {
  credential: { fields: { api_key: '9i1AtT08nkY1BlBmjtLk' } },
  test: {
    asks: 'GET acme.freshservice.com/api/v2/tickets?per_page=1',
    headers: { authorization: `Basic ${btoa('9i1AtT08nkY1BlBmjtLk:X')}` },
    good: { body: { tickets: [{ id: 265 }] } },
    refused: { answer: refused, says: 'invalid_credentials: Unauthorized' },
  },
  hints: [
    {
      what: 'request',
      answer: refused,
      says: 'invalid_credentials: Unauthorized',
      cause: 'The API key is wrong',
    },
  ],
  streams: [
    {
      ...pages('tickets'),
      since: { cursor: '2015-08-24T11:59:05Z', value: '2015-08-24T11:59:04Z' },
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { message: 'Too many requests' } },
    },
    pages('requesters'),
    pages('agents'),
    pages('departments'),
  ],
  actions,
}
