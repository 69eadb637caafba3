import type { ActionDefinition } from '../definition/action.ts'
import { choice, cursor, email, flag, input, integer, limit, list, page, text } from './input.ts'

const reference = 'https://developer.zendesk.com/api-reference/ticketing'
const ticket = { ticket_id: integer('Number of the ticket.', { minimum: 1 }) }
const priority = choice('Default: none.', ['urgent', 'high', 'normal', 'low'])

export const zendeskActions: ActionDefinition[] = [
  {
    name: 'create_ticket',
    title: 'Create a ticket',
    description:
      'Creates a ticket and returns it with its id. With requester_email the ticket is from this person; give requester_name too, because Zendesk needs it to create a new one.',
    docsUrl: `${reference}/tickets/tickets/#create-ticket`,
    scopes: ['write'],
    input: {
      ...input(
        {
          subject: text('Subject.', { maxLength: 255 }),
          body: text('First comment, as plain text.', { maxLength: 65_536 }),
        },
        {
          requester_email: email('Email address of the person whose ticket it is. Default: the connected user.'),
          requester_name: text('Name of the person whose ticket it is.'),
          public: flag('Whether the requester sees the comment. Default: true.'),
          priority,
          type: choice('Default: none.', ['problem', 'incident', 'question', 'task']),
          tags: list('Tags, each without spaces.', { type: 'string', pattern: '^\\S+$' }),
        },
      ),
      dependentRequired: { requester_name: ['requester_email'] },
    },
    request: {
      method: 'POST',
      path: '/tickets.json',
      json: {
        ticket: {
          subject: '{{ args.subject }}',
          comment: { body: '{{ args.body }}', public: '{{ args.public }}' },
          requester: { email: '{{ args.requester_email }}', name: '{{ args.requester_name }}' },
          priority: '{{ args.priority }}',
          type: '{{ args.type }}',
          tags: '{{ args.tags }}',
        },
      },
    },
    // https://developer.zendesk.com/api-reference/introduction/requests/#idempotency
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
    output: ['ticket'],
  },
  {
    name: 'get_ticket',
    title: 'Get a ticket',
    description: 'Returns one ticket: subject, description, status, priority, requester, assignee and tags.',
    docsUrl: `${reference}/tickets/tickets/#show-ticket`,
    scopes: ['read'],
    readOnly: true,
    input: input(ticket),
    request: { method: 'GET', path: '/tickets/{{ args.ticket_id }}.json' },
    output: ['ticket'],
  },
  {
    name: 'list_tickets',
    title: 'List tickets',
    description:
      'Lists tickets that are not archived. Returns tickets and meta; meta.after_cursor is the cursor of the next page while meta.has_more is true.',
    docsUrl: `${reference}/tickets/tickets/#list-tickets`,
    scopes: ['read'],
    readOnly: true,
    input: input({}, { limit: limit(100, 50), cursor: cursor('meta.after_cursor') }),
    request: {
      method: 'GET',
      path: '/tickets.json',
      query: { 'page[size]': '{{ args.limit | default(50) }}', 'page[after]': '{{ args.cursor }}' },
    },
  },
  {
    name: 'search_tickets',
    title: 'Search tickets',
    description:
      'Searches tickets with Zendesk’s search syntax, the newest first. Returns results, count and next_page. Zendesk returns at most 1,000 results.',
    docsUrl: `${reference}/ticket-management/search/#list-search-results`,
    scopes: ['read'],
    readOnly: true,
    input: input(
      { query: text('Search query, such as: status<solved requester:ada@example.com printer.') },
      { limit: limit(100, 50), page: page() },
    ),
    request: {
      method: 'GET',
      path: '/search.json',
      query: {
        query: 'type:ticket {{ args.query }}',
        sort_by: 'created_at',
        sort_order: 'desc',
        per_page: '{{ args.limit | default(50) }}',
        page: '{{ args.page }}',
      },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on a ticket',
    description:
      'Adds a comment to a ticket, as a reply that the requester sees or as an internal note, and can change the status with it. Returns the ticket.',
    docsUrl: `${reference}/tickets/tickets/#update-ticket`,
    scopes: ['write'],
    input: input(
      { ...ticket, body: text('Text of the comment, as plain text.', { maxLength: 65_536 }) },
      {
        public: flag('Whether the requester sees the comment. Default: true.'),
        status: choice('New status of the ticket. Default: unchanged.', ['open', 'pending', 'hold', 'solved']),
      },
    ),
    request: {
      method: 'PUT',
      path: '/tickets/{{ args.ticket_id }}.json',
      json: {
        ticket: {
          comment: { body: '{{ args.body }}', public: '{{ args.public }}' },
          status: '{{ args.status }}',
        },
      },
    },
    output: ['ticket'],
  },
]
