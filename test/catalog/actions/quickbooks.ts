import type { ActionExample } from './example.ts'

const company = 'https://quickbooks.api.intuit.com/v3/company/4620816365291273'

export const examples: ActionExample[] = [
  {
    action: 'create_customer',
    arguments: {
      display_name: "King's Groceries",
      given_name: 'James',
      family_name: 'King',
      company_name: 'King Groceries',
      email: 'jdrew@myemail.com',
      phone: '(555) 555-5555',
      notes: 'Here are other details.',
    },
    request: `POST ${company}/customer`,
    body: {
      DisplayName: "King's Groceries",
      GivenName: 'James',
      FamilyName: 'King',
      CompanyName: 'King Groceries',
      PrimaryEmailAddr: { Address: 'jdrew@myemail.com' },
      PrimaryPhone: { FreeFormNumber: '(555) 555-5555' },
      Notes: 'Here are other details.',
    },
    answer: { body: { Customer: { Id: '67', SyncToken: '0' }, time: '2015-07-23T10:58:12.099-07:00' } },
    output: { Id: '67', SyncToken: '0' },
  },
  {
    action: 'get_customer',
    arguments: { customer_id: '1' },
    request: `GET ${company}/customer/1`,
    answer: { body: { Customer: { Id: '1', DisplayName: "Amy's Bird Sanctuary" } } },
    output: { Id: '1', DisplayName: "Amy's Bird Sanctuary" },
  },
  {
    action: 'list_customers',
    arguments: { limit: 5, start: 6 },
    request: `GET ${company}/query?query=select%20*%20from%20Customer%20startposition%206%20maxresults%205`,
    answer: { body: { QueryResponse: { Customer: [{ Id: '1' }], startPosition: 6, maxResults: 1 } } },
    output: [{ Id: '1' }],
  },
  {
    action: 'list_invoices',
    arguments: { limit: 5, start: 6 },
    request: `GET ${company}/query?query=select%20*%20from%20Invoice%20startposition%206%20maxresults%205`,
    answer: { body: { QueryResponse: { Invoice: [{ Id: '239' }], startPosition: 6, maxResults: 1 } } },
    output: [{ Id: '239' }],
  },
]
