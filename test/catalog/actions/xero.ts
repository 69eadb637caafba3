import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: {
      name: 'Bruce Banner',
      first_name: 'Bruce',
      last_name: 'Banner',
      email: 'hulk@avengers.com',
      account_number: 'A-1',
    },
    request: 'PUT https://api.xero.com/api.xro/2.0/Contacts',
    body: {
      Contacts: [
        {
          Name: 'Bruce Banner',
          FirstName: 'Bruce',
          LastName: 'Banner',
          EmailAddress: 'hulk@avengers.com',
          AccountNumber: 'A-1',
        },
      ],
    },
    answer: { body: { Status: 'OK', Contacts: [{ ContactID: '3ff6d40c-af9a-40a3-89ce-3c1556a25591' }] } },
    output: { ContactID: '3ff6d40c-af9a-40a3-89ce-3c1556a25591' },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '430fa14a-f945-44d3-9f97-5df5e28441b8' },
    request: 'GET https://api.xero.com/api.xro/2.0/Contacts/430fa14a-f945-44d3-9f97-5df5e28441b8',
    answer: { body: { Contacts: [{ ContactID: '430fa14a-f945-44d3-9f97-5df5e28441b8' }] } },
    output: { ContactID: '430fa14a-f945-44d3-9f97-5df5e28441b8' },
  },
  {
    action: 'list_contacts',
    arguments: { search: 'Joe Bloggs', limit: 5, page: 2 },
    request: 'GET https://api.xero.com/api.xro/2.0/Contacts?searchTerm=Joe%20Bloggs&pageSize=5&page=2',
    answer: { body: { pagination: { page: 2 }, Contacts: [{ Name: 'Joe Bloggs' }] } },
    output: [{ Name: 'Joe Bloggs' }],
  },
  {
    action: 'list_invoices',
    arguments: {
      status: 'AUTHORISED',
      contact_id: '3138017f-8ddc-420e-a159-e7e1cf9e643d',
      modified_since: '2026-07-01',
      limit: 5,
      page: 2,
    },
    request:
      'GET https://api.xero.com/api.xro/2.0/Invoices?Statuses=AUTHORISED&ContactIDs=3138017f-8ddc-420e-a159-e7e1cf9e643d&summaryOnly=true&pageSize=5&page=2',
    headers: { 'if-modified-since': '2026-07-01T00:00:00' },
    answer: { body: { Invoices: [{ InvoiceID: 'd4956132-ed94-4dd7-9eaa-aa22dfdf06f2' }] } },
    output: [{ InvoiceID: 'd4956132-ed94-4dd7-9eaa-aa22dfdf06f2' }],
  },
]
