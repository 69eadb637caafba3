import { email, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.activecampaign.com/reference'

const person = {
  first_name: text('First name.'),
  last_name: text('Last name.'),
  phone: text('Phone number.'),
}

const contact = {
  contact: {
    email: '{{ args.email }}',
    firstName: '{{ args.first_name }}',
    lastName: '{{ args.last_name }}',
    phone: '{{ args.phone }}',
  },
}

const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact, and returns it. For an address that may be there already, use sync_contact.',
    docsUrl: `${reference}/create-a-new-contact`,
    input: input({ email: email('Email address.') }, person),
    request: { method: 'POST', path: '/contacts', json: contact },
    output: ['contact'],
  },
  {
    name: 'sync_contact',
    title: 'Create or change a contact',
    description:
      'Creates a contact, or changes the one with this email address. Fields that are not given stay as they are. Returns the contact.',
    docsUrl: `${reference}/sync-a-contacts-data`,
    destructive: true,
    input: input({ email: email('Email address.') }, person),
    request: { method: 'POST', path: '/contact/sync', json: contact },
    output: ['contact'],
  },
  {
    name: 'search_contacts',
    title: 'Search contacts',
    description:
      'Lists contacts whose names, organization, phone or email have the text. Returns contacts and meta.total.',
    docsUrl: `${reference}/list-all-contacts`,
    readOnly: true,
    input: input(
      { search: text('Text to search for.') },
      { limit: limit(100, 20), offset: integer('How many contacts to skip. Default: 0.', { minimum: 0, default: 0 }) },
    ),
    request: {
      method: 'GET',
      path: '/contacts',
      query: { search: '{{ args.search }}', limit: '{{ args.limit | default(20) }}', offset: '{{ args.offset }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['active campaign', 'activehosted', 'acp', 'marketing automation'],
  logo: null,
  color: '#004cff',
  sources: [
    { url: 'https://developers.activecampaign.com/reference/rate-limits.md', read: '2026-11-29' },
    { url: 'https://developers.activecampaign.com/reference/pagination.md', read: '2026-11-29' },
    { url: 'https://developers.activecampaign.com/reference/overview.md', read: '2026-11-29' },
    { url: 'https://developers.activecampaign.com/reference/sync-a-contacts-data', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-activecampaign/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://developers.frontegg.com/agen-for-work/connectors/marketplace/activecampaign',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://rdrr.io/cran/ractivecampaign/man/ac_get_contacts.html', read: '2026-11-29', second: true },
  ],
  // The bodies of errors were not found, nor the page about a new contact. The body is that of sync_contact, which is documented.
  unverified: ['hints', 'actions', 'tokens'],
  definition: {
    displayName: 'ActiveCampaign',
    docsUrl: `${reference}/overview`,
    categories: ['marketing', 'email', 'crm'],
    baseUrl: "https://{{ input.account }}.{{ input.domain | default('api-us1.com') }}/api/3",
    inputFields: [
      {
        name: 'account',
        label: 'Account',
        description: 'The first part of the API URL under Settings, Developer.',
        required: true,
        pattern: '[A-Za-z0-9-]+',
        example: 'acme',
      },
      {
        name: 'domain',
        label: 'Domain',
        description: 'What the API URL ends in. Default: api-us1.com.',
        choices: [
          { value: 'api-us1.com', label: 'api-us1.com' },
          { value: 'activehosted.com', label: 'activehosted.com' },
        ],
        example: 'api-us1.com',
      },
    ],
    auth: { type: 'api_key', placement: { in: 'header', name: 'Api-Token' } },
    // A key that is wrong is refused with 403.
    responseErrors: [
      { status: 403, as: 'auth', message: ['message'] },
      { status: 404, path: ['message'], as: 'fail', message: ['message'] },
      { status: 422, path: ['errors'], as: 'fail', message: ['errors', 0, 'title'] },
    ],
    testRequest: { path: '/users/me' },
    rateLimit: { requestsPerSecond: 5 },
    streams: [
      {
        name: 'contacts',
        path: '/contacts',
        // Offsets are slow in accounts with many contacts.
        query: { limit: '100', 'orders[id]': 'ASC' },
        recordsPath: ['contacts'],
        primaryKey: [['id']],
        pagination: { type: 'next', value: 'last.id', place: { in: 'query', name: 'id_greater' } },
        // Sent as a day. It may be one of another time zone, and may itself be left out.
        incremental: { cursorField: ['udate'], param: 'filters[updated_after]', format: '%Y-%m-%d', lookback: 'P2D' },
      },
      records('lists'),
      records('deals'),
      records('campaigns'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://www.activecampaign.com/login/',
      steps: [
        {
          en: 'In ActiveCampaign, open **Settings** and **Developer**.',
          de: 'Öffnen Sie in ActiveCampaign **Settings** und **Developer**.',
        },
        {
          en: 'Under **API Access**, copy the **Key**. The **URL** begins with the account and ends in the domain.',
          de: 'Kopieren Sie unter **API Access** den **Key**. Die **URL** beginnt mit dem Konto und endet mit der Domain.',
        },
      ],
    },
    fields: {
      account: { label: 'Konto', description: 'Der erste Teil der API-URL unter Settings, Developer.' },
      domain: {
        label: 'Domain',
        description: 'Womit die API-URL endet. Standard: api-us1.com.',
      },
    },
    scopes: {},
    tokens: {
      en: 'Each user has a key of their own with their rights. It lives until it is reset.',
      de: 'Jede Person hat einen eigenen Schlüssel mit ihren Rechten. Er gilt, bis er zurückgesetzt wird.',
    },
    traps: [
      {
        en: 'A key that is wrong is refused with 403, as a request is that the user may not make.',
        de: 'Ein falscher Schlüssel wird mit 403 abgelehnt, ebenso wie eine Anfrage, die die Person nicht stellen darf.',
      },
    ],
    rateLimit: {
      words: {
        en: '5 requests a second for each account, with all of its keys together. A response with status 429 says in Retry-After how long to wait.',
        de: '5 Anfragen pro Sekunde je Konto, für alle seine Schlüssel zusammen. Eine Antwort mit dem Status 429 nennt in Retry-After die Wartezeit.',
      },
      url: 'https://developers.activecampaign.com/reference/rate-limits',
    },
    hints: [
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The API key is wrong or was reset, or its user may not use the API.',
          de: 'Der API-Schlüssel ist falsch oder wurde zurückgesetzt, oder die Person darf die API nicht verwenden.',
        },
        operator: {
          en: 'Let the account be connected with the key of a user who may use the API.',
          de: 'Lassen Sie das Konto mit dem Schlüssel einer Person verbinden, die die API verwenden darf.',
        },
        person: {
          en: 'Copy the key and the URL again under **Settings** and **Developer**.',
          de: 'Kopieren Sie Schlüssel und URL erneut unter **Settings** und **Developer**.',
        },
      },
    ],
  },
}

function records(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100, total: ['meta', 'total'] },
  }
}
