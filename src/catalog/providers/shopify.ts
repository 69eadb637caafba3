import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const shop = 'https://{{ input.shop }}.myshopify.com/admin'

export const provider: ProviderFile = {
  aliases: ['shopify store', 'online shop'],
  logo: 'shopify',
  color: '#7ab55c',
  sources: [
    { url: 'https://shopify.dev/docs/apps/build/dev-dashboard/create-apps-using-dev-dashboard', read: '2026-11-29' },
    {
      url: 'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant',
      read: '2026-11-29',
    },
    { url: 'https://shopify.dev/docs/apps/launch/distribution/select-distribution-method', read: '2026-11-29' },
    { url: 'https://shopify.dev/docs/apps/launch/protected-customer-data', read: '2026-11-29' },
    { url: 'https://shopify.dev/docs/apps/build/webhooks/subscribe', read: '2026-11-29' },
    { url: 'https://shopify.dev/docs/api/shopify-cli/app/app-config-link', read: '2026-11-29' },
    { url: 'https://shopify.dev/docs/api/usage/access-scopes', read: '2026-11-29' },
    { url: 'https://shopify.dev/docs/api/admin-rest/usage/rate-limits', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'Shopify',
    docsUrl: 'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant',
    categories: ['e-commerce'],
    baseUrl: `${shop}/api/2026-07`,
    inputFields: [
      {
        name: 'shop',
        label: 'Shop',
        description: 'What stands before .myshopify.com.',
        required: true,
        pattern: '[a-zA-Z0-9][a-zA-Z0-9-]*',
        example: 'acme-store',
      },
    ],
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${shop}/oauth/authorize`,
      tokenUrl: `${shop}/oauth/access_token`,
      // Revoking uninstalls the app.
      revocation: { url: `${shop}/api_permissions/current.json`, method: 'DELETE', auth: 'token' },
      // Shopify runs every host below this domain; a shop decides nothing about it.
      clientHosts: ['*.myshopify.com'],
      callbackVerify: { method: 'shopify_hmac' },
      scopes: ['read_products', 'read_customers', 'read_orders'],
      scopeSeparator: ',',
      // Without it tokens do not expire, which Shopify refuses for public apps from 1 January 2027
      // (shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens).
      tokenRequest: { params: { expiring: '1' } },
      tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
      // The previous refresh token stays valid until the new one is used, for at most 30 days. One day is the maximum of this field.
      rotation: 'rotating',
      graceSeconds: 86_400,
      placement: { in: 'header', name: 'X-Shopify-Access-Token' },
    },
    responseErrors: [
      { status: 401, path: ['errors'], as: 'auth', message: ['errors'] },
      ...[400, 403, 404, 422].map((status) => ({ status, path: ['errors'], as: 'fail' as const, message: ['errors'] })),
    ],
    // shopify.dev/docs/apps/build/webhooks/verify-deliveries, shopify.dev/docs/apps/build/webhooks/delivery-structure
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Shopify-Hmac-SHA256',
        hash: 'sha256',
        encoding: 'base64',
        secret: 'client',
      },
      id: "headers['x-shopify-webhook-id']",
      type: "headers['x-shopify-topic']",
      connection: { value: "headers['x-shopify-shop-domain'] | replace('.myshopify.com', '')", equals: 'input.shop' },
      sync: [
        changes('products', "'products/create', 'products/update', 'products/delete'"),
        changes(
          'customers',
          "'customers/create', 'customers/update', 'customers/delete', 'customers/enable', 'customers/disable'",
        ),
        changes(
          'orders',
          "'orders/create', 'orders/updated', 'orders/delete', 'orders/edited', 'orders/paid', 'orders/partially_fulfilled', 'orders/fulfilled', 'orders/cancelled'",
        ),
      ],
    },
    testRequest: { path: '/shop.json' },
    streams: [objects('products', {}), objects('customers', {}), objects('orders', { status: 'any' })],
  },
  guide: {
    app: {
      url: 'https://dev.shopify.com/dashboard',
      steps: [
        {
          en: 'Open **Apps** and select **Create app**. Under **Start from Dev Dashboard**, enter a name and select **Create**.',
          de: 'Öffnen Sie **Apps** und wählen Sie **Create app**. Geben Sie unter **Start from Dev Dashboard** einen Namen ein und wählen Sie **Create**.',
        },
        {
          en: 'On the **Versions** tab, paste the callback URL under **Redirect URLs**. As the **App URL**, enter a page on the same host as the callback URL, and turn off **Embed app in Shopify admin**.',
          de: 'Fügen Sie auf der Registerkarte **Versions** die Callback-URL unter **Redirect URLs** ein. Tragen Sie als **App URL** eine Seite auf demselben Host wie die Callback-URL ein und schalten Sie **Embed app in Shopify admin** aus.',
        },
        {
          en: 'Under **Access**, select **Select scopes** and add each scope that is listed here. Then select **Release**, because a shop can only install a released version.',
          de: 'Wählen Sie unter **Access** die Schaltfläche **Select scopes** und fügen Sie jeden hier genannten Scope hinzu. Wählen Sie dann **Release**, denn ein Shop kann nur eine veröffentlichte Version installieren.',
        },
        {
          en: 'On the **Home** tab, select **Select distribution method**: **Custom distribution** for one shop or the shops of one Plus organization, **Public distribution** for any shop, which Shopify reviews. You cannot change it later.',
          de: 'Wählen Sie auf der Registerkarte **Home** **Select distribution method**: **Custom distribution** für einen Shop oder die Shops einer Plus-Organisation, **Public distribution** für beliebige Shops; diese prüft Shopify. Sie können das später nicht ändern.',
        },
        {
          en: 'For a public app, open **API access requests**, request **Protected customer data access**, and choose the fields of customers that you need. Without approval, Shopify refuses customers and orders.',
          de: 'Öffnen Sie für eine öffentliche App **API access requests**, beantragen Sie **Protected customer data access** und wählen Sie die Kundenfelder, die Sie brauchen. Ohne Freigabe verweigert Shopify Kunden und Bestellungen.',
        },
        {
          en: 'On the **Settings** tab, copy **Client ID** and **Secret**. The secret also verifies webhooks.',
          de: 'Kopieren Sie auf der Registerkarte **Settings** **Client ID** und **Secret**. Mit dem Secret werden auch Webhooks geprüft.',
        },
      ],
    },
    webhook: {
      url: 'https://shopify.dev/docs/apps/build/webhooks/subscribe',
      steps: [
        {
          en: 'Leave the webhook secret empty here: Shopify signs with the client secret of the app.',
          de: 'Lassen Sie das Webhook-Secret hier leer: Shopify signiert mit dem Client-Secret der App.',
        },
        {
          en: 'In an empty folder, run **shopify app config link** with the Shopify CLI and choose the app. It writes the configuration of the app into **shopify.app.toml**.',
          de: 'Führen Sie in einem leeren Ordner mit der Shopify CLI **shopify app config link** aus und wählen Sie die App. Das schreibt die Konfiguration der App in die Datei **shopify.app.toml**.',
        },
        {
          en: 'In this file, add a block **[[webhooks.subscriptions]]** with the **topics** that you want, such as products/update, and the webhook URL as **uri**.',
          de: 'Ergänzen Sie in dieser Datei einen Block **[[webhooks.subscriptions]]** mit den gewünschten **topics**, etwa products/update, und der Webhook-URL als **uri**.',
        },
        {
          en: 'For a public app, add the topics customers/data_request, customers/redact and shop/redact as **compliance_topics**. Shopify requires them.',
          de: 'Ergänzen Sie bei einer öffentlichen App die Themen customers/data_request, customers/redact und shop/redact als **compliance_topics**. Shopify verlangt sie.',
        },
        {
          en: 'Run **shopify app deploy**. The subscriptions then hold for every shop that installs the app.',
          de: 'Führen Sie **shopify app deploy** aus. Die Abonnements gelten dann für jeden Shop, der die App installiert.',
        },
      ],
    },
    fields: { shop: { label: 'Shop', description: 'Was vor .myshopify.com steht.' } },
    events: ['products/*', 'customers/*', 'orders/*'],
    scopes: {
      read_products: {
        en: 'see the products, variants and collections of your shop',
        de: 'die Produkte, Varianten und Kollektionen Ihres Shops sehen',
      },
      read_customers: {
        en: 'see the customers of your shop and their contact details',
        de: 'die Kundinnen und Kunden Ihres Shops mit ihren Kontaktdaten sehen',
      },
      read_orders: {
        en: 'see the orders of your shop of the last 60 days, with payments and deliveries',
        de: 'die Bestellungen Ihres Shops aus den letzten 60 Tagen mit Zahlungen und Lieferungen sehen',
      },
    },
    rateLimit: {
      words: {
        en: 'Per app and shop: 2 requests a second with bursts of 40 (standard plans), 4 a second (Advanced), 20 a second (Plus).',
        de: 'Je App und Shop: 2 Anfragen pro Sekunde mit Spitzen von 40 (Standardtarife), 4 pro Sekunde (Advanced), 20 pro Sekunde (Plus).',
      },
      url: 'https://shopify.dev/docs/api/admin-rest/usage/rate-limits',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['The redirect_uri is not whitelisted', 'redirect_uri and application url must have matching hosts'],
        cause: {
          en: 'The callback URL is not registered in the released version of the Shopify app, or the **App URL** has another host.',
          de: 'Die Callback-URL ist in der veröffentlichten Version der Shopify-App nicht eingetragen, oder die **App URL** hat einen anderen Host.',
        },
        operator: {
          en: 'Enter the callback URL under **Redirect URLs** of a new version, to the character, give the **App URL** the same host, and select **Release**.',
          de: 'Tragen Sie die Callback-URL zeichengenau unter **Redirect URLs** einer neuen Version ein, geben Sie der **App URL** denselben Host und wählen Sie **Release**.',
        },
      },
      {
        at: 'provider_page',
        errors: ['application_cannot_be_found'],
        cause: {
          en: 'Shopify does not know the client ID.',
          de: 'Shopify kennt die Client-ID nicht.',
        },
        operator: {
          en: 'Copy **Client ID** again from the **Settings** tab of the app.',
          de: 'Kopieren Sie die **Client ID** noch einmal von der Registerkarte **Settings** der App.',
        },
      },
      {
        at: 'request',
        messages: ['not approved to access REST endpoints with protected customer data'],
        cause: {
          en: 'Shopify has not approved the app for data of customers.',
          de: 'Shopify hat die App nicht für Kundendaten freigegeben.',
        },
        operator: {
          en: 'Request **Protected customer data access** under **API access requests** of the app. Shopify approves it for public apps after a review.',
          de: 'Beantragen Sie **Protected customer data access** unter **API access requests** der App. Für öffentliche Apps erteilt Shopify den Zugriff nach einer Prüfung.',
        },
        url: 'https://shopify.dev/docs/apps/launch/protected-customer-data',
      },
      {
        at: 'request',
        messages: ['requires merchant approval for'],
        cause: {
          en: 'The shop did not grant a scope that this request needs.',
          de: 'Der Shop hat einen Scope nicht erteilt, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope in a new version of the app and to the integration, then let the shop be reconnected.',
          de: 'Ergänzen Sie den Scope in einer neuen Version der App und in der Integration und lassen Sie den Shop dann neu verbinden.',
        },
        person: {
          en: 'Connect the shop again and accept all permissions.',
          de: 'Verbinden Sie den Shop neu und stimmen Sie allen Berechtigungen zu.',
        },
      },
      {
        at: 'request',
        messages: ['Invalid API key or access token'],
        cause: {
          en: 'The app was uninstalled from the shop, or its access was revoked.',
          de: 'Die App wurde aus dem Shop entfernt, oder ihr Zugriff wurde widerrufen.',
        },
        operator: { en: 'Let the shop be reconnected.', de: 'Lassen Sie den Shop neu verbinden.' },
        person: { en: 'Connect the shop again.', de: 'Verbinden Sie den Shop neu.' },
      },
    ],
  },
}

function changes(name: string, topics: string) {
  return { where: `headers['x-shopify-topic'] in [${topics}]`, streams: [name] }
}

function objects(name: string, query: Record<string, string>): StreamDefinition {
  return {
    name,
    path: `/${name}.json`,
    query: { limit: '250', ...query },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'link_header' },
    incremental: { cursorField: ['updated_at'], param: 'updated_at_min', format: 'iso8601' },
  }
}
