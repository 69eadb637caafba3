import { choice, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.paddle.com/api-reference'

const subscription = { subscription_id: text('Id of the subscription.', { pattern: '^sub_[a-z0-9]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'get_subscription',
    title: 'Get a subscription',
    description: 'Returns one subscription with its status, items and next billing date.',
    docsUrl: `${reference}/subscriptions/get-subscription`,
    scopes: ['subscription.read'],
    readOnly: true,
    input: input(subscription),
    request: { method: 'GET', path: '/subscriptions/{{ args.subscription_id }}' },
    output: ['data'],
  },
  {
    name: 'list_customer_subscriptions',
    title: 'List the subscriptions of a customer',
    description: 'Lists the subscriptions of a customer. Returns data, a list of subscriptions.',
    docsUrl: `${reference}/subscriptions/list-subscriptions`,
    scopes: ['subscription.read'],
    readOnly: true,
    input: input({ customer_id: text('Id of the customer.', { pattern: '^ctm_[a-z0-9]+$' }) }),
    request: { method: 'GET', path: '/subscriptions', query: { customer_id: '{{ args.customer_id }}' } },
    output: ['data'],
  },
  {
    name: 'cancel_subscription',
    title: 'Cancel a subscription',
    description:
      'Cancels a subscription, by default at the end of the period that is paid for. Returns the subscription.',
    docsUrl: `${reference}/subscriptions/cancel-subscription`,
    scopes: ['subscription.write'],
    destructive: true,
    input: input(subscription, {
      effective_from: choice('When it ends. Default: next_billing_period.', ['next_billing_period', 'immediately']),
    }),
    request: {
      method: 'POST',
      path: '/subscriptions/{{ args.subscription_id }}/cancel',
      json: { effective_from: "{{ args.effective_from | default('next_billing_period') }}" },
    },
    output: ['data'],
  },
]

export const provider: ProviderFile = {
  aliases: ['paddle billing', 'merchant of record'],
  logo: 'paddle',
  color: '#fddd35',
  sources: [
    { url: `${reference}/about/authentication.md`, read: '2026-11-29' },
    { url: `${reference}/about/`, read: '2026-11-29' },
    { url: `${reference}/about/rate-limiting.md`, read: '2026-11-29' },
    { url: `${reference}/api-root/get-api-root.md`, read: '2026-11-29' },
    { url: 'https://developer.paddle.com/errors/shared/invalid_token.md', read: '2026-11-29' },
    { url: 'https://developer.paddle.com/errors/shared/authentication_malformed.md', read: '2026-11-29' },
    { url: 'https://developer.paddle.com/webhooks/about/signature-verification.md', read: '2026-11-29' },
    {
      url: 'https://developer.paddle.com/changelog/2023/pause-cancel-subscription-immediately.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-paddle/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://openpeeps.github.io/paddle-nim/paddle/api.html', read: '2026-11-29', second: true },
    { url: 'https://rdrr.io/cran/paddleR/src/R/subscriptions.R', read: '2026-11-29', second: true },
    { url: 'https://rdrr.io/cran/paddleR/man/paddle_cancel_subscription.html', read: '2026-11-29', second: true },
  ],
  // The names of permissions and the lifetime of keys are not in what could be read.
  unverified: ['scopes', 'tokens'],
  definition: {
    displayName: 'Paddle',
    docsUrl: `${reference}/overview`,
    categories: ['billing', 'payments'],
    baseUrl: "https://{{ 'sandbox-api' if input.environment == 'sandbox' else 'api' }}.paddle.com",
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Where the key was made. Default: Live.',
        choices: [
          { value: 'live', label: 'Live' },
          { value: 'sandbox', label: 'Sandbox' },
        ],
        example: 'live',
      },
    ],
    auth: {
      type: 'bearer',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
      token: '{{ config.api_key }}',
    },
    headers: { 'Paddle-Version': '1' },
    // A key that is not valid is answered 403, too.
    responseErrors: [
      ...['invalid_token', 'authentication_malformed', 'authentication_missing'].map((code) => ({
        status: 403,
        path: ['error', 'code'],
        equals: code,
        as: 'auth' as const,
        message: ['error', 'detail'],
        code: ['error', 'code'],
      })),
      ...[400, 403, 404, 409].map((status) => ({
        status,
        path: ['error', 'detail'],
        as: 'fail' as const,
        message: ['error', 'detail'],
      })),
    ],
    // Needs a key, but no permission. The root of the API also answers requests without a key.
    testRequest: { path: '/event-types' },
    streams: ['customers', 'products', 'subscriptions', 'transactions'].map(list),
    actions,
  },
  guide: {
    key: {
      url: 'https://vendors.paddle.com/authentication-v2',
      steps: [
        {
          en: 'Sign in to Paddle, or to the sandbox for tests, and open **Developer tools** and **Authentication**.',
          de: 'Melden Sie sich bei Paddle an, für Tests in der Sandbox, und öffnen Sie **Developer tools** und **Authentication**.',
        },
        {
          en: 'Create an API key with the permissions to read customers, products, subscriptions and transactions, and to write what is to be changed. A client-side token does not work.',
          de: 'Legen Sie einen API-Schlüssel mit den Rechten zum Lesen von Kunden, Produkten, Abonnements und Transaktionen an, und zum Schreiben, was geändert werden soll. Ein Client-side Token funktioniert nicht.',
        },
        {
          en: 'Copy the key. It begins with pdl_live_apikey_, or with pdl_sdbx_apikey_ in the sandbox.',
          de: 'Kopieren Sie den Schlüssel. Er beginnt mit pdl_live_apikey_, in der Sandbox mit pdl_sdbx_apikey_.',
        },
      ],
    },
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Wo der Schlüssel angelegt wurde. Standard: Live.',
        choices: { live: 'Live', sandbox: 'Sandbox (Testumgebung)' },
      },
    },
    tokens: {
      en: 'A key has the permissions and the end date that were chosen when it was made.',
      de: 'Ein Schlüssel hat die Rechte und das Ablaufdatum, die beim Anlegen gewählt wurden.',
    },
    traps: [
      {
        en: 'The limit of requests counts for the IP address, so all connections of a server share it.',
        de: 'Die Grenze der Anfragen gilt für die IP-Adresse. Alle Verbindungen eines Servers teilen sie sich.',
      },
      {
        en: 'A key that is not valid is answered with status 403, as a missing permission is.',
        de: 'Ein ungültiger Schlüssel wird mit dem Status 403 beantwortet, wie ein fehlendes Recht auch.',
      },
    ],
    scopes: {
      'subscription.read': { en: 'read your subscriptions', de: 'Ihre Abonnements lesen' },
      'subscription.write': { en: 'change and cancel your subscriptions', de: 'Ihre Abonnements ändern und kündigen' },
    },
    rateLimit: {
      words: {
        en: '240 requests a minute for each IP address, 1,000 for previews of prices. A response with status 429 says in Retry-After how many seconds to wait.',
        de: '240 Anfragen pro Minute je IP-Adresse, 1.000 für Preisvorschauen. Eine Antwort mit dem Status 429 nennt in Retry-After die Sekunden, die zu warten sind.',
      },
      url: `${reference}/about/rate-limiting.md`,
    },
    hints: [
      {
        at: 'request',
        messages: ['Invalid or revoked API key'],
        cause: {
          en: 'The key is wrong or was revoked, or it belongs to the other environment.',
          de: 'Der Schlüssel ist falsch oder wurde widerrufen, oder er gehört zur anderen Umgebung.',
        },
        operator: {
          en: 'Let the key and the environment be checked, and let the account be connected with a new key.',
          de: 'Lassen Sie Schlüssel und Umgebung prüfen und das Konto mit einem neuen Schlüssel verbinden.',
        },
        person: {
          en: 'Choose the environment in which the key was made, and enter the key again, or a new one.',
          de: 'Wählen Sie die Umgebung, in der der Schlüssel angelegt wurde, und geben Sie ihn erneut ein oder einen neuen.',
        },
        url: 'https://developer.paddle.com/errors/shared/invalid_token.md',
      },
    ],
  },
}

/** The link to the next page is there on the last page, too. */
function list(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '200' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: {
      type: 'next',
      value: 'answer.meta.pagination.next',
      stop: 'not answer.meta.pagination.has_more',
      place: 'url',
    },
  }
}
