import { email, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://recurly.com/developers/api/v2021-02-25/index.html'

const account = {
  account_code: text('Code of the account, which your system gave it.', { pattern: '^[A-Za-z0-9_.@-]+$' }),
}

const actions: ActionDefinition[] = [
  {
    name: 'get_account',
    title: 'Get an account',
    description: 'Returns the account of a customer by its code.',
    docsUrl: `${reference}#operation/get_account`,
    readOnly: true,
    input: input(account),
    request: { method: 'GET', path: '/accounts/code-{{ args.account_code }}' },
  },
  {
    name: 'list_account_subscriptions',
    title: 'List the subscriptions of an account',
    description: 'Lists the subscriptions of the account of a customer. Returns a list of subscriptions.',
    docsUrl: `${reference}#operation/list_account_subscriptions`,
    readOnly: true,
    input: input(account),
    request: { method: 'GET', path: '/accounts/code-{{ args.account_code }}/subscriptions', query: { limit: '200' } },
    output: ['data'],
  },
  {
    name: 'create_account',
    title: 'Create an account',
    description: 'Creates the account of a customer. It fails if there is one with this code. Returns the account.',
    docsUrl: `${reference}#operation/create_account`,
    input: input(account, {
      email: email('Email address.'),
      first_name: text('First name.'),
      last_name: text('Last name.'),
      company: text('Name of the company.'),
    }),
    request: {
      method: 'POST',
      path: '/accounts',
      json: {
        code: '{{ args.account_code }}',
        email: '{{ args.email }}',
        first_name: '{{ args.first_name }}',
        last_name: '{{ args.last_name }}',
        company: '{{ args.company }}',
      },
    },
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
  },
]

export const provider: ProviderFile = {
  aliases: ['recurly subscriptions', 'recurring billing'],
  logo: null,
  color: '#f8c825',
  sources: [
    {
      url: 'https://docs.recurly.com/recurly-subscriptions/v2021-02-25/reference/getting-started-v2021-02-25',
      read: '2026-11-29',
    },
    { url: 'https://docs.recurly.com/recurly-subscriptions/docs/pagination-guide', read: '2026-11-29' },
    {
      url: 'https://support.recurly.com/hc/en-us/articles/360034160731-What-Are-Recurly-s-API-Rate-Limits',
      read: '2026-11-29',
    },
    { url: 'https://github.com/recurly/recurly-client-node/blob/master/openapi/api.yaml', read: '2026-11-29' },
    {
      url: 'https://github.com/recurly/recurly-client-node/blob/master/lib/recurly/BaseClient.js',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The steps were read in a copy of the documentation. The words of errors were not found.
  unverified: ['key', 'hints'],
  definition: {
    displayName: 'Recurly',
    docsUrl: reference,
    categories: ['billing'],
    baseUrl: "https://{{ 'v3.eu' if input.region == 'eu' else 'v3' }}.recurly.com",
    inputFields: [
      {
        name: 'region',
        label: 'Data center',
        description:
          'Where the site is. Sites in Europe have an address that ends in eu.recurly.com. Default: United States.',
        choices: [
          { value: 'us', label: 'United States (recurly.com)' },
          { value: 'eu', label: 'Europe (eu.recurly.com)' },
        ],
        example: 'us',
      },
    ],
    auth: {
      type: 'basic',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
      username: '{{ config.api_key }}',
      password: '',
    },
    // A request without a version is refused.
    headers: { Accept: 'application/vnd.recurly.v2021-02-25+json' },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'] },
      ...[400, 403, 404, 406, 422].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
      })),
    ],
    testRequest: { path: '/sites?limit=1' },
    streams: ['accounts', 'subscriptions', 'invoices', 'transactions', 'plans'].map(list),
    actions,
  },
  guide: {
    key: {
      url: 'https://app.recurly.com/go/integrations/api_keys',
      steps: [
        {
          en: 'Sign in to Recurly with a role that has the permission **Integration**, and open **Integrations** and **API Credentials**.',
          de: 'Melden Sie sich bei Recurly mit einer Rolle an, die die Berechtigung **Integration** hat, und öffnen Sie **Integrations** und **API Credentials**.',
        },
        {
          en: 'Select **Add Private API Key**, enter a name, and select **Save Changes**. A public key does not work.',
          de: 'Wählen Sie **Add Private API Key**, geben Sie einen Namen ein und wählen Sie **Save Changes**. Ein öffentlicher Schlüssel funktioniert nicht.',
        },
        { en: 'Copy the key.', de: 'Kopieren Sie den Schlüssel.' },
      ],
    },
    fields: {
      region: {
        label: 'Rechenzentrum',
        description: 'Wo die Site liegt. Die Adresse europäischer Sites endet mit eu.recurly.com. Standard: USA.',
        choices: { us: 'USA (recurly.com)', eu: 'Europa (eu.recurly.com)' },
      },
    },
    tokens: {
      en: 'A key does not expire and has all rights of the site. When it is regenerated, the old one works for 12 hours or ends at once.',
      de: 'Ein Schlüssel läuft nicht ab und hat alle Rechte der Site. Wird er neu erzeugt, gilt der alte noch 12 Stunden oder endet sofort.',
    },
    traps: [
      {
        en: 'A key belongs to one site. Sandbox and production are different sites.',
        de: 'Ein Schlüssel gehört zu einer Site. Sandbox und Produktion sind verschiedene Sites.',
      },
    ],
    scopes: {},
    rateLimit: {
      words: {
        en: '1,000 GET requests a minute for a production site, 400 requests of any kind for a sandbox site, each as the mean of five minutes.',
        de: '1.000 GET-Anfragen pro Minute für eine Produktiv-Site, 400 Anfragen jeder Art für eine Sandbox-Site, jeweils im Mittel von fünf Minuten.',
      },
      url: 'https://support.recurly.com/hc/en-us/articles/360034160731-What-Are-Recurly-s-API-Rate-Limits',
    },
    hints: [],
  },
}

function list(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '200', sort: 'updated_at', order: 'asc' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['next'] },
    incremental: { cursorField: ['updated_at'], param: 'begin_time', format: 'iso8601', lookback: 'PT1S' },
  }
}
