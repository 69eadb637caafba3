import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const id = '585d498fdee9f31a60284a37'

const actions: ActionExample[] = [
  {
    action: 'list_orders',
    arguments: { status: 'PENDING', cursor: 'b342f5367c664d3c99aa56f44f95ab0a' },
    request:
      'GET https://api.squarespace.com/1.0/commerce/orders?fulfillmentStatus=PENDING&cursor=b342f5367c664d3c99aa56f44f95ab0a',
    answer: { body: { result: [{ id, orderNumber: '1' }], pagination: { hasNextPage: false } } },
    output: { result: [{ id, orderNumber: '1' }], pagination: { hasNextPage: false } },
  },
  {
    action: 'get_order',
    arguments: { order_id: id },
    request: `GET https://api.squarespace.com/1.0/commerce/orders/${id}`,
    answer: { body: { id, orderNumber: '1', fulfillmentStatus: 'PENDING' } },
    output: { id, orderNumber: '1', fulfillmentStatus: 'PENDING' },
  },
  {
    action: 'fulfill_order',
    arguments: {
      order_id: id,
      ship_date: '2026-07-01T09:00:00Z',
      carrier: 'USPS',
      service: 'Ground',
      tracking_number: 'test_tracking_number1',
      notify: true,
      tracking_url: 'https://tools.example.com/track/1',
    },
    request: `POST https://api.squarespace.com/1.0/commerce/orders/${id}/fulfillments`,
    body: {
      shouldSendNotification: true,
      shipments: [
        {
          shipDate: '2026-07-01T09:00:00Z',
          carrierName: 'USPS',
          service: 'Ground',
          trackingNumber: 'test_tracking_number1',
          trackingUrl: 'https://tools.example.com/track/1',
        },
      ],
    },
    answer: { status: 204 },
    output: null,
  },
]

const list = (name: string, at: string, key = 'id'): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        [at]: [{ [key]: 'first', modifiedOn: '2026-06-01T10:00:00.000Z' }],
        pagination: {
          hasNextPage: true,
          nextPageCursor: 'b342f536',
          nextPageUrl: `https://api.squarespace.com/1.0/commerce/${name}?cursor=b342f536`,
        },
      },
    },
    {
      body: {
        [at]: [{ [key]: 'second', modifiedOn: '2026-06-01T11:00:00.000Z' }],
        pagination: { hasNextPage: false, nextPageCursor: null, nextPageUrl: null },
      },
    },
  ],
  keys: ['first', 'second'],
  asksFor: 'cursor=b342f536',
})

const since = { cursor: '2026-06-01T10:00:00.000Z', value: '2026-06-01T09:59:59.000Z' }

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'oauth' } },
  exchange: {
    answer: {
      body: {
        token: 'first',
        token_type: 'bearer',
        access_token: 'first',
        access_token_expires_at: '1782909000.52',
        refresh_token: 'first-refresh',
        refresh_token_expires_at: '1783512000.52',
        account_id: '58a36a8a5016e1a6a43ed5f2',
      },
    },
    accessToken: 'first',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 1_800.52,
    refreshLifetimeSeconds: 604_800.52,
  },
  renewal: {
    answer: {
      body: {
        token: 'second',
        token_type: 'bearer',
        access_token: 'second',
        access_token_expires_at: '1782909000.52',
        refresh_token: 'second-refresh',
        refresh_token_expires_at: '1783512000.52',
      },
    },
    accessToken: 'second',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 1_800.52,
    refreshLifetimeSeconds: 604_800.52,
  },
  refusals: [{ what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' }],
  test: {
    asks: 'GET api.squarespace.com/1.0/authorization/website',
    headers: { authorization: 'Bearer first' },
    good: { body: { id: '58a36a8a', siteId: 'acme', title: 'Acme', url: 'https://www.example.com' } },
    refused: {
      answer: {
        status: 401,
        body: {
          type: 'AUTHORIZATION_ERROR',
          subtype: null,
          message: 'You are not authorized to do that.',
          details: null,
        },
      },
      says: 'You are not authorized to do that.',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: '33c6d8fa-2d5c-4a5e-a3d8-0123' } },
      asks: 'GET api.squarespace.com/1.0/authorization/website',
      headers: { authorization: 'Bearer 33c6d8fa-2d5c-4a5e-a3d8-0123' },
    },
  ],
  streams: [
    {
      ...list('orders', 'result'),
      since,
      limited: { status: 429, body: { type: 'TOO_MANY_REQUESTS', message: 'Rate limit exceeded.' } },
    },
    { ...list('products', 'products'), since },
    { ...list('transactions', 'documents'), since },
    list('inventory', 'inventory', 'variantId'),
  ],
  actions,
}
