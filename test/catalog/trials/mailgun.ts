import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'send_email',
    arguments: {
      domain: 'mg.example.com',
      from: 'Ada <ada@mg.example.com>',
      to: ['bob@example.com', 'carol@example.com'],
      subject: 'Hello',
      text: 'Testing.',
      html: '<p>Testing.</p>',
      reply_to: 'ada@example.com',
    },
    request: 'POST https://api.eu.mailgun.net/v3/mg.example.com/messages',
    body: 'from=Ada+%3Cada%40mg.example.com%3E&to=bob%40example.com%2Ccarol%40example.com&subject=Hello&text=Testing.&html=%3Cp%3ETesting.%3C%2Fp%3E&h%3AReply-To=ada%40example.com',
    answer: { body: { id: '<20260701@mg.example.com>', message: 'Queued. Thank you.' } },
    output: { id: '<20260701@mg.example.com>', message: 'Queued. Thank you.' },
  },
  {
    action: 'list_domains',
    arguments: { search: 'mg', limit: 5 },
    request: 'GET https://api.eu.mailgun.net/v4/domains?search=mg&limit=5',
    answer: { body: { total_count: 1, items: [{ name: 'mg.example.com', state: 'active' }] } },
    output: { total_count: 1, items: [{ name: 'mg.example.com', state: 'active' }] },
  },
  {
    action: 'get_bounce',
    arguments: { domain: 'mg.example.com', address: 'bob@example.com' },
    request: 'GET https://api.eu.mailgun.net/v3/mg.example.com/bounces/bob%40example.com',
    answer: { body: { address: 'bob@example.com', code: '550', error: 'No such mailbox' } },
    output: { address: 'bob@example.com', code: '550', error: 'No such mailbox' },
  },
]

export const trial: ProviderTrial = {
  input: { region: 'eu' },
  credential: { fields: { api_key: 'key-0123456789abcdef' } },
  test: {
    asks: 'GET api.eu.mailgun.net/v4/domains?limit=1',
    headers: { authorization: `Basic ${btoa('api:key-0123456789abcdef')}` },
    good: { body: { total_count: 1, items: [{ name: 'mg.example.com' }] } },
    refused: { answer: { status: 401, body: { message: 'Invalid private key' } }, says: 'Invalid private key' },
  },
  hints: [
    {
      what: 'request',
      answer: { status: 401, body: { message: 'Invalid private key' } },
      says: 'Invalid private key',
      cause: 'The API key is wrong',
    },
  ],
  streams: [
    {
      name: 'domains',
      pages: [
        {
          body: {
            total_count: 101,
            items: Array.from({ length: 100 }, (_, index) => ({ name: `mg${index}.example.com` })),
          },
        },
        { body: { total_count: 101, items: [{ name: 'mg100.example.com' }] } },
      ],
      keys: Array.from({ length: 101 }, (_, index) => `mg${index}.example.com`),
      asksFor: 'skip=100',
      limited: { status: 429, headers: { 'retry-after': '10' }, body: { message: 'Too many requests' } },
    },
    {
      name: 'bounces',
      parent: { name: 'mg.example.com' },
      pages: [
        {
          body: {
            items: [{ address: 'bob@example.com', code: '550' }],
            paging: {
              next: 'https://api.eu.mailgun.net/v3/mg.example.com/bounces?page=next&address=bob%40example.com&limit=1000',
            },
          },
        },
        {
          body: {
            items: [],
            paging: { next: 'https://api.eu.mailgun.net/v3/mg.example.com/bounces?page=next&address=&limit=1000' },
          },
        },
      ],
      keys: ['parent/bob@example.com'],
      asksFor: 'page=next&address=bob@example.com',
    },
    {
      name: 'mailing_lists',
      pages: [
        {
          body: {
            items: [{ address: 'news@mg.example.com', members_count: 2 }],
            paging: {
              next: 'https://api.eu.mailgun.net/v3/lists/pages?page=next&address=news%40mg.example.com&limit=100',
            },
          },
        },
        { body: { items: [], paging: { next: 'https://api.eu.mailgun.net/v3/lists/pages?page=next&limit=100' } } },
      ],
      keys: ['news@mg.example.com'],
      asksFor: 'page=next&address=news@mg.example.com',
    },
    {
      name: 'logs',
      pages: [
        {
          body: {
            items: [{ id: 'JDhSWf9mT5OFxCkZfpDU5d', event: 'failed', '@timestamp': '2024-07-08T16:30:18.530Z' }],
            pagination: { next: 'cjsijbijewbu78t678tVTYUYU76754fyuiksin865g', total: 2 },
          },
        },
        {
          body: {
            items: [{ id: 'JDhSWf9mT5OFxCkZfpDU5e', event: 'delivered', '@timestamp': '2024-07-08T16:31:18.530Z' }],
            pagination: { next: '' },
          },
        },
      ],
      keys: ['JDhSWf9mT5OFxCkZfpDU5d', 'JDhSWf9mT5OFxCkZfpDU5e'],
      asksFor: 'cjsijbijewbu78t678tVTYUYU76754fyuiksin865g',
    },
  ],
  actions,
}
