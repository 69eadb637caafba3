import type { ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

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
  // shopify.dev/docs/apps/build/webhooks/verify-deliveries, shopify.dev/docs/apps/build/webhooks/delivery-structure
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Shopify-Hmac-SHA256': hmac('sha256', secret, body, 'base64') }),
    connection: { input: { shop: 'acme-store' } },
    requests: [
      {
        headers: {
          'X-Shopify-Topic': 'orders/updated',
          'X-Shopify-Shop-Domain': 'acme-store.myshopify.com',
          'X-Shopify-Webhook-Id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
          'X-Shopify-Event-Id': '98880550-7158-44d4-b7cd-2c97c8a091b5',
          'X-Shopify-Triggered-At': '2026-03-29T18:00:27.877041743Z',
          'X-Shopify-API-Version': '2026-07',
        },
        body: { id: 5678901234, admin_graphql_api_id: 'gid://shopify/Order/5678901234' },
        events: [
          {
            id: 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
            type: 'orders/updated',
            account: 'acme-store',
            streams: ['orders'],
          },
        ],
      },
      {
        headers: {
          'X-Shopify-Topic': 'customers/redact',
          'X-Shopify-Shop-Domain': 'acme-store.myshopify.com',
          'X-Shopify-Webhook-Id': 'f1a2b3c4-0000-4b37-8a5f-bf7d70bcd043',
        },
        body: { shop_id: 954889, shop_domain: 'acme-store.myshopify.com', customer: { id: 191167 } },
        events: [
          { id: 'f1a2b3c4-0000-4b37-8a5f-bf7d70bcd043', type: 'customers/redact', account: 'acme-store', streams: [] },
        ],
      },
    ],
  },
}
