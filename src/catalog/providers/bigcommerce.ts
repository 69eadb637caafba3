import { email, input, integer, limit, page } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://docs.bigcommerce.com/developer/api-reference/rest/admin'

const actions: ActionDefinition[] = [
  {
    name: 'find_customers',
    title: 'Find customers by email address',
    description: 'Lists the customers with an email address. Returns data, a list of customers with their ids.',
    docsUrl: 'https://developer.bigcommerce.com/docs/rest-management/customers',
    scopes: ['store_v2_customers_read_only'],
    readOnly: true,
    input: input({ email: email('Email address.') }),
    request: { method: 'GET', path: '/v3/customers', query: { 'email:in': '{{ args.email }}' } },
    output: ['data'],
  },
  {
    name: 'list_orders',
    title: 'List orders',
    description: 'Lists the orders of the store by their ids, the newest first. Returns a list of orders.',
    docsUrl: 'https://developer.bigcommerce.com/docs/rest-management/orders',
    scopes: ['store_v2_orders_read_only'],
    readOnly: true,
    input: input(
      {},
      {
        customer_id: integer('Id of the customer who placed the orders.', { minimum: 1 }),
        status_id: integer('Number of the status of the orders, such as 11 for Awaiting Fulfillment.', { minimum: 0 }),
        limit: limit(250, 50),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/v2/orders',
      query: {
        customer_id: '{{ args.customer_id }}',
        status_id: '{{ args.status_id }}',
        sort: 'id:desc',
        limit: '{{ args.limit | default(50) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
  },
  {
    name: 'update_order_status',
    title: 'Change the status of an order',
    description: 'Sets the status of an order by its number. Returns the order.',
    docsUrl: 'https://developer.bigcommerce.com/docs/rest-management/orders',
    scopes: ['store_v2_orders'],
    destructive: true,
    input: input({
      order_id: integer('Id of the order.', { minimum: 1 }),
      status_id: integer('Number of the new status. GET /v2/order_statuses lists them.', { minimum: 0 }),
    }),
    request: {
      method: 'PUT',
      path: '/v2/orders/{{ args.order_id }}',
      json: { status_id: '{{ args.status_id }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['big commerce', 'bc store'],
  logo: 'bigcommerce',
  color: '#121118',
  sources: [
    { url: 'https://docs.bigcommerce.com/developer/docs/overview/api-fundamentals/rate-limits', read: '2026-11-29' },
    { url: 'https://developer.bigcommerce.com/api-docs/getting-started/api-accounts', read: '2026-11-29' },
    { url: 'https://developer.bigcommerce.com/docs/integrations/apps/guide/auth', read: '2026-11-29' },
    {
      url: 'https://github.com/bigcommerce/docs/blob/main/docs/start/authentication/api-accounts.mdx',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/bigcommerce/docs/blob/main/docs/integrations/webhooks/overview.mdx',
      read: '2026-11-29',
    },
    { url: 'https://github.com/bigcommerce/docs/blob/main/reference/customers.v3.yml', read: '2026-11-29' },
    { url: 'https://github.com/bigcommerce/docs/blob/main/reference/orders.v2.oas2.yml', read: '2026-11-29' },
    {
      url: 'https://github.com/bigcommerce/docs/blob/main/reference/catalog/products_catalog.v3.yml',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.jitterbit.com/integration-studio/design/connectors/bigcommerce/account-creation',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://hitchhikers.yext.com/docs/connectors/bigcommerce-native-source/',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The words of the errors were not found.
  unverified: ['hints'],
  definition: {
    displayName: 'BigCommerce',
    docsUrl: reference,
    categories: ['e-commerce'],
    baseUrl: 'https://api.bigcommerce.com/stores/{{ input.store_hash }}',
    inputFields: [
      {
        name: 'store_hash',
        label: 'Store hash',
        description: 'What stands between stores/ and /v3 in the API path of the account.',
        required: true,
        pattern: '[a-z0-9]+',
        example: 'abcde',
      },
    ],
    // Only BigCommerce begins the OAuth of an app, at its control panel and without a state, so that a product cannot send a person there.
    auth: { type: 'api_key', placement: { in: 'header', name: 'X-Auth-Token' } },
    headers: { Accept: 'application/json' },
    responseErrors: [
      { status: 401, path: ['title'], as: 'auth', message: ['title'] },
      ...[400, 403, 404, 422].map((status) => ({ status, path: ['title'], as: 'fail' as const, message: ['title'] })),
    ],
    webhook: {
      // BigCommerce sends the headers along that a webhook was made with.
      verify: { method: 'token', place: { in: 'header', name: 'X-Webhook-Token' } },
      id: 'body.hash',
      type: 'body.scope',
      connection: { value: "body.producer | replace('stores/', '')", equals: 'input.store_hash' },
      sync: ['order', 'product', 'customer'].map((resource) => ({
        where: `body.scope[:${`store/${resource}/`.length}] == 'store/${resource}/'`,
        streams: [`${resource}s`],
      })),
    },
    testRequest: { path: '/v2/store' },
    streams: [
      collection('customers', '/v3/customers'),
      collection('products', '/v3/catalog/products'),
      {
        name: 'orders',
        path: '/v2/orders',
        primaryKey: [['id']],
        pagination: { type: 'page', param: 'page', sizeParam: 'limit', size: 250 },
        // A list without records has no body.
        responses: [
          { status: 204, as: 'empty' },
          { status: 429, as: 'rate_limit' },
        ],
        incremental: {
          cursorField: ['date_modified'],
          fieldFormat: '%a, %d %b %Y %H:%M:%S %z',
          param: 'min_date_modified',
          format: 'iso8601',
          lookback: 'PT1S',
        },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://login.bigcommerce.com/deep-links/manage/settings-list',
      steps: [
        {
          en: 'Sign in to the control panel as the owner of the store, and open **Settings** and **Store-level API accounts**.',
          de: 'Melden Sie sich als Inhaber des Shops in der Verwaltung an und öffnen Sie **Settings** und **Store-level API accounts**.',
        },
        {
          en: 'Select **Create API account** and the type **V2/V3 API token**, and enter a name.',
          de: 'Wählen Sie **Create API account** und die Art **V2/V3 API token** und geben Sie einen Namen ein.',
        },
        {
          en: 'The store hash is what stands between stores/ and /v3 in the **API path**.',
          de: 'Der Store-Hash steht im **API path** zwischen stores/ und /v3.',
        },
        {
          en: 'Set **Customers**, **Orders**, **Products** and **Information & Settings** to **read-only**, or to **modify** where data is to be changed. The scopes cannot be changed later.',
          de: 'Setzen Sie **Customers**, **Orders**, **Products** und **Information & Settings** auf **read-only**, oder auf **modify**, wo Daten geändert werden sollen. Die Scopes lassen sich später nicht ändern.',
        },
        {
          en: 'Save, and copy the **Access token** now: BigCommerce shows it only once.',
          de: 'Speichern Sie und kopieren Sie das **Access token** jetzt: BigCommerce zeigt es nur einmal.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.bigcommerce.com/docs/integrations/webhooks',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret. All stores use the same one.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret. Alle Shops verwenden denselben.',
        },
        {
          en: 'For each connection and event, send POST /v3/hooks with its token: **scope** is the event, such as store/order/*, **destination** is the webhook URL, **is_active** is true, and **headers** has X-Webhook-Token with the webhook secret.',
          de: 'Senden Sie für jede Verbindung und jedes Event POST /v3/hooks mit ihrem Token: **scope** ist das Event, etwa store/order/*, **destination** die Webhook-URL, **is_active** ist true, und **headers** enthält X-Webhook-Token mit dem Webhook-Secret.',
        },
        {
          en: 'BigCommerce turns off a webhook after 90 days without events, and 48 hours after a delivery that kept failing. Set **is_active** to true again then.',
          de: 'BigCommerce schaltet einen Webhook nach 90 Tagen ohne Events ab, und 48 Stunden nach einer Zustellung, die immer wieder scheiterte. Setzen Sie **is_active** dann wieder auf true.',
        },
      ],
    },
    fields: {
      store_hash: {
        label: 'Store-Hash',
        description: 'Was im API-Pfad des Kontos zwischen stores/ und /v3 steht.',
      },
    },
    events: ['store/order/*', 'store/product/*', 'store/customer/*'],
    tokens: {
      en: 'A token does not expire, and its scopes cannot be changed. It ends when the API account is deleted.',
      de: 'Ein Token läuft nicht ab, und seine Scopes lassen sich nicht ändern. Es endet, wenn das API-Konto gelöscht wird.',
    },
    traps: [
      {
        en: 'A webhook belongs to the token that made it. If the API account is deleted, the webhook goes on and can no longer be changed.',
        de: 'Ein Webhook gehört zu dem Token, mit dem er angelegt wurde. Wird das API-Konto gelöscht, läuft er weiter und lässt sich nicht mehr ändern.',
      },
      {
        en: 'Events contain only the id of what has changed.',
        de: 'Events enthalten nur die ID dessen, was sich geändert hat.',
      },
    ],
    scopes: {
      store_v2_customers_read_only: { en: 'see your customers', de: 'Ihre Kundinnen und Kunden sehen' },
      store_v2_orders_read_only: { en: 'see your orders', de: 'Ihre Bestellungen sehen' },
      store_v2_orders: { en: 'see and change your orders', de: 'Ihre Bestellungen sehen und ändern' },
      store_v2_products_read_only: { en: 'see your products', de: 'Ihre Produkte sehen' },
      store_v2_information_read_only: {
        en: 'see the name and the settings of your store',
        de: 'Namen und Einstellungen Ihres Shops sehen',
      },
    },
    rateLimit: {
      words: {
        en: 'Per store and 30 seconds: 150 requests (Standard and Plus) or 450 (Pro), more with Enterprise. All apps of the store share them. X-Rate-Limit-Time-Reset-Ms says when the next 30 seconds begin.',
        de: 'Je Shop und 30 Sekunden: 150 Anfragen (Standard und Plus) oder 450 (Pro), mit Enterprise mehr. Alle Apps des Shops teilen sie sich. X-Rate-Limit-Time-Reset-Ms nennt den Beginn der nächsten 30 Sekunden.',
      },
      url: 'https://docs.bigcommerce.com/developer/docs/overview/api-fundamentals/rate-limits',
    },
    hints: [],
  },
}

/** `date_modified:min` leaves out the instant itself. */
function collection(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'limit',
      size: 250,
      total: ['meta', 'pagination', 'total'],
      totalPages: ['meta', 'pagination', 'total_pages'],
    },
    incremental: {
      cursorField: ['date_modified'],
      param: 'date_modified:min',
      format: '%Y-%m-%dT%H:%M:%S',
      lookback: 'PT1S',
    },
  }
}
