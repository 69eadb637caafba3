import { email, input, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://www.freshbooks.com/api'

const account = {
  account_id: text('account_id of the business. list_businesses has it.', { pattern: '^[A-Za-z0-9]+$' }),
}

const actions: ActionDefinition[] = [
  {
    name: 'list_businesses',
    title: 'List businesses',
    description:
      'Returns the person with the businesses of the account, in business_memberships. Other actions need the account_id of one.',
    docsUrl: `${docs}/me_endpoint`,
    scopes: ['user:profile:read'],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/auth/api/v1/users/me' },
    output: ['response'],
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description: 'Lists the invoices of a business. Returns invoices, and page, pages and total.',
    docsUrl: `${docs}/invoices`,
    scopes: ['user:invoices:read'],
    readOnly: true,
    input: input(account, { limit: limit(100, 25), page: page() }),
    request: {
      method: 'GET',
      path: '/accounting/account/{{ args.account_id }}/invoices/invoices',
      query: { per_page: '{{ args.limit | default(25) }}', page: '{{ args.page | default(1) }}' },
    },
    output: ['response', 'result'],
  },
  {
    name: 'create_client',
    title: 'Create a client',
    description: 'Creates a client of a business. Returns the client with its id.',
    docsUrl: `${docs}/clients`,
    scopes: ['user:clients:write'],
    input: input(
      { ...account, email: email('Email address.') },
      {
        first_name: text('First name.'),
        last_name: text('Last name.'),
        organization: text('Name of the organization.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/accounting/account/{{ args.account_id }}/users/clients',
      json: {
        client: {
          email: '{{ args.email }}',
          fname: '{{ args.first_name }}',
          lname: '{{ args.last_name }}',
          organization: '{{ args.organization }}',
        },
      },
    },
    output: ['response', 'result', 'client'],
  },
]

export const provider: ProviderFile = {
  aliases: ['fresh books', 'freshbooks classic', '2ndsite'],
  logo: null,
  color: '#0075dd',
  sources: [
    { url: 'https://www.freshbooks.com/developers/authentication', read: '2026-11-29' },
    { url: 'https://github.com/freshbooks/freshbooks-nodejs-sdk/blob/main/README.md', read: '2026-11-29' },
    {
      url: 'https://github.com/freshbooks/freshbooks-nodejs-sdk/blob/main/packages/api/src/APIClient.ts',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/freshbooks/freshbooks-nodejs-sdk/blob/main/packages/api/src/models/Pagination.ts',
      read: '2026-11-29',
    },
    {
      url: 'https://glama.ai/mcp/servers/Good-Samaritan-Software-LLC/freshbooks-mcp/tools/auth_revoke',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.unified.to/skills/freshbooks-oauth-app/SKILL.md', read: '2026-11-29', second: true },
    {
      url: 'https://educative.io/courses/bookkeeping-with-freshbooks-api-in-javascript/get-started-with-freshbooks-api',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://www.educative.io/courses/bookkeeping-with-freshbooks-api-in-javascript/create-and-update-a-client',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://dushu128.com/get-authenticated-on-the-freshbooks-api.html',
      read: '2026-11-29',
      second: true,
    },
  ],
  // Where answers have the lists and their pages, most scopes, the limits and the words of errors are not in what could be read.
  unverified: ['scopes', 'streams', 'rateLimit', 'hints'],
  definition: {
    displayName: 'FreshBooks',
    docsUrl: `${docs}/start`,
    categories: ['accounting', 'billing'],
    baseUrl: 'https://api.freshbooks.com',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://auth.freshbooks.com/oauth/authorize',
      tokenUrl: 'https://api.freshbooks.com/auth/oauth/token',
      scopes: [
        'user:profile:read',
        'user:clients:read',
        'user:invoices:read',
        'user:payments:read',
        'user:expenses:read',
      ],
      revocation: {
        url: 'https://api.freshbooks.com/auth/oauth/revoke',
        json: { token: '{{ config.access_token }}' },
      },
      // A refresh token never expires and works once.
      rotation: 'strict',
    },
    // The SDK of FreshBooks sends it with every request.
    headers: { 'Api-Version': 'alpha' },
    responseErrors: [
      { status: 401, path: ['error_description'], as: 'auth', message: ['error_description'], code: ['error'] },
      { status: 403, path: ['error_description'], as: 'fail', message: ['error_description'], code: ['error'] },
    ],
    testRequest: { path: '/auth/api/v1/users/me' },
    streams: [
      {
        // A person may belong to several businesses, each of which has an account of its own.
        name: 'businesses',
        path: '/auth/api/v1/users/me',
        records: { path: ['response', 'business_memberships', '*', 'business'], where: 'record.account_id' },
        primaryKey: [['id']],
      },
      list('clients', 'users/clients'),
      list('invoices', 'invoices/invoices'),
      list('payments', 'payments/payments'),
      list('expenses', 'expenses/expenses'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://my.freshbooks.com/#/developer',
      steps: [
        {
          en: 'Sign in to FreshBooks as an administrator, open the developer page and select **Create New App**.',
          de: 'Melden Sie sich bei FreshBooks als Administrator an, öffnen Sie die Seite für Entwickler und wählen Sie **Create New App**.',
        },
        {
          en: 'Enter a name, choose an **Application Type**, and paste the callback URL under **Redirect URIs**. It has to begin with https and must not have a query.',
          de: 'Geben Sie einen Namen ein, wählen Sie einen **Application Type** und fügen Sie die Callback-URL unter **Redirect URIs** ein. Sie muss mit https beginnen und darf keine Query haben.',
        },
        {
          en: 'Select **Add Scope** and add each scope that is listed here.',
          de: 'Wählen Sie **Add Scope** und fügen Sie jeden hier genannten Scope hinzu.',
        },
        {
          en: 'Save, open the app again, and copy **Client ID** and **Client Secret**.',
          de: 'Speichern Sie, öffnen Sie die App erneut und kopieren Sie **Client ID** und **Client Secret**.',
        },
      ],
    },
    tokens: {
      en: 'An access token lives for 12 hours. A refresh token does not expire, but works once: each renewal gives a new one.',
      de: 'Ein Access-Token gilt 12 Stunden. Ein Refresh-Token läuft nicht ab, funktioniert aber einmal: Jede Erneuerung liefert ein neues.',
    },
    traps: [
      {
        en: 'A token does not name an account. A person may belong to several businesses, each with an account_id for invoices and a business id for projects.',
        de: 'Ein Token nennt kein Konto. Eine Person kann zu mehreren Unternehmen gehören, jedes mit einer account_id für Rechnungen und einer Business-ID für Projekte.',
      },
      {
        en: 'Some times are in the time zone of New York and have none in their text, so lists are read completely at each sync.',
        de: 'Manche Zeiten sind in der Zeitzone von New York und nennen sie nicht. Listen werden daher bei jeder Synchronisation vollständig gelesen.',
      },
    ],
    scopes: {
      'user:profile:read': { en: 'see your profile and your businesses', de: 'Ihr Profil und Ihre Unternehmen sehen' },
      'user:clients:read': { en: 'read your clients', de: 'Ihre Kunden lesen' },
      'user:clients:write': { en: 'create and change your clients', de: 'Ihre Kunden anlegen und ändern' },
      'user:invoices:read': { en: 'read your invoices', de: 'Ihre Rechnungen lesen' },
      'user:payments:read': { en: 'read your payments', de: 'Ihre Zahlungen lesen' },
      'user:expenses:read': { en: 'read your expenses', de: 'Ihre Ausgaben lesen' },
    },
    rateLimit: null,
    hints: [],
  },
}

function list(name: string, path: string): StreamDefinition {
  return {
    name,
    parent: { stream: 'businesses' },
    path: `/accounting/account/{{ parent.account_id }}/${path}`,
    recordsPath: ['response', 'result', name],
    primaryKey: [['id']],
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'per_page',
      size: 100,
      total: ['response', 'result', 'total'],
      totalPages: ['response', 'result', 'pages'],
    },
  }
}
