import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'find_customers',
    arguments: { email: 'janedoe@example.com' },
    request: 'GET https://api.bigcommerce.com/stores/abcde/v3/customers?email%3Ain=janedoe%40example.com',
    answer: { body: { data: [{ id: 11, email: 'janedoe@example.com' }], meta: { pagination: { total: 1 } } } },
    output: [{ id: 11, email: 'janedoe@example.com' }],
  },
  {
    action: 'list_orders',
    arguments: { customer_id: 11, status_id: 0, limit: 10, page: 2 },
    request:
      'GET https://api.bigcommerce.com/stores/abcde/v2/orders?customer_id=11&status_id=0&sort=id%3Adesc&limit=10&page=2',
    answer: { body: [{ id: 118, status_id: 0 }] },
    output: [{ id: 118, status_id: 0 }],
  },
  {
    action: 'update_order_status',
    arguments: { order_id: 118, status_id: 2 },
    request: 'PUT https://api.bigcommerce.com/stores/abcde/v2/orders/118',
    body: { status_id: 2 },
    answer: { body: { id: 118, status_id: 2, status: 'Shipped' } },
    output: { id: 118, status_id: 2, status: 'Shipped' },
    overwrites: true,
  },
]

const pagination = (page: number) => ({
  pagination: {
    total: 2,
    count: 1,
    per_page: 250,
    current_page: page,
    total_pages: 2,
    links: { current: `?page=${page}` },
  },
})

const collection = (name: string, first: number, second: number): StreamTrial => ({
  name,
  pages: [
    { body: { data: [{ id: first, date_modified: '2024-05-14T09:34:00Z' }], meta: pagination(1) } },
    { body: { data: [{ id: second, date_modified: '2024-05-14T09:35:00Z' }], meta: pagination(2) } },
  ],
  keys: [String(first), String(second)],
  asksFor: 'page=2',
  since: { cursor: '2024-05-14T09:34:00Z', value: '2024-05-14T09:33:59' },
})

export const trial: ProviderTrial = {
  credential: { secretText: 't0ken' },
  test: {
    asks: 'GET api.bigcommerce.com/stores/abcde/v2/store',
    headers: { 'x-auth-token': 't0ken', accept: 'application/json' },
    good: { body: { id: 'abcde', name: 'My store', domain: 'my-store.example.com' } },
    refused: {
      answer: {
        status: 401,
        body: {
          status: 401,
          title: 'X-Auth-Token header is required',
          type: '/api-docs/getting-started/api-status-codes',
        },
      },
      says: 'X-Auth-Token header is required',
    },
  },
  streams: [
    collection('customers', 11, 12),
    collection('products', 77, 80),
    {
      name: 'orders',
      pages: [{ body: [{ id: 118, date_modified: 'Mon, 02 Feb 2026 19:28:05 +0000' }] }, { status: 204 }],
      keys: ['118'],
      asksFor: 'page=2',
      since: { cursor: 'Mon, 02 Feb 2026 19:28:05 +0000', value: '2026-02-02T19:28:04Z' },
      limited: {
        status: 429,
        headers: { 'x-rate-limit-time-reset-ms': '15000', 'x-rate-limit-requests-left': '0' },
        body: { status: 429, title: 'Your client is making too many requests' },
      },
    },
  ],
  webhook: {
    sign: ({ secret }) => ({ 'X-Webhook-Token': secret }),
    signsBody: false,
    connection: { input: { store_hash: 'abcde' } },
    requests: [
      {
        body: {
          store_id: '11111',
          producer: 'stores/abcde',
          scope: 'store/order/statusUpdated',
          data: { type: 'order', id: 173331 },
          hash: '3f9ea420af83450d7ef9f78b08c8af25b2213637',
        },
        events: [
          {
            id: '3f9ea420af83450d7ef9f78b08c8af25b2213637',
            type: 'store/order/statusUpdated',
            account: 'abcde',
            streams: ['orders'],
          },
        ],
      },
    ],
  },
  actions,
}
