import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: {
      email: 'joebloggs@intercom.io',
      role: 'lead',
      external_id: '25',
      name: 'Joe Bloggs',
      phone: '+353871234567',
    },
    request: 'POST https://api.intercom.io/contacts',
    body: {
      role: 'lead',
      email: 'joebloggs@intercom.io',
      external_id: '25',
      name: 'Joe Bloggs',
      phone: '+353871234567',
    },
    answer: { body: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' } },
    output: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '6762f0dd1bb69f9f2193bb83' },
    request: 'GET https://api.intercom.io/contacts/6762f0dd1bb69f9f2193bb83',
    answer: { body: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' } },
    output: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' },
  },
  {
    action: 'list_contacts',
    arguments: { limit: 5, cursor: 'WzE3MzQ1' },
    request: 'GET https://api.intercom.io/contacts?per_page=5&starting_after=WzE3MzQ1',
    answer: { body: { type: 'list', data: [], total_count: 0, pages: { type: 'pages', page: 1 } } },
    output: { type: 'list', data: [], total_count: 0, pages: { type: 'pages', page: 1 } },
  },
  {
    action: 'find_contacts',
    arguments: { email: 'joe@bloggs.example.com' },
    request: 'POST https://api.intercom.io/contacts/search',
    body: { query: { field: 'email', operator: '=', value: 'joe@bloggs.example.com' } },
    answer: { body: { type: 'list', data: [{ id: '6762f0dd1bb69f9f2193bb83' }], total_count: 1 } },
    output: [{ id: '6762f0dd1bb69f9f2193bb83' }],
  },
  {
    action: 'reply_to_conversation',
    arguments: { conversation_id: '524', admin_id: '991267583', body: 'Thanks again :)', message_type: 'note' },
    request: 'POST https://api.intercom.io/conversations/524/reply',
    body: { message_type: 'note', type: 'admin', admin_id: '991267583', body: 'Thanks again :)' },
    answer: { body: { type: 'conversation', id: '524' } },
    output: { type: 'conversation', id: '524' },
  },
]
