import { choice, email, input, integer, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developers.salesloft.com/docs'

const id = (description: string) => integer(description, { minimum: 1 })

const actions: ActionDefinition[] = [
  {
    name: 'create_person',
    title: 'Create a person',
    description: 'Creates a person and returns it with its id.',
    docsUrl: `${docs}/api/people/`,
    input: input(
      { email: email('Email address.') },
      {
        first_name: text('First name.'),
        last_name: text('Last name.'),
        phone: text('Phone number.'),
        title: text('Job title.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/people',
      json: {
        email_address: '{{ args.email }}',
        first_name: '{{ args.first_name }}',
        last_name: '{{ args.last_name }}',
        phone: '{{ args.phone }}',
        title: '{{ args.title }}',
      },
    },
    output: ['data'],
  },
  {
    name: 'add_to_cadence',
    title: 'Add a person to a cadence',
    description: 'Adds a person to a cadence, whose steps then begin. Returns the membership.',
    docsUrl: `${docs}/api/cadence-memberships/`,
    input: input(
      { person_id: id('Id of the person.'), cadence_id: id('Id of the cadence.') },
      { user_id: id('Id of the user whose membership it is.') },
    ),
    request: {
      method: 'POST',
      path: '/cadence_memberships',
      // Clients made from the documentation send these without a body.
      query: {
        person_id: '{{ args.person_id }}',
        cadence_id: '{{ args.cadence_id }}',
        user_id: '{{ args.user_id }}',
      },
    },
    output: ['data'],
  },
  {
    name: 'create_note',
    title: 'Add a note',
    description: 'Adds a note to a person or an account and returns it.',
    docsUrl: `${docs}/api/notes/`,
    input: input({
      content: text('Text of the note.'),
      type: choice('What the note belongs to.', ['person', 'account']),
      id: id('Id of the person or account.'),
    }),
    request: {
      method: 'POST',
      path: '/notes',
      json: {
        content: '{{ args.content }}',
        associated_with_type: '{{ args.type }}',
        associated_with_id: '{{ args.id }}',
      },
    },
    output: ['data'],
  },
]

export const provider: ProviderFile = {
  aliases: ['sales loft', 'sales cadence'],
  logo: null,
  color: '#4c7e3f',
  sources: [
    { url: 'https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/', read: '2026-11-29' },
    { url: 'https://developers.salesloft.com/docs/platform/webhooks/delivery-headers/', read: '2026-11-29' },
    { url: 'https://developers.salesloft.com/docs/platform/api-basics/rate-limits/', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://www.npmjs.com/package/@pipedream/salesloft',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-salesloft/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.datagrail.io/docs/integrations/api-documentation/salesloft',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/jeremylongshore/claude-code-plugins-plus-skills',
      read: '2026-11-29',
      second: true,
      differs: 'It signs webhooks with SHA-256 and a time. The documentation says SHA-1 of the body.',
    },
  ],
  // The names of scopes, the lifetime of tokens and the errors were not read. The parameters of lists and actions were read at others.
  unverified: ['scopes', 'hints', 'tokens', 'actions'],
  definition: {
    displayName: 'Salesloft',
    docsUrl: 'https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/',
    categories: ['sales'],
    baseUrl: 'https://api.salesloft.com/v2',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      // Scopes are chosen in the app. Apps of partners are not approved with API keys.
      authorizationUrl: 'https://accounts.salesloft.com/oauth/authorize',
      tokenUrl: 'https://accounts.salesloft.com/oauth/token',
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
    ],
    // developers.salesloft.com/docs/platform/webhooks/delivery-headers
    webhook: {
      verify: { method: 'hmac', header: 'x-salesloft-signature', hash: 'sha1', encoding: 'hex' },
      id: "headers['x-salesloft-event'] ~ ' ' ~ body.id ~ ' ' ~ body.updated_at",
      type: "headers['x-salesloft-event']",
      // The body is the record itself. It does not name the account.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'person_' in headers['x-salesloft-event']", streams: ['people'] },
        { where: "'account_' in headers['x-salesloft-event']", streams: ['accounts'] },
        { where: "'cadence_' in headers['x-salesloft-event']", streams: ['cadences'] },
      ],
    },
    testRequest: { path: '/me' },
    streams: ['people', 'accounts', 'cadences', 'users'].map(records),
    actions,
  },
  guide: {
    app: {
      url: 'https://accounts.salesloft.com/oauth/applications',
      steps: [
        {
          en: 'In your Salesloft account, open **Your Applications**, then **OAuth Applications**, and select **Create New**.',
          de: 'Öffnen Sie in Ihrem Salesloft-Konto **Your Applications**, dann **OAuth Applications**, und wählen Sie **Create New**.',
        },
        {
          en: 'Enter **Name** and **Description**, and paste the callback URL into **Redirect URI**.',
          de: 'Geben Sie **Name** und **Description** ein und fügen Sie die Callback-URL bei **Redirect URI** ein.',
        },
        {
          en: 'As **Grant Type**, choose **Authorization Code**. As **Application Type**, say whether other teams will use the app. Tick the scopes that read people, accounts, cadences and users, and those of the actions, and select **Submit**.',
          de: 'Wählen Sie als **Grant Type** **Authorization Code**. Geben Sie als **Application Type** an, ob andere Teams die App nutzen. Setzen Sie die Häkchen bei den Scopes, die Personen, Accounts, Cadences und Benutzer lesen, und bei denen der Aktionen, und wählen Sie **Submit**.',
        },
        {
          en: 'Copy **Application Id** as the client ID and **Secret** as the client secret.',
          de: 'Kopieren Sie **Application Id** als Client-ID und **Secret** als Client-Secret.',
        },
      ],
    },
    webhook: {
      url: 'https://developers.salesloft.com/docs/api/webhook-subscriptions/',
      steps: [
        {
          en: 'For each event, send POST /v2/webhook_subscriptions with the token of the connection: as callback_url the webhook URL with ?external_id= and the external ID of the connection, and as event_type the event.',
          de: 'Senden Sie für jedes Event POST /v2/webhook_subscriptions mit dem Token der Verbindung: als callback_url die Webhook-URL mit ?external_id= und der externen ID der Verbindung, als event_type das Event.',
        },
        {
          en: 'Send the webhook secret as callback_token. Use the same for all accounts.',
          de: 'Senden Sie das Webhook-Secret als callback_token. Verwenden Sie dasselbe für alle Konten.',
        },
      ],
    },
    events: ['person_created', 'person_updated', 'account_created', 'account_updated', 'cadence_updated'],
    traps: [
      {
        en: 'The body of an event is the changed record itself. Only a header says which event it is.',
        de: 'Der Body eines Events ist der geänderte Datensatz selbst. Nur ein Header sagt, welches Event es ist.',
      },
    ],
    scopes: {},
    rateLimit: {
      words: {
        en: '600 points a minute for each team, shared by all of its integrations. A request costs 1 point, and more for a page beyond the hundredth: up to 30 from page 501 on.',
        de: '600 Punkte pro Minute für jedes Team, gemeinsam für alle seine Integrationen. Eine Anfrage kostet 1 Punkt, für eine Seite hinter der hundertsten mehr: bis zu 30 ab Seite 501.',
      },
      url: 'https://developers.salesloft.com/docs/platform/api-basics/rate-limits/',
    },
    hints: [],
  },
}

function records(name: string): StreamDefinition {
  const isChanging = name !== 'users'
  return {
    name,
    path: `/${name}`,
    query: { per_page: '100', ...(isChanging ? { sort_by: 'updated_at', sort_direction: 'ASC' } : {}) },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['metadata', 'paging', 'next_page'], param: 'page' },
    // Users have no parameter for changes.
    incremental: isChanging ? { cursorField: ['updated_at'], param: 'updated_at[gte]' } : undefined,
  }
}
