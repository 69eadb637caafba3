import { cursor, day, email, flag, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.pipedrive.com/docs/api/v1'

const id = (description: string) => integer(description, { minimum: 1 })

const actions: ActionDefinition[] = [
  {
    name: 'create_person',
    title: 'Create a person',
    description: 'Creates a contact person and returns it with its id.',
    docsUrl: `${reference}/Persons#addPerson`,
    scopes: ['contacts:full'],
    input: input(
      { name: text('Name.') },
      {
        email: email('Email address.'),
        phone: text('Phone number.'),
        organization_id: id('Id of the organization of the person.'),
        owner_id: id('Id of the user who owns the person.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/v2/persons',
      json: {
        name: '{{ args.name }}',
        emails: "{{ ([args.email] | wrap('value')) if args.email else args.email }}",
        phones: "{{ ([args.phone] | wrap('value')) if args.phone else args.phone }}",
        org_id: '{{ args.organization_id }}',
        owner_id: '{{ args.owner_id }}',
      },
    },
    output: ['data'],
  },
  {
    name: 'search_persons',
    title: 'Search persons',
    description:
      'Searches persons by name, email address, phone number, notes and custom fields. Returns data.items, each with a result_score and an item; additional_data.next_cursor is the cursor of the next page.',
    docsUrl: `${reference}/Persons#searchPersons`,
    scopes: ['contacts:read'],
    readOnly: true,
    input: input(
      { term: text('What to search for: at least 2 characters, or 1 with exact_match.') },
      {
        exact_match: flag('Whether the whole value has to be equal, ignoring case. Default: false.'),
        limit: limit(500, 50),
        cursor: cursor('additional_data.next_cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/v2/persons/search',
      query: {
        term: '{{ args.term }}',
        exact_match: '{{ args.exact_match }}',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'create_deal',
    title: 'Create a deal',
    description: 'Creates a deal and returns it with its id, stage and status.',
    docsUrl: `${reference}/Deals#addDeal`,
    scopes: ['deals:full'],
    input: input(
      { title: text('Title.') },
      {
        value: { type: 'number', minimum: 0, description: 'Value, in the currency.' },
        currency: text('Currency as three letters, such as EUR.', { pattern: '^[A-Z]{3}$' }),
        person_id: id('Id of the person.'),
        organization_id: id('Id of the organization.'),
        stage_id: id('Id of the stage.'),
        owner_id: id('Id of the user who owns the deal.'),
        expected_close_date: day('Day on which it is expected to close, such as 2026-07-01.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/v2/deals',
      json: {
        title: '{{ args.title }}',
        value: '{{ args.value }}',
        currency: '{{ args.currency }}',
        person_id: '{{ args.person_id }}',
        org_id: '{{ args.organization_id }}',
        stage_id: '{{ args.stage_id }}',
        owner_id: '{{ args.owner_id }}',
        expected_close_date: '{{ args.expected_close_date }}',
      },
    },
    output: ['data'],
  },
]

export const provider: ProviderFile = {
  aliases: ['pipe drive', 'pipedrive crm', 'sales pipeline'],
  logo: null,
  color: '#017737',
  sources: [
    { url: 'https://pipedrive.readme.io/docs/marketplace-oauth-authorization', read: '2026-11-29' },
    { url: 'https://pipedrive.readme.io/docs/marketplace-scopes-and-permissions-explanations', read: '2026-11-29' },
    { url: 'https://pipedrive.readme.io/docs/core-api-concepts-pagination', read: '2026-11-29' },
    { url: 'https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting', read: '2026-11-29' },
    { url: 'https://github.com/pipedrive/client-nodejs', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/pipedrive', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://developers.apideck.com/connectors/pipedrive/docs/application_owner+oauth_credentials',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.jitterbit.com/de/integration-studio/design/connectors/pipedrive/connection-details',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The menus of the app come from guides of others. The words of the errors were not found.
  unverified: ['app', 'hints'],
  definition: {
    displayName: 'Pipedrive',
    docsUrl: reference,
    categories: ['crm', 'sales'],
    // api_domain of the token response is the address of the company.
    baseUrl:
      "https://{{ config.company_domain if config.auth_method == 'api_token' else (kept.api_domain | regex_search('//([A-Za-z0-9-]+)')) }}.pipedrive.com/api",
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Pipedrive',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://oauth.pipedrive.com/oauth/authorize',
            tokenUrl: 'https://oauth.pipedrive.com/oauth/token',
            // A revoked refresh token uninstalls the app.
            revocation: { url: 'https://oauth.pipedrive.com/oauth/revoke' },
            // Scopes are set in the app. The documentation has no PKCE, and Nango turns it off.
            pkce: 'none',
            clientAuth: 'client_secret_basic',
            // The company's own host.
            tokenResponse: { keep: { api_domain: ['api_domain'] } },
            refreshTokenLifetime: 'P60D',
          },
        },
        {
          key: 'api_token',
          label: 'API token',
          auth: {
            type: 'api_key',
            placement: { in: 'header', name: 'x-api-token' },
            fields: [
              {
                name: 'company_domain',
                label: 'Company domain',
                description: 'What stands before .pipedrive.com.',
                required: true,
                pattern: '[A-Za-z0-9-]+',
                example: 'acme',
              },
              { name: 'api_token', label: 'API token', secret: true, required: true },
            ],
            value: '{{ config.api_token }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
    ],
    testRequest: { path: '/v1/users/me' },
    streams: ['persons', 'organizations', 'deals', 'activities'].map(records),
    actions,
  },
  guide: {
    app: {
      url: 'https://developers.pipedrive.com/',
      steps: [
        {
          en: 'Sign in to a developer sandbox account, select your picture and then **Developer Hub**. Other accounts cannot make apps. Create a **Private App** if you give the link to customers yourself, or a **Public App** for the Marketplace, which Pipedrive reviews.',
          de: 'Melden Sie sich bei einem Developer-Sandbox-Konto an, wählen Sie Ihr Bild und dann **Developer Hub**. Andere Konten können keine Apps anlegen. Legen Sie eine **Private App** an, wenn Sie den Link selbst an Kunden geben, oder eine **Public App** für den Marketplace, die Pipedrive prüft.',
        },
        {
          en: 'Enter a name and paste the callback URL. An app has exactly one.',
          de: 'Geben Sie einen Namen ein und fügen Sie die Callback-URL ein. Eine App hat genau eine.',
        },
        {
          en: 'Open **OAuth & Access scopes** and select the scopes: reading of deals, contacts and activities for the streams, full access for the actions. People accept all of them or none. Select **Save**.',
          de: 'Öffnen Sie **OAuth & Access scopes** und wählen Sie die Scopes: Lesen von Deals, Kontakten und Aktivitäten für die Streams, vollen Zugriff für die Aktionen. Personen nehmen alle an oder keinen. Wählen Sie **Save**.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret**.',
          de: 'Kopieren Sie **Client ID** und **Client Secret**.',
        },
      ],
    },
    key: {
      url: 'https://app.pipedrive.com/settings/api',
      steps: [
        {
          en: 'Sign in to Pipedrive, open **Company settings**, then **Personal preferences** and **API**, and copy the token. It has the rights of your user.',
          de: 'Melden Sie sich bei Pipedrive an, öffnen Sie **Company settings**, dann **Personal preferences** und **API**, und kopieren Sie den Token. Er hat die Rechte Ihres Benutzers.',
        },
        {
          en: 'The company domain is the first part of the address that your browser shows.',
          de: 'Die Company Domain ist der erste Teil der Adresse, die Ihr Browser anzeigt.',
        },
      ],
    },
    fields: {
      company_domain: { label: 'Company Domain', description: 'Was vor .pipedrive.com steht.' },
      api_token: { label: 'API-Token' },
    },
    options: { oauth: 'Mit Pipedrive anmelden', api_token: 'API-Token' },
    tokens: {
      en: 'An access token lives as long as expires_in says. A refresh token ends when it is not used for 60 days, and when the app is uninstalled.',
      de: 'Ein Access-Token gilt so lange, wie expires_in angibt. Ein Refresh-Token endet, wenn er 60 Tage lang nicht verwendet wird und wenn die App deinstalliert wird.',
    },
    traps: [
      {
        en: 'The stream deals has no archived deals. A deal that is archived is deleted from it.',
        de: 'Der Stream deals enthält keine archivierten Deals. Ein Deal, der archiviert wird, wird aus ihm gelöscht.',
      },
      {
        en: 'Requests go to the host of the company, which the token response names. A company that changes its domain has to connect again.',
        de: 'Anfragen gehen an den Host des Unternehmens, den die Token-Antwort nennt. Ändert ein Unternehmen seine Domain, muss es sich neu verbinden.',
      },
      {
        en: 'Custom fields are named by random keys of 40 characters, which differ in each company.',
        de: 'Eigene Felder heißen nach zufälligen Schlüsseln mit 40 Zeichen, die in jedem Unternehmen anders sind.',
      },
    ],
    scopes: {
      'contacts:read': {
        en: 'read your persons and organizations, with their notes and files',
        de: 'Ihre Personen und Organisationen mit ihren Notizen und Dateien lesen',
      },
      'contacts:full': {
        en: 'create, read, change and delete persons and organizations',
        de: 'Personen und Organisationen anlegen, lesen, ändern und löschen',
      },
      'deals:read': {
        en: 'read your deals, pipelines, notes and files',
        de: 'Ihre Deals, Pipelines, Notizen und Dateien lesen',
      },
      'deals:full': {
        en: 'create, read, change and delete deals, notes and files',
        de: 'Deals, Notizen und Dateien anlegen, lesen, ändern und löschen',
      },
      'activities:read': { en: 'read your activities', de: 'Ihre Aktivitäten lesen' },
      'activities:full': {
        en: 'create, read, change and delete activities',
        de: 'Aktivitäten anlegen, lesen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: 'Each request costs tokens of a daily budget, which depends on the plan and the number of seats and is shared by all users and apps of the company. When it is used up, Pipedrive answers 429 until the next day.',
        de: 'Jede Anfrage kostet Token eines Tagesbudgets, das vom Tarif und von der Zahl der Lizenzen abhängt und für alle Benutzer und Apps des Unternehmens gilt. Ist es verbraucht, antwortet Pipedrive bis zum nächsten Tag mit 429.',
      },
      url: 'https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting',
    },
    hints: [],
  },
}

/** Version 2 of the API. Deleted records are not in the lists. */
function records(name: string): StreamDefinition {
  return {
    name,
    path: `/v2/${name}`,
    query: { limit: '500', sort_by: 'update_time', sort_direction: 'asc' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['additional_data', 'next_cursor'], param: 'cursor' },
    incremental: { cursorField: ['update_time'], param: 'updated_since', format: '%Y-%m-%dT%H:%M:%SZ' },
  }
}
