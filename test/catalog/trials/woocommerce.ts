import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_orders',
    arguments: { search: 'Doe', status: 'processing', customer_id: 26, limit: 10, page: 2 },
    request:
      'GET https://shop.example.com/wp-json/wc/v3/orders?search=Doe&status=processing&customer=26&per_page=10&page=2',
    answer: { body: [{ id: 727, status: 'processing', total: '29.35' }] },
    output: [{ id: 727, status: 'processing', total: '29.35' }],
  },
  {
    action: 'update_order_status',
    arguments: { order_id: 727, status: 'completed' },
    request: 'PUT https://shop.example.com/wp-json/wc/v3/orders/727',
    body: { status: 'completed' },
    answer: { body: { id: 727, status: 'completed' } },
    output: { id: 727, status: 'completed' },
    overwrites: true,
  },
  {
    action: 'add_order_note',
    arguments: { order_id: 723, note: 'Order ok!!!', customer_note: false },
    request: 'POST https://shop.example.com/wp-json/wc/v3/orders/723/notes',
    body: { note: 'Order ok!!!', customer_note: false },
    answer: { status: 201, body: { id: 281, author: 'system', note: 'Order ok!!!', customer_note: false } },
    output: { id: 281, author: 'system', note: 'Order ok!!!', customer_note: false },
  },
]

const pages = { 'x-wp-total': '2', 'x-wp-totalpages': '2' }

const changing = (name: string, first: number, second: number): StreamTrial => ({
  name,
  pages: [
    { headers: pages, body: [{ id: first, date_modified_gmt: '2017-03-22T19:33:34' }] },
    { headers: pages, body: [{ id: second, date_modified_gmt: '2017-03-22T19:33:47' }] },
  ],
  keys: [String(first), String(second)],
  asksFor: 'page=2',
  since: { cursor: '2017-03-22T19:33:47', value: '2017-03-22T19:33:46' },
})

export const trial: ProviderTrial = {
  input: { url: 'https://shop.example.com' },
  credential: { fields: { consumer_key: 'ck_0123', consumer_secret: 'cs_4567' } },
  test: {
    asks: 'GET shop.example.com/wp-json/wc/v3/orders?per_page=1',
    headers: { authorization: `Basic ${Buffer.from('ck_0123:cs_4567').toString('base64')}` },
    good: { body: [{ id: 727 }] },
    refused: {
      answer: {
        status: 401,
        body: {
          code: 'woocommerce_rest_cannot_view',
          message: 'Sorry, you cannot list resources.',
          data: { status: 401 },
        },
      },
      says: 'woocommerce_rest_cannot_view: Sorry, you cannot list resources.',
    },
  },
  hints: [
    {
      what: 'request',
      answer: {
        status: 401,
        body: {
          code: 'woocommerce_rest_cannot_view',
          message: 'Sorry, you cannot list resources.',
          data: { status: 401 },
        },
      },
      says: 'woocommerce_rest_cannot_view: Sorry, you cannot list resources.',
      cause: 'may not read this',
    },
    {
      what: 'request',
      answer: {
        status: 404,
        body: {
          code: 'rest_no_route',
          message: 'No route was found matching the URL and request method',
          data: { status: 404 },
        },
      },
      says: 'No route was found matching the URL and request method',
      cause: 'no WooCommerce',
    },
  ],
  streams: [
    changing('orders', 727, 728),
    changing('products', 794, 799),
    {
      name: 'customers',
      pages: [
        { headers: pages, body: [{ id: 25, email: 'john.doe@example.com' }] },
        { headers: pages, body: [{ id: 26, email: 'joao.silva@example.com' }] },
      ],
      keys: ['25', '26'],
      asksFor: 'page=2',
      limited: { status: 429, headers: { 'retry-after': '10' }, body: 'Too Many Requests' },
    },
  ],
  webhook: {
    sign: ({ secret, body }) => ({ 'X-WC-Webhook-Signature': hmac('sha256', secret, body, 'base64') }),
    handshakes: [{ body: { webhook_id: 142 }, answer: 'ok' }],
    connection: { input: { url: 'https://shop.example.com' } },
    requests: [
      {
        headers: {
          'X-WC-Webhook-Source': 'https://shop.example.com/',
          'X-WC-Webhook-Topic': 'order.updated',
          'X-WC-Webhook-Resource': 'order',
          'X-WC-Webhook-Event': 'updated',
          'X-WC-Webhook-ID': '142',
          'X-WC-Webhook-Delivery-ID': '36e520ebabc2fa725092ff4a47acedf2',
        },
        body: { id: 727, status: 'completed', total: '29.35' },
        events: [
          {
            id: '36e520ebabc2fa725092ff4a47acedf2',
            type: 'order.updated',
            account: 'https://shop.example.com',
            streams: ['orders'],
          },
        ],
      },
    ],
  },
  actions,
}
