import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_ticket',
    arguments: {
      subject: 'My printer is on fire!',
      body: 'The smoke is very colorful.',
      requester_email: 'ada@example.com',
      requester_name: 'Ada',
      public: false,
      priority: 'urgent',
      type: 'incident',
      tags: ['printer', 'fire'],
    },
    request: 'POST https://acme.zendesk.com/api/v2/tickets.json',
    body: {
      ticket: {
        subject: 'My printer is on fire!',
        comment: { body: 'The smoke is very colorful.', public: false },
        requester: { email: 'ada@example.com', name: 'Ada' },
        priority: 'urgent',
        type: 'incident',
        tags: ['printer', 'fire'],
      },
    },
    answer: { status: 201, body: { ticket: { id: 35436, subject: 'My printer is on fire!' }, audit: { id: 1 } } },
    output: { id: 35436, subject: 'My printer is on fire!' },
  },
  {
    action: 'get_ticket',
    arguments: { ticket_id: 35436 },
    request: 'GET https://acme.zendesk.com/api/v2/tickets/35436.json',
    answer: { body: { ticket: { id: 35436 } } },
    output: { id: 35436 },
  },
  {
    action: 'list_tickets',
    arguments: { limit: 5, cursor: 'eyJvIjoibmlj' },
    request: 'GET https://acme.zendesk.com/api/v2/tickets.json?page%5Bsize%5D=5&page%5Bafter%5D=eyJvIjoibmlj',
    answer: { body: { tickets: [{ id: 35436 }], meta: { has_more: false } } },
    output: { tickets: [{ id: 35436 }], meta: { has_more: false } },
  },
  {
    action: 'search_tickets',
    arguments: { query: 'status<solved printer', limit: 5, page: 2 },
    request:
      'GET https://acme.zendesk.com/api/v2/search.json?query=type%3Aticket%20status%3Csolved%20printer&sort_by=created_at&sort_order=desc&per_page=5&page=2',
    answer: { body: { results: [{ id: 35436 }], count: 6, next_page: null } },
    output: { results: [{ id: 35436 }], count: 6, next_page: null },
  },
  {
    action: 'add_comment',
    arguments: { ticket_id: 35436, body: 'Thanks for choosing Acme!', public: true, status: 'solved' },
    request: 'PUT https://acme.zendesk.com/api/v2/tickets/35436.json',
    body: { ticket: { comment: { body: 'Thanks for choosing Acme!', public: true }, status: 'solved' } },
    answer: { body: { ticket: { id: 35436, status: 'solved' }, audit: { id: 2 } } },
    output: { id: 35436, status: 'solved' },
  },
]
