import { input, integer } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developer.affinity.co/'

/** Version 2 of the API mostly reads. */
const actions: ActionDefinition[] = [
  {
    name: 'get_company',
    title: 'Get a company',
    description: 'Returns one company with its name, domains and the fields that Affinity enriches.',
    docsUrl: docs,
    readOnly: true,
    input: input({ company_id: integer('Id of the company.', { minimum: 1 }) }),
    request: {
      method: 'GET',
      path: '/companies/{{ args.company_id }}',
      query: { fieldTypes: ['enriched', 'global'] },
    },
  },
  {
    name: 'get_person',
    title: 'Get a person',
    description: 'Returns one person with the name, email addresses and the fields that Affinity enriches.',
    docsUrl: docs,
    readOnly: true,
    input: input({ person_id: integer('Id of the person.', { minimum: 1 }) }),
    request: {
      method: 'GET',
      path: '/persons/{{ args.person_id }}',
      query: { fieldTypes: ['enriched', 'global'] },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['affinity crm', 'affinity.co', 'relationship intelligence'],
  logo: null,
  color: '#2c65f7',
  sources: [
    {
      url: 'https://developer.affinity.co/api-reference/2026-09-17/calls/get-metadata-on-all-calls',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.affinity.co/api-reference/2026-07-15/companies/get-a-single-company',
      read: '2026-11-29',
    },
    { url: 'https://support.affinity.co/s/article/Getting-started-with-the-Affinity-API-faqs', read: '2026-11-29' },
    {
      url: 'https://github.com/yaniv-golan/affinity-api-docs/blob/main/docs/v2/affinity_api_docs.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The authentication, pages and limits were read in a copy of the documentation; the bodies of errors were not.
  unverified: ['hints', 'tokens'],
  definition: {
    displayName: 'Affinity',
    docsUrl: docs,
    categories: ['crm', 'sales'],
    baseUrl: 'https://api.affinity.co/v2',
    auth: { type: 'bearer' },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'message'], as: 'auth', message: ['errors', 0, 'message'] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['errors', 0, 'message'],
        as: 'fail' as const,
        message: ['errors', 0, 'message'],
      })),
    ],
    // 900 requests a minute for each user.
    rateLimit: { requestsPerSecond: 15 },
    testRequest: { path: '/auth/whoami' },
    streams: [
      objects('persons'),
      objects('companies'),
      objects('opportunities'),
      objects('lists'),
      {
        name: 'list_entries',
        parent: { stream: 'lists' },
        ...paged('/lists/{{ parent.id }}/list-entries'),
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.affinity.co/',
      steps: [
        {
          en: 'Sign in to Affinity, open **Settings**, and generate an API key. You need the permission **Generate an API key**, which an admin gives.',
          de: 'Melden Sie sich bei Affinity an, öffnen Sie **Settings** und erzeugen Sie einen API-Schlüssel. Sie brauchen die Berechtigung **Generate an API key**, die ein Admin erteilt.',
        },
        {
          en: 'As **Default API Version**, choose the newest one, and copy the key. A person has one key at a time.',
          de: 'Wählen Sie als **Default API Version** die neueste und kopieren Sie den Schlüssel. Eine Person hat immer nur einen Schlüssel.',
        },
      ],
    },
    traps: [
      {
        en: 'The API is not part of every plan. On Essentials, no request is allowed.',
        de: 'Die API ist nicht in jedem Tarif enthalten. Mit Essentials ist keine Anfrage erlaubt.',
      },
      {
        en: 'Companies can be read only by a person with the permission **Export All Organizations directory**.',
        de: 'Firmen kann nur eine Person mit der Berechtigung **Export All Organizations directory** lesen.',
      },
      {
        en: 'The streams contain the basic data of persons and companies. The actions return their fields, too.',
        de: 'Die Streams enthalten die Grunddaten von Personen und Firmen. Die Aktionen liefern auch deren Felder.',
      },
      {
        en: 'Requests of all users and of both versions of the API count towards one monthly limit.',
        de: 'Anfragen aller Benutzer und beider Versionen der API zählen zu einer gemeinsamen Monatsgrenze.',
      },
      {
        en: 'Version 1 of the API takes the same key, but as the password of basic authentication.',
        de: 'Version 1 der API nimmt denselben Schlüssel, aber als Passwort der Basic-Authentifizierung.',
      },
    ],
    scopes: {},
    rateLimit: {
      words: {
        en: '900 requests a minute for each user, and 100,000 a month for an account with the plan Scale or Advanced.',
        de: '900 Anfragen pro Minute für jeden Benutzer und 100.000 im Monat für ein Konto mit dem Tarif Scale oder Advanced.',
      },
      url: docs,
    },
    hints: [],
  },
}

function objects(name: string): StreamDefinition {
  return { name, ...paged(`/${name}`) }
}

function paged(path: string): Omit<StreamDefinition, 'name'> {
  return {
    path,
    query: { limit: '100' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['pagination', 'nextUrl'] },
    responses: [{ status: 429, as: 'rate_limit', waitFrom: 'header:x-ratelimit-limit-user-reset' }],
  }
}
