import { choice, input, integer, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developer.helpscout.com/mailbox-api'

const conversation = { conversation_id: integer('Id of the conversation.', { minimum: 1 }) }

const actions: ActionDefinition[] = [
  {
    name: 'list_conversations',
    title: 'List conversations',
    description:
      'Lists conversations, those of all inboxes and with every status unless told otherwise. Returns _embedded.conversations, and page with totalPages.',
    docsUrl: `${docs}/endpoints/conversations/list/`,
    readOnly: true,
    input: input(
      {},
      {
        mailbox_id: integer('Id of the inbox.', { minimum: 1 }),
        status: choice('Default: all.', ['active', 'all', 'closed', 'open', 'pending', 'spam']),
        query: text('Search query, such as: (email:"ada@example.com").'),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/conversations',
      query: {
        mailbox: '{{ args.mailbox_id }}',
        status: "{{ args.status | default('all') }}",
        query: '{{ args.query }}',
        page: '{{ args.page }}',
      },
    },
  },
  {
    name: 'get_conversation',
    title: 'Get a conversation',
    description: 'Returns a conversation with its status, customer, assignee and tags.',
    docsUrl: `${docs}/endpoints/conversations/get/`,
    readOnly: true,
    input: input(conversation),
    request: { method: 'GET', path: '/conversations/{{ args.conversation_id }}' },
  },
  {
    name: 'add_note',
    title: 'Add a note to a conversation',
    description: 'Adds a note to a conversation, which only the team sees. Help Scout returns nothing.',
    docsUrl: `${docs}/endpoints/conversations/threads/note/`,
    input: input({ ...conversation, text: text('Text of the note.') }),
    request: {
      method: 'POST',
      path: '/conversations/{{ args.conversation_id }}/notes',
      json: { text: '{{ args.text }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['helpscout', 'mailbox api', 'help scout inbox', 'beacon'],
  logo: 'helpscout',
  color: '#1292ee',
  sources: [
    { url: 'https://developer.helpscout.com/mailbox-api/overview/authentication', read: '2026-11-29' },
    { url: 'https://developer.helpscout.com/mailbox-api/overview/rate-limiting', read: '2026-11-29' },
    { url: 'https://developer.helpscout.com/mailbox-api/endpoints/conversations/list', read: '2026-11-29' },
    { url: 'https://developer.helpscout.com/mailbox-api/endpoints/conversations/threads/note', read: '2026-11-29' },
    { url: 'https://developer.helpscout.com/webhooks', read: '2026-11-29' },
    { url: 'https://developer.helpscout.com/help-desk-api/hooks/create/', read: '2026-11-29' },
    { url: 'https://nango.dev/docs/integrations/all/helpscout-docs', read: '2026-11-29', second: true },
  ],
  // Error bodies were not found.
  unverified: ['hints'],
  definition: {
    displayName: 'Help Scout',
    docsUrl: `${docs}/`,
    categories: ['support', 'email'],
    baseUrl: 'https://api.helpscout.net/v2',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://secure.helpscout.net/authentication/authorizeClientApplication',
      tokenUrl: 'https://api.helpscout.net/v2/oauth2/token',
    },
    webhook: {
      verify: { method: 'hmac', header: 'X-HelpScout-Signature', hash: 'sha1', encoding: 'base64' },
      // Events have no id.
      type: "headers['x-helpscout-event']",
      // An event does not name its account. The webhook's URL has to.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'convo.' in headers['x-helpscout-event']", streams: ['conversations'] },
        { where: "'customer.' in headers['x-helpscout-event']", streams: ['customers'] },
      ],
    },
    testRequest: { path: '/users/me' },
    streams: [
      {
        ...records('conversations'),
        query: { status: 'all' },
        // A conversation does not have the time that modifiedSince compares. This one is never later.
        incremental: {
          cursorField: ['userUpdatedAt'],
          param: 'modifiedSince',
          format: '%Y-%m-%dT%H:%M:%SZ',
          lookback: 'PT1S',
        },
      },
      records('customers'),
      records('mailboxes'),
      records('users'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://secure.helpscout.net/',
      steps: [
        {
          en: 'In Help Scout, open **Your Profile** and **My apps**, and select **Create My App**.',
          de: 'Öffnen Sie in Help Scout **Your Profile** und **My apps** und wählen Sie **Create My App**.',
        },
        {
          en: 'Enter a name, paste the callback URL as the redirection URL, and save.',
          de: 'Geben Sie einen Namen ein, tragen Sie die Callback-URL als Redirection-URL ein und speichern Sie.',
        },
        {
          en: 'Copy **App ID**, which is the client id, and **App Secret**, which is the client secret.',
          de: 'Kopieren Sie **App ID**, sie ist die Client-ID, und **App Secret**, es ist das Client-Secret.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.helpscout.com/webhooks',
      steps: [
        {
          en: 'Make up a random text of at most 40 characters and save it here as the webhook secret.',
          de: 'Denken Sie sich einen zufälligen Text mit höchstens 40 Zeichen aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'In Help Scout, open **Manage** and **Apps**, and select the app **Webhooks**.',
          de: 'Öffnen Sie in Help Scout **Manage** und **Apps** und wählen Sie die App **Webhooks**.',
        },
        {
          en: 'Enter the secret, and paste the webhook URL with ?external_id= and the external ID of the connection behind it, because events do not name the account. Choose the events and save.',
          de: 'Geben Sie das Secret ein und fügen Sie die Webhook-URL ein, dahinter ?external_id= und die externe ID der Verbindung, weil die Events das Konto nicht nennen. Wählen Sie die Events und speichern Sie.',
        },
      ],
    },
    events: ['convo.*', 'customer.*', 'satisfaction.ratings', 'beacon.chat.*', 'tag.created'],
    scopes: {},
    tokens: {
      en: 'An access token lives for two days. It has the rights of the user, who must be active in the account.',
      de: 'Ein Access-Token gilt zwei Tage. Es hat die Rechte der Person, die im Konto aktiv sein muss.',
    },
    traps: [
      {
        en: 'Requests that write count as two for the rate limit.',
        de: 'Schreibende Anfragen zählen für die Grenze doppelt.',
      },
      {
        en: 'A conversation that was merged into another one is no longer found by its id.',
        de: 'Eine Konversation, die mit einer anderen zusammengeführt wurde, ist unter ihrer ID nicht mehr zu finden.',
      },
    ],
    rateLimit: {
      words: {
        en: 'The limit for each minute is for the whole account and depends on the plan. A response names what remains in X-RateLimit-Remaining-Minute, and with status 429 how long to wait in X-RateLimit-Retry-After.',
        de: 'Die Grenze pro Minute gilt für das ganze Konto und hängt vom Tarif ab. Eine Antwort nennt den Rest in X-RateLimit-Remaining-Minute und mit dem Status 429 die Wartezeit in X-RateLimit-Retry-After.',
      },
      url: 'https://developer.helpscout.com/mailbox-api/overview/rate-limiting/',
    },
    hints: [],
  },
}

function records(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    records: { path: ['_embedded', name] },
    omitsEmptyList: true,
    primaryKey: [['id']],
    pagination: { type: 'page', param: 'page', totalPages: ['page', 'totalPages'] },
    responses: [{ status: 429, as: 'rate_limit', waitFrom: 'header:X-RateLimit-Retry-After' }],
  }
}
