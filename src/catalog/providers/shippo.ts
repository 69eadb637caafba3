import { input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://docs.goshippo.com'

const carrier = text('Token of the carrier, such as usps, ups, fedex or dhl_express.', { pattern: '^[a-z0-9_]+$' })

const number = text('Tracking number.', { pattern: '^[A-Za-z0-9_-]+$' })

const actions: ActionDefinition[] = [
  {
    name: 'get_tracking',
    title: 'Get the tracking status of a package',
    description: 'Returns the status of a package with its history, where it is, and when it is expected.',
    docsUrl: `${docs}/api-reference/tracking-status/get-a-tracking-status`,
    readOnly: true,
    input: input({ carrier, tracking_number: number }),
    request: { method: 'GET', path: '/tracks/{{ args.carrier }}/{{ args.tracking_number }}' },
  },
  {
    name: 'get_shipment',
    title: 'Get a shipment',
    description: 'Returns one shipment with its addresses, parcels and the rates of the carriers.',
    docsUrl: `${docs}/api-reference/overview`,
    readOnly: true,
    input: input({ shipment_id: text('object_id of the shipment.', { pattern: '^[a-z0-9]+$' }) }),
    request: { method: 'GET', path: '/shipments/{{ args.shipment_id }}' },
  },
  {
    name: 'buy_label',
    title: 'Buy a shipping label',
    description:
      'Buys the label for a rate of a shipment, which costs money unless the token is a test token. Returns the transaction with label_url and tracking_number.',
    docsUrl: `${docs}/api-reference/transactions/create-a-shipping-label`,
    input: input(
      { rate_id: text('object_id of the rate. get_shipment has it.', { pattern: '^[a-z0-9]+$' }) },
      { label_file_type: text('Type of the label, such as PDF, PDF_4x6, PNG or ZPLII. Default: that of the account.') },
    ),
    request: {
      method: 'POST',
      path: '/transactions',
      json: { rate: '{{ args.rate_id }}', label_file_type: '{{ args.label_file_type }}', async: false },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['goshippo', 'shipping labels'],
  logo: null,
  color: '#00a5b5',
  sources: [
    { url: `${docs}/api-reference/overview`, read: '2026-11-29' },
    { url: `${docs}/o-auth-integrations/o-auth.md`, read: '2026-11-29' },
    { url: `${docs}/docs/OAuth_Integrations/OAuth`, read: '2026-11-29' },
    { url: 'https://goshippo.com/docs/oauth/', read: '2026-11-29' },
    { url: `${docs}/o-auth-integrations/testing-with-jwt.md`, read: '2026-11-29' },
    { url: `${docs}/docs/API_Concepts/RateLimits`, read: '2026-11-29' },
    { url: `${docs}/api-reference/tracking-status/get-a-tracking-status.md`, read: '2026-11-29' },
    { url: `${docs}/api-reference/transactions/create-a-shipping-label`, read: '2026-11-29' },
    { url: `${docs}/api-reference/orders/list-all-orders`, read: '2026-11-29' },
    { url: `${docs}/api-reference/shipments/list-all-shipments.md`, read: '2026-11-29' },
    { url: `${docs}/api-concepts/filtering.md`, read: '2026-11-29' },
    { url: 'https://nango.dev/docs/api-integrations/shippo/connect', read: '2026-11-29', second: true },
    {
      url: 'https://www.nango.dev/docs/api-integrations/shippo',
      read: '2026-11-29',
      second: true,
      differs:
        'It has 500 requests a minute for most endpoints. The documentation has other limits for each kind of request.',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-shippo/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The words of errors are not in what could be read.
  unverified: ['hints'],
  definition: {
    displayName: 'Shippo',
    docsUrl: `${docs}/api-reference/overview`,
    categories: ['shipping', 'e-commerce'],
    baseUrl: 'https://api.goshippo.com',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Connect with Shippo',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://goshippo.com/oauth/authorize',
            tokenUrl: 'https://goshippo.com/oauth/access_token',
            // There is no other one.
            scopes: ['*'],
          },
        },
        {
          key: 'token',
          label: 'API token',
          auth: { type: 'api_key', placement: { in: 'header', name: 'Authorization', prefix: 'ShippoToken ' } },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['detail'], as: 'auth', message: ['detail'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['detail'], as: 'fail' as const, message: ['detail'] })),
    ],
    testRequest: { path: '/carrier_accounts?results=1' },
    streams: [
      // Those older than 390 days are not returned, but they are not deleted.
      { ...list('shipments', '/shipments'), deletes: 'never' },
      list('transactions', '/transactions'),
      list('parcels', '/parcels'),
      list('carrier_accounts', '/carrier_accounts'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://goshippo.com/become-a-shippo-partner',
      steps: [
        {
          en: 'Write to the sales team of Shippo: there is no page on which an app can be made.',
          de: 'Schreiben Sie an das Vertriebsteam von Shippo: Es gibt keine Seite, auf der sich eine App anlegen lässt.',
        },
        {
          en: 'Name your company, a contact email address, what you want to do, and the callback URL.',
          de: 'Nennen Sie Ihr Unternehmen, eine E-Mail-Adresse für Rückfragen, was Sie vorhaben, und die Callback-URL.',
        },
        {
          en: 'Copy the partner ID as the client ID, and the secret that you receive. If Shippo also gives you a utm_source, add it to the authorization parameters of a definition of your own.',
          de: 'Kopieren Sie die Partner-ID als Client-ID und das Secret, das Sie erhalten. Wenn Shippo Ihnen auch eine utm_source gibt, ergänzen Sie diese in den Autorisierungsparametern einer eigenen Definition.',
        },
      ],
    },
    key: {
      url: 'https://apps.goshippo.com/settings/api',
      steps: [
        {
          en: 'Sign in to Shippo and open the **API** page in the settings.',
          de: 'Melden Sie sich bei Shippo an und öffnen Sie in den Einstellungen die Seite **API**.',
        },
        {
          en: 'Generate a live token, or a test token with which labels cost nothing, and copy it. It begins with shippo_live_ or shippo_test_.',
          de: 'Erzeugen Sie ein Live-Token oder ein Test-Token, mit dem Labels nichts kosten, und kopieren Sie es. Es beginnt mit shippo_live_ oder shippo_test_.',
        },
      ],
    },
    options: { oauth: 'Mit Shippo verbinden', token: 'API-Token' },
    tokens: {
      en: 'Neither kind of token expires, and there is no refresh token.',
      de: 'Beide Arten von Tokens laufen nicht ab, und es gibt kein Refresh-Token.',
    },
    traps: [
      {
        en: 'Objects cannot be changed after they were made. A changed address is a new object.',
        de: 'Objekte lassen sich nach dem Anlegen nicht ändern. Eine geänderte Adresse ist ein neues Objekt.',
      },
      {
        en: 'A token of OAuth is always live, so buying a label costs money.',
        de: 'Ein OAuth-Token ist immer live. Der Kauf eines Labels kostet daher Geld.',
      },
      {
        en: 'Shipments and their rates can be read for 390 days after they were made.',
        de: 'Sendungen und ihre Tarife lassen sich nach dem Anlegen 390 Tage lang lesen.',
      },
    ],
    scopes: {
      '*': {
        en: 'see your shipments and buy shipping labels in your name',
        de: 'Ihre Sendungen sehen und in Ihrem Namen Versandlabels kaufen',
      },
    },
    rateLimit: {
      words: {
        en: 'Per minute with a live token: 50 lists, 4,000 single objects and 500 changes of most kinds. With a test token: 10, 400 and 50.',
        de: 'Pro Minute mit einem Live-Token: 50 Listen, 4.000 einzelne Objekte und 500 Änderungen der meisten Arten. Mit einem Test-Token: 10, 400 und 50.',
      },
      url: `${docs}/docs/API_Concepts/RateLimits`,
    },
    hints: [],
  },
}

function list(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    query: { results: '100' },
    recordsPath: ['results'],
    primaryKey: [['object_id']],
    pagination: { type: 'next_url', path: ['next'] },
  }
}
