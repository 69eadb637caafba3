import { cursor, email, input, instant, limit } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developer.brex.com'

const server = 'https://accounts-api.brex.com/oauth2/default/v1'

const actions: ActionDefinition[] = [
  {
    name: 'get_current_user',
    title: 'Get the connected user',
    description: 'Returns the user of the token with name and email address.',
    docsUrl: `${docs}/openapi/team_api/#operation/getMe`,
    scopes: ['users.readonly'],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/v2/users/me' },
  },
  {
    name: 'find_users',
    title: 'Find users by email address',
    description: 'Lists the users with an email address. Returns a list of users with their ids.',
    docsUrl: `${docs}/openapi/team_api/`,
    scopes: ['users.readonly'],
    readOnly: true,
    input: input({ email: email('Email address.') }),
    request: { method: 'GET', path: '/v2/users', query: { email: '{{ args.email }}' } },
    output: ['items'],
  },
  {
    name: 'list_card_transactions',
    title: 'List card transactions',
    description:
      'Lists settled card transactions, the newest first. Returns items; next_cursor is the cursor of the next page.',
    docsUrl: `${docs}/openapi/transactions_api/`,
    scopes: ['transactions.card.readonly'],
    readOnly: true,
    input: input(
      {},
      {
        posted_since: instant('Only transactions that were posted since then.'),
        limit: limit(100, 25),
        cursor: cursor('next_cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/v2/transactions/card/primary',
      query: {
        posted_at_start: '{{ args.posted_since }}',
        limit: '{{ args.limit | default(25) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['brex card', 'corporate card', 'brex cash'],
  logo: 'brex',
  color: '#212121',
  sources: [
    { url: `${docs}/guides/authentication`, read: '2026-11-29' },
    { url: `${docs}/guides/quickstart.md`, read: '2026-11-29' },
    { url: `${docs}/guides/partner_authentication.md`, read: '2026-11-29' },
    { url: `${docs}/docs/partner_authentication`, read: '2026-11-29' },
    { url: `${docs}/guides/roles_permissions_scopes`, read: '2026-11-29' },
    { url: `${docs}/examples/transactions_examples`, read: '2026-11-29' },
    { url: `${docs}/openapi/transactions_api/transactions`, read: '2026-11-29' },
    { url: `${docs}/docs/faq`, read: '2026-11-29' },
    { url: `${docs}/docs/rate_limits`, read: '2026-11-29' },
    { url: 'https://docs.unified.to/skills/brex-oauth-app/SKILL.md', read: '2026-11-29', second: true },
    {
      url: 'https://nango.dev/docs/api-integrations/brex/how-to-register-your-own-brex-oauth-app',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'It has the host platform.brexapis.com, which Brex replaces by api.brex.com since January 2026. Both work.',
    },
    {
      url: 'https://pipedream.com/apps/brex/actions/list-transactions-for-primary-card-account.md',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lists of cash accounts and their transactions, and some scopes, are not in what could be read; errors neither.
  unverified: ['streams', 'scopes', 'hints'],
  definition: {
    displayName: 'Brex',
    docsUrl: docs,
    categories: ['payments', 'accounting'],
    baseUrl: 'https://api.brex.com',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Brex',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${server}/authorize`,
            tokenUrl: `${server}/token`,
            scopes: [
              'openid',
              'offline_access',
              'users.readonly',
              'accounts.cash.readonly',
              'transactions.cash.readonly',
              'transactions.card.readonly',
            ],
            refreshTokenLifetime: 'P90D',
            rotation: 'rotating',
          },
        },
        { key: 'token', label: 'User token', auth: { type: 'bearer' } },
      ],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['message'], as: 'fail' as const, message: ['message'] })),
    ],
    testRequest: { path: '/v2/users/me' },
    streams: [
      list('users', '/v2/users'),
      {
        ...list('card_transactions', '/v2/transactions/card/primary'),
        // The field is a day; the parameter takes an instant and includes it.
        incremental: { cursorField: ['posted_at_date'], param: 'posted_at_start', format: '%Y-%m-%dT%H:%M:%SZ' },
      },
      list('cash_accounts', '/v2/accounts/cash'),
      {
        ...list('cash_transactions', '/v2/transactions/cash/{{ parent.id }}'),
        parent: { stream: 'cash_accounts' },
        incremental: {
          cursorField: ['posted_at_date'],
          param: 'posted_at_start',
          format: '%Y-%m-%dT%H:%M:%SZ',
          per: 'parent',
        },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://www.brex.com/partners',
      steps: [
        {
          en: 'Register as a developer partner of Brex: there is no page on which an app can be made.',
          de: 'Registrieren Sie sich als Entwicklerpartner von Brex: Es gibt keine Seite, auf der sich eine App anlegen lässt.',
        },
        {
          en: 'Write to the developer support team of Brex with the callback URL as the redirect URI, and each scope that is listed here.',
          de: 'Schreiben Sie an das Developer-Support-Team von Brex und nennen Sie die Callback-URL als Redirect-URI und jeden hier genannten Scope.',
        },
        {
          en: 'Copy the client ID and the client secret that you receive.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret, die Sie erhalten.',
        },
      ],
    },
    key: {
      url: 'https://dashboard.brex.com/settings/developer',
      steps: [
        {
          en: 'Sign in to Brex as an account admin or card admin, open **Developer** and **Settings**, and select **Create Token**.',
          de: 'Melden Sie sich bei Brex als Account Admin oder Card Admin an, öffnen Sie **Developer** und **Settings** und wählen Sie **Create Token**.',
        },
        {
          en: 'Enter a name, and choose the right to read users, accounts and transactions.',
          de: 'Geben Sie einen Namen ein und wählen Sie das Recht, Benutzer, Konten und Transaktionen zu lesen.',
        },
        {
          en: 'Select **Allow Access** and copy the token, which begins with bxt_. Brex shows it only once.',
          de: 'Wählen Sie **Allow Access** und kopieren Sie das Token, das mit bxt_ beginnt. Brex zeigt es nur einmal.',
        },
      ],
    },
    options: { oauth: 'Mit Brex anmelden', token: 'Benutzer-Token' },
    tokens: {
      en: 'An access token of OAuth lives for one hour, a refresh token for 90 days, and each renewal gives a new one. A user token ends when it was not used for 30 days.',
      de: 'Ein Access-Token von OAuth gilt eine Stunde, ein Refresh-Token 90 Tage, und jede Erneuerung liefert ein neues. Ein Benutzer-Token endet, wenn es 30 Tage nicht verwendet wurde.',
    },
    traps: [
      {
        en: 'Only settled transactions are listed. Pending ones are not in the API.',
        de: 'Nur abgeschlossene Transaktionen werden aufgeführt. Vorgemerkte sind nicht in der API.',
      },
      {
        en: 'Most APIs need a connection by an account admin. Others see only their own transactions.',
        de: 'Die meisten APIs brauchen eine Verbindung durch einen Account Admin. Andere sehen nur ihre eigenen Transaktionen.',
      },
    ],
    scopes: {
      openid: { en: 'know who you are', de: 'wissen, wer Sie sind' },
      offline_access: { en: 'access Brex while you are away', de: 'auf Brex zugreifen, während Sie abwesend sind' },
      'users.readonly': { en: 'see the users of your company', de: 'die Benutzer Ihres Unternehmens sehen' },
      'accounts.cash.readonly': { en: 'see your cash accounts', de: 'Ihre Geldkonten sehen' },
      'transactions.cash.readonly': {
        en: 'see the transactions of your cash accounts',
        de: 'die Transaktionen Ihrer Geldkonten sehen',
      },
      'transactions.card.readonly': {
        en: 'see the transactions of your cards',
        de: 'die Transaktionen Ihrer Karten sehen',
      },
      'cards.readonly': { en: 'see your cards', de: 'Ihre Karten sehen' },
    },
    rateLimit: {
      words: {
        en: '1,000 requests in 60 seconds for each client ID and Brex account. More are answered with status 429.',
        de: '1.000 Anfragen in 60 Sekunden je Client-ID und Brex-Konto. Weitere werden mit dem Status 429 beantwortet.',
      },
      url: `${docs}/docs/rate_limits`,
    },
    hints: [],
  },
}

function list(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    query: { limit: '100' },
    recordsPath: ['items'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['next_cursor'], param: 'cursor' },
  }
}
