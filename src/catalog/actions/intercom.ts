import type { ActionDefinition } from '../definition/action.ts'
import { choice, cursor, email, input, limit, text } from './input.ts'

const reference = 'https://developers.intercom.com/docs/references/2.13/rest-api/api.intercom.io/contacts'
const contactId = text('Id of the contact, as Intercom gives it.', { pattern: '^[0-9a-f]+$' })

/** `scopes` are permissions that are configured in the app. */
export const intercomActions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a user or a lead and returns it with its id. Intercom refuses a second user with the same email address or external_id (409).',
    docsUrl: `${reference}/createcontact`,
    scopes: ['Write users and companies'],
    input: input(
      { email: email('Email address.') },
      {
        role: choice('Default: user.', ['user', 'lead']),
        external_id: text('Id of the person in your own system.'),
        name: text('Name.'),
        phone: text('Phone number, such as +353871234567.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/contacts',
      json: {
        role: "{{ args.role | default('user') }}",
        email: '{{ args.email }}',
        external_id: '{{ args.external_id }}',
        name: '{{ args.name }}',
        phone: '{{ args.phone }}',
      },
    },
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with its attributes, tags and companies.',
    docsUrl: `${reference}/showcontact`,
    scopes: ['Read and list users and companies'],
    readOnly: true,
    input: input({ contact_id: contactId }),
    request: { method: 'GET', path: '/contacts/{{ args.contact_id }}' },
  },
  {
    name: 'list_contacts',
    title: 'List contacts',
    description:
      'Lists contacts. Returns data and total_count; pages.next.starting_after is the cursor of the next page.',
    docsUrl: `${reference}/listcontacts`,
    scopes: ['Read and list users and companies'],
    readOnly: true,
    input: input({}, { limit: limit(150, 50), cursor: cursor('pages.next.starting_after') }),
    request: {
      method: 'GET',
      path: '/contacts',
      query: { per_page: '{{ args.limit | default(50) }}', starting_after: '{{ args.cursor }}' },
    },
  },
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description: 'Returns the contacts with this email address. A new contact is found after some seconds.',
    docsUrl: `${reference}/searchcontacts`,
    scopes: ['Read and list users and companies'],
    readOnly: true,
    input: input({ email: email('Email address of the contact.') }),
    request: {
      method: 'POST',
      path: '/contacts/search',
      json: { query: { field: 'email', operator: '=', value: '{{ args.email }}' } },
    },
    output: ['data'],
  },
  {
    name: 'reply_to_conversation',
    title: 'Reply to a conversation',
    description: 'Sends a reply to the contact, or adds a note that only teammates see. Returns the conversation.',
    docsUrl:
      'https://developers.intercom.com/docs/references/2.13/rest-api/api.intercom.io/conversations/replyconversation',
    scopes: ['Write conversations'],
    input: input(
      {
        conversation_id: text('Id of the conversation.', { pattern: '^[0-9]+$' }),
        admin_id: text('Id of the teammate who replies.', { pattern: '^[0-9]+$' }),
        body: text('Text of the reply, as plain text or HTML.'),
      },
      {
        message_type: choice('comment is sent to the contact, note is internal. Default: comment.', [
          'comment',
          'note',
        ]),
      },
    ),
    request: {
      method: 'POST',
      path: '/conversations/{{ args.conversation_id }}/reply',
      json: {
        message_type: "{{ args.message_type | default('comment') }}",
        type: 'admin',
        admin_id: '{{ args.admin_id }}',
        body: '{{ args.body }}',
      },
    },
  },
]
