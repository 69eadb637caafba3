import { choice, input, instant, integer, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.aircall.io/api-references/'

const SCOPE = 'public_api'

const actions: ActionDefinition[] = [
  {
    name: 'search_calls',
    title: 'Search calls',
    description: 'Searches calls by time and phone number. Returns calls and meta.',
    docsUrl: reference,
    scopes: [SCOPE],
    readOnly: true,
    input: input(
      {},
      {
        from: instant('Only calls after this time.'),
        to: instant('Only calls before this time.'),
        phone_number: text('Only calls with this phone number, such as +33612345678.'),
        order: choice('By time. Default: desc, the newest first.', ['asc', 'desc']),
        limit: limit(50, 20),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/calls/search',
      query: {
        from: "{{ date(args.from, 'epoch') if args.from else args.from }}",
        to: "{{ date(args.to, 'epoch') if args.to else args.to }}",
        phone_number: '{{ args.phone_number }}',
        order: "{{ args.order | default('desc') }}",
        per_page: '{{ args.limit | default(20) }}',
        page: '{{ args.page }}',
      },
    },
  },
  {
    name: 'get_call',
    title: 'Get a call',
    description: 'Returns one call with its direction, duration, user, number, tags and comments.',
    docsUrl: reference,
    scopes: [SCOPE],
    readOnly: true,
    input: input({ call_id: integer('Id of the call.', { minimum: 1 }) }),
    request: { method: 'GET', path: '/calls/{{ args.call_id }}' },
    output: ['call'],
  },
]

export const provider: ProviderFile = {
  aliases: ['air call', 'cloud phone', 'call center'],
  logo: 'aircall',
  color: '#00b388',
  sources: [
    { url: 'https://developer.aircall.io/docs/your-first-api-call', read: '2026-11-29' },
    { url: 'https://developer.aircall.io/docs/work-with-call-data', read: '2026-11-29' },
    { url: 'https://developer.aircall.io/docs/best-practices', read: '2026-11-29' },
    { url: 'https://developer.aircall.io/docs/authentication', read: '2026-11-29' },
    { url: 'https://developer.aircall.io/docs/oauth', read: '2026-11-29' },
    { url: 'https://developer.aircall.io/tutorials/how-aircall-oauth-flow-works', read: '2026-11-29' },
    { url: 'https://developer.aircall.io/docs/basic-authentication', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-aircall/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.datagrail.io/docs/integrations/api-documentation/aircall', read: '2026-11-29', second: true },
  ],
  // The limits and the bodies of errors were read only in what others quote of the reference.
  unverified: ['rateLimit', 'hints'],
  definition: {
    displayName: 'Aircall',
    docsUrl: 'https://developer.aircall.io/docs/your-first-api-call',
    categories: ['telephony', 'sales'],
    baseUrl: 'https://api.aircall.io/v1',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Aircall',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://dashboard.aircall.io/oauth/authorize',
            tokenUrl: 'https://api.aircall.io/v1/oauth/token',
            scopes: [SCOPE],
          },
        },
        {
          key: 'api_key',
          label: 'API key of your own company',
          auth: {
            type: 'basic',
            fields: [
              { name: 'api_id', label: 'API ID', required: true },
              { name: 'api_token', label: 'API token', secret: true, required: true },
            ],
            username: '{{ config.api_id }}',
            password: '{{ config.api_token }}',
          },
        },
      ],
    },
    responseErrors: [
      // 403 is a key or token that is not valid. Errors are in `error`, or in `message` if they come from what stands before the API.
      ...['error', 'message'].flatMap((key) => [
        ...[401, 403].map((status) => ({ status, path: [key], as: 'auth' as const, message: [key] })),
        ...[400, 404].map((status) => ({ status, path: [key], as: 'fail' as const, message: [key] })),
      ]),
    ],
    testRequest: { path: '/ping' },
    streams: [
      {
        ...objects('calls'),
        query: { per_page: '50', order: 'asc' },
        // `from` compares when a call began. A call gets its end, recording and tags later. A list ends after 10,000 calls, so a first
        // reading goes on with the next sync, and what it does not contain is not deleted.
        incremental: { cursorField: ['started_at'], fieldFormat: 'epoch', param: 'from', lookback: 'P1D' },
        deletes: 'never',
      },
      objects('users'),
      // A list ends after 10,000 contacts.
      { ...objects('contacts'), deletes: 'never' },
      objects('numbers'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://aircall.io/partners/registration/',
      steps: [
        {
          en: 'Register as a partner and describe your app.',
          de: 'Registrieren Sie sich als Partner und beschreiben Sie Ihre App.',
        },
        {
          en: 'Give the callback URL as the redirect_uri of the app, and as install_uri a page of your product with a link that connects Aircall. Aircall opens it when an admin installs the app from the dashboard.',
          de: 'Nennen Sie die Callback-URL als redirect_uri der App und als install_uri eine Seite Ihres Produkts mit einem Link, der Aircall verbindet. Aircall öffnet sie, wenn ein Admin die App aus dem Dashboard installiert.',
        },
        {
          en: 'Aircall sends you the client_id and the client_secret.',
          de: 'Aircall sendet Ihnen die client_id und das client_secret.',
        },
      ],
    },
    key: {
      url: 'https://dashboard.aircall.io/integrations/api-keys',
      steps: [
        {
          en: 'As an admin, open **Integrations & API** in the dashboard. Under **API Keys**, select **Add a new API key**.',
          de: 'Öffnen Sie als Admin im Dashboard **Integrations & API**. Wählen Sie unter **API Keys** die Schaltfläche **Add a new API key**.',
        },
        {
          en: 'Copy **API ID** and **API Token**. The token is shown only once.',
          de: 'Kopieren Sie **API ID** und **API Token**. Der Token wird nur einmal angezeigt.',
        },
      ],
    },
    fields: { api_id: { label: 'API-ID' }, api_token: { label: 'API-Token' } },
    options: { oauth: 'Mit Aircall anmelden', api_key: 'API-Schlüssel des eigenen Unternehmens' },
    tokens: {
      en: 'An access token does not expire, and there is no refresh token.',
      de: 'Ein Access-Token läuft nicht ab, und es gibt keinen Refresh-Token.',
    },
    traps: [
      {
        en: 'Only admins of an Aircall company can connect it.',
        de: 'Nur Admins eines Aircall-Unternehmens können es verbinden.',
      },
      {
        en: 'Links to recordings are valid for a short time.',
        de: 'Links zu Aufnahmen gelten nur kurze Zeit.',
      },
      {
        en: 'Calls older than six months are not available, and a list of calls or contacts ends after 10,000. Contacts that were deleted in Aircall stay in the stream.',
        de: 'Anrufe, die älter als sechs Monate sind, gibt es nicht, und eine Liste von Anrufen oder Kontakten endet nach 10.000. Kontakte, die in Aircall gelöscht wurden, bleiben im Stream.',
      },
    ],
    scopes: {
      [SCOPE]: {
        en: 'read and change calls, contacts, users and numbers of your company',
        de: 'Anrufe, Kontakte, Benutzer und Rufnummern Ihres Unternehmens lesen und ändern',
      },
    },
    rateLimit: {
      words: {
        en: '120 requests a minute for each company, shared by all of its integrations.',
        de: '120 Anfragen pro Minute für jedes Unternehmen, gemeinsam für alle seine Integrationen.',
      },
      url: reference,
    },
    hints: [],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '50' },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['meta', 'next_page_link'] },
  }
}
