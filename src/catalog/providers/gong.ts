import { input, list } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://help.gong.io/apidocs/introduction-2'

const CALL_IDS = list('Ids of calls.', { type: 'string', pattern: '^[0-9]+$' }, { maxItems: 20 })

const actions: ActionDefinition[] = [
  {
    name: 'get_calls',
    title: 'Get calls with their content',
    description: 'Returns calls with their metadata, parties and the brief that Gong has written.',
    docsUrl: docs,
    scopes: ['api:calls:read:extensive'],
    readOnly: true,
    input: input({ call_ids: CALL_IDS }),
    request: {
      method: 'POST',
      path: '/v2/calls/extensive',
      json: {
        filter: { callIds: '{{ args.call_ids }}' },
        contentSelector: { exposedFields: { parties: true, content: { brief: true } } },
      },
    },
    output: ['calls'],
  },
  {
    name: 'get_transcripts',
    title: 'Get transcripts of calls',
    description: 'Returns the transcripts of calls: what each speaker said, with times in milliseconds.',
    docsUrl: docs,
    scopes: ['api:calls:read:transcript'],
    readOnly: true,
    input: input({ call_ids: CALL_IDS }),
    request: {
      method: 'POST',
      path: '/v2/calls/transcript',
      json: { filter: { callIds: '{{ args.call_ids }}' } },
    },
    output: ['callTranscripts'],
  },
  {
    name: 'find_users',
    title: 'Get users',
    description: 'Returns users of the company by their ids.',
    docsUrl: docs,
    scopes: ['api:users:read'],
    readOnly: true,
    input: input({ user_ids: list('Ids of users.', { type: 'string', pattern: '^[0-9]+$' }) }),
    request: {
      method: 'POST',
      path: '/v2/users/extensive',
      json: { filter: { userIds: '{{ args.user_ids }}' } },
    },
    output: ['users'],
  },
]

