import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    // No token_type.
    answer: {
      body: {
        access_token: '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',
        expires_in: 3600,
        refresh_token: 'shprt_first',
        refresh_token_expires_in: 7776000,
        scope: 'read_products,read_customers',
      },
    },
    accessToken: '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',
    refreshToken: 'shprt_first',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 7776000,
    scopes: ['read_products', 'read_customers'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'shpat_second',
        expires_in: 3600,
        refresh_token: 'shprt_second',
        refresh_token_expires_in: 7776000,
        scope: 'read_products,read_customers',
      },
    },
    accessToken: 'shpat_second',
    refreshToken: 'shprt_second',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 7776000,
  },
  refusals: [
    {
      what: 'code',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'The authorization code was not found or was already used' },
      },
      reason: 'INVALID_GRANT',
      says: 'already used',
    },
  ],
  revocation: ['DELETE acme-store.myshopify.com/admin/api_permissions/current.json'],
  test: {
    asks: 'GET acme-store.myshopify.com/admin/api/2026-07/shop.json',
    headers: { 'x-shopify-access-token': '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' },
    good: { body: { shop: { id: 548380009, name: 'Acme Store' } } },
    refused: {
      answer: {
        status: 401,
        body: { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' },
      },
      says: '[API] Invalid API key or access token (unrecognized login or wrong password)',
    },
  },
  streams: [
    {
      name: 'orders',
      pages: [
        {
          headers: {
            link: '<https://acme-store.myshopify.com/admin/api/2026-07/orders.json?limit=250&page_info=eyJsYXN0X2lkIjo0NTB9>; rel="next"',
          },
          body: { orders: [{ id: 450789469, updated_at: '2026-06-01T10:00:00-04:00' }] },
        },
        { body: { orders: [{ id: 450789470, updated_at: '2026-06-02T10:00:00-04:00' }] } },
      ],
      keys: ['450789469', '450789470'],
      asksFor: 'page_info=eyJsYXN0X2lkIjo0NTB9',
      since: { cursor: '2026-06-02T10:00:00-04:00', value: '2026-06-02T14:00:00.000Z' },
      limited: {
        status: 429,
        headers: { 'retry-after': '2.0' },
        body: {
          errors: 'Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.',
        },
      },
    },
  ],
}
