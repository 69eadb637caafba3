import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_customer',
    arguments: {
      given_name: 'Amelia',
      family_name: 'Earhart',
      company_name: 'Lockheed',
      email: 'Amelia.Earhart@example.com',
      phone: '+1-212-555-4240',
      reference_id: 'YOUR_REFERENCE_ID',
      note: 'a customer',
    },
    request: 'POST https://connect.squareup.com/v2/customers',
    body: {
      given_name: 'Amelia',
      family_name: 'Earhart',
      company_name: 'Lockheed',
      email_address: 'Amelia.Earhart@example.com',
      phone_number: '+1-212-555-4240',
      reference_id: 'YOUR_REFERENCE_ID',
      note: 'a customer',
    },
    answer: { body: { customer: { id: 'JDKYHBWT1D4F8MFH63DBMEN8Y4', given_name: 'Amelia' } } },
    output: { id: 'JDKYHBWT1D4F8MFH63DBMEN8Y4', given_name: 'Amelia' },
  },
  {
    action: 'get_customer',
    arguments: { customer_id: 'JDKYHBWT1D4F8MFH63DBMEN8Y4' },
    request: 'GET https://connect.squareup.com/v2/customers/JDKYHBWT1D4F8MFH63DBMEN8Y4',
    answer: { body: { customer: { id: 'JDKYHBWT1D4F8MFH63DBMEN8Y4' } } },
    output: { id: 'JDKYHBWT1D4F8MFH63DBMEN8Y4' },
  },
  {
    action: 'list_customers',
    arguments: { limit: 5, cursor: 'h2kN' },
    request: 'GET https://connect.squareup.com/v2/customers?sort_field=CREATED_AT&sort_order=DESC&limit=5&cursor=h2kN',
    answer: { body: { customers: [{ id: 'JDKY' }] } },
    output: { customers: [{ id: 'JDKY' }] },
  },
  {
    action: 'list_payments',
    arguments: { from: '2026-07-01T00:00:00Z', to: '2026-07-08T00:00:00Z', limit: 5, cursor: 'h2kN' },
    request:
      'GET https://connect.squareup.com/v2/payments?begin_time=2026-07-01T00%3A00%3A00Z&end_time=2026-07-08T00%3A00%3A00Z&limit=5&cursor=h2kN',
    answer: { body: { payments: [{ id: 'bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY' }] } },
    output: { payments: [{ id: 'bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY' }] },
  },
]
