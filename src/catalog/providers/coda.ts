import { cursor, flag, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docsUrl = 'https://coda.io/developers/apis/v1'

const id = (description: string) => text(description, { pattern: '^[A-Za-z0-9_-]+$' })

const doc = { doc_id: id('Id of the doc. list_docs returns it.') }

const table = { ...doc, table_id: id('Id of the table or view. list_tables returns it.') }

const rows = '/docs/{{ args.doc_id }}/tables/{{ args.table_id }}/rows'

const actions: ActionDefinition[] = [
  {
    name: 'list_docs',
    title: 'List docs',
    description:
      'Lists the docs that the user can see, or those that match words. Returns items and nextPageToken, the cursor of the next page.',
    docsUrl,
    readOnly: true,
    input: input(
      {},
      { query: text('Only docs with these words.'), limit: limit(100, 25), cursor: cursor('nextPageToken') },
    ),
    request: {
      method: 'GET',
      path: '/docs',
      query: {
        query: '{{ args.query }}',
        limit: '{{ args.limit | default(25) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'list_tables',
    title: 'List tables of a doc',
    description: 'Lists the tables and views of a doc, with id and name.',
    docsUrl,
    readOnly: true,
    input: input(doc, { limit: limit(100, 100) }),
    request: {
      method: 'GET',
      path: '/docs/{{ args.doc_id }}/tables',
      query: { limit: '{{ args.limit | default(100) }}' },
    },
    output: ['items'],
  },
  {
    name: 'list_rows',
    title: 'List rows of a table',
    description:
      'Lists the rows of a table with their values. Returns items and nextPageToken, the cursor of the next page.',
    docsUrl,
    readOnly: true,
    input: input(table, {
      query: text(
        'Only rows in which a column has a value: the id of the column, a colon and the value as JSON, such as c-tuVwxYz:"Apple".',
      ),
      use_column_names: flag('Whether values stand under the names of the columns instead of their ids.'),
      limit: limit(200, 50),
      cursor: cursor('nextPageToken'),
    }),
    request: {
      method: 'GET',
      path: rows,
      query: {
        query: '{{ args.query }}',
        useColumnNames: '{{ args.use_column_names }}',
        limit: '{{ args.limit | default(50) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'insert_row',
    title: 'Insert a row',
    description:
      'Inserts a row into a table. Coda writes it some seconds later. Returns requestId and, without key columns, addedRowIds.',
    docsUrl,
    input: input(
      {
        ...table,
        cells: list('Values by column.', {
          type: 'object',
          properties: {
            column: { type: 'string', minLength: 1, description: 'Id or name of the column.' },
            value: { type: ['string', 'number', 'boolean'], description: 'Value of the cell.' },
          },
          required: ['column', 'value'],
          additionalProperties: false,
        }),
      },
      {
        key_columns: list('Ids or names of columns: a row with the same values there is updated instead.', {
          type: 'string',
        }),
      },
    ),
    request: {
      method: 'POST',
      path: rows,
      json: { rows: [{ cells: '{{ args.cells }}' }], keyColumns: '{{ args.key_columns }}' },
    },
  },
]

/** A token of a person, which may be restricted to docs or tables and to reading. */
export const provider: ProviderFile = {
  aliases: ['coda.io', 'coda docs', 'superhuman docs'],
  logo: 'coda',
  color: '#f46a54',
  sources: [
    { url: 'https://coda.io/developers', read: '2026-11-29' },
    // The description of the OpenAPI document, in clients that are generated from it.
    { url: 'https://docs.rs/coda-api/latest/coda_api/struct.Client.html', read: '2026-11-29', second: true },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
    { url: 'https://posthog.com/docs/cdp/sources/coda', read: '2026-11-29', second: true },
  ],
  unverified: ['hints', 'key'],
  definition: {
    displayName: 'Coda',
    docsUrl,
    categories: ['knowledge base', 'documents', 'database'],
    baseUrl: 'https://coda.io/apis/v1',
    auth: { type: 'bearer' },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
      })),
    ],
    testRequest: { path: '/whoami' },
    streams: [
      items('docs', '/docs'),
      { ...items('pages', '/docs/{{ parent.id }}/pages'), parent: { stream: 'docs' } },
      {
        ...items('tables', '/docs/{{ parent.id }}/tables'),
        parent: { stream: 'docs' },
        // For the stream of rows. Tables do not name their doc.
        records: { path: ['items'], set: { docId: '{{ parent.id }}' } },
      },
      {
        ...items('rows', '/docs/{{ parent.docId }}/tables/{{ parent.id }}/rows'),
        parent: { stream: 'tables' },
        query: { limit: '200', valueFormat: 'simple' },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://coda.io/account',
      steps: [
        {
          en: 'Open your account settings and generate an API token.',
          de: 'Öffnen Sie Ihre Kontoeinstellungen und erzeugen Sie ein API-Token.',
        },
        {
          en: 'If the token shall not reach all of your docs, restrict it to a doc or a table, and to reading.',
          de: 'Soll das Token nicht alle Ihre Docs erreichen, beschränken Sie es auf ein Doc oder eine Tabelle und auf das Lesen.',
        },
        {
          en: 'Copy the token.',
          de: 'Kopieren Sie das Token.',
        },
      ],
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'In 6 seconds for each user: 100 requests that read, 10 that write, and 4 that list docs. Content of docs: 5 writes in 10 seconds.',
        de: 'In 6 Sekunden je Person: 100 lesende Anfragen, 10 schreibende und 4, die Docs auflisten. Inhalte von Docs: 5 Schreibvorgänge in 10 Sekunden.',
      },
      url: docsUrl,
    },
    hints: [],
    traps: [
      {
        en: 'Changes are written some seconds after the response 202. The requestId tells with /mutationStatus whether they are done.',
        de: 'Änderungen werden erst einige Sekunden nach der Antwort 202 geschrieben. Mit der requestId sagt /mutationStatus, ob sie erledigt sind.',
      },
      {
        en: 'Names of tables and columns change with the doc. Use their ids.',
        de: 'Namen von Tabellen und Spalten ändern sich mit dem Doc. Verwenden Sie ihre IDs.',
      },
      {
        en: 'A token reaches only what the person who made it can see.',
        de: 'Ein Token erreicht nur, was die Person sieht, die es angelegt hat.',
      },
    ],
  },
}

function items(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    query: { limit: '100' },
    records: { path: ['items'] },
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['nextPageLink'] },
  }
}
