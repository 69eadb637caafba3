import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const listed = { _embedded: { conversations: [{ id: 10 }] }, page: { number: 2, totalPages: 2 } }

const actions: ActionExample[] = [
  {
    action: 'list_conversations',
    arguments: { mailbox_id: 85, status: 'active', query: '(email:"ada@example.com")', page: 2 },
    request:
      'GET https://api.helpscout.net/v2/conversations?mailbox=85&status=active&query=(email%3A%22ada%40example.com%22)&page=2',
    answer: { body: listed },
    output: listed,
  },
  {
    action: 'get_conversation',
    arguments: { conversation_id: 10 },
    request: 'GET https://api.helpscout.net/v2/conversations/10',
    answer: { body: { id: 10, number: 12, status: 'active', subject: 'Help' } },
    output: { id: 10, number: 12, status: 'active', subject: 'Help' },
  },
  {
    action: 'add_note',
    arguments: { conversation_id: 10, text: 'Please call back.' },
    request: 'POST https://api.helpscout.net/v2/conversations/10/notes',
    body: { text: 'Please call back.' },
    answer: { status: 201 },
    output: null,
  },
]

const pages = (name: string, fields: object = {}): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        _embedded: { [name]: [{ id: 10, ...fields }] },
        page: { size: 25, totalElements: 2, totalPages: 2, number: 1 },
      },
    },
    {
      body: {
        _embedded: { [name]: [{ id: 11, ...fields }] },
        page: { size: 25, totalElements: 2, totalPages: 2, number: 2 },
      },
    },
  ],
  keys: ['10', '11'],
  asksFor: 'page=2',
})

const tokens = {
  refresh_token: 'refresh-first',
  token_type: 'bearer',
  access_token: 'f4f4994a875f461ca4d4708b9e027df4',
  expires_in: 172800,
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'f4f4994a875f461ca4d4708b9e027df4',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 172800,
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second', refresh_token: 'refresh-second' } },
    accessToken: 'second',
    refreshToken: 'refresh-second',
    lifetimeSeconds: 172800,
  },
  refusals: [{ what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' }],
  test: {
    asks: 'GET api.helpscout.net/v2/users/me',
    headers: { authorization: 'Bearer f4f4994a875f461ca4d4708b9e027df4' },
    good: { body: { id: 4, firstName: 'Ada', email: 'ada@example.com' } },
    refused: {
      answer: {
        status: 401,
        body: { error: 'invalid_token', error_description: 'The access token is invalid or has expired' },
      },
      says: 'The access token is invalid or has expired',
    },
  },
  streams: [
    {
      ...pages('conversations', { userUpdatedAt: '2018-05-04T12:00:03Z' }),
      since: { cursor: '2018-05-04T12:00:03Z', value: '2018-05-04T12:00:02Z' },
      limited: { status: 429, headers: { 'x-ratelimit-retry-after': '12' }, body: { error: 'throttled' } },
    },
    pages('customers'),
    pages('mailboxes'),
    pages('users'),
  ],
  // developer.helpscout.com/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'X-HelpScout-Signature': hmac('sha1', secret, body, 'base64') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        headers: { 'X-HelpScout-Event': 'convo.created' },
        body: { id: 10, number: 12, status: 'active', subject: 'Help', createdAt: '2018-05-04T12:00:03Z' },
        events: [{ type: 'convo.created', account: 'crm-1', streams: ['conversations'] }],
      },
      {
        query: 'external_id=crm-1',
        headers: { 'X-HelpScout-Event': 'customer.deleted' },
        body: { id: 500 },
        events: [{ type: 'customer.deleted', account: 'crm-1', streams: ['customers'] }],
      },
    ],
  },
  actions,
}
