import type { ActionDefinition } from '../definition/action.ts'
import { choice, email, input, limit, text } from './input.ts'

const reference = 'https://docs.stripe.com/api'
const customerId = text('Id of the customer, such as cus_NffrFeUfNV2Hib.', { pattern: '^cus_[A-Za-z0-9]+$' })
const after = (object: string) =>
  text(`Id of the last ${object} of the previous page.`, { pattern: '^[a-z]+_[A-Za-z0-9_]+$' })
const paging = { limit: '{{ args.limit | default(10) }}', starting_after: '{{ args.starting_after }}' }

/** `scopes` are permissions of a restricted key. */
export const stripeActions: ActionDefinition[] = [
  {
    name: 'create_customer',
    title: 'Create a customer',
    description: 'Creates a customer and returns it with its id. Several customers may have the same email address.',
    docsUrl: `${reference}/customers/create`,
    scopes: ['customers: write'],
    input: {
      ...input(
        {},
        {
          email: email('Email address.'),
          name: text('Full name, or name of the business.', { maxLength: 256 }),
          phone: text('Phone number.', { maxLength: 20 }),
          description: text('Note about the customer, which only you see.', { maxLength: 5000 }),
        },
      ),
      minProperties: 1,
    },
    request: {
      method: 'POST',
      path: '/customers',
      form: {
        email: '{{ args.email }}',
        name: '{{ args.name }}',
        phone: '{{ args.phone }}',
        description: '{{ args.description }}',
      },
    },
    // https://docs.stripe.com/api/idempotent_requests
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
  },
  {
    name: 'get_customer',
    title: 'Get a customer',
    description: 'Returns one customer. One that was deleted has deleted: true.',
    docsUrl: `${reference}/customers/retrieve`,
    scopes: ['customers: read'],
    readOnly: true,
    input: input({ customer_id: customerId }),
    request: { method: 'GET', path: '/customers/{{ args.customer_id }}' },
  },
  {
    name: 'list_customers',
    title: 'List customers',
    description: 'Lists customers, the newest first. Returns data and has_more.',
    docsUrl: `${reference}/customers/list`,
    scopes: ['customers: read'],
    readOnly: true,
    input: input(
      {},
      {
        email: email('Only customers with exactly this email address.'),
        limit: limit(100, 10),
        starting_after: after('customer'),
      },
    ),
    request: { method: 'GET', path: '/customers', query: { email: '{{ args.email }}', ...paging } },
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description:
      'Lists invoices, the newest first. Amounts are in the smallest unit of the currency. Returns data and has_more.',
    docsUrl: `${reference}/invoices/list`,
    scopes: ['invoices: read'],
    readOnly: true,
    input: input(
      {},
      {
        customer_id: customerId,
        status: choice('Only invoices with this status.', ['draft', 'open', 'paid', 'uncollectible', 'void']),
        limit: limit(100, 10),
        starting_after: after('invoice'),
      },
    ),
    request: {
      method: 'GET',
      path: '/invoices',
      query: { customer: '{{ args.customer_id }}', status: '{{ args.status }}', ...paging },
    },
  },
]
