import type { ActionDefinition } from '../definition/action.ts'
import { cursor, email, input, instant, limit, text } from './input.ts'

const reference = 'https://developer.squareup.com/reference/square'

export const squareActions: ActionDefinition[] = [
  {
    name: 'create_customer',
    title: 'Create a customer',
    description:
      'Creates a customer profile and returns it with its id. Give at least a name, a company, an email address or a phone number.',
    docsUrl: `${reference}/customers-api/create-customer`,
    scopes: ['CUSTOMERS_WRITE'],
    input: {
      ...input(
        {},
        {
          given_name: text('First name.', { maxLength: 300 }),
          family_name: text('Last name.', { maxLength: 300 }),
          company_name: text('Name of the business.', { maxLength: 500 }),
          email: email('Email address.'),
          phone: text('Phone number, with country code.', { pattern: '^\\+?[0-9 ().-]{9,25}$' }),
          reference_id: text('Id of the customer in your own system.', { maxLength: 100 }),
          note: text('Note about the customer.'),
        },
      ),
      minProperties: 1,
    },
    request: {
      method: 'POST',
      path: '/customers',
      json: {
        given_name: '{{ args.given_name }}',
        family_name: '{{ args.family_name }}',
        company_name: '{{ args.company_name }}',
        email_address: '{{ args.email }}',
        phone_number: '{{ args.phone }}',
        reference_id: '{{ args.reference_id }}',
        note: '{{ args.note }}',
      },
    },
    idempotencyKey: { in: 'json', name: ['idempotency_key'], maxLength: 45 },
    output: ['customer'],
  },
  {
    name: 'get_customer',
    title: 'Get a customer',
    description: 'Returns one customer profile.',
    docsUrl: `${reference}/customers-api/retrieve-customer`,
    scopes: ['CUSTOMERS_READ'],
    readOnly: true,
    input: input({ customer_id: text('Id of the customer.', { pattern: '^[A-Z0-9]+$' }) }),
    request: { method: 'GET', path: '/customers/{{ args.customer_id }}' },
    output: ['customer'],
  },
  {
    name: 'list_customers',
    title: 'List customers',
    description: 'Lists customer profiles, the newest first. Returns customers; cursor is the cursor of the next page.',
    docsUrl: `${reference}/customers-api/list-customers`,
    scopes: ['CUSTOMERS_READ'],
    readOnly: true,
    input: input({}, { limit: limit(100, 50), cursor: cursor('cursor') }),
    request: {
      method: 'GET',
      path: '/customers',
      query: {
        sort_field: 'CREATED_AT',
        sort_order: 'DESC',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'list_payments',
    title: 'List payments',
    description:
      'Lists payments, the newest first. Amounts are in the smallest unit of the currency. Returns payments; cursor is the cursor of the next page.',
    docsUrl: `${reference}/payments-api/list-payments`,
    scopes: ['PAYMENTS_READ'],
    readOnly: true,
    input: input(
      {},
      {
        from: instant('Only payments created after this instant. Default: one year ago.'),
        to: instant('Only payments created before this instant. Default: now.'),
        limit: limit(100, 50),
        cursor: cursor('cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/payments',
      query: {
        begin_time: '{{ args.from }}',
        end_time: '{{ args.to }}',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
]
