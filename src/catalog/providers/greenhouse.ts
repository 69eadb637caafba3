import { input, limit, list } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const ids = (what: string) => list(`Ids of ${what}.`, { type: 'integer', minimum: 1 }, { maxItems: 50 })

/** Reads of version 3 of the Harvest API. Its requests for one record are lists with the filter `ids`. */
const actions: ActionDefinition[] = [
  {
    name: 'list_candidates',
    title: 'List candidates',
    description: 'Lists candidates with names, email addresses and phone numbers, or those with the given ids.',
    docsUrl: 'https://harvestdocs.greenhouse.io/docs/list-endpoints',
    scopes: ['harvest:candidates:list'],
    readOnly: true,
    input: input({}, { ids: ids('candidates'), limit: limit(500, 100) }),
    request: {
      method: 'GET',
      path: '/candidates',
      query: { ids: "{{ args.ids | join(',') }}", per_page: '{{ args.limit | default(100) }}' },
    },
  },
  {
    name: 'list_applications',
    title: 'List applications',
    description: 'Lists applications with stage and status, of all candidates or of the given ones.',
    docsUrl: 'https://harvestdocs.greenhouse.io/docs/list-endpoints',
    scopes: ['harvest:applications:list'],
    readOnly: true,
    input: input({}, { candidate_ids: ids('candidates'), limit: limit(500, 100) }),
    request: {
      method: 'GET',
      path: '/applications',
      query: { candidate_ids: "{{ args.candidate_ids | join(',') }}", per_page: '{{ args.limit | default(100) }}' },
    },
  },
  {
    name: 'list_jobs',
    title: 'List jobs',
    description: 'Lists jobs with name and status, or those with the given ids.',
    docsUrl: 'https://harvestdocs.greenhouse.io/docs/list-endpoints',
    scopes: ['harvest:jobs:list'],
    readOnly: true,
    input: input({}, { ids: ids('jobs'), limit: limit(500, 100) }),
    request: {
      method: 'GET',
      path: '/jobs',
      query: { ids: "{{ args.ids | join(',') }}", per_page: '{{ args.limit | default(100) }}' },
    },
  },
]

/**
 * The Harvest API. Version 3 needs an OAuth client. Keys work with versions 1 and 2 only, whose end Greenhouse announced for 31 August
 * 2026. All versions return the next page as a link.
 */
