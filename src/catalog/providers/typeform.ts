import { cursor, input, instant, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://www.typeform.com/developers'

/** The data center typeform.eu has accounts and OAuth clients of its own. The other one in Europe only keeps data. */
const oauth = "https://api.{{ 'typeform.eu' if input.region == 'typeform.eu' else 'typeform.com' }}/oauth"

const form = { form_id: text('Id of the form: the last part of its address.', { pattern: '^[A-Za-z0-9_-]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'list_forms',
    title: 'List forms',
    description: 'Lists the forms of the account. Returns items, page_count and total_items.',
    docsUrl: `${docs}/create/reference/retrieve-forms/`,
    scopes: ['forms:read'],
    readOnly: true,
    input: input({}, { search: text('Part of the title.'), limit: limit(200, 50), page: page() }),
    request: {
      method: 'GET',
      path: '/forms',
      query: {
        search: '{{ args.search }}',
        page_size: '{{ args.limit | default(50) }}',
        page: '{{ args.page }}',
      },
    },
  },
  {
    name: 'get_form',
    title: 'Get a form',
    description: 'Returns a form with its fields, which say what the answers of its responses are about.',
    docsUrl: `${docs}/create/reference/retrieve-form/`,
    scopes: ['forms:read'],
    readOnly: true,
    input: input(form),
    request: { method: 'GET', path: '/forms/{{ args.form_id }}' },
  },
  {
    name: 'list_responses',
    title: 'List responses to a form',
    description: 'Lists the completed responses to a form, the newest first. Returns items and total_items.',
    docsUrl: `${docs}/responses/reference/retrieve-responses/`,
    scopes: ['responses:read'],
    readOnly: true,
    input: input(form, {
      query: text('Text to search for in the answers.'),
      since: instant('Only responses since this time.'),
      limit: limit(1_000, 25),
      before: cursor('token of the last item'),
    }),
    request: {
      method: 'GET',
      path: '/forms/{{ args.form_id }}/responses',
      query: {
        query: '{{ args.query }}',
        since: '{{ args.since }}',
        page_size: '{{ args.limit | default(25) }}',
        before: '{{ args.before }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['type form', 'typeforms', 'online forms'],
  logo: 'typeform',
  color: '#262627',
  sources: [
    { url: 'https://developers.typeform.com/get-started/applications', read: '2026-11-29' },
    { url: 'https://www.typeform.com/developers/get-started/scopes/', read: '2026-11-29' },
    { url: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/', read: '2026-11-29' },
    { url: 'https://www.typeform.com/developers/get-started/mcp/', read: '2026-11-29' },
    { url: 'https://www.github.com/Typeform/js-api-client', read: '2026-11-29' },
    {
      url: 'https://nango.dev/docs/api-integrations/typeform/how-to-register-your-own-typeform-api-oauth-app',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-typeform/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://seatunnel.apache.org/docs/connectors/source/Typeform', read: '2026-11-29', second: true },
    { url: 'https://posthog.com/docs/data-pipelines/sources/typeform', read: '2026-11-29', second: true },
  ],
  // The limits and the words of errors were not found. That refresh tokens work once was read in public code.
  unverified: ['rateLimit', 'hints', 'tokens'],
  definition: {
    displayName: 'Typeform',
    docsUrl: `${docs}/get-started/`,
    categories: ['forms'],
    baseUrl: "https://api.{{ input.region | default('typeform.com') }}",
    inputFields: [
      {
        name: 'region',
        label: 'Data center',
        description: 'Where the account keeps its data. Default: United States.',
        choices: [
          { value: 'typeform.com', label: 'United States (api.typeform.com)' },
          { value: 'eu.typeform.com', label: 'Europe (api.eu.typeform.com)' },
          { value: 'typeform.eu', label: 'Europe (api.typeform.eu)' },
        ],
        example: 'typeform.com',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Typeform',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${oauth}/authorize`,
            tokenUrl: `${oauth}/token`,
            clientHosts: ['api.typeform.com', 'api.typeform.eu'],
            // offline is needed for a refresh token.
            scopes: ['offline', 'accounts:read', 'forms:read', 'responses:read', 'workspaces:read'],
            rotation: 'strict',
          },
        },
        { key: 'token', label: 'Personal access token', auth: { type: 'bearer' } },
      ],
    },
    responseErrors: [
      { path: ['code'], equals: 'AUTHENTICATION_FAILED', as: 'auth', message: ['description'], code: ['code'] },
      { status: 401, path: ['code'], as: 'auth', message: ['description'], code: ['code'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['code'],
        as: 'fail' as const,
        message: ['description'],
        code: ['code'],
      })),
    ],
    webhook: {
      verify: { method: 'hmac', header: 'Typeform-Signature', hash: 'sha256', encoding: 'base64', prefix: 'sha256=' },
      id: 'body.event_id',
      type: 'body.event_type',
      // An event names its form, but not the account. The webhook's URL has to.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [{ where: "body.event_type == 'form_response'", streams: ['responses'] }],
    },
    testRequest: { path: '/me' },
    streams: [
      records('forms'),
      {
        name: 'responses',
        parent: { stream: 'forms' },
        path: '/forms/{{ parent.id }}/responses',
        query: { page_size: '1000' },
        recordsPath: ['items'],
        primaryKey: [['response_id']],
        // The newest come first; the token of the last one is where the next page begins.
        pagination: { type: 'cursor', from: 'last_record', path: ['token'], param: 'before' },
        incremental: { cursorField: ['submitted_at'], param: 'since', format: '%Y-%m-%dT%H:%M:%SZ' },
      },
      records('workspaces'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://admin.typeform.com/',
      steps: [
        {
          en: 'In Typeform, open the menu next to the name of your organization and, under **Organization**, **Developer Apps**. Select **Register a new app**.',
          de: 'Öffnen Sie in Typeform das Menü neben dem Namen Ihrer Organisation und dort unter **Organization** den Punkt **Developer Apps**. Wählen Sie **Register a new app**.',
        },
        {
          en: 'Enter a name and the address of your product, paste the callback URL under **Redirect URI(s)**, and save.',
          de: 'Geben Sie einen Namen und die Adresse Ihres Produkts ein, fügen Sie unter **Redirect URI(s)** die Callback-URL ein und speichern Sie.',
        },
        {
          en: 'Copy the client id and the client secret. Typeform shows the secret only now.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret. Typeform zeigt das Secret nur jetzt.',
        },
      ],
    },
    key: {
      url: 'https://admin.typeform.com/user/tokens',
      steps: [
        {
          en: 'In the settings of your Typeform account, open **Personal tokens** and select **Generate a new token**.',
          de: 'Öffnen Sie in den Einstellungen Ihres Typeform-Kontos **Personal tokens** und wählen Sie **Generate a new token**.',
        },
        {
          en: 'Enter a name, select the scopes that read accounts, forms, responses and workspaces, and copy the token. Typeform shows it only now.',
          de: 'Geben Sie einen Namen ein, wählen Sie die Scopes zum Lesen von Konten, Formularen, Antworten und Workspaces und kopieren Sie das Token. Typeform zeigt es nur jetzt.',
        },
      ],
    },
    webhook: {
      url: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'For each form, send PUT /forms/…/webhooks/latchkey with the token of the connection, which needs the scope webhooks:write: **url** is the webhook URL with ?external_id= and the external ID of the connection behind it, **secret** is the webhook secret, and **enabled** is true.',
          de: 'Senden Sie für jedes Formular PUT /forms/…/webhooks/latchkey mit dem Token der Verbindung, das den Scope webhooks:write braucht: **url** ist die Webhook-URL, dahinter ?external_id= und die externe ID der Verbindung, **secret** das Webhook-Secret, und **enabled** ist true.',
        },
      ],
    },
    fields: {
      region: {
        label: 'Rechenzentrum',
        description: 'Wo das Konto seine Daten hat. Standard: USA.',
        choices: {
          'typeform.com': 'USA (api.typeform.com)',
          'eu.typeform.com': 'Europa (api.eu.typeform.com)',
          'typeform.eu': 'Europa (api.typeform.eu)',
        },
      },
    },
    options: { oauth: 'Mit Typeform anmelden', token: 'Persönliches Zugriffstoken' },
    events: ['form_response'],
    scopes: {
      offline: { en: 'keep the access while you are away', de: 'den Zugriff behalten, während Sie abwesend sind' },
      'accounts:read': { en: 'see your name and email address', de: 'Ihren Namen und Ihre E-Mail-Adresse sehen' },
      'forms:read': { en: 'read your forms', de: 'Ihre Formulare lesen' },
      'responses:read': { en: 'read the responses to your forms', de: 'die Antworten auf Ihre Formulare lesen' },
      'workspaces:read': { en: 'see your workspaces', de: 'Ihre Workspaces sehen' },
      'webhooks:write': {
        en: 'set up and remove notifications about responses',
        de: 'Benachrichtigungen über Antworten einrichten und entfernen',
      },
    },
    tokens: {
      en: 'An access token lives for about a week. A refresh token works once.',
      de: 'Ein Access-Token gilt etwa eine Woche. Ein Refresh-Token funktioniert einmal.',
    },
    traps: [
      {
        en: 'Without the scope offline there is no refresh token.',
        de: 'Ohne den Scope offline gibt es kein Refresh-Token.',
      },
      {
        en: 'The data center api.typeform.eu has OAuth clients of its own. Its customers need an integration with a client that is registered there.',
        de: 'Das Rechenzentrum api.typeform.eu hat eigene OAuth-Clients. Seine Kunden brauchen eine Integration mit einem Client, der dort registriert ist.',
      },
      {
        en: 'Only completed responses are returned. Answers name the fields of the form, so read both.',
        de: 'Es werden nur abgeschlossene Antworten geliefert. Sie nennen die Felder des Formulars, lesen Sie deshalb beides.',
      },
    ],
    rateLimit: null,
    hints: [],
  },
}

function records(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    recordsPath: ['items'],
    primaryKey: [['id']],
    pagination: { type: 'page', param: 'page', sizeParam: 'page_size', size: 200, totalPages: ['page_count'] },
  }
}
