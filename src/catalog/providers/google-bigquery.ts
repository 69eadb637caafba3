import { flag, input, integer, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://cloud.google.com/bigquery/docs/reference/rest/v2'

const ALL = 'https://www.googleapis.com/auth/bigquery'

const project = {
  project_id: text('Id of the project that runs the query and pays for it, such as my-project-123.', {
    pattern: '^[\\w.:-]+$',
  }),
}

const location = {
  location: text('Where the data is, such as EU or europe-west3. Needed where it is neither in US nor in EU.'),
}

const actions: ActionDefinition[] = [
  {
    name: 'run_query',
    title: 'Run a SQL query',
    description:
      'Runs a statement in GoogleSQL. Returns rows, whose values are in f and v in the order of schema.fields. Where jobComplete is false, get_query_results returns them later. A statement may also change or delete data.',
    docsUrl: `${reference}/jobs/query`,
    scopes: [ALL],
    destructive: true,
    input: input(
      { ...project, query: text('The statement, such as: SELECT name FROM `my-project-123.shop.orders` LIMIT 10.') },
      {
        ...location,
        limit: integer('How many rows to return at most. Default: 100.', { minimum: 1, maximum: 10_000, default: 100 }),
        maximum_bytes_billed: integer('The query fails without cost if it would be billed for more bytes.', {
          minimum: 1,
        }),
        dry_run: flag('Only check the statement and say how many bytes it would read.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/projects/{{ args.project_id }}/queries',
      json: {
        query: '{{ args.query }}',
        useLegacySql: false,
        location: '{{ args.location }}',
        maxResults: '{{ args.limit | default(100) }}',
        maximumBytesBilled: '{{ args.maximum_bytes_billed }}',
        dryRun: '{{ args.dry_run }}',
      },
    },
  },
  {
    name: 'get_query_results',
    title: 'Get the result of a query',
    description: 'Returns the rows of a query that ran before. pageToken leads to further rows.',
    docsUrl: `${reference}/jobs/getQueryResults`,
    scopes: [ALL],
    readOnly: true,
    input: input(
      { ...project, job_id: text('jobReference.jobId that run_query returned.', { pattern: '^[\\w-]+$' }) },
      {
        ...location,
        limit: integer('How many rows to return at most. Default: 100.', { minimum: 1, maximum: 10_000, default: 100 }),
        page_token: text('pageToken of the previous result, to get the next page.'),
      },
    ),
    request: {
      method: 'GET',
      path: '/projects/{{ args.project_id }}/queries/{{ args.job_id }}',
      query: {
        location: '{{ args.location }}',
        maxResults: '{{ args.limit | default(100) }}',
        pageToken: '{{ args.page_token }}',
      },
    },
  },
  {
    name: 'insert_rows',
    title: 'Insert rows',
    description: 'Adds rows to a table. If one row is invalid, none is added.',
    docsUrl: `${reference}/tabledata/insertAll`,
    scopes: [ALL],
    input: input({
      project_id: text('Id of the project of the table.', { pattern: '^[\\w.:-]+$' }),
      dataset_id: text('Id of the dataset.', { pattern: '^\\w+$' }),
      table_id: text('Id of the table.'),
      rows: list('The rows, each with its values by the name of the column.', { type: 'object' }, { maxItems: 500 }),
    }),
    request: {
      method: 'POST',
      path: '/projects/{{ args.project_id }}/datasets/{{ args.dataset_id }}/tables/{{ args.table_id }}/insertAll',
      json: { rows: "{{ args.rows | wrap('json') }}" },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['bigquery', 'big query', 'bq', 'gbq', 'google data warehouse', 'gcp bigquery'],
  logo: 'googlebigquery',
  color: '#669df6',
  sources: [
    discovery('bigquery.v2'),
    { url: 'https://cloud.google.com/bigquery/docs/troubleshoot-quotas', read: '2026-11-29' },
    { url: 'https://cloud.google.com/bigquery/docs/jobs-overview', read: '2026-11-29' },
    nangoSource,
  ],
  unverified: ['rateLimit'],
  api: 'BigQuery API',
  requested: [ALL],
  definition: {
    displayName: 'Google BigQuery',
    docsUrl: reference,
    categories: ['database', 'analytics'],
    baseUrl: 'https://bigquery.googleapis.com/bigquery/v2',
    responseErrors: [
      { status: 403, path: ['error', 'errors', 0, 'reason'], equals: 'quotaExceeded', as: 'rate_limit' },
      // Rows that were not inserted are reported with 200.
      { status: 200, path: ['insertErrors'], as: 'fail', message: ['insertErrors', 0, 'errors', 0, 'message'] },
    ],
    testRequest: { path: '/projects?maxResults=1' },
    streams: [
      {
        name: 'projects',
        path: '/projects',
        query: { maxResults: '50' },
        recordsPath: ['projects'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'datasets',
        parent: { stream: 'projects' },
        path: '/projects/{{ parent.projectReference.projectId }}/datasets',
        query: { maxResults: '1000' },
        recordsPath: ['datasets'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'tables',
        parent: { stream: 'datasets' },
        path: '/projects/{{ parent.datasetReference.projectId }}/datasets/{{ parent.datasetReference.datasetId }}/tables',
        query: { maxResults: '1000' },
        recordsPath: ['tables'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        // The dataset was deleted since the list was read.
        responses: [{ status: 404, as: 'empty' }],
      },
    ],
    actions,
  },
  guide: {
    traps: [
      {
        en: 'Queries are billed to the project that runs them. Set maximum_bytes_billed for queries that other people or programs write.',
        de: 'Abfragen werden dem Projekt berechnet, das sie ausführt. Setzen Sie maximum_bytes_billed für Abfragen, die andere Personen oder Programme schreiben.',
      },
      {
        en: 'The person who connects needs the permission bigquery.jobs.create in the project, besides the permission to read the tables.',
        de: 'Wer sich verbindet, braucht im Projekt die Berechtigung bigquery.jobs.create und außerdem die Berechtigung, die Tabellen zu lesen.',
      },
      {
        en: 'Rows of results are lists without names of columns: the names are in schema.fields, and all values are texts.',
        de: 'Ergebniszeilen sind Listen ohne Spaltennamen: Die Namen stehen in schema.fields, und alle Werte sind Texte.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [403],
        messages: ['bigquery.jobs.create permission'],
        cause: {
          en: 'The account may not run queries in this project.',
          de: 'Das Konto darf in diesem Projekt keine Abfragen ausführen.',
        },
        operator: {
          en: 'Check the id of the project, and give the account the role **BigQuery Job User** in it.',
          de: 'Prüfen Sie die ID des Projekts und geben Sie dem Konto dort die Rolle **BigQuery Job User**.',
        },
        person: {
          en: 'Ask the administrator of the project for the role **BigQuery Job User**.',
          de: 'Bitten Sie die Administration des Projekts um die Rolle **BigQuery Job User**.',
        },
        url: 'https://cloud.google.com/bigquery/docs/jobs-overview',
      },
    ],
    scopes: {
      [ALL]: {
        en: 'view and manage your data in Google BigQuery and see the email address of your Google account',
        de: 'Ihre Daten in Google BigQuery sehen und verwalten sowie die E-Mail-Adresse Ihres Google-Kontos sehen',
      },
    },
    rateLimit: null,
  },
})
