import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_customer',
    keyed: true,
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

export const trial: ProviderTrial = {
  withoutPkce: true,
  exchange: {
    answer: {
      body: {
        access_token: 'EAAAEJ_first',
        token_type: 'bearer',
        // An instant, 30 days from now.
        expires_at: '2026-07-31T12:00:00Z',
        merchant_id: 'ML2PMZQ',
        refresh_token: 'EQAAEJ_refresh',
        short_lived: false,
      },
    },
    accessToken: 'EAAAEJ_first',
    refreshToken: 'EQAAEJ_refresh',
    lifetimeSeconds: 2592000,
    kept: { merchant_id: 'ML2PMZQ' },
  },
  renewal: {
    answer: {
      body: {
        access_token: 'EAAAEJ_second',
        token_type: 'bearer',
        expires_at: '2026-07-31T12:00:00Z',
        merchant_id: 'ML2PMZQ',
        refresh_token: 'old-refresh-t0ken',
      },
    },
    accessToken: 'EAAAEJ_second',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 2592000,
    kept: { merchant_id: 'ML2PMZQ' },
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { message: 'Not Authorized', type: 'service.not_authorized' } },
      reason: 'INVALID_GRANT',
      says: 'Not Authorized',
    },
  ],
  test: {
    asks: 'GET connect.squareup.com/v2/merchants/me',
    headers: { authorization: 'Bearer EAAAEJ_first', 'square-version': '2025-10-16' },
    good: { body: { merchant: { id: 'ML2PMZQ', business_name: 'Apple A Day' } } },
    refused: {
      answer: {
        status: 401,
        body: {
          errors: [
            { category: 'AUTHENTICATION_ERROR', code: 'UNAUTHORIZED', detail: 'This request could not be authorized.' },
          ],
        },
      },
      says: 'This request could not be authorized.',
    },
  },
  streams: [
    {
      name: 'customers',
      pages: [
        { body: { customers: [{ id: 'JDKYHBWT1D4F8MFH63DBMEN8Y4' }], cursor: 'oeoH8pvzOG4' } },
        // A page without customers has no list of them.
        { body: {} },
      ],
      keys: ['JDKYHBWT1D4F8MFH63DBMEN8Y4'],
      asksFor: 'cursor=oeoH8pvzOG4',
      limited: {
        status: 429,
        body: { errors: [{ category: 'RATE_LIMIT_ERROR', code: 'RATE_LIMITED', detail: 'Rate limited.' }] },
      },
    },
    {
      name: 'payments',
      pages: [
        {
          body: {
            payments: [{ id: 'bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY', updated_at: '2026-06-01T10:00:00.000Z' }],
            cursor: 'c2',
          },
        },
        { body: { payments: [{ id: 'GQTFp1ZlXdpoW4o6eGiZhbjosiDFf', updated_at: '2026-06-02T10:00:00.000Z' }] } },
      ],
      keys: ['bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY', 'GQTFp1ZlXdpoW4o6eGiZhbjosiDFf'],
      asksFor: 'cursor=c2',
      since: { cursor: '2026-06-02T10:00:00.000Z', value: '2026-06-02T10:00:00.000Z' },
    },
  ],
  // developer.squareup.com/docs/webhooks/step3validate (github.com/square/square-nodejs-sdk has the vector),
  // developer.squareup.com/docs/webhooks/overview
  webhook: {
    sign: ({ secret, url, body }) => ({
      'x-square-hmacsha256-signature': hmac('sha256', secret, `${url}${body}`, 'base64'),
    }),
    published: {
      secret: 'asdf1234',
      url: 'https://example.com/webhook',
      headers: { 'x-square-hmacsha256-signature': '2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=' },
      body: '{"hello":"world"}',
    },
    connection: { kept: { merchant_id: '6SSW7HV8K2ST5' } },
    requests: [
      {
        body: {
          merchant_id: '6SSW7HV8K2ST5',
          location_id: 'NAQ1FHV6ZJ8YV',
          type: 'payment.updated',
          event_id: '6a8f5f28-54a1-4eb0-a98a-3111513fd4fc',
          created_at: '2020-02-06T21:27:34.308Z',
          data: { type: 'payment', id: 'KkAkhdMsgzn59SM8A89WgKwekxLZY', object: { payment: {} } },
        },
        events: [
          {
            id: '6a8f5f28-54a1-4eb0-a98a-3111513fd4fc',
            type: 'payment.updated',
            account: '6SSW7HV8K2ST5',
            streams: ['payments'],
          },
        ],
      },
    ],
  },
  actions,
}
