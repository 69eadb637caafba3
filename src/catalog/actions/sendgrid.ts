import type { ActionDefinition } from '../definition/action.ts'
import { EMAIL, email, input, list, onlyWith, text } from './input.ts'

/** `scopes` are permissions of the API key, by their names in the dashboard. */
export const sendgridActions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send an email',
    description:
      'Sends an email as plain text, HTML or both. from_email must be a verified sender. All recipients see each other. Returns nothing: SendGrid accepts the message (202) and delivers it later.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send',
    scopes: ['Mail Send'],
    input: {
      ...input(
        {
          to: list('Email addresses of the recipients, each of them once.', EMAIL, {
            maxItems: 1000,
            uniqueItems: true,
          }),
          from_email: email('Email address of a verified sender.'),
          subject: text('Subject.'),
          text: text('Text of the email, as plain text.'),
        },
        {
          from_name: text('Name of the sender.'),
          reply_to: email('Email address for replies.'),
          html: text('The same text as HTML.'),
        },
      ),
    },
    request: {
      method: 'POST',
      path: '/mail/send',
      json: {
        personalizations: [{ to: "{{ args.to | wrap('email') }}" }],
        from: { email: '{{ args.from_email }}', name: '{{ args.from_name }}' },
        reply_to: { email: '{{ args.reply_to }}' },
        subject: '{{ args.subject }}',
        // text/plain precedes text/html.
        content: [
          { type: 'text/plain', value: '{{ args.text }}' },
          onlyWith('html', { type: 'text/html', value: '{{ args.html }}' }),
        ],
      },
    },
  },
  {
    name: 'upsert_contact',
    title: 'Create or update a contact',
    description:
      'Creates a marketing contact or updates the one with this email address. SendGrid does it within some minutes. Returns the job_id.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact',
    scopes: ['Marketing'],
    destructive: true,
    input: input(
      { email: email('Email address of the contact.') },
      {
        first_name: text('First name.', { maxLength: 50 }),
        last_name: text('Last name.', { maxLength: 50 }),
        list_ids: list('Ids of the lists to add the contact to. list_lists returns them.', {
          type: 'string',
          format: 'uuid',
        }),
      },
    ),
    request: {
      method: 'PUT',
      path: '/marketing/contacts',
      json: {
        list_ids: '{{ args.list_ids }}',
        contacts: [
          { email: '{{ args.email }}', first_name: '{{ args.first_name }}', last_name: '{{ args.last_name }}' },
        ],
      },
    },
  },
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description:
      'Returns the marketing contacts with these email addresses, by address. SendGrid answers 404 when it finds none.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/contacts/get-contacts-by-emails',
    scopes: ['Marketing'],
    readOnly: true,
    input: input({ emails: list('Email addresses of the contacts.', EMAIL, { maxItems: 100 }) }),
    request: { method: 'POST', path: '/marketing/contacts/search/emails', json: { emails: '{{ args.emails }}' } },
    output: ['result'],
  },
  {
    name: 'list_lists',
    title: 'List contact lists',
    description: 'Lists the marketing lists with id, name and number of contacts.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/lists/get-all-lists',
    scopes: ['Marketing'],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/marketing/lists', query: { page_size: '1000' } },
    output: ['result'],
  },
]
