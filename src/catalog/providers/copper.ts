import { email, input, integer, limit, onlyWith, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developer.copper.com'

const SCOPE = 'developer/v1/all'

const actions: ActionDefinition[] = [
  {
    name: 'search_people',
    title: 'Search people',
    description: 'Searches people by name or email address. Returns a list of people with their ids.',
    docsUrl: `${docs}/people/list-people-search.html`,
    scopes: [SCOPE],
    readOnly: true,
    input: input(
      {},
      {
        name: text('Full name of the person.'),
        email: email('Email address of the person.'),
        limit: limit(200, 20),
        page: page(),
      },
    ),
    request: {
      method: 'POST',
      path: '/people/search',
      json: {
        name: '{{ args.name }}',
        emails: '{{ [args.email] if args.email else args.email }}',
        page_size: '{{ args.limit | default(20) }}',
        page_number: '{{ args.page | default(1) }}',
      },
    },
  },
  {
    name: 'create_person',
    title: 'Create a person',
    description: 'Creates a person and returns it with its id.',
    docsUrl: `${docs}/people/create-a-new-person.html`,
    scopes: [SCOPE],
    input: input(
      { name: text('Full name.') },
      {
        email: email('Email address at work.'),
        phone: text('Phone number at work.'),
        title: text('Job title.'),
        company_id: integer('Id of the company.', { minimum: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/people',
      json: {
        name: '{{ args.name }}',
        emails: onlyWith('email', [{ email: '{{ args.email }}', category: 'work' }]),
        phone_numbers: onlyWith('phone', [{ number: '{{ args.phone }}', category: 'work' }]),
        title: '{{ args.title }}',
        company_id: '{{ args.company_id }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['copper crm', 'prosperworks', 'google workspace crm'],
  logo: null,
  color: '#ff3465',
  sources: [
    { url: 'https://developer.copper.com/introduction/oauth/index.html', read: '2026-11-29' },
    { url: 'https://developer.copper.com/introduction/oauth/flow.html', read: '2026-11-29' },
    { url: 'https://developer.copper.com/introduction/oauth/quickstart.html', read: '2026-11-29' },
    { url: 'https://developer.copper.com/introduction/requests.html', read: '2026-11-29' },
    { url: 'https://developer.copper.com/people/list-people-search.html', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.npmjs.com/package/n8n-nodes-base', read: '2026-11-29', second: true },
    { url: 'https://www.bollardai.com/resources/copper', read: '2026-11-29', second: true },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/copper/refs/heads/main/json-schema/copper-webhook-schema.json',
      read: '2026-11-29',
      second: true,
    },
  ],
  // Where the secret of a webhook comes back, the errors, and how long a token lives were not read. The parameter of changed records was
  // read only in clients of others.
  unverified: ['webhook', 'hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'Copper',
    docsUrl: 'https://developer.copper.com/introduction/oauth/index.html',
    categories: ['crm', 'sales'],
    baseUrl: 'https://api.copper.com/developer_api/v1',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      // The browser comes back with a POST request.
      authorizationUrl: 'https://app.copper.com/oauth/authorize',
      tokenUrl: 'https://app.copper.com/oauth/token',
      scopes: [SCOPE],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
      })),
    ],
    // 180 requests a minute.
    rateLimit: { requestsPerSecond: 3 },
    webhook: {
      // What was given as `secret` when the webhook was made comes back in the body of each event.
      verify: { method: 'token', place: { in: 'json', name: ['secret'] } },
      type: "body.type ~ '.' ~ body.event",
      connection: { value: 'query.external_id', equals: 'externalId' },
      drop: [['secret']],
      sync: [
        { where: "body.type == 'person'", streams: ['people'] },
        { where: "body.type == 'company'", streams: ['companies'] },
        { where: "body.type == 'opportunity'", streams: ['opportunities'] },
        { where: "body.type == 'lead'", streams: ['leads'] },
      ],
    },
    testRequest: { path: '/account' },
    streams: ['people', 'companies', 'opportunities', 'leads'].map(found),
    actions,
  },
  guide: {
    app: {
      url: 'https://developer.copper.com/introduction/oauth/index.html',
      steps: [
        {
          en: 'Ask Copper to register your application. The page has the address under **contact us**.',
          de: 'Bitten Sie Copper, Ihre Anwendung zu registrieren. Die Seite hat die Adresse unter **contact us**.',
        },
        {
          en: 'Give the name and the purpose of the application, and the callback URL. It has to begin with https.',
          de: 'Nennen Sie den Namen und den Zweck der Anwendung und die Callback-URL. Sie muss mit https beginnen.',
        },
        {
          en: 'Copper sends you the client_id and the client_secret.',
          de: 'Copper sendet Ihnen die client_id und das client_secret.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.copper.com/webhooks/overview.html',
      steps: [
        {
          en: 'For each type and event, send POST /developer_api/v1/webhooks with the token of the connection: as target the webhook URL with ?external_id= and the external ID of the connection, as type and event what you want.',
          de: 'Senden Sie für jeden Typ und jedes Event POST /developer_api/v1/webhooks mit dem Token der Verbindung: als target die Webhook-URL mit ?external_id= und der externen ID der Verbindung, als type und event das Gewünschte.',
        },
        {
          en: 'As secret, send {"secret": "…"} with the webhook secret. Use the same for all accounts.',
          de: 'Senden Sie als secret {"secret": "…"} mit dem Webhook-Secret. Verwenden Sie dasselbe für alle Konten.',
        },
      ],
    },
    events: ['person.*', 'company.*', 'opportunity.*', 'lead.*'],
    tokens: {
      en: 'The token response has no expiry and no refresh token.',
      de: 'Die Token-Antwort hat weder ein Ablaufdatum noch einen Refresh-Token.',
    },
    traps: [
      {
        en: 'Lists are searches with POST, which show only the first 100,000 records.',
        de: 'Listen sind Suchen mit POST, die nur die ersten 100.000 Datensätze zeigen.',
      },
      {
        en: 'Custom fields are a list of ids and values. Their names are at /custom_field_definitions.',
        de: 'Eigene Felder sind eine Liste von IDs und Werten. Ihre Namen stehen unter /custom_field_definitions.',
      },
    ],
    scopes: {
      'developer/v1/all': {
        en: 'read, create, change and delete everything that you can in Copper',
        de: 'in Copper alles lesen, anlegen, ändern und löschen, was Sie selbst können',
      },
    },
    rateLimit: {
      words: {
        en: '180 requests a minute, and 3 a second for requests that change many records.',
        de: '180 Anfragen pro Minute und 3 pro Sekunde bei Anfragen, die viele Datensätze ändern.',
      },
      url: 'https://developer.copper.com/introduction/requests.html',
    },
    hints: [],
  },
}

function found(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}/search`,
    json: { sort_by: 'date_modified' },
    primaryKey: [['id']],
    pagination: {
      type: 'page',
      param: 'page_number',
      sizeParam: 'page_size',
      size: 200,
      in: 'json',
      total: 'header:X-PW-TOTAL',
    },
    incremental: { cursorField: ['date_modified'], param: 'minimum_modified_date', in: 'json' },
  }
}
