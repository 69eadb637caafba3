import { choice, flag, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developers.squarespace.com'

const login = 'https://login.squarespace.com/api/1/login/oauth/provider'

const order = { order_id: text('Id of the order.', { pattern: '^[A-Za-z0-9]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'list_orders',
    title: 'List orders',
    description:
      'Lists orders of the site, the most recently changed first. Returns result; pagination.nextPageCursor is the cursor of the next page.',
    docsUrl: `${docs}/commerce-apis/retrieve-all-orders`,
    scopes: ['website.orders.read'],
    readOnly: true,
    input: input(
      {},
      {
        status: choice('Status of the orders. Default: all.', ['PENDING', 'FULFILLED', 'CANCELED']),
        cursor: text('pagination.nextPageCursor of the previous result. Leave it and status out for the first page.'),
      },
    ),
    request: {
      method: 'GET',
      path: '/commerce/orders',
      query: { fulfillmentStatus: '{{ args.status }}', cursor: '{{ args.cursor }}' },
    },
  },
  {
    name: 'get_order',
    title: 'Get an order',
    description: 'Returns one order with its items, customer, addresses and status.',
    docsUrl: `${docs}/commerce-apis/retrieve-specific-order`,
    scopes: ['website.orders.read'],
    readOnly: true,
    input: input(order),
    request: { method: 'GET', path: '/commerce/orders/{{ args.order_id }}' },
  },
  {
    name: 'fulfill_order',
    title: 'Mark an order as fulfilled',
    description:
      'Marks an order as fulfilled and adds its shipment. Squarespace can send the customer an email about it.',
    docsUrl: `${docs}/commerce-apis/fulfill-order`,
    scopes: ['website.orders'],
    input: input(
      {
        ...order,
        ship_date: text('When it was shipped, such as 2026-07-01T09:00:00Z.', { format: 'date-time' }),
        carrier: text('Name of the carrier, such as USPS.'),
        service: text('Service of the carrier, such as Ground.'),
        tracking_number: text('Tracking number.'),
        notify: flag('Whether the customer gets an email.'),
      },
      { tracking_url: text('Page on which the shipment can be tracked.', { format: 'uri', pattern: '^https?://' }) },
    ),
    request: {
      method: 'POST',
      path: '/commerce/orders/{{ args.order_id }}/fulfillments',
      json: {
        shouldSendNotification: '{{ args.notify }}',
        shipments: [
          {
            shipDate: '{{ args.ship_date }}',
            carrierName: '{{ args.carrier }}',
            service: '{{ args.service }}',
            trackingNumber: '{{ args.tracking_number }}',
            trackingUrl: '{{ args.tracking_url }}',
          },
        ],
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['square space', 'squarespace commerce', 'website builder'],
  logo: 'squarespace',
  color: '#000000',
  sources: [
    { url: `${docs}/commerce-apis/oauth.md`, read: '2026-11-29' },
    { url: `${docs}/changes/self-service-oauth-credential-management`, read: '2026-11-29' },
    { url: `${docs}/commerce-apis/making-requests`, read: '2026-11-29' },
    { url: `${docs}/commerce-apis/rate-limits`, read: '2026-11-29' },
    { url: `${docs}/commerce-apis/orders-overview`, read: '2026-11-29' },
    { url: `${docs}/commerce-apis/retrieve-basic-site-info`, read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-squarespace/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://api2cart.com/how-to-connect-squarespace-to-api2cart', read: '2026-11-29', second: true },
    {
      url: 'https://docs.alterauth.com/providers/squarespace',
      read: '2026-11-29',
      second: true,
      differs:
        'It has scopes that end in .write. Squarespace writes with scopes without an ending, such as website.orders.',
    },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/squarespace/refs/heads/main/conventions/squarespace-conventions.yml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The form of a fulfilment, the words of errors and the lifetimes were read in code of others only.
  unverified: ['actions', 'tokens', 'hints'],
  definition: {
    displayName: 'Squarespace',
    docsUrl: `${docs}/commerce-apis/overview`,
    categories: ['e-commerce'],
    baseUrl: 'https://api.squarespace.com/1.0',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Squarespace',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${login}/authorize`,
            // Without it, there is no refresh token.
            authorizationParams: { access_type: 'offline' },
            tokenUrl: `${login}/tokens`,
            clientAuth: 'client_secret_basic',
            tokenRequest: { format: 'json' },
            tokenResponse: {
              expiry: { path: ['access_token_expires_at'], format: 'epoch' },
              refreshTokenExpiry: { path: ['refresh_token_expires_at'], format: 'epoch' },
            },
            scopes: [
              'website.orders.read',
              'website.products.read',
              'website.inventory.read',
              'website.transactions.read',
            ],
            scopeSeparator: ',',
            // Each renewal replaces the refresh token.
            rotation: 'strict',
          },
        },
        {
          key: 'api_key',
          label: 'API key of a site',
          auth: {
            type: 'bearer',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            token: '{{ config.api_key }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404, 405, 409].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
      })),
    ],
    testRequest: { path: '/authorization/website' },
    streams: [
      changing('orders', 'result'),
      changing('products', 'products'),
      changing('transactions', 'documents'),
      { ...list('inventory', 'inventory'), primaryKey: [['variantId']] },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://account.squarespace.com/developer-apps',
      steps: [
        {
          en: 'Sign in to Squarespace, open **Developer Apps** in the account dashboard, and create an app with a name and an icon.',
          de: 'Melden Sie sich bei Squarespace an, öffnen Sie im Dashboard des Kontos **Developer Apps** und legen Sie eine App mit Namen und Symbol an.',
        },
        {
          en: 'Paste the callback URL as a redirect URI, and enter the addresses of your terms and your privacy policy.',
          de: 'Fügen Sie die Callback-URL als Redirect-URI ein und tragen Sie die Adressen Ihrer Nutzungsbedingungen und Ihrer Datenschutzerklärung ein.',
        },
        {
          en: 'Copy the client ID and the client secret.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret.',
        },
        {
          en: 'A new app is in **Demo Mode**. Request a review on the page of the app before you connect sites of customers.',
          de: 'Eine neue App ist im **Demo Mode**. Beantragen Sie auf der Seite der App eine Prüfung, bevor Sie Sites von Kunden verbinden.',
        },
      ],
    },
    key: {
      url: 'https://account.squarespace.com/',
      steps: [
        {
          en: 'Open the site, and select **Settings**, **Advanced** and **Developer API Keys**.',
          de: 'Öffnen Sie die Site und wählen Sie **Settings**, **Advanced** und **Developer API Keys**.',
        },
        {
          en: 'Select **Create Key**, enter a name, and choose orders, products, inventory and transactions, with the right to read or to write.',
          de: 'Wählen Sie **Create Key**, geben Sie einen Namen ein und wählen Sie Bestellungen, Produkte, Bestand und Transaktionen mit dem Recht zum Lesen oder Schreiben.',
        },
        {
          en: 'Copy the key.',
          de: 'Kopieren Sie den Schlüssel.',
        },
      ],
    },
    options: { oauth: 'Mit Squarespace anmelden', api_key: 'API-Schlüssel einer Site' },
    tokens: {
      en: 'An access token lives for 30 minutes, a refresh token for seven days. Each renewal gives a new refresh token. An API key does not expire.',
      de: 'Ein Access-Token gilt 30 Minuten, ein Refresh-Token sieben Tage. Jede Erneuerung liefert ein neues Refresh-Token. Ein API-Schlüssel läuft nicht ab.',
    },
    traps: [
      {
        en: 'A connection that is not used for seven days has to be connected again.',
        de: 'Eine Verbindung, die sieben Tage nicht verwendet wird, muss neu verbunden werden.',
      },
      {
        en: 'Donations are no orders. They are among the transactions.',
        de: 'Spenden sind keine Bestellungen. Sie stehen bei den Transaktionen.',
      },
    ],
    scopes: {
      'website.orders.read': { en: 'see the orders of your site', de: 'die Bestellungen Ihrer Site sehen' },
      'website.orders': {
        en: 'see and fulfil the orders of your site',
        de: 'die Bestellungen Ihrer Site sehen und erfüllen',
      },
      'website.products.read': { en: 'see the products of your site', de: 'die Produkte Ihrer Site sehen' },
      'website.inventory.read': { en: 'see the stock of your site', de: 'den Bestand Ihrer Site sehen' },
      'website.transactions.read': {
        en: 'see the payments and donations of your site',
        de: 'die Zahlungen und Spenden Ihrer Site sehen',
      },
    },
    rateLimit: {
      words: {
        en: '300 requests a minute. After a response with status 429, wait for one minute.',
        de: '300 Anfragen pro Minute. Nach einer Antwort mit dem Status 429 ist eine Minute zu warten.',
      },
      url: `${docs}/commerce-apis/rate-limits`,
    },
    hints: [],
  },
}

function list(name: string, recordsAt: string): StreamDefinition {
  return {
    name,
    path: `/commerce/${name}`,
    recordsPath: [recordsAt],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['pagination', 'nextPageUrl'] },
  }
}

/** Both times have to be given, so the first reading begins before the first site. */
function changing(name: string, recordsAt: string): StreamDefinition {
  return {
    ...list(name, recordsAt),
    incremental: {
      cursorField: ['modifiedOn'],
      param: 'modifiedAfter',
      format: 'iso8601',
      start: '2004-01-01T00:00:00Z',
      until: { param: 'modifiedBefore' },
      lookback: 'PT1S',
    },
  }
}
