import type { ProviderTrial } from './trial.ts'
import { hmac } from './webhook-trial.ts'

export const trial: ProviderTrial = {
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
}
