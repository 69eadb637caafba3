import { choice, email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://docs.stripe.com/api'

const customerId = text('Id of the customer, such as cus_NffrFeUfNV2Hib.', { pattern: '^cus_[A-Za-z0-9]+$' })

const after = (object: string) =>
  text(`Id of the last ${object} of the previous page.`, { pattern: '^[a-z]+_[A-Za-z0-9_]+$' })

const paging = { limit: '{{ args.limit | default(10) }}', starting_after: '{{ args.starting_after }}' }

/** `scopes` are permissions of a restricted key. */
const actions: ActionDefinition[] = [
  {
    name: 'create_customer',
    title: 'Create a customer',
    description: 'Creates a customer and returns it with its id. Several customers may have the same email address.',
    docsUrl: `${reference}/customers/create`,
    scopes: ['customers: write'],
    input: {
      ...input(
        {},
        {
          email: email('Email address.'),
          name: text('Full name, or name of the business.', { maxLength: 256 }),
          phone: text('Phone number.', { maxLength: 20 }),
          description: text('Note about the customer, which only you see.', { maxLength: 5000 }),
        },
      ),
      minProperties: 1,
    },
    request: {
      method: 'POST',
      path: '/customers',
      form: {
        email: '{{ args.email }}',
        name: '{{ args.name }}',
        phone: '{{ args.phone }}',
        description: '{{ args.description }}',
      },
    },
    // https://docs.stripe.com/api/idempotent_requests
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
  },
  {
    name: 'get_customer',
    title: 'Get a customer',
    description: 'Returns one customer. One that was deleted has deleted: true.',
    docsUrl: `${reference}/customers/retrieve`,
    scopes: ['customers: read'],
    readOnly: true,
    input: input({ customer_id: customerId }),
    request: { method: 'GET', path: '/customers/{{ args.customer_id }}' },
  },
  {
    name: 'list_customers',
    title: 'List customers',
    description: 'Lists customers, the newest first. Returns data and has_more.',
    docsUrl: `${reference}/customers/list`,
    scopes: ['customers: read'],
    readOnly: true,
    input: input(
      {},
      {
        email: email('Only customers with exactly this email address.'),
        limit: limit(100, 10),
        starting_after: after('customer'),
      },
    ),
    request: { method: 'GET', path: '/customers', query: { email: '{{ args.email }}', ...paging } },
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description:
      'Lists invoices, the newest first. Amounts are in the smallest unit of the currency. Returns data and has_more.',
    docsUrl: `${reference}/invoices/list`,
    scopes: ['invoices: read'],
    readOnly: true,
    input: input(
      {},
      {
        customer_id: customerId,
        status: choice('Only invoices with this status.', ['draft', 'open', 'paid', 'uncollectible', 'void']),
        limit: limit(100, 10),
        starting_after: after('invoice'),
      },
    ),
    request: {
      method: 'GET',
      path: '/invoices',
      query: { customer: '{{ args.customer_id }}', status: '{{ args.status }}', ...paging },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['stripe payments', 'stripe connect', 'stripe billing'],
  logo: 'stripe',
  color: '#635bff',
  sources: [
    { url: 'https://docs.stripe.com/keys', read: '2026-11-29' },
    { url: 'https://docs.stripe.com/keys/restricted-api-keys', read: '2026-11-29' },
    { url: 'https://docs.stripe.com/workbench/webhooks', read: '2026-11-29' },
    { url: 'https://docs.stripe.com/rate-limits', read: '2026-11-29' },
    { url: 'https://docs.stripe.com/error-codes', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango sends the key as the user name of Basic. Stripe also accepts it as Bearer, which its SDK sends.',
    },
    { url: 'https://github.com/stripe/stripe-node', read: '2026-11-29', second: true },
  ],
  // The question about the purpose of a key is taken from guides of others.
  unverified: ['key'],
  definition: {
    displayName: 'Stripe',
    docsUrl: 'https://docs.stripe.com/api/authentication',
    categories: ['payments', 'billing'],
    baseUrl: 'https://api.stripe.com/v1',
    auth: {
      type: 'bearer',
      fields: [
        {
          name: 'api_key',
          label: 'API key',
          description: 'A secret key (sk_…) or, better, a restricted one (rk_…) that may only read.',
          secret: true,
          required: true,
          pattern: '(sk|rk)_(test|live)_[A-Za-z0-9]+',
        },
      ],
      token: '{{ config.api_key }}',
    },
    headers: { 'Stripe-Version': '2024-06-20' },
    // docs.stripe.com/webhooks/signature, docs.stripe.com/api/events/object
    webhook: {
      verify: {
        method: 'hmac',
        header: 'Stripe-Signature',
        hash: 'sha256',
        encoding: 'hex',
        prefix: 'v1=',
        message: '{{ timestamp }}.{{ body }}',
        timestamp: { header: 'Stripe-Signature', prefix: 't=', tolerance: 'PT5M' },
      },
      id: 'body.id',
      type: 'body.type',
      // The account of an event of Connect. A key tells nothing of its account, so the externalId of the connection has to.
      connection: { value: 'body.account', equals: 'externalId' },
      sync: ['customer', 'product', 'subscription', 'invoice', 'charge'].map((kind) => ({
        where: `body.data.object.object == '${kind}'`,
        streams: kind === 'charge' ? ['charges', 'balance_transactions'] : [`${kind}s`],
      })),
    },
    testRequest: { path: '/balance' },
    streams: ['customers', 'products', 'subscriptions', 'invoices', 'charges', 'balance_transactions'].map(objects),
    actions,
  },
  guide: {
    webhook: {
      url: 'https://dashboard.stripe.com/webhooks',
      steps: [
        {
          en: 'Open the **Webhooks** tab in Workbench and select **Create new destination**. Paste the webhook URL as the **Endpoint URL** when you are asked for it.',
          de: 'Öffnen Sie in Workbench die Registerkarte **Webhooks** und wählen Sie **Create new destination**. Fügen Sie die Webhook-URL als **Endpoint URL** ein, sobald danach gefragt wird.',
        },
        {
          en: 'Choose the events of connected accounts as the source, because events of your own account belong to no connection, and select the events that you want.',
          de: 'Wählen Sie als Quelle die Events verbundener Konten, denn Events Ihres eigenen Kontos gehören zu keiner Verbindung, und wählen Sie die gewünschten Events.',
        },
        {
          en: 'Select **Create destination**. Reveal the signing secret (whsec_…) of the destination and save it here as the webhook secret.',
          de: 'Wählen Sie **Create destination**. Blenden Sie das Signing Secret (whsec_…) des Ziels ein und speichern Sie es hier als Webhook-Secret.',
        },
        {
          en: 'Give each connection the id of its Stripe account (acct_…) as externalId, with an API key of the workspace.',
          de: 'Geben Sie jeder Verbindung mit einem API-Schlüssel des Workspace die ID ihres Stripe-Kontos (acct_…) als externalId.',
        },
      ],
    },
    key: {
      url: 'https://dashboard.stripe.com/apikeys',
      steps: [
        {
          en: 'Open **API keys** in the Stripe Dashboard. Check that it shows your live account and not a sandbox.',
          de: 'Öffnen Sie **API keys** im Stripe-Dashboard. Achten Sie darauf, dass Ihr Live-Konto angezeigt wird und keine Sandbox.',
        },
        {
          en: 'Select **Create restricted key**. If Stripe asks what the key is for, choose **Providing this key to another website**, enter a name and the address of the website, and select **Customize permissions for this key**. Otherwise enter a name.',
          de: 'Wählen Sie **Create restricted key**. Falls Stripe nach dem Zweck des Schlüssels fragt, wählen Sie **Providing this key to another website**, geben Sie einen Namen und die Adresse der Website ein und wählen Sie **Customize permissions for this key**. Sonst geben Sie einen Namen ein.',
        },
        {
          en: 'Choose **Read** for balance, customers, products, subscriptions, invoices and charges, **Write** only where data is to be changed, and **None** for the rest.',
          de: 'Wählen Sie **Read** für Guthaben, Kunden, Produkte, Abonnements, Rechnungen und Zahlungen, **Write** nur dort, wo Daten geändert werden sollen, und **None** für alles andere.',
        },
        {
          en: 'Create the key and copy it at once (rk_live_…). Stripe shows it only once.',
          de: 'Erstellen Sie den Schlüssel und kopieren Sie ihn sofort (rk_live_…). Stripe zeigt ihn nur einmal.',
        },
      ],
    },
    fields: {
      api_key: {
        label: 'API-Schlüssel',
        description: 'Ein geheimer Schlüssel (sk_…) oder besser ein eingeschränkter (rk_…), der nur lesen darf.',
      },
    },
    events: ['customer.*', 'product.*', 'invoice.*', 'charge.*'],
    traps: [
      {
        en: 'Events of your own account name no account, and therefore no connection.',
        de: 'Events Ihres eigenen Kontos nennen kein Konto und damit keine Verbindung.',
      },
    ],
    scopes: {
      'customers: read': { en: 'see your customers', de: 'Ihre Kundinnen und Kunden sehen' },
      'customers: write': {
        en: 'see, add, change and delete your customers',
        de: 'Ihre Kundinnen und Kunden sehen, anlegen, ändern und löschen',
      },
      'invoices: read': { en: 'see your invoices', de: 'Ihre Rechnungen sehen' },
    },
    rateLimit: {
      words: {
        en: 'Per account: 100 requests a second in live mode and 25 in a sandbox. Each endpoint allows 25 a second.',
        de: 'Je Konto: 100 Anfragen pro Sekunde im Live-Modus und 25 in einer Sandbox. Jeder Endpunkt erlaubt 25 pro Sekunde.',
      },
      url: 'https://docs.stripe.com/rate-limits',
    },
    hints: [
      {
        at: 'request',
        messages: ['Invalid API Key provided'],
        cause: {
          en: 'Stripe does not know the key: it is incomplete or was deleted.',
          de: 'Stripe kennt den Schlüssel nicht: Er ist unvollständig oder wurde gelöscht.',
        },
        operator: {
          en: 'Let the key be entered again, or a new one be created.',
          de: 'Lassen Sie den Schlüssel noch einmal eingeben oder einen neuen erstellen.',
        },
        person: {
          en: 'Copy the key again from **API keys** in the Stripe Dashboard, or create a new one.',
          de: 'Kopieren Sie den Schlüssel noch einmal aus **API keys** im Stripe-Dashboard oder erstellen Sie einen neuen.',
        },
        url: 'https://docs.stripe.com/keys',
      },
      {
        at: 'request',
        messages: ['Expired API Key provided'],
        cause: {
          en: 'The key has expired or was replaced.',
          de: 'Der Schlüssel ist abgelaufen oder wurde ersetzt.',
        },
        operator: {
          en: 'Let a new key be created and entered.',
          de: 'Lassen Sie einen neuen Schlüssel erstellen und eingeben.',
        },
        person: {
          en: 'Create a new key in the Stripe Dashboard and enter it.',
          de: 'Erstellen Sie im Stripe-Dashboard einen neuen Schlüssel und geben Sie ihn ein.',
        },
        url: 'https://docs.stripe.com/error-codes#api-key-expired',
      },
      {
        at: 'request',
        messages: ['does not have the required permissions for this endpoint'],
        cause: {
          en: 'The restricted key lacks a permission that this request needs.',
          de: 'Dem eingeschränkten Schlüssel fehlt eine Berechtigung, die diese Anfrage braucht.',
        },
        operator: {
          en: 'The message names the permission, such as rak_balance_read. It has to be added to the key in the Stripe Dashboard.',
          de: 'Die Meldung nennt die Berechtigung, etwa rak_balance_read. Sie muss im Stripe-Dashboard beim Schlüssel ergänzt werden.',
        },
        person: {
          en: 'Edit the key under **API keys** and allow what the message names.',
          de: 'Bearbeiten Sie den Schlüssel unter **API keys** und erlauben Sie, was die Meldung nennt.',
        },
        url: 'https://docs.stripe.com/keys/restricted-api-keys',
      },
      {
        at: 'request',
        messages: ['does not allow requests from your IP address'],
        cause: {
          en: 'The key is limited to IP addresses that do not include this server.',
          de: 'Der Schlüssel ist auf IP-Adressen beschränkt, zu denen dieser Server nicht gehört.',
        },
        operator: {
          en: 'Tell the person the address from which your server sends requests, so that they can allow it for the key.',
          de: 'Nennen Sie der Person die Adresse, von der Ihr Server Anfragen sendet, damit sie diese beim Schlüssel erlaubt.',
        },
        person: {
          en: 'Remove the limit of IP addresses from the key, or allow the address of the service.',
          de: 'Entfernen Sie die Beschränkung auf IP-Adressen vom Schlüssel, oder erlauben Sie die Adresse des Dienstes.',
        },
      },
    ],
  },
}

/** Lists begin with the newest object. The id of the last object of a page requests older ones. */
function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100', ...(name === 'subscriptions' ? { status: 'all' } : {}) },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', from: 'last_record', path: ['id'], param: 'starting_after', hasMore: ['has_more'] },
  }
}