export const provider: ProviderFile = {
  aliases: ['greenhouse harvest', 'greenhouse recruiting', 'applicant tracking'],
  logo: 'greenhouse',
  color: '#24a47f',
  sources: [
    { url: 'https://harvestdocs.greenhouse.io/docs/authentication', read: '2026-11-29' },
    { url: 'https://harvestdocs.greenhouse.io/docs/api-rate-limiting', read: '2026-11-29' },
    {
      url: 'https://support.greenhouse.io/hc/en-us/articles/115000521723-Manage-Harvest-API-key-permissions',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango sends the grant type in the URL of the token, and can name a user as sub. Here the grant type is in the form, as OAuth 2.0 has it.',
    },
  ],
  unverified: ['rateLimit'],
  definition: {
    displayName: 'Greenhouse',
    docsUrl: 'https://harvestdocs.greenhouse.io/docs/authentication',
    categories: ['ats', 'hr'],
    baseUrl: "https://harvest.greenhouse.io/{{ 'v1' if config.auth_method == 'api_key' else 'v3' }}",
    auth: {
      type: 'selective',
      options: [
        {
          key: 'client',
          label: 'Client of the Harvest API version 3',
          auth: {
            type: 'oauth2',
            grant: 'client_credentials',
            tokenUrl: 'https://auth.greenhouse.io/token',
            clientAuth: 'client_secret_basic',
            tokenResponse: { expiry: { path: ['expires_at'], format: 'iso8601' } },
          },
        },
        {
          key: 'api_key',
          label: 'Key of the Harvest API version 1, announced to end on 31 August 2026',
          auth: {
            type: 'basic',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            username: '{{ config.api_key }}',
            password: '',
          },
        },
      ],
    },
    testRequest: { path: '/candidates?per_page=1' },
    streams: ['candidates', 'applications', 'jobs', 'users'].map(objects),
    actions,
  },
  guide: {
    key: {
      url: 'https://app.greenhouse.io/',
      steps: [
        {
          en: 'As a site admin, select the **Configure** icon, then **Dev Center** and **API Credential Management**.',
          de: 'Wählen Sie als Site Admin das Symbol **Configure**, dann **Dev Center** und **API Credential Management**.',
        },
        {
          en: 'Select **Create new API credentials**. As the API type, choose **Harvest V3 (OAuth)**, as the partner the service that you connect, or else **unlisted vendor**, and enter a description.',
          de: 'Wählen Sie **Create new API credentials**. Wählen Sie als API-Typ **Harvest V3 (OAuth)**, als Partner den Dienst, den Sie verbinden, sonst **unlisted vendor**, und geben Sie eine Beschreibung ein.',
        },
        {
          en: 'Select **View and store credentials**, copy the client ID and the client secret, and confirm with **I have stored the client credentials**. The secret is shown only once.',
          de: 'Wählen Sie **View and store credentials**, kopieren Sie die Client-ID und das Client-Secret und bestätigen Sie mit **I have stored the client credentials**. Das Secret wird nur einmal angezeigt.',
        },
        {
          en: 'Allow the lists of candidates, applications, jobs and users, and select **Save**.',
          de: 'Erlauben Sie die Listen der Kandidaten, Bewerbungen, Stellen und Benutzer und wählen Sie **Save**.',
        },
        {
          en: 'Do not create a key of the type **Harvest**: Greenhouse announced the end of its versions 1 and 2 for 31 August 2026.',
          de: 'Legen Sie keinen Schlüssel vom Typ **Harvest** an: Für dessen Versionen 1 und 2 hat Greenhouse das Ende zum 31. August 2026 angekündigt.',
        },
      ],
    },
    fields: {
      client_id: { label: 'Client-ID' },
      client_secret: { label: 'Client-Secret' },
      api_key: { label: 'API-Schlüssel' },
    },
    options: {
      client: 'Client der Harvest API Version 3',
      api_key: 'Schlüssel der Harvest API Version 1, Ende angekündigt zum 31. August 2026',
    },
    scopes: {
      'harvest:candidates:list': {
        en: 'see the candidates of your organization',
        de: 'die Kandidatinnen und Kandidaten Ihrer Organisation sehen',
      },
      'harvest:applications:list': {
        en: 'see the applications to your jobs',
        de: 'die Bewerbungen auf Ihre Stellen sehen',
      },
      'harvest:jobs:list': { en: 'see your jobs', de: 'Ihre Stellen sehen' },
    },
    rateLimit: null,
    hints: [
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong, or the credential was revoked.',
          de: 'Client-ID oder Client-Secret ist falsch, oder die Zugangsdaten wurden widerrufen.',
        },
        operator: {
          en: 'Let new credentials of the type **Harvest V3 (OAuth)** be created and entered.',
          de: 'Lassen Sie neue Zugangsdaten vom Typ **Harvest V3 (OAuth)** anlegen und eingeben.',
        },
        person: {
          en: 'Copy both values again. The secret is shown only once: create new credentials if you no longer have it.',
          de: 'Kopieren Sie beide Werte noch einmal. Das Secret wird nur einmal angezeigt: Legen Sie neue Zugangsdaten an, wenn Sie es nicht mehr haben.',
        },
        url: 'https://harvestdocs.greenhouse.io/docs/authentication',
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The credential lacks the permission for this request, or the IP address of this server is not allowed.',
          de: 'Den Zugangsdaten fehlt die Berechtigung für diese Anfrage, oder die IP-Adresse dieses Servers ist nicht erlaubt.',
        },
        operator: {
          en: 'A site admin has to add the permission under **API Credential Management**.',
          de: 'Ein Site Admin muss die Berechtigung unter **API Credential Management** ergänzen.',
        },
        person: {
          en: 'Edit the credential under **Dev Center** and **API Credential Management** and allow the list that is missing.',
          de: 'Bearbeiten Sie die Zugangsdaten unter **Dev Center** und **API Credential Management** und erlauben Sie die Liste, die fehlt.',
        },
        url: 'https://support.greenhouse.io/hc/en-us/articles/115000521723-Manage-Harvest-API-key-permissions',
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '500' },
    primaryKey: [['id']],
    pagination: { type: 'link_header' },
  }
}
