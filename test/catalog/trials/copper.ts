import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const person = { id: 27140359, name: 'My Contact', date_modified: 1496694264 }

const actions: ActionExample[] = [
  {
    action: 'search_people',
    arguments: { name: 'My Contact', email: 'mycontact@example.com', limit: 10, page: 2 },
    request: 'POST https://api.copper.com/developer_api/v1/people/search',
    body: { name: 'My Contact', emails: ['mycontact@example.com'], page_size: 10, page_number: 2 },
    answer: { body: [person] },
    output: [person],
    readsWithPost: true,
  },
  {
    action: 'create_person',
    arguments: {
      name: 'My Contact',
      email: 'mycontact@example.com',
      phone: '415-123-45678',
      title: 'Engineer',
      company_id: 9607580,
    },
    request: 'POST https://api.copper.com/developer_api/v1/people',
    body: {
      name: 'My Contact',
      emails: [{ email: 'mycontact@example.com', category: 'work' }],
      phone_numbers: [{ number: '415-123-45678', category: 'work' }],
      title: 'Engineer',
      company_id: 9607580,
    },
    answer: { body: person },
    output: person,
  },
]

const found = (name: string): StreamTrial => ({
  name,
  pages: [
    { headers: { 'X-PW-TOTAL': '2' }, body: [{ id: 1, date_modified: 1496694264 }] },
    { headers: { 'X-PW-TOTAL': '2' }, body: [{ id: 2, date_modified: 1496694265 }] },
  ],
  keys: ['1', '2'],
  asksFor: '"page_number":2',
})

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: { access_token: 'MTQ0NjJkZmQ5OTM2NDE1ZTZjNGZmZjI3', token_type: 'Bearer', scope: 'developer/v1/all' },
    },
    accessToken: 'MTQ0NjJkZmQ5OTM2NDE1ZTZjNGZmZjI3',
    scopes: ['developer/v1/all'],
  },
  refusals: [
    {
      what: 'code',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  test: {
    asks: 'GET api.copper.com/developer_api/v1/account',
    headers: { authorization: 'Bearer MTQ0NjJkZmQ5OTM2NDE1ZTZjNGZmZjI3' },
    good: { body: { id: 1, name: 'Acme' } },
    refused: {
      answer: { status: 401, body: { success: false, status: 401, message: 'Invalid token' } },
      says: 'Invalid token',
    },
  },
  streams: [
    {
      ...found('people'),
      limited: { status: 429, headers: { 'retry-after': '60' }, body: { success: false, status: 429 } },
    },
    found('companies'),
    found('opportunities'),
    found('leads'),
  ],
  webhook: {
    sign: () => ({}),
    signsBody: false,
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          secret: webhookSecret,
          subscription_id: 12345,
          event: 'update',
          type: 'person',
          ids: [27140359],
          updated_attributes: {},
        },
        events: [{ type: 'person.update', account: 'crm-1', streams: ['people'] }],
      },
    ],
  },
  actions,
}
