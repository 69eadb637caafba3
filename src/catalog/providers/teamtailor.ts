import { choice, email, flag, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

/** Bodies are those of JSON:API. */
const headers = { 'Content-Type': 'application/vnd.api+json' }

const actions: ActionDefinition[] = [
  {
    name: 'list_jobs',
    title: 'List jobs',
    description: 'Lists jobs. links.next is the address of the next page.',
    docsUrl: 'https://docs.teamtailor.com/',
    readOnly: true,
    input: input(
      {},
      {
        status: choice('Only jobs with this status.', ['published', 'unlisted', 'archived', 'all']),
        limit: limit(30, 10),
      },
    ),
    request: {
      method: 'GET',
      path: '/jobs',
      query: { 'filter[status]': '{{ args.status }}', 'page[size]': '{{ args.limit | default(10) }}' },
    },
  },
  {
    name: 'find_candidates',
    title: 'Find candidates',
    description: 'Returns the candidates with this email address.',
    docsUrl: 'https://docs.teamtailor.com/',
    readOnly: true,
    input: input({ email: email('Email address of the candidate.') }),
    request: { method: 'GET', path: '/candidates', query: { 'filter[email]': '{{ args.email }}' } },
    output: ['data'],
  },
  {
    name: 'create_candidate',
    title: 'Create a candidate',
    description: 'Creates a candidate and returns it.',
    docsUrl: 'https://docs.teamtailor.com/',
    input: input(
      { first_name: text('First name.'), last_name: text('Last name.'), email: email('Email address.') },
      {
        phone: text('Phone number.'),
        pitch: text('A short text about the candidate.'),
        sourced: flag('Whether the candidate was sourced and did not apply.'),
        tags: list('Tags.', { type: 'string', minLength: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/candidates',
      headers,
      json: {
        data: {
          type: 'candidates',
          attributes: {
            'first-name': '{{ args.first_name }}',
            'last-name': '{{ args.last_name }}',
            email: '{{ args.email }}',
            phone: '{{ args.phone }}',
            pitch: '{{ args.pitch }}',
            sourced: '{{ args.sourced }}',
            tags: '{{ args.tags }}',
          },
        },
      },
    },
    output: ['data'],
  },
]

const changes: StreamDefinition['incremental'] = {
  cursorField: ['attributes', 'updated-at'],
  param: 'filter[updated-at][from]',
  format: 'iso8601',
}

/** Webhooks are left out: their signature stands in the body. */
export const provider: ProviderFile = {
  aliases: ['team tailor', 'teamtailor ats', 'career site'],
  logo: null,
  color: '#f43f85',
  sources: [
    { url: 'https://docs.teamtailor.com/', read: '2026-11-29' },
    { url: 'https://support.teamtailor.com/en/articles/5963369-use-our-teamtailor-api', read: '2026-11-29' },
    { url: 'https://partner.teamtailor.com/company_webhooks', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-teamtailor/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://truto.one/integrations/detail/teamtailor.md', read: '2026-11-29', second: true },
    { url: 'https://developers.getknit.dev/docs/list-candidates', read: '2026-11-29', second: true },
    {
      url: 'https://getknit.dev/blog/developer-guide-to-get-job-application-data-from-teamtailor-ats-api',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The number of requests, the bodies of errors, the filter for jobs of every status and those of the actions were not found.
  unverified: ['rateLimit', 'hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'Teamtailor',
    docsUrl: 'https://docs.teamtailor.com/',
    categories: ['ats'],
    baseUrl: "https://{{ 'api.na.teamtailor.com' if input.region == 'na' else 'api.teamtailor.com' }}/v1",
    inputFields: [
      {
        name: 'region',
        label: 'Region',
        description: 'Where your Teamtailor account is stored. Default: Europe.',
        choices: [
          { value: 'eu', label: 'Europe (api.teamtailor.com)' },
          { value: 'na', label: 'North America (api.na.teamtailor.com)' },
        ],
        example: 'eu',
      },
    ],
    auth: { type: 'api_key', placement: { in: 'header', name: 'Authorization', prefix: 'Token token=' } },
    headers: { Accept: 'application/vnd.api+json', 'X-Api-Version': '20240404' },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'title'], as: 'auth', message: ['errors', 0, 'title'] },
      ...[400, 403, 404, 406, 422].map((status) => ({
        status,
        path: ['errors', 0, 'title'],
        as: 'fail' as const,
        message: ['errors', 0, 'title'],
      })),
    ],
    testRequest: { path: '/jobs?page[size]=1' },
    streams: [
      { ...objects('candidates'), incremental: changes },
      { ...objects('jobs'), query: { 'page[size]': '30', 'filter[status]': 'all' } },
      objects('job-applications'),
      objects('users'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.teamtailor.com/app/settings/integrations/api-keys',
      steps: [
        {
          en: 'As a Company Admin of Teamtailor, open **Settings**, **Integrations** and **API keys**, and select **New API Key**.',
          de: 'Öffnen Sie als Company Admin von Teamtailor **Settings**, **Integrations** und **API keys** und wählen Sie **New API Key**.',
        },
        {
          en: 'Choose the permission **Admin**, which candidates and users need, and **Read**, or **Read/Write** to create candidates.',
          de: 'Wählen Sie die Berechtigung **Admin**, die für Bewerbungen und Benutzer nötig ist, und **Read**, oder **Read/Write**, um Bewerbungen anzulegen.',
        },
        {
          en: 'Create the key and copy it. A key cannot be changed later.',
          de: 'Legen Sie den Schlüssel an und kopieren Sie ihn. Ein Schlüssel lässt sich später nicht ändern.',
        },
      ],
    },
    fields: {
      region: {
        label: 'Region',
        description: 'Wo Ihr Teamtailor-Konto gespeichert ist. Standard: Europa.',
        choices: { eu: 'Europa (api.teamtailor.com)', na: 'Nordamerika (api.na.teamtailor.com)' },
      },
    },
    scopes: {},
    rateLimit: null,
    traps: [
      {
        en: 'Records follow JSON:API: their values are in attributes, with names such as first-name, and a page has 30 records at most.',
        de: 'Datensätze folgen JSON:API: Ihre Werte stehen in attributes, mit Namen wie first-name, und eine Seite hat höchstens 30 Datensätze.',
      },
      {
        en: 'A key with the permission Public or Internal sees jobs, departments and locations, but no candidates.',
        de: 'Ein Schlüssel mit der Berechtigung Public oder Internal sieht Stellen, Abteilungen und Standorte, aber keine Bewerbungen.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The API key is wrong, was deleted, or belongs to the other region.',
          de: 'Der API-Schlüssel ist falsch, wurde gelöscht oder gehört zur anderen Region.',
        },
        operator: {
          en: 'Let the key and the region be checked, or let a new key be created.',
          de: 'Lassen Sie Schlüssel und Region prüfen oder einen neuen Schlüssel anlegen.',
        },
        person: {
          en: 'Check the region, or create a new key under **Settings**, **Integrations** and **API keys**.',
          de: 'Prüfen Sie die Region, oder legen Sie unter **Settings**, **Integrations** und **API keys** einen neuen Schlüssel an.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The permission of the API key does not allow this request.',
          de: 'Die Berechtigung des API-Schlüssels erlaubt diese Anfrage nicht.',
        },
        operator: {
          en: 'Let a key with the permission **Admin** be created and entered.',
          de: 'Lassen Sie einen Schlüssel mit der Berechtigung **Admin** anlegen und eingeben.',
        },
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name: name.replace('-', '_'),
    path: `/${name}`,
    query: { 'page[size]': '30' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['links', 'next'] },
  }
}
