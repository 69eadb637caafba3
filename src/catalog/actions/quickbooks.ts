import type { ActionDefinition } from '../definition/action.ts'
import { email, input, integer, limit, text } from './input.ts'

const reference = 'https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities'
const id = (description: string) => text(description, { pattern: '^[0-9]+$' })
const start = integer('Number of the first result. Default: 1.', { minimum: 1, default: 1 })
const select = (entity: string) =>
  `select * from ${entity} startposition {{ args.start | default(1) }} maxresults {{ args.limit | default(100) }}`

export const quickbooksActions: ActionDefinition[] = [
  {
    name: 'create_customer',
    title: 'Create a customer',
    description:
      'Creates a customer and returns it with its Id. QuickBooks refuses a display name that a customer, vendor or employee has already (400).',
    docsUrl: `${reference}/customer#create-a-customer`,
    scopes: ['com.intuit.quickbooks.accounting'],
    input: input(
      { display_name: text('Name by which the customer is shown. It must be unique.', { maxLength: 500 }) },
      {
        given_name: text('First name.', { maxLength: 100 }),
        family_name: text('Last name.', { maxLength: 100 }),
        company_name: text('Name of the company.', { maxLength: 100 }),
        email: email('Email address.'),
        phone: text('Phone number.', { maxLength: 30 }),
        notes: text('Notes about the customer.', { maxLength: 2000 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/customer',
      json: {
        DisplayName: '{{ args.display_name }}',
        GivenName: '{{ args.given_name }}',
        FamilyName: '{{ args.family_name }}',
        CompanyName: '{{ args.company_name }}',
        PrimaryEmailAddr: { Address: '{{ args.email }}' },
        PrimaryPhone: { FreeFormNumber: '{{ args.phone }}' },
        Notes: '{{ args.notes }}',
      },
    },
    // https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features#request-id
    idempotencyKey: { in: 'query', name: 'requestid', maxLength: 50 },
    output: ['Customer'],
  },
  {
    name: 'get_customer',
    title: 'Get a customer',
    description: 'Returns one customer with addresses and balance.',
    docsUrl: `${reference}/customer#read-a-customer`,
    scopes: ['com.intuit.quickbooks.accounting'],
    readOnly: true,
    input: input({ customer_id: id('Id of the customer.') }),
    request: { method: 'GET', path: '/customer/{{ args.customer_id }}' },
    output: ['Customer'],
  },
  {
    name: 'list_customers',
    title: 'List customers',
    description: 'Lists the active customers. The list is missing when there are none.',
    docsUrl: `${reference}/customer#query-a-customer`,
    scopes: ['com.intuit.quickbooks.accounting'],
    readOnly: true,
    input: input({}, { limit: limit(1000, 100), start }),
    request: { method: 'GET', path: '/query', query: { query: select('Customer') } },
    output: ['QueryResponse', 'Customer'],
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description: 'Lists invoices with their lines. The list is missing when there are none.',
    docsUrl: `${reference}/invoice#query-an-invoice`,
    scopes: ['com.intuit.quickbooks.accounting'],
    readOnly: true,
    input: input({}, { limit: limit(1000, 100), start }),
    request: { method: 'GET', path: '/query', query: { query: select('Invoice') } },
    output: ['QueryResponse', 'Invoice'],
  },
]
