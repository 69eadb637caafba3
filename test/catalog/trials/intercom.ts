import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: {
      email: 'joebloggs@intercom.io',
      role: 'lead',
      external_id: '25',
      name: 'Joe Bloggs',
      phone: '+353871234567',
    },
    request: 'POST https://api.intercom.io/contacts',
    body: {
      role: 'lead',
      email: 'joebloggs@intercom.io',
      external_id: '25',
      name: 'Joe Bloggs',
      phone: '+353871234567',
    },
    answer: { body: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' } },
    output: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '6762f0dd1bb69f9f2193bb83' },
    request: 'GET https://api.intercom.io/contacts/6762f0dd1bb69f9f2193bb83',
    answer: { body: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' } },
    output: { type: 'contact', id: '6762f0dd1bb69f9f2193bb83' },
  },
  {
    action: 'list_contacts',
    arguments: { limit: 5, cursor: 'WzE3MzQ1' },
    request: 'GET https://api.intercom.io/contacts?per_page=5&starting_after=WzE3MzQ1',
    answer: { body: { type: 'list', data: [], total_count: 0, pages: { type: 'pages', page: 1 } } },
    output: { type: 'list', data: [], total_count: 0, pages: { type: 'pages', page: 1 } },
  },
  {
    action: 'find_contacts',
    readsWithPost: true,
    arguments: { email: 'joe@bloggs.example.com' },
    request: 'POST https://api.intercom.io/contacts/search',
    body: { query: { field: 'email', operator: '=', value: 'joe@bloggs.example.com' } },
    answer: { body: { type: 'list', data: [{ id: '6762f0dd1bb69f9f2193bb83' }], total_count: 1 } },
    output: [{ id: '6762f0dd1bb69f9f2193bb83' }],
  },
  {
    action: 'reply_to_conversation',
    arguments: { conversation_id: '524', admin_id: '991267583', body: 'Thanks again :)', message_type: 'note' },
    request: 'POST https://api.intercom.io/conversations/524/reply',
    body: { message_type: 'note', type: 'admin', admin_id: '991267583', body: 'Thanks again :)' },
    answer: { body: { type: 'conversation', id: '524' } },
    output: { type: 'conversation', id: '524' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: { token_type: 'Bearer', token: 'dG9rOjNkMmY', access_token: 'dG9rOjNkMmY' } },
    accessToken: 'dG9rOjNkMmY',
  },
  refusals: [
    {
      what: 'code',
      answer: {
        status: 401,
        body: { type: 'error.list', errors: [{ code: 'unauthorized', message: 'Client authentication failed' }] },
      },
      reason: 'INVALID_CLIENT',
      says: 'Client authentication failed',
    },
  ],
  afterConnect: {
    answers: [{ body: { type: 'admin', id: '1295', app: { type: 'app', id_code: 'ecahpwf5', region: 'US' } } }],
    kept: { app_id: 'ecahpwf5', region: 'US' },
  },
  hints: [
    {
      what: 'request',
      answer: {
        status: 401,
        body: {
          type: 'error.list',
          request_id: 'x',
          errors: [{ code: 'token_unauthorized', message: 'Not authorized to access resource' }],
        },
      },
      says: 'token_unauthorized: Not authorized to access resource',
      cause: 'lacks a permission',
    },
    {
      what: 'request',
      answer: {
        status: 403,
        body: {
          type: 'error.list',
          request_id: 'x',
          errors: [{ code: 'api_plan_restricted', message: 'Active subscription needed.' }],
        },
      },
      says: 'api_plan_restricted: Active subscription needed.',
      cause: 'has no plan',
    },
    {
      what: 'request',
      answer: {
        status: 401,
        body: { type: 'error.list', request_id: 'x', errors: [{ code: 'token_revoked', message: 'Token Revoked' }] },
      },
      says: 'token_revoked: Token Revoked',
      cause: 'no longer accepts the token',
    },
  ],
  test: {
    asks: 'GET api.intercom.io/me',
    headers: { authorization: 'Bearer dG9rOjNkMmY', 'intercom-version': '2.13' },
    good: { body: { type: 'admin', id: '1295' } },
    refused: {
      answer: {
        status: 401,
        body: {
          type: 'error.list',
          request_id: 'x',
          errors: [{ code: 'unauthorized', message: 'Access Token Invalid' }],
        },
      },
      says: 'Access Token Invalid',
    },
  },
  streams: [
    {
      name: 'contacts',
      pages: [
        {
          body: {
            type: 'list',
            data: [{ type: 'contact', id: '5ba682d23d7cf92bef87bfd4' }],
            pages: {
              type: 'pages',
              page: 1,
              next: { page: 2, starting_after: 'WzE2MzU' },
              per_page: 150,
              total_pages: 2,
            },
          },
        },
        {
          body: {
            type: 'list',
            data: [{ type: 'contact', id: '5ba682d23d7cf92bef87bfd5' }],
            pages: { type: 'pages', page: 2, per_page: 150, total_pages: 2 },
          },
        },
      ],
      keys: ['5ba682d23d7cf92bef87bfd4', '5ba682d23d7cf92bef87bfd5'],
      asksFor: 'starting_after=WzE2MzU',
      limited: {
        status: 429,
        body: {
          type: 'error.list',
          errors: [{ code: 'rate_limit_exceeded', message: 'The rate limit for the App has been exceeded' }],
        },
      },
    },
  ],
  // developers.intercom.com/docs/references/webhooks/webhook-models, developers.intercom.com/docs/webhooks/webhook-notifications
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Hub-Signature': `sha1=${hmac('sha1', secret, body, 'hex')}` }),
    connection: { kept: { app_id: 'a86dr8yl' } },
    requests: [
      {
        body: {
          type: 'notification_event',
          app_id: 'a86dr8yl',
          data: { type: 'notification_event_data', item: { type: 'contact', id: '6492e6e8e0ab8a4c1ad7b5f2' } },
          links: {},
          id: 'notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3',
          topic: 'contact.user.created',
          delivery_status: null,
          delivery_attempts: 1,
          delivered_at: 0,
          first_sent_at: 1392731331,
          created_at: 1392731331,
        },
        events: [
          {
            id: 'notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3',
            type: 'contact.user.created',
            account: 'a86dr8yl',
            streams: ['contacts'],
          },
        ],
      },
      {
        // The test of a webhook.
        body: {
          type: 'notification_event',
          app_id: 'a86dr8yl',
          data: { type: 'notification_event_data', item: { type: 'ping', message: 'something something interzen' } },
          id: 'notif_2',
          topic: 'ping',
        },
        events: [{ id: 'notif_2', type: 'ping', account: 'a86dr8yl', streams: [] }],
      },
    ],
  },
  actions,
}
