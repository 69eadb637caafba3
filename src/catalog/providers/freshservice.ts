import { choice, email, flag, input, integer, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://api.freshservice.com/'

const ticket = { ticket_id: integer('Number of the ticket.', { minimum: 1 }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_ticket',
    title: 'Create a ticket',
    description:
      'Creates a ticket for a requester, who is created if there is none with this address. Returns the ticket.',
    docsUrl: `${docs}#create_ticket`,
    input: input(
      {
        email: email('Email address of the requester.'),
        subject: text('Subject.'),
        description: text('Description, as HTML.'),
      },
      {
        priority: integer('1 is low, 2 medium, 3 high, 4 urgent. Default: 1.', { minimum: 1, maximum: 4, default: 1 }),
        status: integer('2 is open, 3 pending, 4 resolved, 5 closed. Default: 2.', {
          minimum: 2,
          maximum: 5,
          default: 2,
        }),
        workspace_id: integer('Id of the workspace. Default: the primary one.', { minimum: 1 }),
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
        workspace_id: '{{ args.workspace_id }}',
      },
    },
    output: ['ticket'],
  },
  {
    name: 'get_ticket',
    title: 'Get a ticket',
    description: 'Returns a ticket, with its conversations, requester or statistics if wanted.',
    docsUrl: `${docs}#view_a_ticket`,
    readOnly: true,
    input: input(ticket, { include: choice('What else to return.', ['conversations', 'requester', 'stats']) }),
    request: { method: 'GET', path: '/tickets/{{ args.ticket_id }}', query: { include: '{{ args.include }}' } },
    output: ['ticket'],
  },
  {
    name: 'add_note',
    title: 'Add a note to a ticket',
    description: 'Adds a note to a ticket, which only agents see unless private is false. Returns the note.',
    docsUrl: `${docs}#create_a_note`,
    input: input(
      { ...ticket, body: text('Text of the note, as HTML.') },
      { private: flag('Whether only agents see the note. Default: true.') },
    ),
    request: {
      method: 'POST',
      path: '/tickets/{{ args.ticket_id }}/notes',
      json: { body: '{{ args.body }}', private: '{{ args.private | default(true) }}' },
    },
    output: ['conversation'],
  },
]

export const provider: ProviderFile = {
  aliases: ['fresh service', 'freshworks itsm', 'it service desk'],
  logo: null,
  color: '#08c7fb',
  sources: [
    {
      url: 'https://community.freshworks.com/how-do-i-11341/how-do-enable-my-api-key-43824?postid=109779',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-freshservice/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.exalate.com/docs/freshservice-rate-limits', read: '2026-11-29', second: true },
    {
      url: 'https://powershellgallery.com/packages/FreshservicePS/0.1.4/Content/Public%5CTickets%5CGet-FreshServiceTicket.ps1',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The reference of the API was not available: errors and what actions send are not confirmed by it.
  unverified: ['actions', 'hints', 'tokens'],
  definition: {
    displayName: 'Freshservice',
    docsUrl: docs,
    categories: ['support', 'ticketing'],
    baseUrl: 'https://{{ input.subdomain }}.freshservice.com/api/v2',
    inputFields: [
      {
        name: 'subdomain',
        label: 'Subdomain',
        description: 'What stands before .freshservice.com.',
        required: true,
        pattern: '[A-Za-z0-9_-]+',
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
    testRequest: { path: '/tickets?per_page=1' },
    streams: [
      {
        ...records('tickets'),
        // Without updated_since, only tickets of the last 30 days are returned.
        incremental: {
          cursorField: ['updated_at'],
          param: 'updated_since',
          format: '%Y-%m-%dT%H:%M:%SZ',
          start: '2010-01-01T00:00:00Z',
          lookback: 'PT1S',
        },
        // Deleted tickets and those of other workspaces are not in the list.
        deletes: 'never',
      },
      records('requesters'),
      records('agents'),
      records('departments'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://www.freshworks.com/login/',
      steps: [
        {
          en: 'Sign in to Freshservice as the agent whose rights the connection shall have, and open **Profile Settings**.',
          de: 'Melden Sie sich bei Freshservice als der Agent an, dessen Rechte die Verbindung haben soll, und öffnen Sie **Profile Settings**.',
        },
        {
          en: 'Copy the API key. If there is none, an account admin turns it on for the agent under **Global settings**, **Agents** and **Permissions**.',
          de: 'Kopieren Sie den API-Schlüssel. Gibt es keinen, schaltet ihn ein Account-Admin für den Agenten unter **Global settings**, **Agents** und **Permissions** ein.',
        },
      ],
    },
    fields: { subdomain: { label: 'Subdomain', description: 'Der Teil vor .freshservice.com.' } },
    scopes: {},
    tokens: {
      en: 'Each agent has one key with the rights of the agent. An account can turn keys off for everybody.',
      de: 'Jeder Agent hat einen Schlüssel mit seinen eigenen Rechten. Ein Konto kann Schlüssel für alle abschalten.',
    },
    traps: [
      {
        en: 'In an account with workspaces, the list of tickets has those of the primary workspace only.',
        de: 'In einem Konto mit Workspaces enthält die Liste der Tickets nur die des primären Workspace.',
      },
    ],
    rateLimit: {
      words: {
        en: 'For the whole account, in a minute: 100 requests in Starter, 200 in Growth, 400 in Pro and 500 in Enterprise, with lower limits for lists.',
        de: 'Für das ganze Konto pro Minute: 100 Anfragen in Starter, 200 in Growth, 400 in Pro und 500 in Enterprise, mit niedrigeren Grenzen für Listen.',
      },
      url: 'https://api.freshservice.com/#ratelimit',
    },
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The API key is wrong, was reset or is turned off.',
          de: 'Der API-Schlüssel ist falsch, wurde zurückgesetzt oder ist abgeschaltet.',
        },
        operator: {
          en: 'Let the account be connected with the current key.',
          de: 'Lassen Sie das Konto mit dem aktuellen Schlüssel verbinden.',
        },
        person: {
          en: 'Check the subdomain, and copy the key again under **Profile Settings**.',
          de: 'Prüfen Sie die Subdomain und kopieren Sie den Schlüssel unter **Profile Settings** erneut.',
        },
      },
    ],
  },
}

function records(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'page', param: 'page', sizeParam: 'per_page', size: 100 },
  }
}
