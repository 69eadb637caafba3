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
    { url: 'https://cdn.cdata.com/help/FAJ/api/aircall/pg_connectionprofile.htm', read: '2026-11-29', second: true },
  ],
  // OAuth was read only at others. The limits, the errors, and the parameters from, to and order of lists were not read.
  unverified: ['app', 'rateLimit', 'hints', 'tokens', 'streams', 'actions'],
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
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      { status: 403, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 404].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
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
      objects('contacts'),
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
          en: 'Give the callback URL as the Redirect URL of the app.',
          de: 'Nennen Sie die Callback-URL als Redirect-URL der App.',
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
    traps: [
      {
        en: 'Only admins of an Aircall company can connect it.',
        de: 'Nur Admins eines Aircall-Unternehmens können es verbinden.',
      },
      {
        en: 'Links to recordings are valid for a short time.',
        de: 'Links zu Aufnahmen gelten nur kurze Zeit.',
      },
    ],
    scopes: {
      [SCOPE]: {
        en: 'read and change calls, contacts, users and numbers of your company',
        de: 'Anrufe, Kontakte, Benutzer und Rufnummern Ihres Unternehmens lesen und ändern',
      },
    },
    rateLimit: null,
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
