import { day, email, flag, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const INVOICES = 'https://uri.paypal.com/services/invoicing/invoices'

const api = "https://{{ 'api-m.sandbox' if input.environment == 'sandbox' else 'api-m' }}.paypal.com"

const currency = (description: string) => text(description, { pattern: '^[A-Z]{3}$' })

const actions: ActionDefinition[] = [
  {
    name: 'get_balances',
    title: 'Get the balances of the account',
    description: 'Returns the balances of the account by currency. They are up to three hours old.',
    docsUrl: 'https://developer.paypal.com/docs/api/transaction-search/v1/',
    scopes: ['https://uri.paypal.com/services/reporting/balances/read'],
    readOnly: true,
    input: input({}, { currency: currency('Currency as three letters, such as EUR. Default: all.') }),
    request: { method: 'GET', path: '/v1/reporting/balances', query: { currency_code: '{{ args.currency }}' } },
  },
  {
    name: 'create_invoice',
    title: 'Create a draft of an invoice',
    description:
      'Creates an invoice with one item as a draft, which PayPal does not send yet. Returns the invoice with its id.',
    docsUrl: 'https://developer.paypal.com/docs/api/invoicing/v2/#invoices_create',
    scopes: [`${INVOICES}/readwrite`],
    input: input(
      {
        recipient: email('Email address of the person who pays.'),
        item: text('Name of the item.'),
        quantity: text('Quantity of the item, such as 1 or 2.5.', { pattern: '^[0-9]+(?:\\.[0-9]+)?$' }),
        unit_amount: text('Price of one item, such as 19.99.', { pattern: '^[0-9]+(?:\\.[0-9]+)?$' }),
        currency: currency('Currency as three letters, such as EUR.'),
      },
      {
        invoice_number: text('Number of the invoice. PayPal chooses one if you leave it out.'),
        invoice_date: day('Day of the invoice. Default: today.'),
        note: text('Note that the recipient sees.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/v2/invoicing/invoices',
      headers: { Prefer: 'return=representation' },
      json: {
        detail: {
          currency_code: '{{ args.currency }}',
          invoice_number: '{{ args.invoice_number }}',
          invoice_date: '{{ args.invoice_date }}',
          note: '{{ args.note }}',
        },
        primary_recipients: [{ billing_info: { email_address: '{{ args.recipient }}' } }],
        items: [
          {
            name: '{{ args.item }}',
            quantity: '{{ args.quantity }}',
            unit_amount: { currency_code: '{{ args.currency }}', value: '{{ args.unit_amount }}' },
          },
        ],
      },
    },
  },
  {
    name: 'send_invoice',
    title: 'Send an invoice',
    description:
      'Sends a draft to its recipient, who can then pay it. With a day in the future, PayPal sends it on that day. Sending it again has no effect. Returns a link.',
    docsUrl: 'https://developer.paypal.com/docs/api/invoicing/v2/#invoices_send',
    scopes: [`${INVOICES}/readwrite`],
    input: input(
      { invoice_id: text('Id of the invoice.', { pattern: '^[A-Za-z0-9-]+$' }) },
      { send_to_invoicer: flag('Whether the merchant gets an email, too. Default: false.') },
    ),
    request: {
      method: 'POST',
      path: '/v2/invoicing/invoices/{{ args.invoice_id }}/send',
      json: { send_to_invoicer: '{{ args.send_to_invoicer | default(false) }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['pay pal', 'braintree paypal', 'paypal business', 'transaction search'],
  logo: 'paypal',
  color: '#003087',
  sources: [
    { url: 'https://developer.paypal.com/api/rest/authentication/', read: '2026-11-29' },
    { url: 'https://developer.paypal.com/api/rate-limiting.md', read: '2026-11-29' },
    { url: 'https://developer.paypal.com/api/rest/reference/rate-limiting.md', read: '2026-11-29' },
    {
      url: 'https://developer.paypal.com/limited-release/alternative-payment-methods/pix/reference/rate-limiting-guidelines',
      read: '2026-11-29',
    },
    { url: 'https://developer.paypal.com/community/blog/paypal-api-error-permission-denied', read: '2026-11-29' },
    {
      url: 'https://github.com/paypal/paypal-rest-api-specifications/blob/main/openapi/reporting_transactions_v1.json',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/paypal/paypal-rest-api-specifications/blob/main/openapi/invoicing_v2.json',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.n8n.io/integrations/builtin/credentials/paypal/',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-paypal-transaction/source_paypal_transaction/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The names of the buttons of the dashboard were found only at others, and that of the features not at all.
  unverified: ['key'],
  definition: {
    displayName: 'PayPal',
    docsUrl: 'https://developer.paypal.com/api/rest/',
    categories: ['payments', 'billing'],
    baseUrl: api,
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Where the app was made. Default: Live.',
        choices: [
          { value: 'live', label: 'Live' },
          { value: 'sandbox', label: 'Sandbox' },
        ],
        example: 'live',
      },
      {
        name: 'since',
        label: 'Transactions since',
        description: 'The first day whose transactions are read, at most three years ago. Default: three years ago.',
        pattern: '[0-9]{4}-[0-9]{2}-[0-9]{2}',
        example: '2026-01-01',
      },
    ],
    // Access to the accounts of others needs the partner programme, whose consent is no OAuth.
    auth: {
      type: 'oauth2',
      grant: 'client_credentials',
      tokenUrl: `${api}/v1/oauth2/token`,
      clientHosts: ['api-m.paypal.com', 'api-m.sandbox.paypal.com'],
      clientAuth: 'client_secret_basic',
    },
    responseErrors: [
      { status: 401, path: ['error_description'], as: 'auth', message: ['error_description'], code: ['error'] },
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['name'] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
      })),
    ],
    testRequest: { path: '/v1/reporting/balances' },
    streams: [
      {
        name: 'transactions',
        path: '/v1/reporting/transactions',
        query: { fields: 'all' },
        recordsPath: ['transaction_details'],
        // Unique among the transactions that change the balance, which are the default.
        primaryKey: [['transaction_info', 'transaction_id']],
        pagination: {
          type: 'page',
          param: 'page',
          sizeParam: 'page_size',
          size: 500,
          total: ['total_items'],
          totalPages: ['total_pages'],
        },
        // A request covers at most 31 days, and the list goes back three years. A transaction takes up to three hours to appear in it.
        incremental: {
          cursorField: ['transaction_info', 'transaction_updated_date'],
          fieldFormat: ['%Y-%m-%dT%H:%M:%S%z', 'iso8601'],
          param: 'start_date',
          format: '%Y-%m-%dT%H:%M:%SZ',
          until: { param: 'end_date' },
          start: "{{ input.since | default(date(now, '%Y-%m-%d', '-P1090D')) }}",
          window: 'P7D',
          lookback: 'PT3H',
        },
        deletes: 'never',
      },
      {
        name: 'invoices',
        path: '/v2/invoicing/invoices',
        query: { total_required: 'true' },
        recordsPath: ['items'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: {
          type: 'page',
          param: 'page',
          sizeParam: 'page_size',
          size: 100,
          total: ['total_items'],
          totalPages: ['total_pages'],
        },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://developer.paypal.com/dashboard/applications/live',
      steps: [
        {
          en: 'Sign in to the PayPal developer dashboard with a business account and open **Apps & Credentials**. Choose **Live**, or **Sandbox** for tests.',
          de: 'Melden Sie sich mit einem Geschäftskonto im PayPal-Developer-Dashboard an und öffnen Sie **Apps & Credentials**. Wählen Sie **Live**, für Tests **Sandbox**.',
        },
        {
          en: 'Select **Create App**, enter a name and create it.',
          de: 'Wählen Sie **Create App**, geben Sie einen Namen ein und legen Sie die App an.',
        },
        {
          en: 'Under **Features**, turn on **Transaction search**, and **Invoicing** if invoices are used, and save. It can take some hours until the new permissions have an effect.',
          de: 'Schalten Sie unter **Features** die Option **Transaction search** ein, und **Invoicing**, wenn Rechnungen verwendet werden, und speichern Sie. Es kann einige Stunden dauern, bis die neuen Rechte gelten.',
        },
        {
          en: 'Copy **Client ID** and **Secret**.',
          de: 'Kopieren Sie **Client ID** und **Secret**.',
        },
      ],
    },
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Wo die App angelegt wurde. Standard: Live.',
        choices: { live: 'Live', sandbox: 'Sandbox (Testumgebung)' },
      },
      since: {
        label: 'Transaktionen seit',
        description:
          'Der erste Tag, dessen Transaktionen gelesen werden, höchstens drei Jahre zurück. Standard: vor drei Jahren.',
      },
    },
    tokens: {
      en: 'An access token typically lives for nine hours, and Latchkey gets a new one in time. A token keeps the permissions that the app had when it was issued.',
      de: 'Ein Access-Token gilt in der Regel neun Stunden, und Latchkey holt rechtzeitig ein neues. Ein Token behält die Rechte, die die App bei seiner Ausstellung hatte.',
    },
    traps: [
      {
        en: 'A transaction takes up to three hours to appear, and the list goes back three years.',
        de: 'Bis zu drei Stunden vergehen, bis eine Transaktion erscheint, und die Liste reicht drei Jahre zurück.',
      },
      {
        en: 'Webhooks of PayPal are signed with a certificate, which Latchkey cannot check.',
        de: 'Webhooks von PayPal sind mit einem Zertifikat signiert. Das kann Latchkey nicht prüfen.',
      },
    ],
    scopes: {
      'https://uri.paypal.com/services/reporting/search/read': {
        en: 'read the transactions of your account',
        de: 'die Transaktionen Ihres Kontos lesen',
      },
      'https://uri.paypal.com/services/reporting/balances/read': {
        en: 'see the balances of your account',
        de: 'die Guthaben Ihres Kontos sehen',
      },
      [`${INVOICES}/read`]: { en: 'read your invoices', de: 'Ihre Rechnungen lesen' },
      [`${INVOICES}/readwrite`]: {
        en: 'read, create and send your invoices',
        de: 'Ihre Rechnungen lesen, anlegen und versenden',
      },
    },
    rateLimit: {
      words: {
        en: 'PayPal does not publish its limits. They depend on the API and the traffic. A response with status 429 and RATE_LIMIT_REACHED says that there were too many requests.',
        de: 'PayPal veröffentlicht seine Grenzen nicht. Sie hängen von der API und vom Verkehr ab. Eine Antwort mit dem Status 429 und RATE_LIMIT_REACHED bedeutet, dass es zu viele Anfragen waren.',
      },
      url: 'https://developer.paypal.com/api/rate-limiting.md',
    },
    hints: [
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client id or the secret is wrong, or they belong to the other environment.',
          de: 'Die Client-ID oder das Secret ist falsch, oder sie gehören zur anderen Umgebung.',
        },
        operator: {
          en: 'Let both be copied again, and let the environment be checked.',
          de: 'Lassen Sie beide noch einmal kopieren und die Umgebung prüfen.',
        },
        person: {
          en: 'Copy client ID and secret of the same app again, and choose the environment in which the app was made.',
          de: 'Kopieren Sie Client-ID und Secret derselben App noch einmal und wählen Sie die Umgebung, in der die App angelegt wurde.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        messages: ['insufficient permissions', 'PERMISSION_DENIED', 'NOT_AUTHORIZED'],
        cause: {
          en: 'The app may not use this API, or the permission is so new that the token does not have it yet.',
          de: 'Die App darf diese API nicht verwenden, oder das Recht ist so neu, dass das Token es noch nicht hat.',
        },
        operator: {
          en: 'Let **Transaction search** or **Invoicing** be turned on in the app, and try again when a new token was issued, after nine hours at the latest.',
          de: 'Lassen Sie in der App **Transaction search** oder **Invoicing** einschalten und versuchen Sie es erneut, wenn ein neues Token ausgestellt wurde, spätestens nach neun Stunden.',
        },
        person: {
          en: 'Turn on **Transaction search** and **Invoicing** in the app, and connect again.',
          de: 'Schalten Sie in der App **Transaction search** und **Invoicing** ein und verbinden Sie sich neu.',
        },
        url: 'https://developer.paypal.com/community/blog/paypal-api-error-permission-denied',
      },
    ],
  },
}
