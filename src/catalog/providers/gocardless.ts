import { day, email, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.gocardless.com/api-reference'

const host = (name: string) =>
  `https://{{ '${name}-sandbox' if input.environment == 'sandbox' else '${name}' }}.gocardless.com`

const connect = `${host('connect')}/oauth`

const actions: ActionDefinition[] = [
  {
    name: 'list_payments',
    title: 'List payments',
    description:
      'Lists payments, the newest first. Returns payments, and meta.cursors.after, which is the cursor of the next page.',
    docsUrl: `${reference}/#payments-list-payments`,
    readOnly: true,
    input: input(
      {},
      {
        customer_id: text('Id of a customer, such as CU123.', { pattern: '^CU[A-Z0-9]+$' }),
        mandate_id: text('Id of a mandate, such as MD123.', { pattern: '^MD[A-Z0-9]+$' }),
        limit: limit(500, 50),
        cursor: text('meta.cursors.after of the previous result. Leave it out for the first page.'),
      },
    ),
    request: {
      method: 'GET',
      path: '/payments',
      query: {
        customer: '{{ args.customer_id }}',
        mandate: '{{ args.mandate_id }}',
        limit: '{{ args.limit | default(50) }}',
        after: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'create_customer',
    title: 'Create a customer',
    description: 'Creates a customer without a bank account and a mandate. Returns the customer with its id.',
    docsUrl: `${reference}/#customers-create-a-customer`,
    input: input(
      { email: email('Email address.') },
      {
        given_name: text('First name. A person has a first and a last name.'),
        family_name: text('Last name.'),
        company_name: text('Name of the company, in place of the name of a person.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/customers',
      json: {
        customers: {
          email: '{{ args.email }}',
          given_name: '{{ args.given_name }}',
          family_name: '{{ args.family_name }}',
          company_name: '{{ args.company_name }}',
        },
      },
    },
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
    output: ['customers'],
  },
  {
    name: 'create_payment',
    title: 'Collect a payment',
    description:
      'Collects a payment from the bank account of a mandate. Returns the payment with its id and charge_date.',
    docsUrl: `${reference}/#payments-create-a-payment`,
    input: input(
      {
        mandate_id: text('Id of the mandate, such as MD123.', { pattern: '^MD[A-Z0-9]+$' }),
        amount: integer('Amount in the smallest unit of the currency, such as 1000 for 10 euros.', { minimum: 1 }),
        currency: text('Currency as three letters, such as EUR.', { pattern: '^[A-Z]{3}$' }),
      },
      {
        description: text('Description, which the customer may see.'),
        charge_date: day('Day on which it is collected. Default: as soon as possible.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/payments',
      json: {
        payments: {
          amount: '{{ args.amount }}',
          currency: '{{ args.currency }}',
          description: '{{ args.description }}',
          charge_date: '{{ args.charge_date }}',
          links: { mandate: '{{ args.mandate_id }}' },
        },
      },
    },
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
    output: ['payments'],
  },
]

export const provider: ProviderFile = {
  aliases: ['go cardless', 'direct debit', 'sepa direct debit', 'bacs'],
  logo: null,
  color: '#1c1b18',
  sources: [
    { url: 'https://developer.gocardless.com/partners/connecting-your-users', read: '2026-11-29' },
    {
      url: 'https://github.com/gocardless/gocardless-pro-ruby/blob/master/lib/gocardless_pro/webhook.rb',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/gocardless/gocardless-pro-ruby/blob/master/lib/gocardless_pro/resources/event.rb',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/gocardless/gocardless-pro-java/blob/master/src/main/java/com/gocardless/services/PaymentService.java',
      read: '2026-11-29',
    },
    {
      url: 'https://hexdocs.pm/gocardless/Gocardless.Behaviour.Customer.html',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/gocardless/refs/heads/main/scopes/gocardless-scopes.yml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/gocardless/refs/heads/main/conventions/gocardless-conventions.yml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-gocardless/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://apps.make.com/gocardless?gbraid=0AAAAAob-Q_Sqb5gxJbXBcb8YyVulaWaoV',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The steps in the dashboard, what ends a token, the limits and the words of errors are not in what could be read.
  unverified: ['key', 'webhook', 'tokens', 'rateLimit', 'hints'],
  definition: {
    displayName: 'GoCardless',
    docsUrl: reference,
    categories: ['payments'],
    baseUrl: host('api'),
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Default: Live.',
        choices: [
          { value: 'live', label: 'Live' },
          { value: 'sandbox', label: 'Sandbox' },
        ],
        example: 'live',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Connect with GoCardless',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${connect}/authorize`,
            tokenUrl: `${connect}/access_token`,
            clientHosts: ['connect.gocardless.com', 'connect-sandbox.gocardless.com'],
            scopes: ['read_write'],
            // Events name the organization.
            tokenResponse: { keep: { organisation_id: ['organisation_id'] } },
          },
        },
        { key: 'token', label: 'Access token of an own account', auth: { type: 'bearer' } },
      ],
    },
    headers: { 'GoCardless-Version': '2015-07-06' },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'] },
      ...[400, 403, 404, 409, 422].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
      })),
    ],
    webhook: {
      verify: { method: 'hmac', header: 'Webhook-Signature', hash: 'sha256', encoding: 'hex' },
      events: ['events'],
      id: 'item.id',
      type: "item.resource_type ~ '.' ~ item.action",
      connection: { value: 'item.links.organisation', equals: 'kept.organisation_id' },
      sync: ['payments', 'mandates', 'payouts'].map((resource) => ({
        where: `item.resource_type == '${resource}'`,
        streams: [resource],
      })),
    },
    testRequest: { path: '/creditors?limit=1' },
    streams: ['customers', 'mandates', 'payments', 'payouts'].map(list),
    actions,
  },
  guide: {
    app: {
      url: 'https://manage.gocardless.com/developers',
      steps: [
        {
          en: 'Sign in to the GoCardless dashboard, or to that of the sandbox for tests, open **Developers** and select **Create an app**.',
          de: 'Melden Sie sich im GoCardless-Dashboard an, für Tests in dem der Sandbox, öffnen Sie **Developers** und wählen Sie **Create an app**.',
        },
        {
          en: 'Enter a name and paste the callback URL as the redirect URL. It has to be the same to the character.',
          de: 'Geben Sie einen Namen ein und fügen Sie die Callback-URL als Redirect-URL ein. Sie muss zeichengenau übereinstimmen.',
        },
        {
          en: 'Create the app, and copy the client id and the client secret. Live and sandbox need an app each.',
          de: 'Legen Sie die App an und kopieren Sie die Client-ID und das Client-Secret. Live und Sandbox brauchen je eine eigene App.',
        },
      ],
    },
    key: {
      url: 'https://manage.gocardless.com/developers/access-tokens/create',
      steps: [
        {
          en: 'Sign in to the GoCardless dashboard, open **Developers** and select **Create** and **Access token**.',
          de: 'Melden Sie sich im GoCardless-Dashboard an, öffnen Sie **Developers** und wählen Sie **Create** und **Access token**.',
        },
        {
          en: 'Enter a name, choose read-only or read and write access, and copy the token. It is shown only once.',
          de: 'Geben Sie einen Namen ein, wählen Sie Lesezugriff oder Lese- und Schreibzugriff und kopieren Sie das Token. Es wird nur einmal angezeigt.',
        },
      ],
    },
    webhook: {
      url: 'https://manage.gocardless.com/developers/webhook-endpoints/create',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'For an app, enter the webhook URL and the secret in the settings of the app. It then receives the events of all accounts that are connected.',
          de: 'Tragen Sie für eine App die Webhook-URL und das Secret in den Einstellungen der App ein. Sie erhält dann die Events aller verbundenen Konten.',
        },
        {
          en: 'For an own account, open **Developers**, select **Create** and **Webhook endpoint**, and enter both there.',
          de: 'Öffnen Sie für ein eigenes Konto **Developers**, wählen Sie **Create** und **Webhook endpoint** und tragen Sie dort beides ein.',
        },
      ],
    },
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Standard: Live.',
        choices: { live: 'Live', sandbox: 'Sandbox (Testumgebung)' },
      },
    },
    options: { oauth: 'Mit GoCardless verbinden', token: 'Access-Token eines eigenen Kontos' },
    events: ['payments.*', 'mandates.*', 'payouts.*', 'refunds.*', 'subscriptions.*'],
    tokens: {
      en: 'An access token does not expire, so there is no refresh token. It ends when the access is revoked.',
      de: 'Ein Access-Token läuft nicht ab, daher gibt es kein Refresh-Token. Es endet, wenn der Zugriff widerrufen wird.',
    },
    traps: [
      {
        en: 'Products that collect payments for others have to connect accounts by OAuth. They must not ask for access tokens.',
        de: 'Produkte, die Zahlungen für andere einziehen, müssen Konten mit OAuth verbinden. Sie dürfen nicht nach Access-Tokens fragen.',
      },
      {
        en: 'Lists can be filtered by the time of creation only. As the status of a payment changes later, each sync reads all of them.',
        de: 'Listen lassen sich nur nach der Zeit der Anlage filtern. Weil sich der Status einer Zahlung später ändert, liest jede Synchronisation alle.',
      },
      {
        en: 'A live account needs payment pages that GoCardless has approved to create customers. Others use the Billing Requests API.',
        de: 'Ein Live-Konto braucht von GoCardless genehmigte Zahlungsseiten, um Kunden anzulegen. Andere verwenden die Billing Requests API.',
      },
    ],
    scopes: {
      read_write: {
        en: 'see your customers, mandates and payments, and collect payments in your name',
        de: 'Ihre Kunden, Mandate und Zahlungen sehen und in Ihrem Namen Zahlungen einziehen',
      },
    },
    rateLimit: null,
    hints: [],
  },
}

function list(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '500' },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['meta', 'cursors', 'after'], param: 'after' },
  }
}
