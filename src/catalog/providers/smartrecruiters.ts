import { email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const actions: ActionDefinition[] = [
  {
    name: 'list_jobs',
    title: 'List jobs',
    description: 'Lists jobs, also those that contain the given words.',
    docsUrl: 'https://developers.smartrecruiters.com/docs/customer-overview',
    scopes: ['jobs_read'],
    readOnly: true,
    input: input({}, { query: text('Words to search for.'), limit: limit(100, 50) }),
    request: {
      method: 'GET',
      path: '/jobs',
      query: { q: '{{ args.query }}', limit: '{{ args.limit | default(50) }}' },
    },
    output: ['content'],
  },
  {
    name: 'get_candidate',
    title: 'Get a candidate',
    description: 'Returns one candidate with contact data, experience and the assignments to jobs.',
    docsUrl: 'https://developers.smartrecruiters.com/docs/customer-overview',
    scopes: ['candidates_read'],
    readOnly: true,
    input: input({ candidate_id: text('Id of the candidate.') }),
    request: { method: 'GET', path: '/candidates/{{ args.candidate_id }}' },
  },
  {
    name: 'create_candidate',
    title: 'Create a candidate',
    description: 'Creates a candidate in the talent pool and returns it.',
    docsUrl: 'https://developers.smartrecruiters.com/docs/customer-overview',
    scopes: ['candidates_create'],
    input: input({
      first_name: text('First name.'),
      last_name: text('Last name.'),
      email: email('Email address.'),
    }),
    request: {
      method: 'POST',
      path: '/candidates',
      json: {
        firstName: '{{ args.first_name }}',
        lastName: '{{ args.last_name }}',
        email: '{{ args.email }}',
      },
    },
  },
]

/**
 * With credentials that a company makes itself. OAuth with a consent page is only for existing partners: SmartRecruiters replaced it.
 */
export const provider: ProviderFile = {
  aliases: ['smart recruiters', 'smartr', 'sap smartrecruiters'],
  logo: null,
  color: '#00c06e',
  sources: [
    { url: 'https://developers.smartrecruiters.com/docs/authentication-oauth-client-credential', read: '2026-11-29' },
    { url: 'https://developers.smartrecruiters.com/docs/oauth-client-credential', read: '2026-11-29' },
    { url: 'https://developers.smartrecruiters.com/docs/pagination', read: '2026-11-29' },
    { url: 'https://developers.smartrecruiters.com/docs/customer-overview', read: '2026-11-29' },
    { url: 'https://developers.getknit.dev/docs/smartrecruiters-ats', read: '2026-11-29', second: true },
    {
      url: 'https://help.merge.dev/en/articles/5528423-smartrecruiters-how-do-i-link-my-account',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.unified.to/skills/smartrecruiters-oauth-app/SKILL.md', read: '2026-11-29', second: true },
    {
      url: 'https://rubydoc.info/gems/open_api_smart_recruiters_sdk/SmartRecruiters/Candidates',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.merge.dev/merge-workforce/connectors/smart-recruiters.md', read: '2026-11-29', second: true },
    {
      url: 'https://rate-limits.apis.io/rate-limits/smartrecruiters/smartrecruiters-rate-limits/',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The pages of the lists of candidates and jobs, the bodies of errors, the lifetime of a token and the provider's own page on limits were
  // not read.
  unverified: ['rateLimit', 'hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'SmartRecruiters',
    docsUrl: 'https://developers.smartrecruiters.com/docs/customer-overview',
    categories: ['ats'],
    baseUrl: 'https://api.smartrecruiters.com',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'client',
          label: 'OAuth client ID of the company',
          auth: {
            type: 'oauth2',
            grant: 'client_credentials',
            tokenUrl: 'https://api.smartrecruiters.com/identity/oauth/token',
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'api_key',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            value: '{{ config.api_key }}',
            placement: { in: 'header', name: 'X-SmartToken' },
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
      })),
    ],
    testRequest: { path: '/jobs?limit=1' },
    streams: [
      {
        name: 'candidates',
        path: '/candidates',
        query: { limit: '100' },
        recordsPath: ['content'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageId'], param: 'pageId' },
        incremental: { cursorField: ['updatedOn'], param: 'updatedAfter', format: 'iso8601', lookback: 'PT1S' },
      },
      {
        name: 'jobs',
        path: '/jobs',
        recordsPath: ['content'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100, total: ['totalFound'] },
      },
      {
        name: 'users',
        path: '/user-api/v201804/users',
        query: { limit: '100' },
        recordsPath: ['content'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageId'], param: 'pageId' },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://www.smartrecruiters.com/app/home/',
      steps: [
        {
          en: 'As an administrator of SmartRecruiters, select your name at the top right, then **Settings / Admin**, **Apps & Integrations** and the tab **Credentials**.',
          de: 'Wählen Sie als Administrator von SmartRecruiters oben rechts Ihren Namen, dann **Settings / Admin**, **Apps & Integrations** und den Reiter **Credentials**.',
        },
        {
          en: 'Select **New Credential** and **OAuth client ID**. Enter a name and a description, and select the scopes candidates_read, jobs_read and users_read and a System role that may see this data.',
          de: 'Wählen Sie **New Credential** und **OAuth client ID**. Geben Sie Namen und Beschreibung ein und wählen Sie die Scopes candidates_read, jobs_read und users_read und eine System Role, die diese Daten sehen darf.',
        },
        {
          en: 'Select **Generate**, and copy the client ID and the client secret. They are shown only once.',
          de: 'Wählen Sie **Generate** und kopieren Sie die Client-ID und das Client-Secret. Sie werden nur einmal angezeigt.',
        },
        {
          en: 'An **API key** also works. It has all rights of the company and no scopes.',
          de: 'Ein **API key** funktioniert auch. Er hat alle Rechte des Unternehmens und keine Scopes.',
        },
      ],
    },
    fields: {
      client_id: { label: 'Client-ID' },
      client_secret: { label: 'Client-Secret' },
      api_key: { label: 'API-Schlüssel' },
    },
    options: { client: 'OAuth-Client-ID des Unternehmens', api_key: 'API-Schlüssel' },
    scopes: {
      jobs_read: { en: 'read your jobs', de: 'Ihre Stellen lesen' },
      candidates_read: { en: 'read your candidates', de: 'Ihre Bewerberinnen und Bewerber lesen' },
      candidates_create: { en: 'create candidates', de: 'Bewerberinnen und Bewerber anlegen' },
    },
    rateLimit: {
      words: {
        en: '10 requests a second for each credential, 8 at the same time, and for the list of candidates only one at the same time.',
        de: 'Je Satz von Zugangsdaten 10 Anfragen pro Sekunde und 8 gleichzeitig, für die Liste der Bewerbungen nur eine gleichzeitig.',
      },
      url: 'https://rate-limits.apis.io/rate-limits/smartrecruiters/smartrecruiters-rate-limits/',
    },
    traps: [
      {
        en: 'A scope is not enough: the System role of the credential has to allow the data too.',
        de: 'Ein Scope genügt nicht: Auch die System Role der Zugangsdaten muss die Daten erlauben.',
      },
      {
        en: 'Lists have different pages: candidates and users have a cursor, jobs an offset.',
        de: 'Listen haben verschiedene Seiten: Bewerbungen und Benutzer haben einen Cursor, Stellen einen Offset.',
      },
    ],
    hints: [
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong, or the credential was revoked.',
          de: 'Client-ID oder Client-Secret ist falsch, oder die Zugangsdaten wurden widerrufen.',
        },
        operator: {
          en: 'Let a new credential be generated and entered.',
          de: 'Lassen Sie neue Zugangsdaten erzeugen und eingeben.',
        },
        person: {
          en: 'Generate a new credential in SmartRecruiters under **Credentials** and enter both values.',
          de: 'Erzeugen Sie in SmartRecruiters unter **Credentials** neue Zugangsdaten und geben Sie beide Werte ein.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The credential lacks the scope or the System role for this request.',
          de: 'Den Zugangsdaten fehlt der Scope oder die System Role für diese Anfrage.',
        },
        operator: {
          en: 'Let a credential with this scope and a System role that may see the data be generated.',
          de: 'Lassen Sie Zugangsdaten mit diesem Scope und einer System Role erzeugen, die die Daten sehen darf.',
        },
      },
    ],
  },
}
