import { email, flag, input, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://docs.apollo.io/reference'

const actions: ActionDefinition[] = [
  {
    name: 'search_contacts',
    title: 'Search contacts',
    description:
      'Searches the contacts of the team by name, job title, company or email address, the last changed first. Returns contacts and pagination. Apollo shows at most 50,000 results.',
    docsUrl: `${reference}/search-for-contacts`,
    readOnly: true,
    input: input({}, { keywords: text('What to search for.'), limit: limit(100, 25), page: page() }),
    request: {
      method: 'POST',
      path: '/contacts/search',
      json: {
        q_keywords: '{{ args.keywords }}',
        sort_by_field: 'contact_updated_at',
        per_page: '{{ args.limit | default(25) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
  },
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact of the team and returns it with its id.',
    docsUrl: `${reference}/create-a-contact`,
    input: input(
      { first_name: text('First name.'), last_name: text('Last name.') },
      {
        email: email('Email address.'),
        title: text('Job title.'),
        organization_name: text('Name of the company.'),
        dedupe: flag('Whether Apollo prevents a second contact with the same values. Default: false.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/contacts',
      json: {
        first_name: '{{ args.first_name }}',
        last_name: '{{ args.last_name }}',
        email: '{{ args.email }}',
        title: '{{ args.title }}',
        organization_name: '{{ args.organization_name }}',
        run_dedupe: '{{ args.dedupe }}',
      },
    },
    output: ['contact'],
  },
]

export const provider: ProviderFile = {
  aliases: ['apollo io', 'zenprospect', 'sales intelligence'],
  logo: null,
  color: '#ebf212',
  sources: [
    { url: 'https://docs.apollo.io/reference/authentication', read: '2026-11-29' },
    {
      url: 'https://docs.apollo.io/docs/use-oauth-20-authorization-flow-to-access-apollo-user-information-partners',
      read: '2026-11-29',
    },
    { url: 'https://docs.apollo.io/reference/search-for-contacts', read: '2026-11-29' },
    { url: 'https://docs.apollo.io/reference/search-for-accounts.md', read: '2026-11-29' },
    { url: 'https://docs.apollo.io/reference/create-a-contact', read: '2026-11-29' },
    { url: 'https://docs.apollo.io/docs/create-api-key.md', read: '2026-11-29' },
    { url: 'https://docs.apollo.io/docs/apollo-api-faqs', read: '2026-11-29' },
    {
      url: 'https://www.withone.ai/knowledge/apollo/conn_mod_def%3A%3AGJz18_qaRlg%3A%3AVlkwc7g2RQynN5-X7YAr7w',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'It sends requests to app.apollo.io. The documentation names api.apollo.io for keys and OAuth tokens.',
    },
    { url: 'https://docs.alterauth.com/providers/apollo', read: '2026-11-29', second: true },
    { url: 'https://docs.unified.to/skills/apollo-oauth-app/SKILL.md', read: '2026-11-29', second: true },
  ],
  // The names of most scopes, the form of pages and responses, and the rotation of refresh tokens were found only at others, or not at all.
  unverified: ['scopes', 'rateLimit', 'hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'Apollo.io',
    docsUrl: 'https://docs.apollo.io/reference/authentication',
    categories: ['sales', 'crm'],
    baseUrl: 'https://api.apollo.io/api/v1',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Apollo',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            // Scopes are chosen when the app is registered.
            authorizationUrl: 'https://app.apollo.io/#/oauth/authorize',
            tokenUrl: 'https://app.apollo.io/api/v1/oauth/token',
            tokenRequest: { format: 'json' },
            // Nango and Alter turn PKCE off for Apollo.
            pkce: 'none',
            rotation: 'strict',
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'api_key',
            placement: { in: 'header', name: 'x-api-key' },
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            value: '{{ config.api_key }}',
          },
        },
      ],
    },
    responseErrors: [
      // /auth/health answers 200 for a wrong key.
      { path: ['is_logged_in'], equals: false, as: 'auth' },
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 403, 422].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
    ],
    testRequest: {
      path: "/{{ 'auth' if config.auth_method == 'api_key' else 'users' }}/{{ 'health' if config.auth_method == 'api_key' else 'api_profile' }}",
    },
    streams: [
      {
        ...found('contacts', 'contact_updated_at'),
        incremental: { cursorField: ['updated_at'], by: 'newest_first' },
      },
      found('accounts', 'account_created_at'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.apollo.io/#/settings/integrations',
      steps: [
        {
          en: 'Sign in to Apollo as an admin, open **Settings**, **Integrations** and **API Keys**, and select **OAuth registration**.',
          de: 'Melden Sie sich bei Apollo als Admin an, öffnen Sie **Settings**, **Integrations** und **API Keys** und wählen Sie **OAuth registration**.',
        },
        {
          en: 'Enter a name, and paste the callback URL into **OAuth Redirect URL**. It has to begin with https; up to 4 are possible.',
          de: 'Geben Sie einen Namen ein und fügen Sie die Callback-URL bei **OAuth Redirect URL** ein. Sie muss mit https beginnen; bis zu 4 sind möglich.',
        },
        {
          en: 'Select the scopes for contacts and accounts. read_user_profile is always added. To change them later, the app has to be registered again.',
          de: 'Wählen Sie die Scopes für Kontakte und Accounts. read_user_profile kommt immer dazu. Für eine spätere Änderung muss die App neu registriert werden.',
        },
        {
          en: 'Submit the form and copy the client ID and the client secret, which is shown only once. Apollo may have to approve the registration.',
          de: 'Senden Sie das Formular ab und kopieren Sie die Client-ID und das Client-Secret, das nur einmal angezeigt wird. Es kann sein, dass Apollo die Registrierung erst freigeben muss.',
        },
      ],
    },
    key: {
      url: 'https://app.apollo.io/#/settings/integrations',
      steps: [
        {
          en: 'As an admin, open **Settings**, **Integrations** and **API Keys**, and select **Create new key**.',
          de: 'Öffnen Sie als Admin **Settings**, **Integrations** und **API Keys** und wählen Sie **Create new key**.',
        },
        {
          en: 'Enter a name and a description, and select the endpoints for contacts and accounts. **Set as master key** allows all endpoints instead.',
          de: 'Geben Sie einen Namen und eine Beschreibung ein und wählen Sie die Endpunkte für Kontakte und Accounts. **Set as master key** erlaubt stattdessen alle Endpunkte.',
        },
        {
          en: 'Select **Create API key** and copy the key.',
          de: 'Wählen Sie **Create API key** und kopieren Sie den Schlüssel.',
        },
      ],
    },
    fields: { api_key: { label: 'API-Schlüssel' } },
    options: { oauth: 'Mit Apollo anmelden', api_key: 'API-Schlüssel' },
    tokens: {
      en: 'An access token lives for 30 days. A refresh token works once: each renewal returns a new one.',
      de: 'Ein Access-Token gilt 30 Tage. Ein Refresh-Token funktioniert einmal: Jede Erneuerung liefert einen neuen.',
    },
    traps: [
      {
        en: 'The person who connects needs the permission **Can authorize third-party apps/integrations via OAuth**, or has to be an admin.',
        de: 'Wer sich verbindet, braucht die Berechtigung **Can authorize third-party apps/integrations via OAuth** oder muss Admin sein.',
      },
      {
        en: 'Searches show at most 50,000 records, and accounts on the free plan cannot use them.',
        de: 'Suchen zeigen höchstens 50.000 Datensätze, und Konten im kostenlosen Tarif können sie nicht nutzen.',
      },
    ],
    scopes: {},
    rateLimit: null,
    hints: [],
  },
}

/** A search shows at most 500 pages of 100 records, so what it does not contain is not taken as deleted. */
function found(name: string, sort: string): StreamDefinition {
  return {
    name,
    path: `/${name}/search`,
    json: { sort_by_field: sort },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'per_page',
      size: 100,
      in: 'json',
      totalPages: ['pagination', 'total_pages'],
    },
    deletes: 'never',
  }
}
