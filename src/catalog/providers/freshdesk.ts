import { choice, email, flag, input, integer, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developers.freshdesk.com/api/'

const ticket = { ticket_id: integer('Number of the ticket.', { minimum: 1 }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_ticket',
    title: 'Create a ticket',
    description:
      'Creates a ticket for a requester, who becomes a contact if there is none with this address. Returns the ticket.',
    docsUrl: `${docs}#create_ticket`,
    input: input(
      {
        email: email('Email address of the requester.'),
        subject: text('Subject.'),
        description: text('First message, as HTML.'),
      },
      {
        priority: integer('1 is low, 2 medium, 3 high, 4 urgent. Default: 1.', { minimum: 1, maximum: 4, default: 1 }),
        status: integer('2 is open, 3 pending, 4 resolved, 5 closed. Default: 2.', {
          minimum: 2,
          maximum: 5,
          default: 2,
        }),
        tags: list('Tags.', { type: 'string', minLength: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/tickets',
      json: {
        email: '{{ args.email }}',
        subject: '{{ args.subject }}',
        description: '{{ args.description }}',
        priority: '{{ args.priority | default(1) }}',
        status: '{{ args.status | default(2) }}',
        tags: '{{ args.tags }}',
      },
    },
  },
  {
    name: 'get_ticket',
    title: 'Get a ticket',
    description: 'Returns a ticket, with its requester, company, statistics or conversations if wanted.',
    docsUrl: `${docs}#view_a_ticket`,
    readOnly: true,
    input: input(ticket, {
      include: choice('What else to return.', ['conversations', 'requester', 'company', 'stats']),
    }),
    request: { method: 'GET', path: '/tickets/{{ args.ticket_id }}', query: { include: '{{ args.include }}' } },
  },
  {
    name: 'add_note',
    title: 'Add a note to a ticket',
    description: 'Adds a note to a ticket, which only agents see unless private is false. Returns the note.',
    docsUrl: `${docs}#add_note_to_a_ticket`,
    input: input(
      { ...ticket, body: text('Text of the note, as HTML.') },
      { private: flag('Whether only agents see the note. Default: true.') },
    ),
    request: {
      method: 'POST',
      path: '/tickets/{{ args.ticket_id }}/notes',
      json: { body: '{{ args.body }}', private: '{{ args.private | default(true) }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['fresh desk', 'freshworks', 'freshdesk support', 'freshdesk omni'],
  logo: null,
  color: '#25c16f',
  sources: [
    { url: 'https://developer.freshdesk.com/api/v1', read: '2026-11-29' },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/freshworks/refs/heads/main/rate-limits/freshworks-rate-limits.yml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-freshdesk/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://nango-docs-restructure-batch-two.mintlify.app/api-integrations/freshdesk/how-to-obtain-your-freshdesk-api-key',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
    { url: 'https://www.getmacha.com/blog/how-to-use-the-freshdesk-api', read: '2026-11-29', second: true },
    { url: 'https://bollardai.com/resources/freshdesk', read: '2026-11-29', second: true },
    { url: 'https://pipedream.com/apps/freshdesk/actions/add-note-to-ticket.md', read: '2026-11-29', second: true },
  ],
  // The page of version 2 of the API was not available: streams, actions and limits were read in other public sources.
  unverified: ['actions', 'tokens', 'hints'],
  definition: {
    displayName: 'Freshdesk',
    docsUrl: docs,
    categories: ['support', 'ticketing'],
    baseUrl: 'https://{{ input.subdomain }}.freshdesk.com/api/v2',
    inputFields: [
      {
        name: 'subdomain',
        label: 'Subdomain',
        description: 'What stands before .freshdesk.com.',
        required: true,
        pattern: '[A-Za-z0-9-]+',
        example: 'acme',
      },
    ],
    // The password is ignored, but must not be empty.
    auth: {
      type: 'basic',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
      username: '{{ config.api_key }}',
      password: 'X',
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      { status: 400, path: ['description'], as: 'fail', message: ['description'] },
      { status: 403, path: ['message'], as: 'fail', message: ['message'], code: ['code'] },
    ],
    testRequest: { path: '/agents/me' },
    streams: [
      {
        ...records('tickets'),
        // There are 300 pages at most. The order stays that of the creation: in the order of changes, tickets would move between pages.
        responses: [{ status: 400, where: "'beyond the 300th page' in (answer | tojson)", as: 'end' }],
        // Without updated_since, only tickets of the last 30 days are returned.
        incremental: {
          cursorField: ['updated_at'],
          param: 'updated_since',
          format: '%Y-%m-%dT%H:%M:%SZ',
          start: '2010-01-01T00:00:00Z',
          lookback: 'PT1S',
        },
        // So a full reading need not meet every ticket.
        deletes: 'never',
      },
      {
        ...records('contacts'),
        incremental: {
          cursorField: ['updated_at'],
          param: '_updated_since',
          format: '%Y-%m-%dT%H:%M:%SZ',
          lookback: 'PT1S',
        },
      },
      records('companies'),
      records('agents'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://www.freshworks.com/login/',
      steps: [
        {
          en: 'Sign in to Freshdesk as the agent whose rights the connection shall have. An administrator sees all tickets.',
          de: 'Melden Sie sich bei Freshdesk als der Agent an, dessen Rechte die Verbindung haben soll. Ein Administrator sieht alle Tickets.',
        },
        {
          en: 'Select your profile picture and **Profile Settings**, and there **View API Key**.',
          de: 'Wählen Sie Ihr Profilbild und **Profile Settings** und dort **View API Key**.',
        },
        { en: 'Copy the key.', de: 'Kopieren Sie den Schlüssel.' },
      ],
    },
    fields: { subdomain: { label: 'Subdomain', description: 'Der Teil vor .freshdesk.com.' } },
    scopes: {},
    tokens: {
      en: 'Each agent has one key with the rights of the agent. A reset of the key ends all connections with it.',
      de: 'Jeder Agent hat einen Schlüssel mit seinen eigenen Rechten. Wird der Schlüssel zurückgesetzt, enden alle Verbindungen damit.',
    },
    traps: [
      {
        en: 'The list of tickets has at most 300 pages. With more than 30,000 tickets, the first reading does not return the oldest ones.',
        de: 'Die Liste der Tickets hat höchstens 300 Seiten. Bei mehr als 30.000 Tickets liefert das erste Lesen die ältesten nicht.',
      },
      {
        en: 'Deleted tickets and spam are left out of the list of tickets.',
        de: 'Gelöschte Tickets und Spam fehlen in der Liste der Tickets.',
      },
    ],
    rateLimit: {
      words: {
        en: 'The limit is for the whole account and depends on the plan, with lower limits for some endpoints. Trial accounts have 50 requests a minute. A response with status 429 says in Retry-After how long to wait.',
        de: 'Die Grenze gilt für das ganze Konto und hängt vom Tarif ab; einige Endpunkte haben niedrigere Grenzen. Testkonten haben 50 Anfragen pro Minute. Eine Antwort mit dem Status 429 nennt in Retry-After die Wartezeit.',
      },
      url: 'https://developers.freshdesk.com/api/#ratelimit',
    },
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The API key is wrong or was reset.',
          de: 'Der API-Schlüssel ist falsch oder wurde zurückgesetzt.',
        },
        operator: {
          en: 'Let the account be connected with the current key.',
          de: 'Lassen Sie das Konto mit dem aktuellen Schlüssel verbinden.',
        },
        person: {
          en: 'Check the subdomain, and copy the key again under **Profile Settings**.',
          de: 'Prüfen Sie die Subdomain und kopieren Sie den Schlüssel unter **Profile Settings** erneut.',
        },
        url: docs,
      },
    ],
  },
}

/** The next page is in the header Link. */
function records(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '100' },
    primaryKey: [['id']],
    pagination: { type: 'link_header' },
  }
}
