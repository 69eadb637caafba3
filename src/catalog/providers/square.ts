import { cursor, email, input, instant, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.squareup.com/reference/square'

const actions: ActionDefinition[] = [
  {
    name: 'create_customer',
    title: 'Create a customer',
    description:
      'Creates a customer profile and returns it with its id. Give at least a name, a company, an email address or a phone number.',
    docsUrl: `${reference}/customers-api/create-customer`,
    scopes: ['CUSTOMERS_WRITE'],
    input: {
      ...input(
        {},
        {
          given_name: text('First name.', { maxLength: 300 }),
          family_name: text('Last name.', { maxLength: 300 }),
          company_name: text('Name of the business.', { maxLength: 500 }),
          email: email('Email address.'),
          phone: text('Phone number, with country code.', { pattern: '^\\+?[0-9 ().-]{9,25}$' }),
          reference_id: text('Id of the customer in your own system.', { maxLength: 100 }),
          note: text('Note about the customer.'),
        },
      ),
      minProperties: 1,
    },
    request: {
      method: 'POST',
      path: '/customers',
      json: {
        given_name: '{{ args.given_name }}',
        family_name: '{{ args.family_name }}',
        company_name: '{{ args.company_name }}',
        email_address: '{{ args.email }}',
        phone_number: '{{ args.phone }}',
        reference_id: '{{ args.reference_id }}',
        note: '{{ args.note }}',
      },
    },
    idempotencyKey: { in: 'json', name: ['idempotency_key'], maxLength: 45 },
    output: ['customer'],
  },
  {
    name: 'get_customer',
    title: 'Get a customer',
    description: 'Returns one customer profile.',
    docsUrl: `${reference}/customers-api/retrieve-customer`,
    scopes: ['CUSTOMERS_READ'],
    readOnly: true,
    input: input({ customer_id: text('Id of the customer.', { pattern: '^[A-Z0-9]+$' }) }),
    request: { method: 'GET', path: '/customers/{{ args.customer_id }}' },
    output: ['customer'],
  },
  {
    name: 'list_customers',
    title: 'List customers',
    description: 'Lists customer profiles, the newest first. Returns customers; cursor is the cursor of the next page.',
    docsUrl: `${reference}/customers-api/list-customers`,
    scopes: ['CUSTOMERS_READ'],
    readOnly: true,
    input: input({}, { limit: limit(100, 50), cursor: cursor('cursor') }),
    request: {
      method: 'GET',
      path: '/customers',
      query: {
        sort_field: 'CREATED_AT',
        sort_order: 'DESC',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'list_payments',
    title: 'List payments',
    description:
      'Lists payments, the newest first. Amounts are in the smallest unit of the currency. Returns payments; cursor is the cursor of the next page.',
    docsUrl: `${reference}/payments-api/list-payments`,
    scopes: ['PAYMENTS_READ'],
    readOnly: true,
    input: input(
      {},
      {
        from: instant('Only payments created after this instant. Default: one year ago.'),
        to: instant('Only payments created before this instant. Default: now.'),
        limit: limit(100, 50),
        cursor: cursor('cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/payments',
      query: {
        begin_time: '{{ args.from }}',
        end_time: '{{ args.to }}',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['squareup', 'square pos', 'square payments'],
  logo: 'square',
  color: '#3e4348',
  sources: [
    { url: 'https://developer.squareup.com/docs/oauth-api/create-urls-for-square-authorization', read: '2026-11-29' },
    { url: 'https://developer.squareup.com/docs/oauth-api/movetoprod', read: '2026-11-29' },
    { url: 'https://developer.squareup.com/docs/oauth-api/square-permissions', read: '2026-11-29' },
    { url: 'https://developer.squareup.com/reference/square/oauth-api/authorize', read: '2026-11-29' },
    { url: 'https://developer.squareup.com/docs/webhooks/step2subscribe', read: '2026-11-29' },
    { url: 'https://developer.squareup.com/docs/webhooks/movetoprod', read: '2026-11-29' },
    { url: 'https://developer.squareup.com/docs/build-basics/handling-errors', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://github.com/square/square-nodejs-sdk', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'Square',
    docsUrl: 'https://developer.squareup.com/docs/oauth-api/overview',
    categories: ['payments', 'e-commerce'],
    baseUrl: 'https://connect.squareup.com/v2',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://connect.squareup.com/oauth2/authorize',
      // Required in production; the seller signs in again.
      authorizationParams: { session: 'false' },
      tokenUrl: 'https://connect.squareup.com/oauth2/token',
      scopes: ['MERCHANT_PROFILE_READ', 'CUSTOMERS_READ', 'PAYMENTS_READ'],
      // PKCE is a separate flow without a client secret, whose refresh tokens work once within 90 days.
      pkce: 'none',
      tokenRequest: { format: 'json' },
      tokenResponse: {
        expiry: { path: ['expires_at'], format: 'iso8601' },
        error: ['type'],
        keep: { merchant_id: ['merchant_id'] },
      },
      permanentErrors: ['service.not_authorized'],
      rotation: 'none',
    },
    headers: { 'Square-Version': '2025-10-16' },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'detail'], as: 'auth', message: ['errors', 0, 'detail'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['errors', 0, 'detail'],
        as: 'fail' as const,
        message: ['errors', 0, 'detail'],
      })),
    ],
    // developer.squareup.com/docs/webhooks/step3validate, developer.squareup.com/docs/webhooks/overview
    webhook: {
      verify: {
        method: 'hmac',
        header: 'x-square-hmacsha256-signature',
        hash: 'sha256',
        encoding: 'base64',
        message: '{{ url }}{{ body }}',
      },
      id: 'body.event_id',
      type: 'body.type',
      connection: { value: 'body.merchant_id', equals: 'kept.merchant_id' },
      sync: ['location', 'customer', 'payment'].map((kind) => ({
        where: `'${kind}.' in body.type`,
        streams: [`${kind}s`],
      })),
    },
    testRequest: { path: '/merchants/me' },
    streams: [
      { name: 'locations', path: '/locations', recordsPath: ['locations'], primaryKey: [['id']] },
      objects('customers', {}),
      {
        ...objects('payments', { sort_field: 'UPDATED_AT', sort_order: 'ASC' }),
        incremental: { cursorField: ['updated_at'], param: 'updated_at_begin_time', format: 'iso8601' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://developer.squareup.com/apps',
      steps: [
        {
          en: 'Sign in to the Developer Console and select **+** to create an application. Enter a name and finish the dialog.',
          de: 'Melden Sie sich bei der Developer Console an und wählen Sie **+**, um eine Anwendung anzulegen. Geben Sie einen Namen ein und schließen Sie den Dialog ab.',
        },
        {
          en: 'Open the application and **OAuth**. At the top, switch from **Sandbox** to **Production**. Paste the callback URL as **Production Redirect URL** and save it.',
          de: 'Öffnen Sie die Anwendung und dort **OAuth**. Schalten Sie oben von **Sandbox** auf **Production** um. Fügen Sie die Callback-URL als **Production Redirect URL** ein und speichern Sie.',
        },
        {
          en: 'On the same page, copy **Production Application ID**, which is the client ID, and **Production Application Secret**, which is the client secret. Those of the sandbox do not work here.',
          de: 'Kopieren Sie auf derselben Seite die **Production Application ID**, das ist die Client-ID, und das **Production Application Secret**, das ist das Client-Secret. Die Werte der Sandbox funktionieren hier nicht.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.squareup.com/apps',
      steps: [
        {
          en: 'Open the application and choose **Production** at the top. Under **Webhooks**, select **Subscriptions** and then **Add subscription**.',
          de: 'Öffnen Sie die Anwendung und schalten Sie oben auf **Production** um. Wählen Sie unter **Webhooks** den Punkt **Subscriptions** und dann **Add subscription**.',
        },
        {
          en: 'Enter a name and the webhook URL, choose an API version and the events that you want, such as customer.updated and payment.updated, and select **Save**.',
          de: 'Geben Sie einen Namen und die Webhook-URL ein, wählen Sie eine API-Version und die gewünschten Events, etwa customer.updated und payment.updated, und wählen Sie **Save**.',
        },
        {
          en: 'Open the new subscription, select **Show** beside **Signature Key**, copy the key, and save it here as the webhook secret.',
          de: 'Öffnen Sie das neue Abonnement, wählen Sie neben **Signature Key** **Show**, kopieren Sie den Schlüssel und speichern Sie ihn hier als Webhook-Secret.',
        },
      ],
    },
    events: ['location.*', 'customer.*', 'payment.*'],
    scopes: {
      MERCHANT_PROFILE_READ: {
        en: 'see your business profile and your locations',
        de: 'Ihr Unternehmensprofil und Ihre Standorte sehen',
      },
      CUSTOMERS_READ: {
        en: 'see your customers and their contact details',
        de: 'Ihre Kundinnen und Kunden mit ihren Kontaktdaten sehen',
      },
      CUSTOMERS_WRITE: {
        en: 'add, change and delete your customers',
        de: 'Ihre Kundinnen und Kunden anlegen, ändern und löschen',
      },
      PAYMENTS_READ: {
        en: 'see your payments and refunds',
        de: 'Ihre Zahlungen und Erstattungen sehen',
      },
    },
    rateLimit: null,
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'Square shows an error instead of the permissions, because the callback URL or the application ID is not that of the production application.',
          de: 'Square zeigt einen Fehler statt der Berechtigungen, weil Callback-URL oder Application ID nicht zur produktiven Anwendung passen.',
        },
        operator: {
          en: 'Check **Production Redirect URL** character by character, and that the client ID is the **Production Application ID**.',
          de: 'Prüfen Sie zeichengenau die **Production Redirect URL** und dass die Client-ID die **Production Application ID** ist.',
        },
        url: 'https://developer.squareup.com/docs/oauth-api/create-urls-for-square-authorization',
      },
      {
        at: 'consent',
        messages: ['user_denied'],
        cause: {
          en: 'The seller declined the permissions at Square.',
          de: 'Die Berechtigungen wurden bei Square abgelehnt.',
        },
        operator: {
          en: 'Let the account be connected again.',
          de: 'Lassen Sie das Konto noch einmal verbinden.',
        },
        person: {
          en: 'Connect again and select **Allow** at Square.',
          de: 'Verbinden Sie noch einmal und wählen Sie bei Square **Allow**.',
        },
        url: 'https://developer.squareup.com/reference/square/oauth-api/authorize',
      },
      {
        at: 'request',
        messages: ['has not given your application sufficient permissions'],
        cause: {
          en: 'The seller did not grant a permission that this request needs.',
          de: 'Eine Berechtigung, die diese Anfrage braucht, wurde nicht erteilt.',
        },
        operator: {
          en: 'Add the permission to the scopes of the integration, then let the account be reconnected.',
          de: 'Ergänzen Sie die Berechtigung bei den Scopes der Integration und lassen Sie das Konto dann neu verbinden.',
        },
        person: {
          en: 'Connect the account again and allow all permissions.',
          de: 'Verbinden Sie das Konto neu und erlauben Sie alle Berechtigungen.',
        },
      },
      {
        at: 'request',
        messages: ['This request could not be authorized'],
        cause: {
          en: 'Square does not accept the access token: it is revoked, expired, or one of the sandbox.',
          de: 'Square nimmt das Zugriffstoken nicht an: Es ist widerrufen, abgelaufen oder stammt aus der Sandbox.',
        },
        operator: {
          en: 'Let the account be reconnected. A token that you supply yourself has to be one of production.',
          de: 'Lassen Sie das Konto neu verbinden. Ein Token, das Sie selbst übergeben, muss aus der Produktion stammen.',
        },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
        url: 'https://developer.squareup.com/docs/build-basics/handling-errors',
      },
    ],
  },
}

function objects(name: string, query: Record<string, string>): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100', ...query },
    recordsPath: [name],
    omitsEmptyList: true,
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['cursor'], param: 'cursor' },
  }
}
