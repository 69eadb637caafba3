import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

const shop = 'https://{{ input.shop }}.myshopify.com/admin'

export const shopify: IntegrationDefinition = {
  displayName: 'Shopify',
  docsUrl: 'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant',
  categories: ['e-commerce'],
  baseUrl: `${shop}/api/2026-07`,
  inputFields: [
    {
      name: 'shop',
      label: 'Shop',
      description: 'What stands before .myshopify.com.',
      required: true,
      pattern: '[a-zA-Z0-9][a-zA-Z0-9-]*',
      example: 'acme-store',
    },
  ],
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${shop}/oauth/authorize`,
    tokenUrl: `${shop}/oauth/access_token`,
    // Revoking uninstalls the app.
    revocation: { url: `${shop}/api_permissions/current.json`, method: 'DELETE', auth: 'token' },
    // Shopify runs every host below this domain; a shop decides nothing about it.
    clientHosts: ['*.myshopify.com'],
    callbackVerify: { method: 'shopify_hmac' },
    scopes: ['read_products', 'read_customers', 'read_orders'],
    scopeSeparator: ',',
    // Without it tokens do not expire, which Shopify refuses for public apps from 1 January 2027
    // (shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens).
    tokenRequest: { params: { expiring: '1' } },
    tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
    // The previous refresh token stays valid until the new one is used, for at most 30 days. One day is the maximum of this field.
    rotation: 'rotating',
    graceSeconds: 86_400,
    placement: { in: 'header', name: 'X-Shopify-Access-Token' },
  },
  responseErrors: [
    { status: 401, path: ['errors'], as: 'auth', message: ['errors'] },
    ...[400, 403, 404, 422].map((status) => ({ status, path: ['errors'], as: 'fail' as const, message: ['errors'] })),
  ],
  // shopify.dev/docs/apps/build/webhooks/verify-deliveries, shopify.dev/docs/apps/build/webhooks/delivery-structure
  webhook: {
    verify: {
      method: 'hmac',
      header: 'X-Shopify-Hmac-SHA256',
      hash: 'sha256',
      encoding: 'base64',
      secret: 'client',
    },
    id: "headers['x-shopify-webhook-id']",
    type: "headers['x-shopify-topic']",
    connection: { value: "headers['x-shopify-shop-domain'] | replace('.myshopify.com', '')", equals: 'input.shop' },
    sync: [
      changes('products', "'products/create', 'products/update', 'products/delete'"),
      changes(
        'customers',
        "'customers/create', 'customers/update', 'customers/delete', 'customers/enable', 'customers/disable'",
      ),
      changes(
        'orders',
        "'orders/create', 'orders/updated', 'orders/delete', 'orders/edited', 'orders/paid', 'orders/partially_fulfilled', 'orders/fulfilled', 'orders/cancelled'",
      ),
    ],
  },
  testRequest: { path: '/shop.json' },
  streams: [objects('products', {}), objects('customers', {}), objects('orders', { status: 'any' })],
}

function changes(name: string, topics: string) {
  return { where: `headers['x-shopify-topic'] in [${topics}]`, streams: [name] }
}

function objects(name: string, query: Record<string, string>): StreamDefinition {
  return {
    name,
    path: `/${name}.json`,
    query: { limit: '250', ...query },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'link_header' },
    incremental: { cursorField: ['updated_at'], param: 'updated_at_min', format: 'iso8601' },
  }
}
