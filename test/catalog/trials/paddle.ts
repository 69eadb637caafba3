import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const id = 'sub_01h8bx8fmywym11t6swgzba704'

const actions: ActionExample[] = [
  {
    action: 'get_subscription',
    arguments: { subscription_id: id },
    request: `GET https://api.paddle.com/subscriptions/${id}`,
    answer: { body: { data: { id, status: 'active' }, meta: { request_id: 'b15ec92e' } } },
    output: { id, status: 'active' },
  },
  {
    action: 'list_customer_subscriptions',
    arguments: { customer_id: 'ctm_01h8441jn5pcwrfhwh78jqt8hk' },
    request: 'GET https://api.paddle.com/subscriptions?customer_id=ctm_01h8441jn5pcwrfhwh78jqt8hk',
    answer: { body: { data: [{ id, status: 'active' }], meta: { request_id: 'b15ec92e' } } },
    output: [{ id, status: 'active' }],
  },
  {
    action: 'cancel_subscription',
    overwrites: true,
    arguments: { subscription_id: id, effective_from: 'immediately' },
    request: `POST https://api.paddle.com/subscriptions/${id}/cancel`,
    body: { effective_from: 'immediately' },
    answer: { body: { data: { id, status: 'canceled' }, meta: { request_id: 'b15ec92e' } } },
    output: { id, status: 'canceled' },
  },
]

const invalid = {
  status: 403,
  body: {
    error: {
      type: 'request_error',
      code: 'invalid_token',
      detail: 'Invalid or revoked API key.',
      documentation_url: 'https://developer.paddle.com/errors/shared/invalid_token',
    },
    meta: { request_id: '00000000-0000-0000-0000-000000000000' },
  },
}

const pagination = (name: string, after: string, more: boolean) => ({
  per_page: 200,
  next: `https://api.paddle.com/${name}?per_page=200&after=${after}`,
  has_more: more,
  estimated_total: 2,
})

const list = (name: string, first: string, second: string): StreamTrial => ({
  name,
  pages: [
    { body: { data: [{ id: first }], meta: { pagination: pagination(name, first, true) } } },
    { body: { data: [{ id: second }], meta: { pagination: pagination(name, second, false) } } },
  ],
  keys: [first, second],
  asksFor: `after=${first}`,
})

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3' } },
  test: {
    asks: 'GET api.paddle.com/event-types',
    headers: { authorization: 'Bearer pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3', 'paddle-version': '1' },
    good: { body: { data: [{ name: 'transaction.billed', group: 'Transaction' }], meta: { request_id: 'b15ec92e' } } },
    refused: { answer: invalid, says: 'invalid_token: Invalid or revoked API key.' },
  },
  hints: [
    {
      what: 'request',
      answer: invalid,
      says: 'invalid_token: Invalid or revoked API key.',
      cause: 'belongs to the other environment',
    },
  ],
  streams: [
    {
      ...list('customers', 'ctm_01h8441jn5pcwrfhwh78jqt8hk', 'ctm_01h844p3h41s12zs5mn4axja51'),
      limited: {
        status: 429,
        headers: { 'retry-after': '30' },
        body: {
          error: { type: 'api_error', code: 'too_many_requests', detail: 'You have exceeded the allowed rate limit.' },
        },
      },
    },
    list('products', 'pro_01h1vjes1y163xfj1rh1tkfb65', 'pro_01gsz97mq9pa4fkyy0wqenepkz'),
    list('subscriptions', id, 'sub_01h7zcgmdc6tmwtjehp3sh7azf'),
    list('transactions', 'txn_01h8bxpvx398a7zbawb77y0kp5', 'txn_01h8bx69629a16wwm9z8rjmak3'),
  ],
  actions,
}
