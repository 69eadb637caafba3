import { email, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://documentation.mailgun.com/docs/mailgun/api-reference'

const domain = { domain: text('Domain that sends, such as mg.example.com.', { pattern: '^[A-Za-z0-9.-]+$' }) }

/** There may always be a next page. The page after the last one has no items. */
const LAST_PAGE = { status: 200, where: 'not answer.items', as: 'end' } as const

const actions: ActionDefinition[] = [
  {
    name: 'send_email',
    title: 'Send an email',
    description: 'Sends an email from a domain of the account. Returns the id of the message.',
    docsUrl: `${reference}/send/mailgun/messages/post-v3--domain-name--messages`,
    input: input(
      {
        ...domain,
        from: text('Sender, such as: Ada <ada@mg.example.com>.', { pattern: '^[^\\r\\n]+$' }),
        to: list('Email addresses of the recipients.', { type: 'string', format: 'email' }, { maxItems: 1_000 }),
        subject: text('Subject.', { pattern: '^[^\\r\\n]+$' }),
        text: text('Text of the message.'),
      },
      { html: text('Message as HTML.'), reply_to: email('Where answers go.') },
    ),
    request: {
      method: 'POST',
      path: '/v3/{{ args.domain }}/messages',
      form: {
        from: '{{ args.from }}',
        to: "{{ args.to | join(',') }}",
        subject: '{{ args.subject }}',
        text: '{{ args.text }}',
        html: '{{ args.html }}',
        'h:Reply-To': '{{ args.reply_to }}',
      },
    },
  },
  {
    name: 'list_domains',
    title: 'List domains',
    description: 'Lists the domains of the account with their states. Returns items and total_count.',
    docsUrl: `${reference}/send/mailgun/domains/get-v4-domains`,
    readOnly: true,
    input: input({}, { search: text('Part of the name of the domain.'), limit: limit(1_000, 100) }),
    request: {
      method: 'GET',
      path: '/v4/domains',
      query: { search: '{{ args.search }}', limit: '{{ args.limit | default(100) }}' },
    },
  },
  {
    name: 'get_bounce',
    title: 'Get the bounce of an address',
    description: 'Returns why emails to an address are suppressed. It fails with 404 if they are not.',
    docsUrl: `${reference}/send/mailgun/bounces`,
    readOnly: true,
    input: input({ ...domain, address: email('Email address.') }),
    request: { method: 'GET', path: '/v3/{{ args.domain }}/bounces/{{ args.address }}' },
  },
]

export const provider: ProviderFile = {
  aliases: ['mail gun', 'mailgun send', 'sinch mailgun', 'transactional email'],
  logo: 'mailgun',
  color: '#f06b66',
  sources: [
    { url: 'https://documentation.mailgun.com/docs/mailgun/api-reference', read: '2026-11-29' },
    { url: 'https://documentation.mailgun.com/docs/mailgun/api-reference/api-overview', read: '2026-11-29' },
    {
      url: 'https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/logs/post-v1-analytics-logs',
      read: '2026-11-29',
    },
    { url: 'https://documentation.mailgun.com/docs/mailgun/api-reference/openapi-final/tag/Logs', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/mailgun.js', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-mailgun/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Its addresses for the EU begin with /v3, which the documentation has for some endpoints only.',
    },
    { url: 'https://skills.sh/sinch/skills/sinch-mailgun', read: '2026-11-29', second: true },
  ],
  unverified: ['rateLimit', 'tokens'],
  definition: {
    displayName: 'Mailgun',
    docsUrl: reference,
    categories: ['email', 'developer tools'],
    baseUrl: "https://{{ 'api.eu' if input.region == 'eu' else 'api' }}.mailgun.net",
    inputFields: [
      {
        name: 'region',
        label: 'Region',
        description: 'Where the domains of the account are. Default: US.',
        choices: [
          { value: 'us', label: 'US' },
          { value: 'eu', label: 'EU' },
        ],
        example: 'eu',
      },
    ],
    auth: {
      type: 'basic',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
      username: 'api',
      password: '{{ config.api_key }}',
    },
    // A refused key is answered with the text Forbidden.
    responseErrors: [400, 403, 404].map((status) => ({
      status,
      path: ['message'],
      as: 'fail',
      message: ['message'],
    })),
    testRequest: { path: '/v4/domains?limit=1' },
    streams: [
      {
        name: 'domains',
        path: '/v4/domains',
        recordsPath: ['items'],
        primaryKey: [['name']],
        pagination: { type: 'offset', param: 'skip', limitParam: 'limit', size: 100, total: ['total_count'] },
      },
      {
        name: 'bounces',
        parent: { stream: 'domains' },
        path: '/v3/{{ parent.name }}/bounces',
        query: { limit: '1000' },
        recordsPath: ['items'],
        primaryKey: [['address']],
        pagination: { type: 'next_url', path: ['paging', 'next'] },
        responses: [LAST_PAGE],
      },
      {
        name: 'mailing_lists',
        path: '/v3/lists/pages',
        query: { limit: '100' },
        recordsPath: ['items'],
        primaryKey: [['address']],
        pagination: { type: 'next_url', path: ['paging', 'next'] },
        responses: [LAST_PAGE],
      },
      {
        name: 'logs',
        path: '/v1/analytics/logs',
        json: { pagination: { sort: 'timestamp:asc', limit: 100 } },
        recordsPath: ['items'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['pagination', 'next'], param: 'pagination.token', in: 'json' },
        incremental: {
          cursorField: ['@timestamp'],
          param: 'start',
          in: 'json',
          format: '%a, %d %b %Y %H:%M:%S %z',
          start: "{{ date(now, 'iso8601', '-P3D') }}",
          // Mailgun's own client always sends both.
          until: { param: 'end', in: 'json' },
          lookback: 'PT10M',
        },
        responses: [LAST_PAGE],
        // Mailgun keeps logs for some days only.
        deletes: 'never',
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.mailgun.com/settings/api_security',
      steps: [
        {
          en: 'In Mailgun, open **Account Settings** and **API Keys**.',
          de: 'Öffnen Sie in Mailgun **Account Settings** und **API Keys**.',
        },
        {
          en: 'Create a key for the connection and copy it. A domain sending key is not enough, because it can only send.',
          de: 'Erstellen Sie einen Schlüssel für die Verbindung und kopieren Sie ihn. Ein Domain-Sending-Key genügt nicht, weil er nur senden kann.',
        },
      ],
    },
    fields: {
      region: {
        label: 'Region',
        description: 'Wo die Domains des Kontos liegen. Standard: USA.',
        choices: { us: 'USA', eu: 'EU' },
      },
    },
    scopes: {},
    traps: [
      {
        en: 'A domain belongs to one region, and its data does not leave it. A connection has the domains of its region only.',
        de: 'Eine Domain gehört zu einer Region, und ihre Daten verlassen sie nicht. Eine Verbindung hat nur die Domains ihrer Region.',
      },
      {
        en: 'Mailgun keeps logs for some days, depending on the plan. Read them at least once a day.',
        de: 'Mailgun bewahrt Logs je nach Tarif einige Tage auf. Lesen Sie sie mindestens einmal am Tag.',
      },
    ],
    rateLimit: null,
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The API key is wrong or missing, or was deleted.',
          de: 'Der API-Schlüssel ist falsch oder fehlt, oder er wurde gelöscht.',
        },
        operator: {
          en: 'Let the account be connected with another key.',
          de: 'Lassen Sie das Konto mit einem anderen Schlüssel verbinden.',
        },
        person: {
          en: 'Create a key under **API Keys** and enter it.',
          de: 'Erstellen Sie unter **API Keys** einen Schlüssel und geben Sie ihn ein.',
        },
        url: `${reference}/api-overview`,
      },
    ],
  },
}
