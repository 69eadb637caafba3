import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_account',
    arguments: { account_code: 'bob' },
    request: 'GET https://v3.recurly.com/accounts/code-bob',
    answer: { body: { id: 'e28zov4fw0v2', object: 'account', code: 'bob' } },
    output: { id: 'e28zov4fw0v2', object: 'account', code: 'bob' },
  },
  {
    action: 'list_account_subscriptions',
    arguments: { account_code: 'bob' },
    request: 'GET https://v3.recurly.com/accounts/code-bob/subscriptions?limit=200',
    answer: { body: { object: 'list', has_more: false, next: null, data: [{ id: 'oxlc1q4gr8w2', state: 'active' }] } },
    output: [{ id: 'oxlc1q4gr8w2', state: 'active' }],
  },
  {
    action: 'create_account',
    keyed: true,
    arguments: {
      account_code: 'bob',
      email: 'bob@example.com',
      first_name: 'Bob',
      last_name: 'Ross',
      company: 'Acme',
    },
    request: 'POST https://v3.recurly.com/accounts',
    body: { code: 'bob', email: 'bob@example.com', first_name: 'Bob', last_name: 'Ross', company: 'Acme' },
    answer: { status: 201, body: { id: 'e28zov4fw0v2', object: 'account', code: 'bob' } },
    output: { id: 'e28zov4fw0v2', object: 'account', code: 'bob' },
  },
]

const list = (name: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        object: 'list',
        has_more: true,
        next: `/${name}?cursor=e28zov4fw0v2%3A1600000000&limit=200&sort=updated_at&order=asc`,
        data: [{ id: 'e28zov4fw0v2', updated_at: '2026-06-01T10:00:00Z' }],
      },
    },
    {
      body: {
        object: 'list',
        has_more: false,
        next: null,
        data: [{ id: 'e28zov4fw0v3', updated_at: '2026-06-01T11:00:00Z' }],
      },
    },
  ],
  keys: ['e28zov4fw0v2', 'e28zov4fw0v3'],
  asksFor: 'cursor=e28zov4fw0v2',
  since: { cursor: '2026-06-01T11:00:00Z', value: '2026-06-01T10:59:59.000Z' },
})

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'a7183e1b7e9ab09b' } },
  test: {
    asks: 'GET v3.recurly.com/sites?limit=1',
    headers: {
      authorization: `Basic ${btoa('a7183e1b7e9ab09b:')}`,
      accept: 'application/vnd.recurly.v2021-02-25+json',
    },
    good: { body: { object: 'list', has_more: false, next: null, data: [{ id: 'dqzlv9shi7wa', subdomain: 'acme' }] } },
    refused: {
      answer: {
        status: 401,
        body: { error: { type: 'unauthorized', message: 'Your API key is invalid.', params: [] } },
      },
      says: 'Your API key is invalid.',
    },
  },
  streams: [
    {
      ...list('accounts'),
      limited: {
        status: 429,
        headers: { 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '0' },
        body: { error: { type: 'rate_limited', message: 'You have made too many API requests.', params: [] } },
      },
    },
    list('subscriptions'),
    list('invoices'),
    list('transactions'),
    list('plans'),
  ],
  actions,
}
