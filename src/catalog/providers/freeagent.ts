import { email, input, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://dev.freeagent.com/docs'

const api = "https://{{ 'api.sandbox' if input.environment == 'sandbox' else 'api' }}.freeagent.com/v2"

const actions: ActionDefinition[] = [
  {
    name: 'get_company',
    title: 'Get the company',
    description: 'Returns the company of the account with its name, currency and tax dates.',
    docsUrl: `${docs}/company`,
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/company' },
    output: ['company'],
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description: 'Lists the invoices of the company. Returns a list of invoices, which are identified by their url.',
    docsUrl: `${docs}/invoices`,
    readOnly: true,
    input: input(
      {},
      {
        view: text('Which invoices, such as draft, open, overdue or open_or_overdue. Default: all.'),
        limit: limit(100, 25),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/invoices',
      query: {
        view: '{{ args.view }}',
        per_page: '{{ args.limit | default(25) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
    output: ['invoices'],
  },
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact: a person, an organization, or a person in one. Returns the contact with its url.',
    docsUrl: `${docs}/contacts`,
    input: {
      ...input(
        {},
        {
          first_name: text('First name. A person has a first and a last name.'),
          last_name: text('Last name.'),
          organisation_name: text('Name of the organization.'),
          email: email('Email address.'),
        },
      ),
      minProperties: 1,
    },
    request: {
      method: 'POST',
      path: '/contacts',
      json: {
        contact: {
          first_name: '{{ args.first_name }}',
          last_name: '{{ args.last_name }}',
          organisation_name: '{{ args.organisation_name }}',
          email: '{{ args.email }}',
        },
      },
    },
    output: ['contact'],
  },
]

export const provider: ProviderFile = {
  aliases: ['free agent', 'natwest freeagent', 'uk accounting'],
  logo: null,
  color: '#1e64c8',
  sources: [
    { url: `${docs}/oauth`, read: '2026-11-29' },
    { url: `${docs}/introduction`, read: '2026-11-29' },
    {
      url: 'https://api-discuss.freeagent.com/t/notice-upcoming-access-token-authentication-changes/2033',
      read: '2026-11-29',
    },
    { url: 'https://api-discuss.freeagent.com/t/regarding-refresh-token-expiry/6309', read: '2026-11-29' },
    { url: 'https://api-discuss.freeagent.com/t/important-announcement-rate-limits/744', read: '2026-11-29' },
    { url: 'https://api-discuss.freeagent.com/t/rate-limits-pagination-and-contact-lists/2259', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-free-agent-connector/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.make.com/en/help/apps/commerce/freeagent', read: '2026-11-29', second: true },
    {
      url: 'https://www.maesn.com/blogs/freeagent-api-integration',
      read: '2026-11-29',
      second: true,
      differs: 'It has 15 renewals a minute, the announcement of FreeAgent 5. The lower number is named.',
    },
  ],
  // The fields of the requests and the words of errors were not found.
  unverified: ['actions', 'hints'],
  definition: {
    displayName: 'FreeAgent',
    docsUrl: docs,
    categories: ['accounting', 'billing'],
    baseUrl: api,
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Default: Live.',
        choices: [
          { value: 'live', label: 'Live' },
          { value: 'sandbox', label: 'Sandbox' },
        ],
        example: 'live',
      },
    ],
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${api}/approve_app`,
      tokenUrl: `${api}/token_endpoint`,
      clientHosts: ['api.freeagent.com', 'api.sandbox.freeagent.com'],
      clientAuth: 'client_secret_basic',
      tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
      rotation: 'rotating',
    },
    headers: { Accept: 'application/json' },
    responseErrors: [
      {
        status: 401,
        path: ['errors', 'error', 'message'],
        as: 'auth',
        message: ['errors', 'error', 'message'],
      },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['errors', 'error', 'message'],
        as: 'fail' as const,
        message: ['errors', 'error', 'message'],
      })),
    ],
    testRequest: { path: '/company' },
    streams: [
      list('contacts'),
      list('projects'),
      changing('invoices'),
      changing('bills'),
      list('bank_accounts'),
      {
        ...changing('bank_transactions'),
        parent: { stream: 'bank_accounts' },
        query: { bank_account: '{{ parent.url }}', per_page: '100' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://dev.freeagent.com/',
      steps: [
        {
          en: 'Sign up for the FreeAgent Developer Dashboard, open **My Apps** and select **Create New App**.',
          de: 'Registrieren Sie sich beim FreeAgent Developer Dashboard, öffnen Sie **My Apps** und wählen Sie **Create New App**.',
        },
        {
          en: 'Enter a name, a description and the address of your product, and paste the callback URL under **OAuth Redirect URIs**. Leave **Enable Accountancy Practice API** off.',
          de: 'Geben Sie einen Namen, eine Beschreibung und die Adresse Ihres Produkts ein und fügen Sie die Callback-URL unter **OAuth Redirect URIs** ein. Lassen Sie **Enable Accountancy Practice API** ausgeschaltet.',
        },
        {
          en: 'Create the app, and copy the OAuth identifier as the client id, and the OAuth secret.',
          de: 'Legen Sie die App an und kopieren Sie den OAuth-Identifier als Client-ID und das OAuth-Secret.',
        },
      ],
    },
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Standard: Live.',
        choices: { live: 'Live', sandbox: 'Sandbox (Testumgebung)' },
      },
    },
    tokens: {
      en: 'An access token lives for one hour. Each renewal gives a new refresh token and says how long it lives. FreeAgent may revoke it earlier.',
      de: 'Ein Access-Token gilt eine Stunde. Jede Erneuerung liefert ein neues Refresh-Token und nennt dessen Lebensdauer. FreeAgent kann es früher widerrufen.',
    },
    traps: [
      {
        en: 'There are no scopes. A connection may do what the person may do in FreeAgent, whose access level is between 0 and 8.',
        de: 'Es gibt keine Scopes. Eine Verbindung darf, was die Person in FreeAgent darf, deren Zugriffsstufe zwischen 0 und 8 liegt.',
      },
      {
        en: 'Contacts cannot be filtered by the time of their last change, so each sync reads all of them.',
        de: 'Kontakte lassen sich nicht nach der letzten Änderung filtern. Jede Synchronisation liest daher alle.',
      },
    ],
    scopes: {},
    rateLimit: {
      words: {
        en: '120 requests a minute and 3,600 an hour for each user, and 5 renewals of tokens a minute.',
        de: '120 Anfragen pro Minute und 3.600 pro Stunde je Person sowie 5 Erneuerungen von Tokens pro Minute.',
      },
      url: 'https://api-discuss.freeagent.com/t/important-announcement-rate-limits/744',
    },
    hints: [],
  },
}

/** Records are identified by their URL. */
function list(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '100' },
    recordsPath: [name],
    primaryKey: [['url']],
    pagination: { type: 'link_header' },
  }
}

function changing(name: string): StreamDefinition {
  return {
    ...list(name),
    incremental: { cursorField: ['updated_at'], param: 'updated_since', format: 'iso8601', lookback: 'PT1S' },
  }
}
