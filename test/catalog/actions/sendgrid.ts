import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
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
