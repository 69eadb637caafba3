import type { ActionDefinition } from '../definition/action.ts'
import { choice, day, email, input, limit, page, text } from './input.ts'

const reference = 'https://developer.xero.com/documentation/api/accounting'

export const xeroActions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a contact (customer or supplier) and returns it with its ContactID. Xero refuses a second contact with the same name (400).',
    docsUrl: `${reference}/contacts#put-contacts`,
    scopes: ['accounting.contacts'],
    input: input(
      { name: text('Name of the organisation or person. It must be unique.', { maxLength: 255 }) },
      {
        first_name: text('First name of the contact person.', { maxLength: 255 }),
        last_name: text('Last name of the contact person.', { maxLength: 255 }),
        email: email('Email address.'),
        account_number: text('Your own number for the contact.', { maxLength: 50 }),
      },
    ),
    request: {
      method: 'PUT',
      path: '/api.xro/2.0/Contacts',
      json: {
        Contacts: [
          {
            Name: '{{ args.name }}',
            FirstName: '{{ args.first_name }}',
            LastName: '{{ args.last_name }}',
            EmailAddress: '{{ args.email }}',
            AccountNumber: '{{ args.account_number }}',
          },
        ],
      },
    },
    // https://developer.xero.com/documentation/guides/idempotent-requests/idempotency/
    idempotencyKey: { in: 'header', name: 'Idempotency-Key', maxLength: 128 },
    output: ['Contacts', 0],
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with addresses, phone numbers and balances.',
    docsUrl: `${reference}/contacts#get-contacts`,
    scopes: ['accounting.contacts.read'],
    readOnly: true,
    input: input({ contact_id: text('ContactID of the contact.', { format: 'uuid' }) }),
    request: { method: 'GET', path: '/api.xro/2.0/Contacts/{{ args.contact_id }}' },
    output: ['Contacts', 0],
  },
  {
    name: 'list_contacts',
    title: 'List contacts',
    description: 'Lists contacts. A full page means that there may be another one.',
    docsUrl: `${reference}/contacts#get-contacts`,
    scopes: ['accounting.contacts.read'],
    readOnly: true,
    input: input(
      {},
      {
        search: text('Only contacts with this text in name, email address or number.'),
        limit: limit(1000, 100),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/api.xro/2.0/Contacts',
      query: {
        searchTerm: '{{ args.search }}',
        pageSize: '{{ args.limit | default(100) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
    output: ['Contacts'],
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description: 'Lists invoices and bills, without their lines. A full page means that there may be another one.',
    docsUrl: `${reference}/invoices#get-invoices`,
    scopes: ['accounting.invoices.read'],
    readOnly: true,
    input: input(
      {},
      {
        status: choice('Only invoices with this status.', [
          'DRAFT',
          'SUBMITTED',
          'AUTHORISED',
          'PAID',
          'VOIDED',
          'DELETED',
        ]),
        contact_id: text('Only invoices of this contact.', { format: 'uuid' }),
        modified_since: day('Only invoices that changed on or after this day (UTC), such as 2026-07-01.'),
        limit: limit(1000, 100),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/api.xro/2.0/Invoices',
      query: {
        Statuses: '{{ args.status }}',
        ContactIDs: '{{ args.contact_id }}',
        summaryOnly: 'true',
        pageSize: '{{ args.limit | default(100) }}',
        page: '{{ args.page | default(1) }}',
      },
      headers: { 'If-Modified-Since': '{{ args.modified_since }}T00:00:00' },
    },
    output: ['Invoices'],
  },
]
