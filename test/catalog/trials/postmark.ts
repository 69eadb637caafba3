import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'send_email',
    arguments: {
      from: 'sender@example.com',
      to: 'receiver@example.com',
      subject: 'Postmark test',
      text_body: 'Hello.',
      html_body: '<b>Hello.</b>',
      reply_to: 'answers@example.com',
      tag: 'test',
      message_stream: 'outbound',
    },
    request: 'POST https://api.postmarkapp.com/email',
    body: {
      From: 'sender@example.com',
      To: 'receiver@example.com',
      Subject: 'Postmark test',
      TextBody: 'Hello.',
      HtmlBody: '<b>Hello.</b>',
      ReplyTo: 'answers@example.com',
      Tag: 'test',
      MessageStream: 'outbound',
    },
    answer: { body: { To: 'receiver@example.com', MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d', ErrorCode: 0 } },
    output: { To: 'receiver@example.com', MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d', ErrorCode: 0 },
  },
  {
    action: 'search_messages',
    arguments: { recipient: 'receiver@example.com', tag: 'test', subject: 'Postmark test', limit: 5, offset: 5 },
    request:
      'GET https://api.postmarkapp.com/messages/outbound?recipient=receiver%40example.com&tag=test&subject=Postmark%20test&count=5&offset=5',
    answer: { body: { TotalCount: 6, Messages: [{ MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d' }] } },
    output: { TotalCount: 6, Messages: [{ MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d' }] },
  },
  {
    action: 'activate_bounce',
    arguments: { bounce_id: 692560173 },
    request: 'PUT https://api.postmarkapp.com/bounces/692560173/activate',
    answer: { body: { Message: 'OK', Bounce: { ID: 692560173, Inactive: false } } },
    output: { ID: 692560173, Inactive: false },
  },
]

const pages = (name: string, list: string, key: string, fields: object = {}): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        TotalCount: 501,
        [list]: Array.from({ length: 500 }, (_, index) => ({ [key]: String(index + 1), ...fields })),
      },
    },
    { body: { TotalCount: 501, [list]: [{ [key]: '501', ...fields }] } },
  ],
  keys: Array.from({ length: 501 }, (_, index) => String(index + 1)),
  asksFor: 'offset=500',
})

const refused = {
  status: 401,
  body: {
    ErrorCode: 10,
    Message:
      'The Server token in the X-Postmark-Server-Token header is missing or incorrect. Please verify that you are using the Server token.',
  },
}

export const trial: ProviderTrial = {
  credential: { fields: { server_token: 'b6f6ee2b-0000-4ad5-8a54-0123456789ab' } },
  test: {
    asks: 'GET api.postmarkapp.com/server',
    headers: { 'x-postmark-server-token': 'b6f6ee2b-0000-4ad5-8a54-0123456789ab' },
    good: { body: { ID: 23, Name: 'Production' } },
    refused: { answer: refused, says: `10: ${refused.body.Message}` },
  },
  hints: [
    { what: 'request', answer: refused, says: `10: ${refused.body.Message}`, cause: 'The server API token is wrong' },
  ],
  streams: [
    {
      ...pages('outbound_messages', 'Messages', 'MessageID', { ReceivedAt: '2014-02-14T11:12:54-05:00' }),
      limited: {
        status: 429,
        headers: { 'retry-after': '5' },
        body: { ErrorCode: 429, Message: 'Rate Limit Exceeded' },
      },
    },
    {
      ...pages('bounces', 'Bounces', 'ID', { BouncedAt: '2014-02-14T11:12:54-05:00' }),
      since: { cursor: '2014-02-14T11:12:54-05:00', value: '2014-02-13' },
    },
    pages('templates', 'Templates', 'TemplateId'),
  ],
  webhook: {
    signsBody: false,
    sign: ({ secret }) => ({ 'X-Postmark-Token': secret }),
    connection: { externalId: '23' },
    requests: [
      {
        body: {
          RecordType: 'Bounce',
          MessageStream: 'outbound',
          ID: 692560173,
          Type: 'HardBounce',
          MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
          ServerID: 23,
          Email: 'john@example.com',
          BouncedAt: '2019-11-05T16:33:54.9070259Z',
        },
        events: [{ id: 'Bounce 692560173', type: 'Bounce', account: '23', streams: ['bounces'] }],
      },
      {
        body: {
          RecordType: 'Delivery',
          ServerID: 23,
          MessageStream: 'outbound',
          MessageID: '00000000-0000-0000-0000-000000000000',
          Recipient: 'john@example.com',
          DeliveredAt: '2026-02-20T11:12:13Z',
        },
        events: [
          {
            id: 'Delivery 00000000-0000-0000-0000-000000000000 john@example.com 2026-02-20T11:12:13Z',
            type: 'Delivery',
            account: '23',
            streams: ['outbound_messages'],
          },
        ],
      },
      {
        query: 'external_id=23',
        body: {
          RecordType: 'Click',
          MessageStream: 'outbound',
          MessageID: '00000000-0000-0000-0000-000000000000',
          Recipient: 'john@example.com',
          OriginalLink: 'https://example.com/',
          ReceivedAt: '2026-02-20T11:15:00Z',
        },
        events: [
          {
            id: 'Click 00000000-0000-0000-0000-000000000000 john@example.com 2026-02-20T11:15:00Z https://example.com/',
            type: 'Click',
            account: '23',
            streams: [],
          },
        ],
      },
    ],
  },
  actions,
}
