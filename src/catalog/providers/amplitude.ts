import { choice, email, flag, input, integer, list, text } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['amplitude analytics', 'product analytics', 'behavioral cohorts'],
  logo: null,
  color: '#1e61f0',
  sources: [
    { url: 'https://amplitude.com/docs/en/apis/analytics/behavioral-cohorts', read: '2026-11-29' },
    { url: 'https://amplitude.com/docs/en/apis/analytics/dashboard-rest', read: '2026-11-29' },
    { url: 'https://pipedream.com/apps/amplitude/actions/list-cohorts.md', read: '2026-11-29', second: true },
    { url: 'https://pipedream.com/apps/amplitude/actions/create-cohort.md', read: '2026-11-29', second: true },
    { url: 'https://www.unifyapps.com/docs/unify-integrations/amplitude', read: '2026-11-29', second: true },
  ],
  // The bodies of errors, and some parameters of an upload, are not in the documentation that was read.
  unverified: ['hints', 'tokens', 'actions'],
  definition: {
    displayName: 'Amplitude',
    docsUrl: 'https://amplitude.com/docs/en/apis',
    categories: ['analytics'],
    baseUrl: 'https://{{ input.host }}/api',
    inputFields: [
      {
        name: 'host',
        label: 'Data residency',
        description: 'Where the data of the Amplitude project is stored.',
        required: true,
        example: 'amplitude.com',
        choices: [
          { value: 'amplitude.com', label: 'US' },
          { value: 'analytics.eu.amplitude.com', label: 'EU' },
        ],
      },
    ],
    auth: {
      type: 'basic',
      fields: [
        { name: 'api_key', label: 'API key', required: true },
        { name: 'secret_key', label: 'Secret key', secret: true, required: true },
      ],
      username: '{{ config.api_key }}',
      password: '{{ config.secret_key }}',
    },
    testRequest: { path: '/3/cohorts' },
    streams: [{ name: 'cohorts', path: '/3/cohorts', recordsPath: ['cohorts'], primaryKey: [['id']] }],
    actions: [
      {
        name: 'list_cohorts',
        title: 'List cohorts',
        description: 'Lists the cohorts of the project with id, name, size and the time of the last change.',
        docsUrl: 'https://amplitude.com/docs/en/apis/analytics/behavioral-cohorts',
        readOnly: true,
        input: input({}, { with_sync_info: flag('Whether the syncs of each cohort are included. Default: false.') }),
        request: { method: 'GET', path: '/3/cohorts', query: { includeSyncInfo: '{{ args.with_sync_info }}' } },
        output: ['cohorts'],
      },
      {
        name: 'upload_cohort',
        title: 'Create a cohort of users',
        description: 'Creates a cohort of the given users. Returns cohortId.',
        docsUrl: 'https://amplitude.com/docs/en/apis/analytics/behavioral-cohorts',
        input: input(
          {
            name: text('Name of the cohort.'),
            app_id: integer('Id of the project.', { minimum: 1 }),
            id_type: choice('What the ids are.', ['BY_USER_ID', 'BY_AMP_ID']),
            ids: list('Ids of the users.', { type: 'string', minLength: 1 }, { maxItems: 100_000 }),
            owner: email('Email address of the Amplitude user to whom the cohort belongs.'),
          },
          { published: flag('Whether everybody in the organization sees it. Default: false.') },
        ),
        request: {
          method: 'POST',
          path: '/3/cohorts/upload',
          json: {
            name: '{{ args.name }}',
            app_id: '{{ args.app_id }}',
            id_type: '{{ args.id_type }}',
            ids: '{{ args.ids }}',
            owner: '{{ args.owner }}',
            published: '{{ args.published | default(false) }}',
          },
        },
      },
    ],
  },
  guide: {
    key: {
      url: 'https://app.amplitude.com/',
      steps: [
        {
          en: 'Sign in as a manager or an admin, open **Settings** and **Projects**, and choose the project.',
          de: 'Melden Sie sich mit der Rolle Manager oder Admin an, öffnen Sie **Settings** und **Projects** und wählen Sie das Projekt.',
        },
        {
          en: 'On the tab **General**, select **Manage** next to **API Key** and next to **Secret Key**, and copy both.',
          de: 'Wählen Sie auf der Registerkarte **General** jeweils **Manage** neben **API Key** und neben **Secret Key** und kopieren Sie beide.',
        },
      ],
    },
    fields: {
      host: {
        label: 'Datenresidenz',
        description: 'Wo die Daten des Amplitude-Projekts gespeichert werden.',
        choices: { 'amplitude.com': 'USA', 'analytics.eu.amplitude.com': 'EU' },
      },
      api_key: { label: 'API-Schlüssel' },
      secret_key: { label: 'Geheimer Schlüssel' },
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'Five requests at the same time for each project, over cohorts and the Dashboard REST API. Cohorts are downloaded at most 60 times in 10 minutes and 500 times a month.',
        de: 'Fünf gleichzeitige Anfragen je Projekt, für Kohorten und die Dashboard-REST-API zusammen. Kohorten werden höchstens 60-mal in 10 Minuten und 500-mal im Monat heruntergeladen.',
      },
      url: 'https://amplitude.com/docs/en/apis/analytics/behavioral-cohorts',
    },
    traps: [
      {
        en: 'Keys are for one project. Each project needs a connection of its own.',
        de: 'Schlüssel gelten für ein Projekt. Jedes Projekt braucht eine eigene Verbindung.',
      },
      {
        en: 'The members of a cohort are downloaded in three steps, as a file, and are not a stream.',
        de: 'Die Mitglieder einer Kohorte werden in drei Schritten als Datei heruntergeladen und sind kein Stream.',
      },
      {
        en: 'The host analytics.amplitude.com is the web app. The API is at amplitude.com.',
        de: 'Der Host analytics.amplitude.com ist die Web-App. Die API ist unter amplitude.com.',
      },
    ],
    hints: [],
  },
}
