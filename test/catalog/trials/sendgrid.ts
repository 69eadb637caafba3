import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'send_message',
    arguments: {
      to: ['john_doe@example.com', 'jane_doe@example.com'],
      from_email: 'orders@example.com',
      subject: 'Your Example Order Confirmation',
      text: 'Hello from Twilio SendGrid!',
      from_name: 'Example Order Confirmation',
      reply_to: 'customer_service@example.com',
      html: '<p>Hello from Twilio SendGrid!</p>',
    },
    request: 'POST https://api.sendgrid.com/v3/mail/send',
    body: {
      personalizations: [{ to: [{ email: 'john_doe@example.com' }, { email: 'jane_doe@example.com' }] }],
      from: { email: 'orders@example.com', name: 'Example Order Confirmation' },
      reply_to: { email: 'customer_service@example.com' },
      subject: 'Your Example Order Confirmation',
      content: [
        { type: 'text/plain', value: 'Hello from Twilio SendGrid!' },
        { type: 'text/html', value: '<p>Hello from Twilio SendGrid!</p>' },
      ],
    },
    answer: { status: 202 },
    output: null,
  },
  {
    action: 'upsert_contact',
    overwrites: true,
    arguments: {
      email: 'ryan39@lee-young.com',
      first_name: 'Ryan',
      last_name: 'Young',
      list_ids: ['057204d4-755b-4364-a0d1-ffe20d2ff52d'],
    },
    request: 'PUT https://api.sendgrid.com/v3/marketing/contacts',
    body: {
      list_ids: ['057204d4-755b-4364-a0d1-ffe20d2ff52d'],
      contacts: [{ email: 'ryan39@lee-young.com', first_name: 'Ryan', last_name: 'Young' }],
    },
    answer: { status: 202, body: { job_id: '2387e363-4104-4225-8960-4a5758492351' } },
    output: { job_id: '2387e363-4104-4225-8960-4a5758492351' },
  },
  {
    action: 'find_contacts',
    readsWithPost: true,
    arguments: { emails: ['jane_doe@example.com'] },
    request: 'POST https://api.sendgrid.com/v3/marketing/contacts/search/emails',
    body: { emails: ['jane_doe@example.com'] },
    answer: { body: { result: { 'jane_doe@example.com': { contact: { first_name: 'Jane' } } } } },
    output: { 'jane_doe@example.com': { contact: { first_name: 'Jane' } } },
  },
  {
    action: 'list_lists',
    arguments: {},
    request: 'GET https://api.sendgrid.com/v3/marketing/lists?page_size=1000',
    answer: { body: { result: [{ id: 'abc12312-x3y4-1234-abcd-123qwe456rty', name: 'list-name' }], _metadata: {} } },
    output: [{ id: 'abc12312-x3y4-1234-abcd-123qwe456rty', name: 'list-name' }],
  },
]

export const trial: ProviderTrial = {
  credential: { secretText: 'SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf' },
  test: {
    asks: 'GET api.sendgrid.com/v3/scopes',
    headers: { authorization: 'Bearer SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf' },
    good: { body: { scopes: ['mail.send'] } },
    refused: {
      answer: {
        status: 401,
        body: {
          errors: [
            { message: 'The provided authorization grant is invalid, expired, or revoked', field: null, help: null },
          ],
        },
      },
      says: 'The provided authorization grant is invalid, expired, or revoked',
    },
  },
  streams: [
    {
      name: 'lists',
      pages: [
        {
          body: {
            result: [{ id: 'ca1b2c3d', name: 'Newsletter', contact_count: 2 }],
            _metadata: {
              next: 'https://api.sendgrid.com/v3/marketing/lists?page_size=1000&page_token=dGhpcyBpcw',
              count: 2,
            },
          },
        },
        { body: { result: [{ id: 'ca1b2c3e', name: 'Beta', contact_count: 0 }], _metadata: { count: 2 } } },
      ],
      keys: ['ca1b2c3d', 'ca1b2c3e'],
      asksFor: 'page_token=dGhpcyBpcw',
      limited: { status: 429, body: { errors: [{ message: 'too many requests', field: null }] } },
    },
    {
      // A full page has 500 addresses.
      name: 'bounces',
      pages: [
        {
          body: Array.from({ length: 500 }, (_, index) => ({
            email: `a${index}@example.com`,
            created: 1780000000 + index,
          })),
        },
        { body: [{ email: 'last@example.com', created: 1780001000 }] },
        // The response does not say that this was the last page.
        { body: [] },
      ],
      keys: [...Array.from({ length: 500 }, (_, index) => `a${index}@example.com`), 'last@example.com'],
      asksFor: 'offset=501',
      since: { cursor: 1780001000, value: '1780001000' },
    },
  ],
  actions,
}
