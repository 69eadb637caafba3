import { choice, flag, input, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import {
  microsoftAppWith,
  microsoftFields,
  microsoftHints,
  microsoftOAuth,
  microsoftScopes,
  microsoftSources,
  microsoftTenant,
} from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://learn.microsoft.com/rest/api/power-bi'

const scope = (permission: string) => `https://analysis.windows.net/powerbi/api/${permission}`
const WORKSPACES = scope('Workspace.Read.All')
const DATASETS = scope('Dataset.Read.All')
const REPORTS = scope('Report.Read.All')
const DASHBOARDS = scope('Dashboard.Read.All')
const WRITE = scope('Dataset.ReadWrite.All')

const workspace = text('Id of the workspace.')
const dataset = text('Id of the dataset (semantic model) in the workspace.')

const actions: ActionDefinition[] = [
  {
    name: 'refresh_dataset',
    title: 'Refresh a dataset',
    description:
      'Starts a refresh of a dataset, which loads its data anew. Returns nothing: Power BI works on it later.',
    docsUrl: `${docs}/datasets/refresh-dataset-in-group`,
    scopes: [WRITE],
    input: input({
      workspace_id: workspace,
      dataset_id: dataset,
      notify: choice('When the owner gets an email.', ['MailOnCompletion', 'MailOnFailure', 'NoNotification']),
    }),
    request: {
      method: 'POST',
      path: '/groups/{{ args.workspace_id }}/datasets/{{ args.dataset_id }}/refreshes',
      json: { notifyOption: '{{ args.notify }}' },
    },
  },
  {
    name: 'execute_query',
    title: 'Query a dataset',
    description: 'Runs one DAX query against a dataset and returns its table, at most 100,000 rows.',
    docsUrl: `${docs}/datasets/execute-queries-in-group`,
    scopes: [DATASETS],
    readOnly: true,
    input: input(
      {
        workspace_id: workspace,
        dataset_id: dataset,
        query: text('Query in DAX, such as EVALUATE VALUES(MyTable).'),
      },
      { include_nulls: flag('Whether columns without a value are in the result. Default: false.') },
    ),
    request: {
      method: 'POST',
      path: '/groups/{{ args.workspace_id }}/datasets/{{ args.dataset_id }}/executeQueries',
      json: {
        queries: [{ query: '{{ args.query }}' }],
        serializerSettings: onlyWith('include_nulls', { includeNulls: '{{ args.include_nulls }}' }),
      },
    },
    output: ['results', 0, 'tables', 0, 'rows'],
  },
  {
    name: 'list_workspaces',
    title: 'List workspaces',
    description: 'Lists the workspaces that the account has access to.',
    docsUrl: `${docs}/groups/get-groups`,
    scopes: [WORKSPACES],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/groups' },
    output: ['value'],
  },
]

/** What a workspace has, in one page. */
const ofWorkspace = (name: string): StreamDefinition => ({
  name,
  parent: { stream: 'workspaces' },
  path: `/groups/{{ parent.id }}/${name}`,
  recordsPath: ['value'],
  primaryKey: [['id']],
})

export const provider: ProviderFile = {
  aliases: ['powerbi', 'power bi service', 'microsoft power bi', 'ms power bi', 'pbi', 'microsoft fabric'],
  logo: null,
  color: '#f2c811',
  sources: [
    ...microsoftSources,
    { url: 'https://learn.microsoft.com/rest/api/power-bi/groups/getgroups', read: '2026-11-29' },
    { url: 'https://learn.microsoft.com/rest/api/power-bi/datasets/refresh-dataset-in-group', read: '2026-11-29' },
    { url: 'https://learn.microsoft.com/rest/api/power-bi/datasets/execute-queries', read: '2026-11-29' },
    {
      url: 'https://learn.microsoft.com/en-us/python/api/semantic-link-sempy/sempy.fabric.powerbirestclient?view=semantic-link-python',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.langdock.com/en/admin/manage-integrations/microsoft-integration-scopes/power-bi',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['streams'],
  definition: {
    displayName: 'Power BI',
    docsUrl: docs,
    categories: ['analytics'],
    baseUrl: 'https://api.powerbi.com/v1.0/myorg',
    inputFields: [microsoftTenant],
    auth: microsoftOAuth([WORKSPACES, DATASETS, REPORTS, DASHBOARDS]),
    testRequest: { path: '/groups?$top=1' },
    streams: [
      {
        name: 'workspaces',
        path: '/groups',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: '$skip', limitParam: '$top', size: 1000 },
      },
      ofWorkspace('datasets'),
      ofWorkspace('reports'),
      ofWorkspace('dashboards'),
    ],
    actions,
  },
  guide: {
    app: microsoftAppWith({
      en: 'Open **API permissions**, select **Add a permission**, **Power BI Service** and **Delegated permissions**, and add each scope that is listed here.',
      de: 'Öffnen Sie **API permissions**, wählen Sie **Add a permission**, **Power BI Service** und **Delegated permissions** und fügen Sie jeden hier genannten Scope hinzu.',
    }),
    fields: microsoftFields,
    scopes: {
      ...microsoftScopes,
      [WORKSPACES]: {
        en: 'see the workspaces that you have access to',
        de: 'die Arbeitsbereiche sehen, auf die Sie Zugriff haben',
      },
      [DATASETS]: { en: 'read and query your datasets', de: 'Ihre Datasets lesen und abfragen' },
      [REPORTS]: { en: 'see your reports', de: 'Ihre Berichte sehen' },
      [DASHBOARDS]: { en: 'see your dashboards', de: 'Ihre Dashboards sehen' },
      [WRITE]: {
        en: 'read, query, change and refresh your datasets',
        de: 'Ihre Datasets lesen, abfragen, ändern und aktualisieren',
      },
    },
    rateLimit: {
      words: {
        en: '120 queries of datasets a minute for each person. A dataset on shared capacity can be refreshed 8 times a day, planned refreshes included.',
        de: '120 Abfragen von Datasets pro Minute je Person. Ein Dataset auf geteilter Kapazität kann 8-mal am Tag aktualisiert werden, geplante Aktualisierungen eingeschlossen.',
      },
      url: `${docs}/datasets/execute-queries`,
    },
    traps: [
      {
        en: 'Queries need the tenant setting Dataset Execute Queries REST API, which an administrator of Power BI turns on.',
        de: 'Abfragen brauchen die Mandanteneinstellung Dataset Execute Queries REST API, die die Administration von Power BI einschaltet.',
      },
      {
        en: 'A query with more than one table, or with too many rows, returns a part of the data and an error, with status 200.',
        de: 'Eine Abfrage mit mehr als einer Tabelle oder zu vielen Zeilen liefert einen Teil der Daten und einen Fehler, mit Status 200.',
      },
      {
        en: 'A person who was just added to a workspace may see it only after a while.',
        de: 'Eine Person, die gerade zu einem Arbeitsbereich hinzugefügt wurde, sieht ihn eventuell erst nach einiger Zeit.',
      },
    ],
    hints: microsoftHints,
  },
}
