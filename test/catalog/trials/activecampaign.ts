import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const person = { email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', phone: '7223224241' }

const contact = { email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', phone: '7223224241' }

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: person,
    request: 'POST https://acme.api-us1.com/api/3/contacts',
    body: { contact },
    answer: { status: 201, body: { fieldValues: [], contact: { ...contact, id: '113' } } },
    output: { ...contact, id: '113' },
  },
  {
    action: 'sync_contact',
    overwrites: true,
    arguments: person,
    request: 'POST https://acme.api-us1.com/api/3/contact/sync',
    body: { contact },
    answer: { body: { fieldValues: [], contact: { ...contact, id: '113' } } },
    output: { ...contact, id: '113' },
  },
  {
    action: 'search_contacts',
    arguments: { search: 'ada', limit: 5, offset: 5 },
    request: 'GET https://acme.api-us1.com/api/3/contacts?search=ada&limit=5&offset=5',
    answer: { body: { contacts: [{ id: '113' }], meta: { total: '6' } } },
    output: { contacts: [{ id: '113' }], meta: { total: '6' } },
  },
]

const pages = (name: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        [name]: Array.from({ length: 100 }, (_, index) => ({ id: String(index + 1) })),
        meta: { total: '101' },
      },
    },
    { body: { [name]: [{ id: '101' }], meta: { total: '101' } } },
  ],
  keys: Array.from({ length: 101 }, (_, index) => String(index + 1)),
  asksFor: 'offset=100',
})

export const trial: ProviderTrial = {
  credential: { secretText: 'b4f1a7c9d8e56320a9db472fe6c8351f2e0a4d98b7f6c3e5d9a2f4701b3e8d6c3455abbe' },
  input: { account: 'acme', domain: 'api-us1.com' },
  test: {
    asks: 'GET acme.api-us1.com/api/3/users/me',
    headers: { 'api-token': 'b4f1a7c9d8e56320a9db472fe6c8351f2e0a4d98b7f6c3e5d9a2f4701b3e8d6c3455abbe' },
    good: { body: { user: { id: '1', username: 'ada', email: 'ada@example.com' } } },
    refused: { answer: { status: 403, body: { message: 'Forbidden' } }, says: 'Forbidden' },
  },
  hints: [
    {
      what: 'request',
      answer: { status: 403, body: { message: 'Forbidden' } },
      says: 'Forbidden',
      cause: 'The API key is wrong',
    },
  ],
  streams: [
    {
      name: 'contacts',
      pages: [
        { body: { contacts: [{ id: '68', udate: '2018-09-28T17:23:00-05:00' }], meta: { total: '2' } } },
        { body: { contacts: [{ id: '113', udate: '2018-09-29T17:23:00-05:00' }], meta: { total: '2' } } },
        { body: { contacts: [], meta: { total: '2' } } },
      ],
      keys: ['68', '113'],
      asksFor: 'id_greater=113',
      since: { cursor: '2018-09-28T17:23:00-05:00', value: '2018-09-26' },
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { message: 'Too Many Requests' } },
    },
    pages('lists'),
    pages('deals'),
    pages('campaigns'),
  ],
  actions,
}
