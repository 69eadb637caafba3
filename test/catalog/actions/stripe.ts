import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_customer',
    arguments: {
      email: 'jennyrosen@example.com',
      name: 'Jenny Rosen',
      phone: '+15555550100',
      description: 'First customer',
    },
    request: 'POST https://api.stripe.com/v1/customers',
    headers: { 'stripe-version': '2024-06-20' },
    body: 'email=jennyrosen%40example.com&name=Jenny+Rosen&phone=%2B15555550100&description=First+customer',
    answer: { body: { id: 'cus_NffrFeUfNV2Hib', object: 'customer', name: 'Jenny Rosen' } },
    output: { id: 'cus_NffrFeUfNV2Hib', object: 'customer', name: 'Jenny Rosen' },
  },
  {
    action: 'get_customer',
    arguments: { customer_id: 'cus_NffrFeUfNV2Hib' },
    request: 'GET https://api.stripe.com/v1/customers/cus_NffrFeUfNV2Hib',
    answer: { body: { id: 'cus_NffrFeUfNV2Hib', object: 'customer' } },
    output: { id: 'cus_NffrFeUfNV2Hib', object: 'customer' },
  },
  {
    action: 'list_customers',
    arguments: { email: 'jennyrosen@example.com', limit: 3, starting_after: 'cus_NffrFeUfNV2Hib' },
    request:
      'GET https://api.stripe.com/v1/customers?email=jennyrosen%40example.com&limit=3&starting_after=cus_NffrFeUfNV2Hib',
    answer: { body: { object: 'list', data: [{ id: 'cus_NffrFeUfNV2Hic' }], has_more: false } },
    output: { object: 'list', data: [{ id: 'cus_NffrFeUfNV2Hic' }], has_more: false },
  },
  {
    action: 'list_invoices',
    arguments: {
      customer_id: 'cus_NffrFeUfNV2Hib',
      status: 'open',
      limit: 3,
      starting_after: 'in_1MtHbELkdIwHu7ixl4OzzPMv',
    },
    request:
      'GET https://api.stripe.com/v1/invoices?customer=cus_NffrFeUfNV2Hib&status=open&limit=3&starting_after=in_1MtHbELkdIwHu7ixl4OzzPMv',
    answer: { body: { object: 'list', data: [{ id: 'in_1MtHbELkdIwHu7ixl4OzzPMw' }], has_more: false } },
    output: { object: 'list', data: [{ id: 'in_1MtHbELkdIwHu7ixl4OzzPMw' }], has_more: false },
  },
]