export const provider: ProviderFile = {
  aliases: ['gong.io', 'gong io', 'revenue intelligence', 'call recordings'],
  logo: null,
  color: '#8039e9',
  sources: [
    { url: 'https://help.gong.io/apidocs/introduction-2', read: '2026-11-29' },
    { url: 'https://help.gong.io/docs/create-an-app-for-gong', read: '2026-11-29' },
    { url: 'https://help.gong.io/docs/create-an-app-for-gong.md', read: '2026-11-29' },
    // Gong's own forum: how a list continues.
    { url: 'https://visioneers.gong.io/developers-79/gong-api-pagination-limit-1036', read: '2026-11-29' },
    // A client made from the OpenAPI document of Gong; CallsApi.md beside it was read too.
    {
      url: 'https://github.com/ksindi/gong-client/blob/97c705a49b7c05b5cdbbf795fa3315805618fe1f/docs/UsersApi.md',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://pipedream.com/apps/gong/actions/list-calls.md', read: '2026-11-29', second: true },
    {
      url: 'https://docs.stackone.com/connectors/gong/guides/connector-profile/oauth-2-0',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://contact.gong.io/hc/en-us/articles/13944551222157-Create-an-app-for-Gong',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.npmjs.com/package/n8n-nodes-base', read: '2026-11-29', second: true },
    { url: 'https://docs.datagrail.io/docs/integrations/api-documentation/gong_io', read: '2026-11-29', second: true },
    { url: 'https://docs.airbyte.com/ai-agents/connectors/gong/AUTH', read: '2026-11-29', second: true },
    { url: 'https://terapi.gitbook.io/terapi-api-explorer/integrations/gong', read: '2026-11-29', second: true },
  ],
  // Not read: the token response, the errors, the responses of calls and transcripts, and the bodies of actions.
  unverified: ['hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'Gong',
    docsUrl: docs,
    categories: ['sales', 'video'],
    // Each company has a host of its own, which the token response names.
    baseUrl:
      "https://{{ 'api' if config.auth_method == 'access_key' else (kept.api_base_url_for_customer | regex_search('//([A-Za-z0-9.-]+)[.]gong[.]io')) }}.gong.io",
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Gong',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://app.gong.io/oauth2/authorize',
            authorizationParams: { access_type: 'offline' },
            tokenUrl: 'https://app.gong.io/oauth2/generate-customer-token',
            scopes: ['api:users:read', 'api:calls:read:basic', 'api:workspaces:read'],
            clientAuth: 'client_secret_basic',
            // Nango turns PKCE off for Gong, and the documentation has none.
            pkce: 'none',
            tokenResponse: { keep: { api_base_url_for_customer: ['api_base_url_for_customer'] } },
            // A refresh token works once.
            rotation: 'strict',
          },
        },
        {
          key: 'access_key',
          label: 'Access key of your own company',
          auth: {
            type: 'basic',
            fields: [
              { name: 'access_key', label: 'Access key', required: true },
              { name: 'access_key_secret', label: 'Access key secret', secret: true, required: true },
            ],
            username: '{{ config.access_key }}',
            password: '{{ config.access_key_secret }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['errors', 0], as: 'auth', message: ['errors', 0] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['errors', 0],
        as: 'fail' as const,
        message: ['errors', 0],
      })),
    ],
    // 3 calls a second.
    rateLimit: { requestsPerSecond: 3 },
    testRequest: { path: '/v2/workspaces' },
    streams: [
      {
        name: 'users',
        path: '/v2/users',
        recordsPath: ['users'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['records', 'cursor'], param: 'cursor' },
      },
      {
        name: 'calls',
        path: '/v2/calls',
        recordsPath: ['calls'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['records', 'cursor'], param: 'cursor' },
        // Gong answers 404 where no call is in this time. A call of the last days may be processed later.
        responses: [{ status: 404, as: 'empty' }],
        incremental: {
          cursorField: ['started'],
          param: 'fromDateTime',
          // Some descriptions of the API require both times.
          until: { param: 'toDateTime' },
          format: '%Y-%m-%dT%H:%M:%SZ',
          start: '2015-01-01T00:00:00Z',
          lookback: 'P2D',
        },
      },
      {
        name: 'workspaces',
        path: '/v2/workspaces',
        recordsPath: ['workspaces'],
        primaryKey: [['id']],
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.gong.io/company/api',
      steps: [
        {
          en: 'Open **Admin center**, **Settings**, **Ecosystem** and **API**, and select **Create Integration** on the tab **INTEGRATIONS**. Without a Gong account, ask Gong for a developer instance, which takes up to five working days.',
          de: 'Öffnen Sie **Admin center**, **Settings**, **Ecosystem** und **API** und wählen Sie auf dem Reiter **INTEGRATIONS** die Schaltfläche **Create Integration**. Ohne Gong-Konto bitten Sie Gong um eine Entwicklerinstanz, was bis zu fünf Arbeitstage dauert.',
        },
        {
          en: 'Enter a name, a description and both logos. Under **Required authorization scopes**, select the scopes that are listed here.',
          de: 'Geben Sie einen Namen, eine Beschreibung und beide Logos ein. Wählen Sie unter **Required authorization scopes** die hier genannten Scopes.',
        },
        {
          en: 'Paste the callback URL into **Redirect URIs**, add the other links, and select **Save**.',
          de: 'Fügen Sie die Callback-URL bei **Redirect URIs** ein, ergänzen Sie die anderen Links und wählen Sie **Save**.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret** from the table. Until Gong has approved the app, it is private.',
          de: 'Kopieren Sie **Client ID** und **Client Secret** aus der Tabelle. Bis Gong die App freigegeben hat, ist sie privat.',
        },
      ],
    },
    key: {
      url: 'https://app.gong.io/company/api',
      steps: [
        {
          en: 'As a technical administrator, open **Admin center**, **Settings**, **Ecosystem** and **API**, and select **Create**.',
          de: 'Öffnen Sie als technischer Administrator **Admin center**, **Settings**, **Ecosystem** und **API** und wählen Sie **Create**.',
        },
        {
          en: 'Copy **Access Key** and **Access Key Secret**.',
          de: 'Kopieren Sie **Access Key** und **Access Key Secret**.',
        },
      ],
    },
    fields: { access_key: { label: 'Access Key' }, access_key_secret: { label: 'Access Key Secret' } },
    options: { oauth: 'Mit Gong anmelden', access_key: 'Access Key des eigenen Unternehmens' },
    traps: [
      {
        en: 'Only technical administrators of Gong can connect their company.',
        de: 'Nur technische Administratoren von Gong können ihr Unternehmen verbinden.',
      },
      {
        en: 'Requests go to the host of the company, which the token response names.',
        de: 'Anfragen gehen an den Host des Unternehmens, den die Token-Antwort nennt.',
      },
    ],
    scopes: {
      'api:users:read': { en: 'see the users of your company', de: 'die Benutzer Ihres Unternehmens sehen' },
      'api:calls:read:basic': { en: 'see your calls', de: 'Ihre Gespräche sehen' },
      'api:calls:read:extensive': {
        en: 'see your calls with their parties and content',
        de: 'Ihre Gespräche mit Beteiligten und Inhalten sehen',
      },
      'api:calls:read:transcript': {
        en: 'read the transcripts of your calls',
        de: 'die Transkripte Ihrer Gespräche lesen',
      },
      'api:workspaces:read': { en: 'see your workspaces', de: 'Ihre Workspaces sehen' },
    },
    rateLimit: {
      words: {
        en: '3 requests a second and 10,000 a day for each company. Retry-After says how many seconds to wait.',
        de: '3 Anfragen pro Sekunde und 10.000 pro Tag für jedes Unternehmen. Retry-After nennt die Sekunden bis zum nächsten Versuch.',
      },
      url: docs,
    },
    hints: [],
  },
}
