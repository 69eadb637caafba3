import { cursor, input, integer, limit } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://pennylane.readme.io'

const actions: ActionDefinition[] = [
  {
    name: 'list_customer_invoices',
    title: 'List customer invoices',
    description:
      'Lists the invoices and credit notes for customers. Returns items; next_cursor is the cursor of the next page.',
    docsUrl: `${docs}/reference`,
    scopes: ['customer_invoices:readonly'],
    readOnly: true,
    input: input({}, { limit: limit(100, 20), cursor: cursor('next_cursor') }),
    request: {
      method: 'GET',
      path: '/customer_invoices',
      query: { limit: '{{ args.limit | default(20) }}', cursor: '{{ args.cursor }}' },
    },
  },
  {
    name: 'get_customer_invoice',
    title: 'Get a customer invoice',
    description: 'Returns one invoice or credit note with its amounts, dates and status.',
    docsUrl: `${docs}/reference`,
    scopes: ['customer_invoices:readonly'],
    readOnly: true,
    input: input({ invoice_id: integer('Id of the invoice.', { minimum: 1 }) }),
    request: { method: 'GET', path: '/customer_invoices/{{ args.invoice_id }}' },
  },
]

export const provider: ProviderFile = {
  aliases: ['penny lane', 'comptabilité', 'french accounting'],
  logo: null,
  color: '#07524a',
  sources: [
    { url: `${docs}/docs/oauth-20-walkthrough`, read: '2026-11-29' },
    { url: `${docs}/docs/using-cursor-based-pagination`, read: '2026-11-29' },
    { url: `${docs}/docs/v2-scopes`, read: '2026-11-29' },
    {
      url: `${docs}/docs/rate-limiting-1`,
      read: '2026-11-29',
    },
    {
      url: `${docs}/v2.0/docs/rate-limiting-1`,
      read: '2026-11-29',
      second: true,
      differs: 'It is an older version of the page, with 5 requests a second. The newer one has 25 in 5 seconds.',
    },
    { url: 'https://docs.unified.to/skills/pennylane-oauth-app/SKILL.md', read: '2026-11-29', second: true },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/pennylane/refs/heads/main/overlays/pennylane-openapi-overlay.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://kestra.io/plugins/plugin-pennylane', read: '2026-11-29', second: true },
  ],
  // The steps in the settings are not in what could be read.
  unverified: ['key'],
  definition: {
    displayName: 'Pennylane',
    docsUrl: `${docs}/docs/getting-started`,
    categories: ['accounting', 'billing'],
    baseUrl: 'https://app.pennylane.com/api/external/v2',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Pennylane',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://app.pennylane.com/oauth/authorize',
            tokenUrl: 'https://app.pennylane.com/oauth/token',
            scopes: [
              'customers:readonly',
              'customer_invoices:readonly',
              'suppliers:readonly',
              'supplier_invoices:readonly',
            ],
            refreshTokenLifetime: 'P90D',
            // A refresh token works once.
            rotation: 'strict',
          },
        },
        { key: 'token', label: 'API token of a company', auth: { type: 'bearer' } },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 403, 404, 422].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
    ],
    testRequest: { path: '/me' },
    streams: ['customers', 'customer_invoices', 'suppliers', 'supplier_invoices'].map(list),
    actions,
  },
  guide: {
    app: {
      url: `${docs}/docs/oauth-20-walkthrough`,
      steps: [
        {
          en: 'Become an integration partner of Pennylane: there is no page on which an app can be made.',
          de: 'Werden Sie Integrationspartner von Pennylane: Es gibt keine Seite, auf der sich eine App anlegen lässt.',
        },
        {
          en: 'Write to the Partnerships team with the name of your product, the callback URL as the redirect URI, and each scope that is listed here.',
          de: 'Schreiben Sie an das Partnerships-Team und nennen Sie den Namen Ihres Produkts, die Callback-URL als Redirect-URI und jeden hier genannten Scope.',
        },
        {
          en: 'Copy the client id and the client secret that you receive.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret, die Sie erhalten.',
        },
      ],
    },
    key: {
      url: `${docs}/docs/generating-my-api-token`,
      steps: [
        {
          en: 'Sign in to Pennylane as an administrator of the company, and open **Settings**, **Connectivity** and **Developers**.',
          de: 'Melden Sie sich bei Pennylane als Administrator des Unternehmens an und öffnen Sie **Settings**, **Connectivity** und **Developers**.',
        },
        {
          en: 'Generate an API token with the rights that are needed, read only or read and write, and copy it.',
          de: 'Erzeugen Sie ein API-Token mit den nötigen Rechten, nur lesend oder lesend und schreibend, und kopieren Sie es.',
        },
      ],
    },
    options: { oauth: 'Mit Pennylane anmelden', token: 'API-Token eines Unternehmens' },
    tokens: {
      en: 'An access token lives for 24 hours. A refresh token lives for 90 days and works once: each renewal gives a new one.',
      de: 'Ein Access-Token gilt 24 Stunden. Ein Refresh-Token gilt 90 Tage und funktioniert einmal: Jede Erneuerung liefert ein neues.',
    },
    traps: [
      {
        en: 'A product that serves several companies has to use OAuth. The terms allow a token only for a company’s own integration.',
        de: 'Ein Produkt für mehrere Unternehmen muss OAuth verwenden. Die Bedingungen erlauben ein Token nur für die eigene Integration eines Unternehmens.',
      },
      {
        en: 'A cursor is valid for a short time only.',
        de: 'Ein Cursor ist nur kurze Zeit gültig.',
      },
    ],
    scopes: {
      'customers:readonly': { en: 'see your customers', de: 'Ihre Kunden sehen' },
      'customer_invoices:readonly': { en: 'see your customer invoices', de: 'Ihre Kundenrechnungen sehen' },
      'suppliers:readonly': { en: 'see your suppliers', de: 'Ihre Lieferanten sehen' },
      'supplier_invoices:readonly': { en: 'see your supplier invoices', de: 'Ihre Lieferantenrechnungen sehen' },
      'customer_invoices:all': {
        en: 'see, create and change your customer invoices',
        de: 'Ihre Kundenrechnungen sehen, anlegen und ändern',
      },
    },
    rateLimit: {
      words: {
        en: '25 requests in 5 seconds for each token. A response with status 429 says in retry-after how many seconds to wait.',
        de: '25 Anfragen in 5 Sekunden je Token. Eine Antwort mit dem Status 429 nennt in retry-after die Sekunden, die zu warten sind.',
      },
      url: `${docs}/docs/rate-limiting-1`,
    },
    hints: [
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The token does not have the scope that this request needs.',
          de: 'Das Token hat nicht den Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Let the Partnerships team of Pennylane add the scope to the app, and ask for it here, too.',
          de: 'Lassen Sie das Partnerships-Team von Pennylane den Scope zur App hinzufügen und fordern Sie ihn auch hier an.',
        },
        person: {
          en: 'Connect again and agree to all rights, or enter a token that has the rights that are needed.',
          de: 'Verbinden Sie erneut und stimmen Sie allen Rechten zu, oder geben Sie ein Token mit den nötigen Rechten ein.',
        },
        url: `${docs}/docs/v2-scopes`,
      },
    ],
  },
}

function list(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100' },
    recordsPath: ['items'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['next_cursor'], param: 'cursor', hasMore: ['has_more'] },
  }
}
