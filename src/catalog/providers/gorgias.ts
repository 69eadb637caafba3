import { email, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const host = 'https://{{ input.subdomain }}.gorgias.com'

const reference = 'https://developers.gorgias.com/reference'

const actions: ActionDefinition[] = [
  {
    name: 'list_customers',
    title: 'List customers',
    description:
      'Lists customers, those that were changed last first, or the one with an email address. Returns data and meta.next_cursor.',
    docsUrl: `${reference}/list-customers`,
    scopes: ['customers:read'],
    readOnly: true,
    input: input({}, { email: email('Email address.'), limit: limit(100, 30) }),
    request: {
      method: 'GET',
      path: '/customers',
      query: {
        email: '{{ args.email }}',
        limit: '{{ args.limit | default(30) }}',
        order_by: 'updated_datetime:desc',
      },
    },
  },
  {
    name: 'get_ticket',
    title: 'Get a ticket',
    description: 'Returns a ticket with its status, customer, assignee, tags and messages.',
    docsUrl: `${reference}/get-ticket`,
    scopes: ['tickets:read'],
    readOnly: true,
    input: input({ ticket_id: integer('Number of the ticket.', { minimum: 1 }) }),
    request: { method: 'GET', path: '/tickets/{{ args.ticket_id }}' },
  },
  {
    name: 'create_customer',
    title: 'Create a customer',
    description: 'Creates a customer. Returns the customer.',
    docsUrl: `${reference}/create-customer`,
    scopes: ['customers:write'],
    input: input({ email: email('Email address.') }, { name: text('Name.') }),
    request: { method: 'POST', path: '/customers', json: { email: '{{ args.email }}', name: '{{ args.name }}' } },
  },
]

export const provider: ProviderFile = {
  aliases: ['gorgias helpdesk', 'ecommerce helpdesk', 'gorgias chat'],
  logo: null,
  color: '#161616',
  sources: [
    {
      url: 'https://developers.gorgias.com/docs/oauth2-authentication-for-creating-apps-with-gorgias',
      read: '2026-11-29',
    },
    { url: 'https://developers.gorgias.com/docs/oauth2-scopes', read: '2026-11-29' },
    { url: 'https://developers.gorgias.com/docs/set-up-oauth2-app-store', read: '2026-11-29' },
    { url: 'https://developers.gorgias.com/docs/oauth2-bearer-token', read: '2026-11-29' },
    { url: 'https://developers.gorgias.com/reference/pagination-1', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-gorgias/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The reference of the endpoints, the limits and the bodies of errors were not found, nor whether refresh tokens rotate. How the client
  // authenticates was read in public code only, which differs: RFC 6749 section 2.3.1 requires servers to take the header.
  unverified: ['actions', 'hints', 'rateLimit', 'key', 'tokens'],
  definition: {
    displayName: 'Gorgias',
    docsUrl: `${reference}/introduction`,
    categories: ['support', 'ticketing', 'e-commerce'],
    baseUrl: `${host}/api`,
    inputFields: [
      {
        name: 'subdomain',
        label: 'Subdomain',
        description: 'What stands before .gorgias.com.',
        required: true,
        pattern: '[A-Za-z0-9-]+',
        example: 'acme',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Gorgias',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${host}/oauth/authorize`,
            tokenUrl: `${host}/oauth/token`,
            clientHosts: ['*.gorgias.com'],
            clientAuth: 'client_secret_basic',
            // offline is needed for a refresh token.
            scopes: [
              'openid',
              'email',
              'profile',
              'offline',
              'account:read',
              'users:read',
              'customers:read',
              'tickets:read',
            ],
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'basic',
            fields: [
              { name: 'email', label: 'Email address', required: true, example: 'ada@example.com' },
              { name: 'api_key', label: 'API key', secret: true, required: true },
            ],
            username: '{{ config.email }}',
            password: '{{ config.api_key }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error', 'msg'], as: 'auth', message: ['error', 'msg'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['error', 'msg'],
        as: 'fail' as const,
        message: ['error', 'msg'],
      })),
    ],
    testRequest: { path: '/account' },
    streams: [changing('tickets'), changing('customers'), records('users')],
    actions,
  },
  guide: {
    app: {
      url: 'https://portal.gorgias.com/',
      steps: [
        {
          en: 'Sign in to the partner portal of Gorgias and create an app.',
          de: 'Melden Sie sich im Partnerportal von Gorgias an und legen Sie eine App an.',
        },
        {
          en: 'Paste the callback URL as the redirect URL, and select each scope that is listed here.',
          de: 'Tragen Sie die Callback-URL als Redirect-URL ein und wählen Sie jeden hier genannten Scope.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret**. Customers find the app in the App Store of Gorgias after Gorgias has approved it.',
          de: 'Kopieren Sie **Client ID** und **Client Secret**. Kunden finden die App im App Store von Gorgias, sobald Gorgias sie genehmigt hat.',
        },
      ],
    },
    key: {
      url: 'https://developers.gorgias.com/reference/authentication',
      steps: [
        {
          en: 'In Gorgias, open **Settings** and **REST API**, and create an API key.',
          de: 'Öffnen Sie in Gorgias **Settings** und **REST API** und erstellen Sie einen API-Schlüssel.',
        },
        {
          en: 'Enter the key together with the email address that is shown with it.',
          de: 'Geben Sie den Schlüssel zusammen mit der E-Mail-Adresse ein, die dort angezeigt wird.',
        },
      ],
    },
    fields: {
      subdomain: { label: 'Subdomain', description: 'Der Teil vor .gorgias.com.' },
      email: { label: 'E-Mail-Adresse' },
    },
    options: { oauth: 'Mit Gorgias anmelden', api_key: 'API-Schlüssel' },
    scopes: {
      openid: { en: 'sign you in with Gorgias', de: 'Sie mit Gorgias anmelden' },
      email: { en: 'see your email address', de: 'Ihre E-Mail-Adresse sehen' },
      profile: { en: 'see your name', de: 'Ihren Namen sehen' },
      offline: { en: 'keep the access while you are away', de: 'den Zugriff behalten, während Sie abwesend sind' },
      'account:read': { en: 'see the settings of your account', de: 'die Einstellungen Ihres Kontos sehen' },
      'users:read': { en: 'see the users of your helpdesk', de: 'die Benutzer Ihres Helpdesks sehen' },
      'customers:read': { en: 'read your customers', de: 'Ihre Kunden lesen' },
      'customers:write': { en: 'create and change customers', de: 'Kunden anlegen und ändern' },
      'tickets:read': { en: 'read your tickets and their messages', de: 'Ihre Tickets und deren Nachrichten lesen' },
    },
    tokens: {
      en: 'An access token lives for 24 hours. A refresh token does not expire.',
      de: 'Ein Access-Token gilt 24 Stunden. Ein Refresh-Token läuft nicht ab.',
    },
    traps: [
      {
        en: 'Public apps have to use OAuth. Gorgias opens your app with the parameter account, which is the subdomain.',
        de: 'Öffentliche Apps müssen OAuth verwenden. Gorgias öffnet Ihre App mit dem Parameter account, der die Subdomain ist.',
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
    query: { limit: '100' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['meta', 'next_cursor'], param: 'cursor' },
  }
}

/** Those that were changed last come first. */
function changing(name: string): StreamDefinition {
  return {
    ...records(name),
    query: { limit: '100', order_by: 'updated_datetime:desc' },
    incremental: { cursorField: ['updated_datetime'], by: 'newest_first' },
  }
}
