import type { ActionExample } from './example.ts'

const details = {
  firstname: 'Jane',
  lastname: 'Doe',
  phone: '(555) 555-5555',
  company: 'HubSpot',
  jobtitle: 'Engineer',
  website: 'hubspot.com',
  lifecyclestage: 'marketingqualifiedlead',
}

export const examples: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: { email: 'example@hubspot.com', ...details },
    request: 'POST https://api.hubapi.com/crm/objects/2026-03/contacts',
    body: { properties: { email: 'example@hubspot.com', ...details } },
    answer: { status: 201, body: { id: '512', properties: { email: 'example@hubspot.com' } } },
    output: { id: '512', properties: { email: 'example@hubspot.com' } },
  },
  {
    action: 'update_contact',
    arguments: { contact_id: '512', email: 'new@hubspot.com', ...details },
    request: 'PATCH https://api.hubapi.com/crm/objects/2026-03/contacts/512',
    body: { properties: { email: 'new@hubspot.com', ...details } },
    answer: { body: { id: '512', properties: { email: 'new@hubspot.com' } } },
    output: { id: '512', properties: { email: 'new@hubspot.com' } },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '512', properties: ['email', 'lifecyclestage'] },
    request: 'GET https://api.hubapi.com/crm/objects/2026-03/contacts/512?properties=email%2Clifecyclestage',
    answer: { body: { id: '512', properties: { email: 'example@hubspot.com' } } },
    output: { id: '512', properties: { email: 'example@hubspot.com' } },
  },
  {
    action: 'list_contacts',
    arguments: { properties: ['email'], limit: 5, cursor: '33451' },
    request: 'GET https://api.hubapi.com/crm/objects/2026-03/contacts?properties=email&limit=5&after=33451',
    answer: { body: { results: [{ id: '512' }], paging: { next: { after: '513' } } } },
    output: { results: [{ id: '512' }], paging: { next: { after: '513' } } },
  },
  {
    action: 'search_contacts',
    arguments: { query: 'ada', properties: ['email'], limit: 5, cursor: '5' },
    request: 'POST https://api.hubapi.com/crm/objects/2026-03/contacts/search',
    body: { query: 'ada', properties: ['email'], limit: 5, after: '5' },
    answer: { body: { total: 1, results: [{ id: '512' }] } },
    output: { total: 1, results: [{ id: '512' }] },
  },
  {
    action: 'find_contacts',
    arguments: { emails: ['example@hubspot.com'], properties: ['email'] },
    request: 'POST https://api.hubapi.com/crm/objects/2026-03/contacts/search',
    body: {
      filterGroups: [{ filters: [{ propertyName: 'email', operator: 'IN', values: ['example@hubspot.com'] }] }],
      properties: ['email'],
      limit: 100,
    },
    answer: { body: { total: 1, results: [{ id: '512' }] } },
    output: [{ id: '512' }],
  },
]
