import { day, input, integer } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://docs.mixpanel.com/reference'

export const provider: ProviderFile = {
  aliases: ['mix panel', 'product analytics', 'event analytics'],
  logo: 'mixpanel',
  color: '#7856ff',
  sources: [
    { url: 'https://docs.mixpanel.com/reference/query-api-authentication.md', read: '2026-11-29' },
    { url: 'https://docs.mixpanel.com/reference/cohorts-list.md', read: '2026-11-29' },
    { url: 'https://developer.mixpanel.com/v0.0-pr-1567/reference/service-accounts', read: '2026-11-29' },
    { url: 'https://github.com/mixpanel/docs/blob/main/openapi/src/query.openapi.yaml', read: '2026-11-29' },
    {
      url: 'https://developers.frontegg.com/agen-for-work/connectors/marketplace/mixpanel.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://hub.cloudquery.io/plugins/source/cloudquery/mixpanel/latest/tables/mixpanel_cohorts',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The bodies of errors are not in the documentation that was read.
  unverified: ['hints', 'tokens'],
  definition: {
    displayName: 'Mixpanel',
    docsUrl: 'https://docs.mixpanel.com/reference/query-api-authentication',
    categories: ['analytics'],
    baseUrl: 'https://{{ input.host }}/api',
    inputFields: [
      {
        name: 'host',
        label: 'Data residency',
        description: 'Where the data of the project is stored.',
        required: true,
        example: 'mixpanel.com',
        choices: [
          { value: 'mixpanel.com', label: 'US' },
          { value: 'eu.mixpanel.com', label: 'EU' },
          { value: 'in.mixpanel.com', label: 'India' },
        ],
      },
      {
        name: 'project_id',
        label: 'Project ID',
        description: 'The number after /project/ in the address of Mixpanel, or in the settings of the project.',
        required: true,
        pattern: '[0-9]{1,20}',
        example: '12345',
      },
      {
        name: 'workspace_id',
        label: 'Workspace ID',
        description: 'Only for projects with Data Views: the id of the global data view.',
        pattern: '[0-9]{1,20}',
      },
    ],
    auth: {
      type: 'basic',
      fields: [
        { name: 'username', label: 'User name of the service account', required: true },
        { name: 'secret', label: 'Secret of the service account', secret: true, required: true },
      ],
      username: '{{ config.username }}',
      password: '{{ config.secret }}',
    },
    query: {
      project_id: '{{ input.project_id }}',
      workspace_id: { value: "{{ input.workspace_id | default('') }}", whenEmpty: 'omit' },
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 402, 403, 404].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
    ],
    testRequest: { path: '/app/me' },
    streams: [
      { name: 'cohorts', method: 'POST', path: '/query/cohorts/list', primaryKey: [['id']] },
      { name: 'funnels', path: '/query/funnels/list', primaryKey: [['funnel_id']] },
    ],
    actions: [
      {
        name: 'get_insights_report',
        title: 'Get the data of an Insights report',
        description: 'Returns what a saved Insights report shows: series with the values of each event by date.',
        docsUrl: `${reference}/insights-query`,
        readOnly: true,
        input: input({
          report_id: integer('Id of the saved report, which is in its address after #report/.', { minimum: 1 }),
        }),
        request: { method: 'GET', path: '/query/insights', query: { bookmark_id: '{{ args.report_id }}' } },
      },
      {
        name: 'get_funnel',
        title: 'Get the data of a funnel',
        description: 'Returns the steps of a saved funnel with counts and conversion rates, by date.',
        docsUrl: `${reference}/funnels-query`,
        readOnly: true,
        input: input(
          {
            funnel_id: integer('Id of the funnel. The stream funnels has it.', { minimum: 1 }),
            from_date: day('First day.'),
            to_date: day('Last day.'),
          },
          { interval: integer('How many days each entry has. Default: 1.', { minimum: 1 }) },
        ),
        request: {
          method: 'GET',
          path: '/query/funnels',
          query: {
            funnel_id: '{{ args.funnel_id }}',
            from_date: '{{ args.from_date }}',
            to_date: '{{ args.to_date }}',
            interval: '{{ args.interval }}',
          },
        },
      },
    ],
  },
  guide: {
    key: {
      url: 'https://mixpanel.com/settings/org/service-accounts',
      steps: [
        {
          en: 'As an owner or an admin, open **Organization Settings** and **Service Accounts**, and select **Add Service Account**.',
          de: 'Öffnen Sie mit der Rolle Owner oder Admin **Organization Settings** und **Service Accounts** und wählen Sie **Add Service Account**.',
        },
        {
          en: 'Choose a role, and the projects that may be read. Copy the user name and the secret at once.',
          de: 'Wählen Sie eine Rolle und die Projekte, die gelesen werden dürfen. Kopieren Sie den Benutzernamen und das Secret sofort.',
        },
      ],
    },
    fields: {
      host: {
        label: 'Datenresidenz',
        description: 'Wo die Daten des Projekts gespeichert werden.',
        choices: { 'mixpanel.com': 'USA', 'eu.mixpanel.com': 'EU', 'in.mixpanel.com': 'Indien' },
      },
      project_id: {
        label: 'Projekt-ID',
        description: 'Die Zahl nach /project/ in der Adresse von Mixpanel, oder in den Einstellungen des Projekts.',
      },
      workspace_id: {
        label: 'Workspace-ID',
        description: 'Nur für Projekte mit Data Views: die ID der globalen Data View.',
      },
      username: { label: 'Benutzername des Servicekontos' },
      secret: { label: 'Secret des Servicekontos' },
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'The Query API allows 60 queries an hour and 5 at the same time.',
        de: 'Die Query-API erlaubt 60 Abfragen pro Stunde und 5 gleichzeitig.',
      },
      url: 'https://docs.mixpanel.com/reference/cohorts-list',
    },
    traps: [
      {
        en: 'Syncs count as queries: with two streams, sync at most a few times an hour.',
        de: 'Synchronisierungen zählen als Abfragen: Synchronisieren Sie bei zwei Streams höchstens einige Male pro Stunde.',
      },
      {
        en: 'Mixpanel has no OAuth for other products. A service account belongs to one organization.',
        de: 'Mixpanel hat kein OAuth für andere Produkte. Ein Servicekonto gehört zu einer Organisation.',
      },
    ],
    hints: [],
  },
}
