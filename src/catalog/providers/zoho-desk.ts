import { email, flag, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import { zohoProduct } from '../families/zoho.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://desk.zoho.com/DeskAPIDocument'

const ticket = { ticket_id: text('Id of the ticket.', { pattern: '^[0-9]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_ticket',
    title: 'Create a ticket',
    description:
      'Creates a ticket for a contact, who is created if there is none with this address. Returns the ticket.',
    docsUrl: `${docs}#Tickets_CreateTicket`,
    scopes: ['Desk.tickets.CREATE', 'Desk.contacts.CREATE'],
    input: input(
      {
        subject: text('Subject.'),
        department_id: text('Id of the department.', { pattern: '^[0-9]+$' }),
        email: email('Email address of the contact.'),
        last_name: text('Last name of the contact.'),
      },
      { description: text('Description, as HTML.') },
    ),
    request: {
      method: 'POST',
      path: '/tickets',
      json: {
        subject: '{{ args.subject }}',
        departmentId: '{{ args.department_id }}',
        contact: { email: '{{ args.email }}', lastName: '{{ args.last_name }}' },
        description: '{{ args.description }}',
      },
    },
  },
  {
    name: 'get_ticket',
    title: 'Get a ticket',
    description: 'Returns a ticket with its subject, status, contact and assignee.',
    docsUrl: `${docs}#Tickets_Getaticket`,
    scopes: ['Desk.tickets.READ'],
    readOnly: true,
    input: input(ticket),
    request: { method: 'GET', path: '/tickets/{{ args.ticket_id }}' },
  },
  {
    name: 'add_comment',
    title: 'Comment on a ticket',
    description: 'Adds a comment to a ticket, which only agents see unless public is true. Returns the comment.',
    docsUrl: `${docs}#TicketsComments_Createticketcomment`,
    scopes: ['Desk.tickets.UPDATE'],
    input: input(
      { ...ticket, content: text('Text of the comment.') },
      { public: flag('Whether the contact sees the comment. Default: false.') },
    ),
    request: {
      method: 'POST',
      path: '/tickets/{{ args.ticket_id }}/comments',
      json: { content: '{{ args.content }}', isPublic: '{{ args.public | default(false) }}' },
    },
  },
]

export const provider: ProviderFile = zohoProduct({
  aliases: ['zohodesk', 'zoho support', 'zoho helpdesk'],
  logo: 'zoho',
  color: '#089949',
  sources: [
    { url: 'https://desk.zoho.com/DeskAPIDocument', read: '2026-11-29' },
    { url: 'https://github.com/zoho/zohodesk-oas/blob/main/v1.0/Ticket.json', read: '2026-11-29' },
    { url: 'https://github.com/zoho/zohodesk-oas/blob/main/v1.0/Organization.json', read: '2026-11-29' },
    { url: 'https://github.com/zoho/zohodesk-oas/blob/main/v1.0/Agent.json', read: '2026-11-29' },
    { url: 'https://github.com/pinalzala/ZOHO-DESK-PHP-API-Of-Tickets', read: '2026-11-29', second: true },
  ],
  // The steps were read in an older guide. What actions send, and the host in Canada, were read in public code only.
  unverified: ['app', 'actions', 'rateLimit', 'hints'],
  requested: ['Desk.basic.READ', 'Desk.tickets.READ', 'Desk.contacts.READ'],
  definition: {
    displayName: 'Zoho Desk',
    docsUrl: docs,
    categories: ['support', 'ticketing'],
    baseUrl:
      "https://desk.{{ 'zohocloud.ca' if input.data_center == 'ca' else 'zoho.' ~ (input.data_center | default('com')) }}/api/v1",
    // All endpoints but that of the organizations need it. It is the first organization of the user. Injected tokens supply it as extra.org_id.
    headers: { orgId: '{{ kept.org_id }}' },
    afterConnect: [{ path: '/organizations', keep: { org_id: ['data', 0, 'id'] } }],
    testRequest: { path: '/organizations' },
    streams: [
      records('tickets', 100, { include: 'contacts,assignee' }),
      records('contacts', 100),
      records('accounts', 100),
      records('agents', 200),
    ],
    actions,
  },
  guide: {
    scopes: {
      'Desk.basic.READ': {
        en: 'see your organizations, departments and agents',
        de: 'Ihre Organisationen, Abteilungen und Agenten sehen',
      },
      'Desk.tickets.READ': { en: 'read your tickets', de: 'Ihre Tickets lesen' },
      'Desk.tickets.CREATE': { en: 'create tickets', de: 'Tickets anlegen' },
      'Desk.tickets.UPDATE': { en: 'change and comment on tickets', de: 'Tickets ändern und kommentieren' },
      'Desk.contacts.READ': { en: 'read your contacts and accounts', de: 'Ihre Kontakte und Firmen lesen' },
      'Desk.contacts.CREATE': { en: 'create contacts', de: 'Kontakte anlegen' },
    },
    traps: [
      {
        en: 'A user with several organizations is connected to the first one.',
        de: 'Wer mehrere Organisationen hat, wird mit der ersten verbunden.',
      },
      {
        en: 'At most 10 access tokens are issued for a refresh token in 10 minutes.',
        de: 'In 10 Minuten werden für ein Refresh-Token höchstens 10 Access-Tokens ausgestellt.',
      },
    ],
    rateLimit: null,
  },
})

/** A list that is empty, or ends, is answered 204. */
function records(name: string, size: number, query?: Record<string, string>): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    ...(query === undefined ? {} : { query }),
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: 'from', limitParam: 'limit', size },
    responses: [{ status: 204, as: 'empty' }],
  }
}
