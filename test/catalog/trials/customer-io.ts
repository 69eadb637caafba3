import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac, seconds } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'send_transactional_email',
    arguments: { transactional_message_id: '44', to: 'cool.person@example.com', message_data: { order: 7 } },
    request: 'POST https://api-eu.customer.io/v1/send/email',
    body: {
      transactional_message_id: '44',
      to: 'cool.person@example.com',
      identifiers: { email: 'cool.person@example.com' },
      message_data: { order: 7 },
    },
    answer: { body: { delivery_id: 'RPILAgUBcRhIBqSfeiIwdIYJKxTY', queued_at: 1552577524 } },
    output: { delivery_id: 'RPILAgUBcRhIBqSfeiIwdIYJKxTY', queued_at: 1552577524 },
  },
  {
    action: 'find_people',
    arguments: { email: 'cool.person@example.com' },
    request: 'GET https://api-eu.customer.io/v1/customers?email=cool.person%40example.com',
    answer: { body: { results: [{ email: 'cool.person@example.com', id: '1', cio_id: 'a3000001' }] } },
    output: [{ email: 'cool.person@example.com', id: '1', cio_id: 'a3000001' }],
  },
  {
    action: 'list_newsletters',
    arguments: { limit: 5, start: 'MTA=' },
    request: 'GET https://api-eu.customer.io/v1/newsletters?limit=5&start=MTA%3D',
    answer: { body: { newsletters: [{ id: 1 }], next: '' } },
    output: { newsletters: [{ id: 1 }], next: '' },
  },
]

const single = (name: string): StreamTrial => ({
  name,
  pages: [{ body: { [name]: [{ id: 1, name: 'Onboarding' }] } }],
  keys: ['1'],
  asksFor: `/${name}`,
})

export const trial: ProviderTrial = {
  input: { region: 'eu' },
  credential: { fields: { app_api_key: 'an-app-api-k3y' } },
  test: {
    asks: 'GET api-eu.customer.io/v1/newsletters?limit=1',
    headers: { authorization: 'Bearer an-app-api-k3y' },
    good: { body: { newsletters: [], next: '' } },
    refused: {
      answer: { status: 401, body: { errors: [{ detail: 'unauthorized', status: '401' }] } },
      says: 'unauthorized',
    },
  },
  streams: [
    { ...single('campaigns'), limited: { status: 429, headers: { 'retry-after': '1' }, body: {} } },
    {
      name: 'newsletters',
      pages: [
        { body: { newsletters: [{ id: 1, updated: 1552577524 }], next: 'MTA=' } },
        { body: { newsletters: [{ id: 2, updated: 1552577525 }], next: '' } },
      ],
      keys: ['1', '2'],
      asksFor: 'start=MTA=',
    },
    single('segments'),
    single('broadcasts'),
  ],
  webhook: {
    sign: ({ secret, body, at }) => ({
      'X-CIO-Timestamp': seconds(at),
      'X-CIO-Signature': hmac('sha256', secret, `v0:${seconds(at)}:${body}`, 'hex'),
    }),
    toleranceSeconds: 300,
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
          object_type: 'email',
          metric: 'sent',
          timestamp: 1613063089,
          data: { customer_id: '0200102', newsletter_id: 1, recipient: 'test@example.com' },
        },
        events: [{ id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ', type: 'email sent', account: 'crm-1', streams: ['newsletters'] }],
      },
      {
        query: 'external_id=crm-1',
        body: {
          event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQK',
          object_type: 'customer',
          metric: 'unsubscribed',
          timestamp: 1613063089,
          data: { customer_id: '0200102' },
        },
        events: [{ id: '01E4C4CT6YDC7Y5M7FE1GWWPQK', type: 'customer unsubscribed', account: 'crm-1', streams: [] }],
      },
    ],
  },
  actions,
}
