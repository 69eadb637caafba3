import { flag, input, integer, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://woocommerce.github.io/woocommerce-rest-api-docs/'

const order = { order_id: integer('Id of the order.', { minimum: 1 }) }

const actions: ActionDefinition[] = [
  {
    name: 'list_orders',
    title: 'List or search orders',
    description: 'Lists the orders of the store, the newest first. Returns a list of orders with their ids.',
    docsUrl: `${reference}#list-all-orders`,
    readOnly: true,
    input: input(
      {},
      {
        search: text('Words that an order has to contain.'),
        status: text('Status of the orders, such as pending, processing, on-hold, completed, cancelled or refunded.'),
        customer_id: integer('Id of the customer who placed the orders.', { minimum: 1 }),
        limit: limit(100, 20),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/orders',
      query: {
        search: '{{ args.search }}',
        status: '{{ args.status }}',
        customer: '{{ args.customer_id }}',
        per_page: '{{ args.limit | default(20) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
  },
  {
    name: 'update_order_status',
    title: 'Change the status of an order',
    description:
      'Sets the status of an order. Depending on the settings of the store, the customer gets an email about it. Returns the order.',
    docsUrl: `${reference}#update-an-order`,
    destructive: true,
    input: input({
      ...order,
      status: text('New status, such as processing, on-hold, completed or cancelled.', { pattern: '^[a-z0-9-]+$' }),
    }),
    request: { method: 'PUT', path: '/orders/{{ args.order_id }}', json: { status: '{{ args.status }}' } },
  },
  {
    name: 'add_order_note',
    title: 'Add a note to an order',
    description: 'Adds a note to an order: for the team, or for the customer, who is notified. Returns the note.',
    docsUrl: `${reference}#create-an-order-note`,
    input: input(
      { ...order, note: text('Text of the note.') },
      { customer_note: flag('Whether the customer sees the note and is notified. Default: false.') },
    ),
    request: {
      method: 'POST',
      path: '/orders/{{ args.order_id }}/notes',
      json: { note: '{{ args.note }}', customer_note: '{{ args.customer_note }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['woo', 'woo commerce', 'wordpress shop', 'wc'],
  logo: 'woocommerce',
  color: '#96588a',
  sources: [
    { url: 'https://developer.woocommerce.com/docs/apis/rest-api/authentication/', read: '2026-11-29' },
    { url: 'https://woocommerce.com/document/how-to-reset-api-keys-in-woocommerce/', read: '2026-11-29' },
    {
      url: 'https://github.com/woocommerce/woocommerce-rest-api-docs/blob/trunk/source/includes/wp-api-v3/_introduction.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/woocommerce/woocommerce-rest-api-docs/blob/trunk/source/includes/wp-api-v3/_webhooks.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/woocommerce/woocommerce-rest-api-docs/blob/trunk/source/includes/wp-api-v3/_order-notes.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/woocommerce/woocommerce-rest-api-docs/blob/trunk/source/includes/wp-api-v3/_orders.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-woocommerce/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'It filters by modified_after, which the stored version of the page on orders, an older one, does not have.',
    },
    { url: 'https://nango.dev/docs/integrations/all/woocommerce/webhooks', read: '2026-11-29', second: true },
    {
      url: 'https://gist.github.com/matiaslopezd/81349f4f6a48cb0efefa0c38f6e2844c',
      read: '2026-11-29',
      second: true,
      differs:
        'It has the id of a delivery in X-WC-Webhook-Delivery-ID, the documentation in X-WC-Delivery-ID. It is a recorded request, so both are read.',
    },
  ],
  // A store has no limit of its own; its host may have one. modified_after is only in the second source, and not all words of errors were read.
  unverified: ['streams', 'rateLimit', 'hints'],
  definition: {
    displayName: 'WooCommerce',
    docsUrl: reference,
    categories: ['e-commerce'],
    baseUrl: '{{ input.url }}/wp-json/wc/v3',
    inputFields: [
      {
        name: 'url',
        label: 'Address of the store',
        description: 'Address of the WordPress site, without / at the end. It has to begin with https.',
        required: true,
        pattern: 'https?://[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*(?::[0-9]+)?(?:/[A-Za-z0-9._~-]+)*',
        example: 'https://shop.example.com',
      },
    ],
    // Over http, which Latchkey does not send by default, the keys would need OAuth 1.0a. Over https they are a user name and a password.
    auth: {
      type: 'basic',
      fields: [
        { name: 'consumer_key', label: 'Consumer key', required: true, pattern: 'ck_[A-Za-z0-9]+', example: 'ck_0123' },
        { name: 'consumer_secret', label: 'Consumer secret', secret: true, required: true },
      ],
      username: '{{ config.consumer_key }}',
      password: '{{ config.consumer_secret }}',
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['message'], as: 'fail' as const, message: ['message'] })),
    ],
    webhook: {
      verify: { method: 'hmac', header: 'X-WC-Webhook-Signature', hash: 'sha256', encoding: 'base64' },
      // A store checks a new URL with a form that is not signed.
      handshake: [
        {
          where: "body.webhook_id is defined and headers['x-wc-webhook-signature'] is not defined",
          answer: 'ok',
        },
      ],
      id: "headers['x-wc-webhook-delivery-id'] if headers['x-wc-webhook-delivery-id'] is defined else headers['x-wc-delivery-id']",
      type: "headers['x-wc-webhook-topic']",
      connection: { value: "headers['x-wc-webhook-source'] | trim('/', 'end')", equals: 'input.url' },
      sync: ['order', 'product', 'customer'].map((resource) => ({
        where: `headers['x-wc-webhook-resource'] == '${resource}'`,
        streams: [`${resource}s`],
      })),
    },
    testRequest: { path: '/orders?per_page=1' },
    streams: [changing('orders', '/orders'), changing('products', '/products'), list('customers', '/customers')],
    actions,
  },
  guide: {
    key: {
      url: 'https://woocommerce.com/document/how-to-reset-api-keys-in-woocommerce/',
      steps: [
        {
          en: 'Sign in to the WordPress administration of the store. Under **Settings** and **Permalinks**, choose any structure but **Plain**, because the API does not work with that one.',
          de: 'Melden Sie sich in der WordPress-Verwaltung des Shops an. Wählen Sie unter **Settings** und **Permalinks** eine andere Struktur als **Plain**, denn damit funktioniert die API nicht.',
        },
        {
          en: 'Open **WooCommerce**, **Settings**, **Advanced** and **REST API**, and select **Add Key**.',
          de: 'Öffnen Sie **WooCommerce**, **Settings**, **Advanced** und **REST API** und wählen Sie **Add Key**.',
        },
        {
          en: 'Enter a description, choose a user who may see orders, choose **Read** or **Read/Write**, and select **Generate API Key**.',
          de: 'Geben Sie eine Beschreibung ein, wählen Sie einen Benutzer, der Bestellungen sehen darf, wählen Sie **Read** oder **Read/Write** und dann **Generate API Key**.',
        },
        {
          en: 'Copy **Consumer Key** and **Consumer Secret** now: the secret is not shown again.',
          de: 'Kopieren Sie **Consumer Key** und **Consumer Secret** jetzt: Das Secret wird nicht noch einmal angezeigt.',
        },
      ],
    },
    webhook: {
      url: 'https://woocommerce.com/document/webhooks/',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret. All stores use the same one.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret. Alle Shops verwenden denselben.',
        },
        {
          en: 'In each store, open **WooCommerce**, **Settings**, **Advanced** and **Webhooks**, and select **Add webhook**. Or send POST /webhooks with the keys of the connection.',
          de: 'Öffnen Sie in jedem Shop **WooCommerce**, **Settings**, **Advanced** und **Webhooks** und wählen Sie **Add webhook**. Oder senden Sie POST /webhooks mit den Schlüsseln der Verbindung.',
        },
        {
          en: 'Set the **Status** to **Active**, choose one **Topic**, paste the webhook URL as the **Delivery URL** and the webhook secret as the **Secret**, and save. Each topic needs a webhook of its own.',
          de: 'Setzen Sie den **Status** auf **Active**, wählen Sie ein **Topic**, fügen Sie die Webhook-URL als **Delivery URL** und das Webhook-Secret als **Secret** ein und speichern Sie. Jedes Topic braucht einen eigenen Webhook.',
        },
      ],
    },
    fields: {
      url: {
        label: 'Adresse des Shops',
        description: 'Adresse der WordPress-Website ohne / am Ende. Sie muss mit https beginnen.',
      },
      consumer_key: { label: 'Consumer-Key' },
      consumer_secret: { label: 'Consumer-Secret' },
    },
    events: ['order.*', 'product.*', 'customer.*', 'coupon.*'],
    tokens: {
      en: 'A key does not expire. It has the rights of the user that it was made for, and ends when it is revoked or when that user is deleted.',
      de: 'Ein Schlüssel läuft nicht ab. Er hat die Rechte des Benutzers, für den er angelegt wurde, und endet, wenn er widerrufen oder dieser Benutzer gelöscht wird.',
    },
    traps: [
      {
        en: 'Customers have no parameter for changes, so each sync reads all of them.',
        de: 'Für Kunden gibt es keinen Parameter für Änderungen. Jede Synchronisation liest daher alle.',
      },
      {
        en: 'A store disables a webhook after five deliveries in a row that were not answered with success.',
        de: 'Ein Shop schaltet einen Webhook nach fünf aufeinanderfolgenden Zustellungen ohne Erfolg ab.',
      },
      {
        en: 'Some servers remove the Authorization header. Then the store answers 401 although the keys are right.',
        de: 'Manche Server entfernen den Header Authorization. Dann antwortet der Shop trotz richtiger Schlüssel mit 401.',
      },
    ],
    scopes: {},
    rateLimit: null,
    hints: [
      {
        at: 'request',
        statuses: [401],
        messages: ['woocommerce_rest_cannot_view', 'cannot list resources'],
        cause: {
          en: 'The user of the key may not read this, or the server of the store removes the Authorization header.',
          de: 'Der Benutzer des Schlüssels darf dies nicht lesen, oder der Server des Shops entfernt den Header Authorization.',
        },
        operator: {
          en: 'Let the store make a key for a user with the role shop manager or administrator, and let the host pass on the Authorization header.',
          de: 'Lassen Sie im Shop einen Schlüssel für einen Benutzer mit der Rolle Shop-Manager oder Administrator anlegen und den Header Authorization vom Hoster weiterreichen.',
        },
        person: {
          en: 'Make a new key for a user who may see orders, products and customers, and enter it.',
          de: 'Legen Sie einen neuen Schlüssel für einen Benutzer an, der Bestellungen, Produkte und Kunden sehen darf, und geben Sie ihn ein.',
        },
        url: 'https://github.com/woocommerce/wc-api-php/issues/344',
      },
      {
        at: 'request',
        statuses: [404],
        messages: ['No route was found matching the URL'],
        cause: {
          en: 'The site has no WooCommerce, or the address of the store is wrong.',
          de: 'Die Website hat kein WooCommerce, oder die Adresse des Shops ist falsch.',
        },
        operator: {
          en: 'Compare the address with that of the WordPress site, and let the owner check that WooCommerce is active.',
          de: 'Vergleichen Sie die Adresse mit der der WordPress-Website und lassen Sie prüfen, ob WooCommerce aktiv ist.',
        },
        person: {
          en: 'Check the address of the store, and that WooCommerce is active there.',
          de: 'Prüfen Sie die Adresse des Shops und ob WooCommerce dort aktiv ist.',
        },
      },
    ],
  },
}

function list(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    query: { orderby: 'id', order: 'asc' },
    primaryKey: [['id']],
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'per_page',
      size: 100,
      total: 'header:X-WP-Total',
      totalPages: 'header:X-WP-TotalPages',
    },
  }
}

/** `modified_after` leaves out the instant itself. Its time has no zone, which dates_are_gmt makes that of the field. */
function changing(name: string, path: string): StreamDefinition {
  return {
    ...list(name, path),
    query: { orderby: 'id', order: 'asc', dates_are_gmt: 'true' },
    incremental: {
      cursorField: ['date_modified_gmt'],
      fieldFormat: '%Y-%m-%dT%H:%M:%S',
      param: 'modified_after',
      format: '%Y-%m-%dT%H:%M:%S',
      lookback: 'PT1S',
    },
  }
}
