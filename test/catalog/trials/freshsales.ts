import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const contact = { id: 144, first_name: 'Ada', email: 'ada@example.com' }

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: {
      email: 'ada@example.com',
      first_name: 'Ada',
      last_name: 'Lovelace',
      job_title: 'Engineer',
      mobile_number: '1-926-555-9504',
      owner_id: 4,
    },
    request: 'POST https://widgetz.myfreshworks.com/crm/sales/api/contacts',
    body: {
      email: 'ada@example.com',
      first_name: 'Ada',
      last_name: 'Lovelace',
      job_title: 'Engineer',
      mobile_number: '1-926-555-9504',
      owner_id: 4,
    },
    answer: { body: { contact } },
    output: contact,
  },
  {
    action: 'get_contact',
    arguments: { contact_id: 144 },
    request: 'GET https://widgetz.myfreshworks.com/crm/sales/api/contacts/144',
    answer: { body: { contact } },
    output: contact,
  },
]

const records = (name: string, view: string): StreamTrial[] => [
  {
    name: `${name}_views`,
    pages: [
      {
        body: {
          filters: [
            { id: 1, name: 'My view' },
            { id: 2, name: view },
          ],
        },
      },
    ],
    keys: ['2'],
    asksFor: `/${name}/filters`,
  },
  {
    name,
    parent: { id: 2 },
    pages: [
      { body: { [name]: [{ id: 144 }], meta: { total_pages: 2, total: 2 } } },
      { body: { [name]: [{ id: 145 }], meta: { total_pages: 2, total: 2 } } },
    ],
    keys: ['parent/144', 'parent/145'],
    asksFor: 'page=2',
  },
]

const limited = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'You have exceeded the limit' } }

export const trial: ProviderTrial = {
  input: { domain: 'widgetz' },
  credential: { secretText: 'sfg999666t673t7t82' },
  test: {
    asks: 'GET widgetz.myfreshworks.com/crm/sales/api/settings/contacts/fields',
    headers: { authorization: 'Token token=sfg999666t673t7t82' },
    good: { body: { fields: [{ id: 1, name: 'first_name' }] } },
    refused: { answer: { status: 401, body: { login: 'failed', message: 'Invalid token' } }, says: 'Invalid token' },
  },
  streams: [
    ...records('contacts', 'All Contacts').map((stream) =>
      stream.name === 'contacts' ? { ...stream, limited } : stream,
    ),
    ...records('sales_accounts', 'All Accounts'),
  ],
  actions,
}
