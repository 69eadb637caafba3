import type { ActionDefinition } from '../definition/action.ts'
import { choice, email, input, integer, limit, list, text } from './input.ts'

const reference = 'https://mailchimp.com/developer/marketing/api'
const audience = { list_id: text('Id of the audience. list_lists returns it.', { pattern: '^[0-9a-z]+$' }) }
const offset = integer('How many results to skip. Default: 0.', { minimum: 0, default: 0 })
const paging = { count: '{{ args.limit | default(25) }}', offset: '{{ args.offset }}' }

/** Access tokens have no scopes: they may do what the user may do. */
export const mailchimpActions: ActionDefinition[] = [
  {
    name: 'add_member',
    title: 'Add a contact to an audience',
    description:
      'Adds a contact to an audience. With the status pending Mailchimp sends an email that asks for confirmation. Mailchimp refuses a contact that is already there (400).',
    docsUrl: `${reference}/list-members/add-member-to-list/`,
    input: input(
      {
        ...audience,
        email: email('Email address of the contact.'),
        status: choice('subscribed only with the consent of the person.', [
          'subscribed',
          'pending',
          'unsubscribed',
          'transactional',
        ]),
      },
      {
        first_name: text('First name: the merge field FNAME.'),
        last_name: text('Last name: the merge field LNAME.'),
        tags: list('Names of tags.', { type: 'string' }),
      },
    ),
    request: {
      method: 'POST',
      path: '/lists/{{ args.list_id }}/members',
      json: {
        email_address: '{{ args.email }}',
        status: '{{ args.status }}',
        merge_fields: { FNAME: '{{ args.first_name }}', LNAME: '{{ args.last_name }}' },
        tags: '{{ args.tags }}',
      },
    },
  },
  {
    name: 'get_member',
    title: 'Get a contact of an audience',
    description: 'Returns one contact of an audience: status, merge fields, tags and statistics.',
    docsUrl: `${reference}/list-members/get-member-info/`,
    readOnly: true,
    input: input({ ...audience, email: email('Email address of the contact.') }),
    request: { method: 'GET', path: '/lists/{{ args.list_id }}/members/{{ args.email }}' },
  },
  {
    name: 'list_members',
    title: 'List the contacts of an audience',
    description: 'Lists contacts of an audience. Returns members and total_items.',
    docsUrl: `${reference}/list-members/list-members-info/`,
    readOnly: true,
    input: input(audience, {
      status: choice('Only contacts with this status.', ['subscribed', 'unsubscribed', 'cleaned', 'pending']),
      limit: limit(1000, 25),
      offset,
    }),
    request: {
      method: 'GET',
      path: '/lists/{{ args.list_id }}/members',
      query: { status: '{{ args.status }}', exclude_fields: 'members._links,_links', ...paging },
    },
  },
  {
    name: 'list_lists',
    title: 'List audiences',
    description: 'Lists the audiences of the account with id, name and statistics. Returns lists and total_items.',
    docsUrl: `${reference}/lists/get-lists-info/`,
    readOnly: true,
    input: input({}, { limit: limit(1000, 25), offset }),
    request: { method: 'GET', path: '/lists', query: { exclude_fields: 'lists._links,_links', ...paging } },
  },
]
