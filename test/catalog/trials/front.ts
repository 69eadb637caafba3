import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: { handle: 'ada@example.com', source: 'email', name: 'Ada Lovelace', description: 'Writes programs.' },
    request: 'POST https://api2.frontapp.com/contacts',
    body: {
      name: 'Ada Lovelace',
      description: 'Writes programs.',
      handles: [{ handle: 'ada@example.com', source: 'email' }],
    },
    answer: { status: 201, body: { id: 'crd_123', name: 'Ada Lovelace' } },
    output: { id: 'crd_123', name: 'Ada Lovelace' },
  },
  {
    action: 'add_comment',
    arguments: { conversation_id: 'cnv_55c8c149', body: 'Please call back.', author_id: 'tea_123' },
    request: 'POST https://api2.frontapp.com/conversations/cnv_55c8c149/comments',
    body: { body: 'Please call back.', author_id: 'tea_123' },
    answer: { status: 201, body: { id: 'com_123', body: 'Please call back.' } },
    output: { id: 'com_123', body: 'Please call back.' },
  },
  {
    action: 'list_contact_conversations',
    arguments: { contact_id: 'crd_123', page_token: '2d018a58' },
    request: 'GET https://api2.frontapp.com/contacts/crd_123/conversations?limit=50&page_token=2d018a58',
    answer: { body: { _pagination: { next: null }, _results: [{ id: 'cnv_55c8c149' }] } },
    output: { _pagination: { next: null }, _results: [{ id: 'cnv_55c8c149' }] },
  },
]

const pages = (name: string, first: string, second: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        _pagination: { next: `https://acme.api.frontapp.com/${name}?limit=100&page_token=2d018a5809eb90d3` },
        _results: [{ id: first }],
      },
    },
    { body: { _pagination: { next: null }, _results: [{ id: second }] } },
  ],
  keys: [first, second],
  asksFor: 'page_token=2d018a5809eb90d3',
})

/** 2026-07-01T13:00:00Z. */
const inAnHour = 1_782_910_800

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: { access_token: 'first', refresh_token: 'refresh-first', expires_at: inAnHour, token_type: 'Bearer' },
    },
    accessToken: 'first',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 3600,
  },
  renewal: {
    answer: {
      body: { access_token: 'second', refresh_token: 'refresh-first', expires_at: inAnHour, token_type: 'Bearer' },
    },
    accessToken: 'second',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 3600,
  },
  refusals: [
    { what: 'renewal', answer: { status: 401, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  afterConnect: { answers: [{ body: { id: 'cmp_abc', name: 'Acme' } }], kept: { company_id: 'cmp_abc' } },
  test: {
    asks: 'GET api2.frontapp.com/me',
    headers: { authorization: 'Bearer first' },
    good: { body: { id: 'cmp_abc', name: 'Acme' } },
    refused: {
      answer: {
        status: 401,
        body: { _error: { status: 401, title: 'Unauthenticated', message: 'JSON Web Token is not valid' } },
      },
      says: 'JSON Web Token is not valid',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'an-api-t0ken' } },
      asks: 'GET api2.frontapp.com/me',
      headers: { authorization: 'Bearer an-api-t0ken' },
    },
  ],
  streams: [
    {
      ...pages('conversations', 'cnv_55c8c149', 'cnv_55c8c14a'),
      limited: {
        status: 429,
        headers: { 'retry-after': '10' },
        body: { _error: { status: 429, title: 'Too many requests', message: 'Rate limit exceeded' } },
      },
    },
    pages('contacts', 'crd_123', 'crd_124'),
    pages('inboxes', 'inb_123', 'inb_124'),
    pages('teammates', 'tea_123', 'tea_124'),
  ],
  // dev.frontapp.com/docs/application-webhooks
  webhook: {
    sign: ({ secret, body, at }) => ({
      'X-Front-Request-Timestamp': String(at.getTime()),
      'X-Front-Signature': hmac('sha256', secret, `${at.getTime()}:${body}`, 'base64'),
    }),
    toleranceSeconds: 300,
    connection: { kept: { company_id: 'cmp_abc' } },
    requests: [
      {
        body: {
          type: 'inbound_received',
          authorization: { id: 'cmp_abc' },
          payload: {
            id: 'evt_55c8c149',
            type: 'inbound_received',
            emitted_at: 1615496636.24,
            conversation: { id: 'cnv_55c8c149', subject: 'Re: Order #1234', status: 'unassigned' },
          },
        },
        events: [{ id: 'evt_55c8c149', type: 'inbound_received', account: 'cmp_abc', streams: ['conversations'] }],
      },
    ],
  },
  actions,
}
