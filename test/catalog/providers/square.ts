import type { ProviderTrial } from './trial.ts'

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
}
