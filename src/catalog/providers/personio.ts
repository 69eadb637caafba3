import { day, email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const actions: ActionDefinition[] = [
  {
    name: 'list_persons',
    title: 'List persons',
    description: 'Lists persons, or those with the given name or email address, with the ids of their employments.',
    docsUrl: 'https://developer.personio.de/reference/get_v2-persons',
    scopes: ['personio:persons:read'],
    readOnly: true,
    input: input(
      {},
      {
        email: email('Email address of the person.'),
        first_name: text('First name of the person.'),
        last_name: text('Last name of the person.'),
        limit: limit(50, 10),
      },
    ),
    request: {
      method: 'GET',
      path: '/persons',
      query: {
        email: '{{ args.email }}',
        first_name: '{{ args.first_name }}',
        last_name: '{{ args.last_name }}',
        limit: '{{ args.limit | default(10) }}',
      },
    },
  },
  {
    name: 'list_employments',
    title: 'List the employments of a person',
    description: 'Lists the employments of one person, with position, org units and dates.',
    docsUrl: 'https://developer.personio.de/reference/get_v2-persons-person-id-employments',
    scopes: ['personio:persons:read'],
    readOnly: true,
    input: input({ person_id: text('Id of the person.', { pattern: '^[0-9]+$' }) }, { limit: limit(50, 10) }),
    request: {
      method: 'GET',
      path: '/persons/{{ args.person_id }}/employments',
      query: { limit: '{{ args.limit | default(10) }}' },
    },
  },
  {
    name: 'list_absences',
    title: 'List absences',
    description: 'Lists absence periods that were changed since the given day.',
    docsUrl: 'https://developer.personio.de/reference/get_v2-absence-periods',
    scopes: ['personio:absences:read'],
    readOnly: true,
    input: input(
      {},
      { changed_since: day('Only absences that were changed on or after this day.'), limit: limit(100, 50) },
    ),
    request: {
      method: 'GET',
      path: '/absence-periods',
      query: {
        'updated_at.gte':
          "{{ (args.changed_since ~ 'T00:00:00Z') if args.changed_since is defined else args.changed_since }}",
        limit: '{{ args.limit | default(50) }}',
      },
    },
  },
]

/** Version 2 of the API, with credentials that a company makes itself. */
export const provider: ProviderFile = {
  aliases: ['personio hr', 'personio v2', 'personio people'],
  logo: 'personio',
  color: '#000000',
  sources: [
    { url: 'https://developer.personio.de/reference/post_v2-auth-token.md', read: '2026-11-29' },
    { url: 'https://developer.personio.de/discuss/68d0f03ab9bae54bcbd48788', read: '2026-11-29' },
    { url: 'https://developer.personio.de/discuss/6938580d96d843cc0eec9c39', read: '2026-11-29' },
    { url: 'https://developer.personio.de/discuss/6901cd6289d055814a6f57a0', read: '2026-11-29' },
    {
      // A reading of Personio's OpenAPI files, in docs/plans.
      url: 'https://github.com/Hochfrequenz/personio_client.py',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://glama.ai/mcp/connectors/io.github.toasternet/delegaize/tools/list_personio_persons',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.composio.dev/toolkits/personio.md', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/PostHog/posthog',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The reference of the lists could not be read; these facts are those of readings of its OpenAPI files.
  unverified: ['rateLimit', 'key'],
  definition: {
    displayName: 'Personio',
    docsUrl: 'https://developer.personio.de/reference/authentication',
    categories: ['hr'],
    baseUrl: 'https://api.personio.de/v2',
    auth: {
      type: 'oauth2',
      grant: 'client_credentials',
      tokenUrl: 'https://api.personio.de/v2/auth/token',
      // Without a scope, the token has all scopes of the credentials.
    },
    responseErrors: [
      {
        status: 401,
        path: ['errors', 0, 'detail'],
        as: 'auth',
        message: ['errors', 0, 'detail'],
        code: ['errors', 0, 'title'],
      },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['errors', 0, 'detail'],
        as: 'fail' as const,
        message: ['errors', 0, 'detail'],
        code: ['errors', 0, 'title'],
      })),
    ],
    testRequest: { path: '/persons?limit=1' },
    streams: [
      // The parameter leaves out the instant itself.
      periods('persons', '/persons', 'updated_at.gt', 50, 'PT1S'),
      periods('absence_periods', '/absence-periods', 'updated_at.gte', 100),
      periods('attendance_periods', '/attendance-periods', 'updated_at.gte', 100),
      {
        name: 'employments',
        parent: { stream: 'persons', concurrency: 2 },
        path: '/persons/{{ parent.id }}/employments',
        query: { limit: '50' },
        recordsPath: ['_data'],
        primaryKey: [['id']],
        pagination: { type: 'next_url', path: ['_meta', 'links', 'next', 'href'] },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://www.personio.com/login/',
      steps: [
        {
          en: 'Sign in to Personio as an administrator and open **Settings**, **Integrations** and **API credentials**.',
          de: 'Melden Sie sich als Administrator bei Personio an und öffnen Sie **Einstellungen**, **Integrationen** und **API-Zugriffsdaten**.',
        },
        {
          en: 'Select **Generate new credentials**, enter a name, and allow reading persons, absences and attendances. Also select the attributes of employees that may be read.',
          de: 'Wählen Sie **Neue Zugriffsdaten generieren**, geben Sie einen Namen ein und erlauben Sie das Lesen von Personen, Abwesenheiten und Anwesenheiten. Wählen Sie auch die Attribute der Beschäftigten, die gelesen werden dürfen.',
        },
        {
          en: 'Copy the **Client ID** and the **Client Secret**.',
          de: 'Kopieren Sie die **Client ID** und das **Client Secret**.',
        },
      ],
    },
    fields: { client_id: { label: 'Client-ID' }, client_secret: { label: 'Client-Secret' } },
    scopes: {
      'personio:persons:read': {
        en: 'read your employees and their employments',
        de: 'Ihre Beschäftigten und deren Beschäftigungen lesen',
      },
      'personio:absences:read': {
        en: 'read the absences of your employees',
        de: 'die Abwesenheiten Ihrer Beschäftigten lesen',
      },
    },
    rateLimit: null,
    tokens: {
      en: 'A token lives 24 hours and can be used for any number of requests. There is no refresh token: a new token is requested with the credentials, at most 150 times a minute.',
      de: 'Ein Token gilt 24 Stunden und für beliebig viele Anfragen. Ein Refresh-Token gibt es nicht: Ein neues Token wird mit den Zugriffsdaten angefordert, höchstens 150-mal pro Minute.',
    },
    traps: [
      {
        en: 'Attributes that are not selected for the credentials are missing in the answers without an error. Then a person may consist of its ids only.',
        de: 'Attribute, die für die Zugriffsdaten nicht ausgewählt sind, fehlen in den Antworten ohne Fehlermeldung. Eine Person besteht dann unter Umständen nur aus ihren IDs.',
      },
      {
        en: 'Employments are read with one request for each person, which can reach the rate limit in large companies.',
        de: 'Beschäftigungen werden mit einer Anfrage je Person gelesen; in großen Unternehmen kann das die Begrenzung erreichen.',
      },
      {
        en: 'The API has two versions. Tokens and parameters of version 1 differ.',
        de: 'Die API hat zwei Versionen. Token und Parameter der Version 1 unterscheiden sich.',
      },
    ],
    hints: [
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong, or the credentials were deleted.',
          de: 'Client-ID oder Client-Secret ist falsch, oder die Zugriffsdaten wurden gelöscht.',
        },
        operator: {
          en: 'Let new credentials be generated and entered.',
          de: 'Lassen Sie neue Zugriffsdaten generieren und eingeben.',
        },
        person: {
          en: 'Copy both values again from **API credentials** in Personio, or generate new ones.',
          de: 'Kopieren Sie beide Werte noch einmal aus **API-Zugriffsdaten** in Personio, oder generieren Sie neue.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The credentials lack the permission for this data.',
          de: 'Den Zugriffsdaten fehlt die Berechtigung für diese Daten.',
        },
        operator: {
          en: 'Ask an administrator of the company to add the permission to the credentials.',
          de: 'Bitten Sie die Administration des Unternehmens, die Berechtigung in den Zugriffsdaten zu ergänzen.',
        },
        person: {
          en: 'Edit the credentials under **API credentials** in Personio and allow the missing data.',
          de: 'Bearbeiten Sie in Personio die Zugriffsdaten unter **API-Zugriffsdaten** und erlauben Sie die fehlenden Daten.',
        },
      },
    ],
  },
}

/** Personio's lists differ in their largest page and in the name of the parameter for changes. */
function periods(name: string, path: string, param: string, size: number, lookback?: string): StreamDefinition {
  return {
    name,
    path,
    query: { limit: String(size) },
    recordsPath: ['_data'],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['_meta', 'links', 'next', 'href'] },
    incremental: { cursorField: ['updated_at'], param, format: 'iso8601', lookback },
  }
}
