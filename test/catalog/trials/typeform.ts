import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_forms',
    arguments: { search: 'feedback', limit: 5, page: 2 },
    request: 'GET https://api.typeform.com/forms?search=feedback&page_size=5&page=2',
    answer: { body: { total_items: 6, page_count: 2, items: [{ id: 'abc123', title: 'My feedback' }] } },
    output: { total_items: 6, page_count: 2, items: [{ id: 'abc123', title: 'My feedback' }] },
  },
  {
    action: 'get_form',
    arguments: { form_id: 'abc123' },
    request: 'GET https://api.typeform.com/forms/abc123',
    answer: { body: { id: 'abc123', title: 'My feedback', fields: [] } },
    output: { id: 'abc123', title: 'My feedback', fields: [] },
  },
  {
    action: 'list_responses',
    arguments: {
      form_id: 'abc123',
      query: 'good',
      since: '2026-01-01T00:00:00Z',
      limit: 5,
      before: '21085286190ffad1',
    },
    request:
      'GET https://api.typeform.com/forms/abc123/responses?query=good&since=2026-01-01T00%3A00%3A00Z&page_size=5&before=21085286190ffad1',
    answer: { body: { total_items: 1, page_count: 1, items: [{ token: '210ab', answers: [] }] } },
    output: { total_items: 1, page_count: 1, items: [{ token: '210ab', answers: [] }] },
  },
]

const pages = (name: string): StreamTrial => ({
  name,
  pages: [
    { body: { total_items: 201, page_count: 2, items: [{ id: 'abc123' }] } },
    { body: { total_items: 201, page_count: 2, items: [{ id: 'abc124' }] } },
  ],
  keys: ['abc123', 'abc124'],
  asksFor: 'page=2',
})

const answered = (token: string, submitted: string) => ({
  landing_id: token,
  token,
  response_id: token,
  submitted_at: submitted,
  answers: [],
})

const tokens = {
  access_token: '943af478d3ff3d4d760020c11af102b79c440513',
  expires_in: 604800,
  refresh_token: 'refresh-first',
  scope: 'offline accounts:read forms:read responses:read workspaces:read',
  token_type: 'bearer',
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: '943af478d3ff3d4d760020c11af102b79c440513',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 604800,
    scopes: ['offline', 'accounts:read', 'forms:read', 'responses:read', 'workspaces:read'],
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second', refresh_token: 'refresh-second' } },
    accessToken: 'second',
    refreshToken: 'refresh-second',
    lifetimeSeconds: 604800,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  test: {
    asks: 'GET api.typeform.com/me',
    headers: { authorization: 'Bearer 943af478d3ff3d4d760020c11af102b79c440513' },
    good: { body: { alias: 'Ada', email: 'ada@example.com', language: 'en' } },
    refused: {
      answer: {
        status: 403,
        body: {
          code: 'AUTHENTICATION_FAILED',
          description: 'Authentication credentials not found on the Request Headers',
        },
      },
      says: 'AUTHENTICATION_FAILED: Authentication credentials not found on the Request Headers',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'tfp_0123456789' } },
      asks: 'GET api.typeform.com/me',
      headers: { authorization: 'Bearer tfp_0123456789' },
    },
  ],
  streams: [
    {
      ...pages('forms'),
      limited: {
        status: 429,
        headers: { 'retry-after': '5' },
        body: { code: 'TOO_MANY_REQUESTS', description: 'Wait' },
      },
    },
    {
      name: 'responses',
      parent: { id: 'abc123' },
      pages: [
        { body: { total_items: 2, page_count: 1, items: [answered('21085286190ffad1', '2017-09-14T22:38:22Z')] } },
        { body: { total_items: 1, page_count: 1, items: [answered('610fc266478b41e4', '2017-09-14T22:33:56Z')] } },
        { body: { total_items: 0, page_count: 0, items: [] } },
      ],
      keys: ['parent/21085286190ffad1', 'parent/610fc266478b41e4'],
      asksFor: 'before=610fc266478b41e4',
    },
    pages('workspaces'),
  ],
  // www.typeform.com/developers/webhooks/secure-your-webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Typeform-Signature': `sha256=${hmac('sha256', secret, body, 'base64')}` }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          event_id: 'LtWXD3crgy',
          event_type: 'form_response',
          form_response: {
            form_id: 'lT4Z3j',
            token: 'a3a12ec67a1365927098a606107fac15',
            submitted_at: '2018-01-18T18:17:02Z',
            answers: [],
          },
        },
        events: [{ id: 'LtWXD3crgy', type: 'form_response', account: 'crm-1', streams: ['responses'] }],
      },
    ],
  },
  actions,
}
