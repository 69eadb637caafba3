import { cursor, email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://hire.lever.co/developer/documentation'
const isSandbox = "input.environment == 'sandbox'"
const authHost = `https://{{ 'sandbox-lever.auth0.com' if ${isSandbox} else 'auth.lever.co' }}`
const api = `https://{{ 'api.sandbox.lever.co' if ${isSandbox} else 'api.lever.co' }}/v1`

const performAs = text('Id of the Lever user in whose name it is done.')

const actions: ActionDefinition[] = [
  {
    name: 'list_opportunities',
    title: 'List opportunities',
    description:
      'Lists opportunities, one for each application of a candidate, also by email address. Returns data; while hasNext is true, next is the cursor of the next page.',
    docsUrl: `${docs}#list-all-opportunities`,
    scopes: ['opportunities:read:admin'],
    readOnly: true,
    input: input(
      {},
      { email: email('Email address of the candidate.'), limit: limit(100, 50), cursor: cursor('next') },
    ),
    request: {
      method: 'GET',
      path: '/opportunities',
      query: { email: '{{ args.email }}', limit: '{{ args.limit | default(50) }}', offset: '{{ args.cursor }}' },
    },
  },
  {
    name: 'create_opportunity',
    title: 'Create an opportunity',
    description: 'Creates a candidate with an opportunity, or adds one to the candidate with the same email address.',
    docsUrl: `${docs}#create-an-opportunity`,
    scopes: ['opportunities:write:admin'],
    input: input(
      { perform_as: performAs, name: text('Name of the candidate.'), email: email('Email address of the candidate.') },
      { headline: text('Headline, usually the employers.'), posting_id: text('Id of the posting applied for.') },
    ),
    request: {
      method: 'POST',
      path: '/opportunities',
      query: { perform_as: '{{ args.perform_as }}' },
      json: {
        name: '{{ args.name }}',
        emails: ['{{ args.email }}'],
        headline: '{{ args.headline }}',
        postings: ['{{ args.posting_id }}'],
      },
    },
    output: ['data'],
  },
  {
    name: 'add_note',
    title: 'Add a note',
    description: 'Adds a note to an opportunity.',
    docsUrl: `${docs}#create-a-note`,
    scopes: ['notes:write:admin'],
    input: input(
      { opportunity_id: text('Id of the opportunity.'), text: text('Text of the note.') },
      { perform_as: performAs },
    ),
    request: {
      method: 'POST',
      path: '/opportunities/{{ args.opportunity_id }}/notes',
      query: { perform_as: '{{ args.perform_as }}' },
      json: { value: '{{ args.text }}' },
    },
    output: ['data'],
  },
]

/** Webhooks are left out: their signature stands in the body, over two of its values. */
export const provider: ProviderFile = {
  aliases: ['lever ats', 'levertrm', 'lever hire', 'employ lever'],
  logo: null,
  color: '#464646',
  sources: [
    { url: 'https://hire.lever.co/developer/documentation', read: '2026-11-29' },
    { url: 'https://hire.sandbox.lever.co/developer/documentation', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-lever-hiring/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://truto.one/blog/how-to-integrate-with-the-lever-api-2026-engineering-guide.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://developers.apideck.com/connectors/lever/docs/application_owner+oauth_credentials',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/integration-templates/blob/main/integrations/lever/actions/create-opportunity.ts',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/integration-templates/blob/main/integrations/lever/actions/create-note.ts',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://developers.getknit.dev/docs/list-candidates', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The bodies of errors were not read anew.
  unverified: ['hints'],
  definition: {
    displayName: 'Lever',
    docsUrl: docs,
    categories: ['ats'],
    baseUrl: api,
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Default: production.',
        choices: [
          { value: 'production', label: 'Production' },
          { value: 'sandbox', label: 'Sandbox' },
        ],
        example: 'production',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Lever',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${authHost}/authorize`,
            // Without the audience, the token is not one of the API.
            authorizationParams: { audience: `${api}/`, prompt: 'consent' },
            tokenUrl: `${authHost}/oauth/token`,
            clientHosts: ['auth.lever.co', 'sandbox-lever.auth0.com'],
            scopes: [
              'offline_access',
              'opportunities:read:admin',
              'postings:read:admin',
              'users:read:admin',
              'stages:read:admin',
            ],
            // A refresh token lives a year, and ends after 90 days without use.
            refreshTokenLifetime: 'P90D',
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'basic',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            username: '{{ config.api_key }}',
            password: '',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['code'],
      })),
    ],
    testRequest: { path: '/users?limit=1' },
    streams: [objects('opportunities', true), objects('postings', true), objects('users'), objects('stages')],
    actions,
  },
  guide: {
    app: {
      url: 'https://hire.lever.co/developer/documentation#authentication',
      steps: [
        {
          en: 'Lever registers applications of its partners by hand. Apply on the page for partners, and ask for a sandbox account if you have none.',
          de: 'Lever registriert Anwendungen seiner Partner von Hand. Bewerben Sie sich auf der Seite für Partner und bitten Sie um ein Sandbox-Konto, falls Sie keines haben.',
        },
        {
          en: 'In the registration form, enter a name, a description, a logo and the callback URL. Name each scope that is listed here.',
          de: 'Tragen Sie in das Registrierungsformular einen Namen, eine Beschreibung, ein Logo und die Callback-URL ein. Nennen Sie jeden hier aufgeführten Scope.',
        },
        {
          en: 'Lever sends the client ID and the client secret. Those of the sandbox do not work in production.',
          de: 'Lever sendet die Client-ID und das Client-Secret. Die der Sandbox funktionieren nicht in der Produktion.',
        },
      ],
    },
    key: {
      url: 'https://hire.lever.co/settings/integrations',
      steps: [
        {
          en: 'As a Super Admin of Lever, open **Settings** and **Integrations and API**, and select the tab **API Credentials**.',
          de: 'Öffnen Sie als Super Admin von Lever **Settings** und **Integrations and API** und wählen Sie den Reiter **API Credentials**.',
        },
        {
          en: 'Generate a new key with the permissions to read opportunities, postings, users and stages, and copy it.',
          de: 'Erzeugen Sie einen neuen Schlüssel mit der Berechtigung, Opportunities, Postings, Users und Stages zu lesen, und kopieren Sie ihn.',
        },
      ],
    },
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Standard: Produktion.',
        choices: { production: 'Produktion', sandbox: 'Sandbox' },
      },
      api_key: { label: 'API-Schlüssel' },
    },
    options: { oauth: 'Mit Lever anmelden', api_key: 'API-Schlüssel' },
    scopes: {
      offline_access: { en: 'keep the access until you end it', de: 'den Zugriff behalten, bis Sie ihn beenden' },
      'opportunities:read:admin': {
        en: 'read candidates and their opportunities',
        de: 'Bewerberinnen und Bewerber und deren Bewerbungen lesen',
      },
      'opportunities:write:admin': {
        en: 'create and change candidates and their opportunities',
        de: 'Bewerberinnen und Bewerber und deren Bewerbungen anlegen und ändern',
      },
      'postings:read:admin': { en: 'read your job postings', de: 'Ihre Stellenanzeigen lesen' },
      'users:read:admin': { en: 'see the users of your Lever account', de: 'die Benutzer Ihres Lever-Kontos sehen' },
      'stages:read:admin': { en: 'see the stages of your pipeline', de: 'die Phasen Ihres Bewerbungsprozesses sehen' },
      'notes:write:admin': { en: 'add notes to opportunities', de: 'Notizen zu Bewerbungen hinzufügen' },
    },
    rateLimit: {
      words: {
        en: '10 requests a second for each API key, and 2 a second that post applications.',
        de: '10 Anfragen pro Sekunde je API-Schlüssel und 2 pro Sekunde zum Senden von Bewerbungen.',
      },
      url: 'https://hire.lever.co/developer/documentation',
    },
    tokens: {
      en: 'An access token lives an hour. A refresh token lives a year, and ends after 90 days without use.',
      de: 'Ein Access-Token gilt eine Stunde. Ein Refresh-Token gilt ein Jahr und verfällt nach 90 Tagen ohne Nutzung.',
    },
    traps: [
      {
        en: 'A candidate is a contact with one opportunity for each application. The requests of the API for candidates are deprecated.',
        de: 'Eine Bewerberin oder ein Bewerber ist ein Kontakt mit einer Opportunity je Bewerbung. Die Anfragen der API für Candidates sind veraltet.',
      },
      {
        en: 'Most requests that write need the parameter perform_as with the id of a user.',
        de: 'Die meisten schreibenden Anfragen brauchen den Parameter perform_as mit der ID eines Benutzers.',
      },
      {
        en: 'Without the parameter audience, the consent page offers only offline_access. Latchkey sends it.',
        de: 'Ohne den Parameter audience bietet die Zustimmungsseite nur offline_access an. Latchkey sendet ihn.',
      },
    ],
    hints: [
      {
        at: 'token',
        errors: ['invalid_grant'],
        cause: {
          en: 'The refresh token has ended: after a year, after 90 days without use, or because the access was revoked.',
          de: 'Das Refresh-Token ist abgelaufen: nach einem Jahr, nach 90 Tagen ohne Nutzung oder weil der Zugriff widerrufen wurde.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Lever account again.', de: 'Verbinden Sie Ihr Lever-Konto neu.' },
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The key or the connection lacks the permission for this request.',
          de: 'Dem Schlüssel oder der Verbindung fehlt die Berechtigung für diese Anfrage.',
        },
        operator: {
          en: 'Add the scope to the application at Lever and to the integration, and let the account be connected again. For a key, let its permissions be extended.',
          de: 'Ergänzen Sie den Scope in der Anwendung bei Lever und in der Integration und lassen Sie das Konto neu verbinden. Bei einem Schlüssel lassen Sie dessen Berechtigungen erweitern.',
        },
      },
    ],
  },
}

/** @param changes whether the list takes the time of a change, in milliseconds */
function objects(name: string, changes = false): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['next'], param: 'offset', hasMore: ['hasNext'] },
    incremental: changes
      ? { cursorField: ['updatedAt'], param: 'updated_at_start', format: 'epoch_ms', fieldFormat: 'epoch_ms' }
      : undefined,
  }
}
