import { input, integer, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { driveHint, graphPages, graphScope, graphSources, microsoftProduct } from '../families/microsoft.ts'
import { documentId, documentScopes, documentStream, searchFiles } from '../families/microsoft-documents.ts'
import type { ProviderFile } from '../provider-file.ts'

const WRITE = graphScope('Files.ReadWrite')

const workbook = '/me/drive/items/{{ args.item_id }}/workbook'
const worksheet = text('Id or name of the worksheet. list_worksheets returns it.')
const address = text('Address of the cells, such as A1:B2.', {
  pattern: '^[A-Za-z]{1,3}[0-9]{0,7}(:[A-Za-z]{1,3}[0-9]{0,7})?$',
})
const rows = (description: string) => ({
  type: 'array' as const,
  items: { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] }, minItems: 1 },
  minItems: 1,
  description,
})

const actions: ActionDefinition[] = [
  searchFiles,
  {
    name: 'list_worksheets',
    title: 'List worksheets',
    description: 'Lists the worksheets of a workbook with name, position and visibility.',
    docsUrl: 'https://learn.microsoft.com/graph/api/workbook-list-worksheets',
    scopes: [WRITE],
    readOnly: true,
    input: input({ item_id: documentId }),
    request: { method: 'GET', path: `${workbook}/worksheets` },
    output: ['value'],
  },
  {
    name: 'get_range',
    title: 'Read cells',
    description: 'Returns cells of a worksheet: values, formulas, text and address.',
    docsUrl: 'https://learn.microsoft.com/graph/api/worksheet-range',
    scopes: [WRITE],
    readOnly: true,
    input: input({ item_id: documentId, worksheet, address }),
    request: {
      method: 'GET',
      path: `${workbook}/worksheets/{{ args.worksheet }}/range(address='{{ args.address }}')`,
    },
  },
  {
    name: 'update_range',
    title: 'Write cells',
    description:
      'Overwrites cells of a worksheet. A null leaves its cell as it is. Returns the range with its new values.',
    docsUrl: 'https://learn.microsoft.com/graph/api/range-update',
    scopes: [WRITE],
    destructive: true,
    input: input({
      item_id: documentId,
      worksheet,
      address,
      values: rows('The rows with their values, as many as the address has, such as [["Hello", 100], [true, null]].'),
    }),
    request: {
      method: 'PATCH',
      path: `${workbook}/worksheets/{{ args.worksheet }}/range(address='{{ args.address }}')`,
      json: { values: '{{ args.values }}' },
    },
  },
  {
    name: 'add_table_rows',
    title: 'Add rows to a table',
    description: 'Adds rows to a table of a workbook, at its end or at a place. Returns the index of the rows.',
    docsUrl: 'https://learn.microsoft.com/graph/api/table-post-rows',
    scopes: [WRITE],
    input: input(
      {
        item_id: documentId,
        table: text('Id or name of the table.'),
        values: rows('The rows with a value for each column, such as [[1, 2, 3], [4, 5, 6]].'),
      },
      { index: integer('Place of the first row, from 0. Default: the end.', { minimum: 0 }) },
    ),
    request: {
      method: 'POST',
      path: `${workbook}/tables/{{ args.table }}/rows`,
      json: { values: '{{ args.values }}', index: '{{ args.index }}' },
    },
  },
]

export const provider: ProviderFile = microsoftProduct({
  aliases: ['excel', 'ms excel', 'excel online', 'spreadsheets', 'tabellen', 'workbooks', 'xlsx', 'office 365 excel'],
  color: '#217346',
  sources: [
    ...graphSources(
      'api/driveitem-delta',
      'api/driveitem-search',
      'api/workbook-list-worksheets',
      'api/workbook-list-tables',
      'api/worksheet-range',
      'api/range-update',
      'api/table-post-rows',
    ),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/includes/throttling-excel.md',
      read: '2026-11-29',
    },
    { url: 'https://github.com/amp-labs/connectors/blob/main/catalog/microsoft.go', read: '2026-11-29', second: true },
  ],
  requested: [WRITE],
  definition: {
    displayName: 'Microsoft Excel',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/excel',
    categories: ['documents'],
    testRequest: { path: '/me/drive' },
    streams: [
      // The API opens no older formats, such as xls.
      documentStream('workbooks', 'xlsx|xlsm'),
      {
        name: 'worksheets',
        parent: { stream: 'workbooks', concurrency: 1 },
        path: '/me/drive/items/{{ parent.id }}/workbook/worksheets',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'tables',
        parent: { stream: 'workbooks', concurrency: 1 },
        path: '/me/drive/items/{{ parent.id }}/workbook/tables',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
    ],
    actions,
  },
  guide: {
    scopes: documentScopes,
    rateLimit: {
      words: {
        en: '5,000 requests in 10 seconds for each app, and 1,500 for each app and organization.',
        de: '5.000 Anfragen in 10 Sekunden je App und 1.500 je App und Organisation.',
      },
      url: 'https://learn.microsoft.com/graph/throttling-limits',
    },
    traps: [
      {
        en: 'Worksheets, tables and cells can be read in work and school accounts only. Personal Microsoft accounts have the list of workbooks.',
        de: 'Tabellenblätter, Tabellen und Zellen gibt es nur bei Geschäfts- und Schulkonten. Persönliche Microsoft-Konten haben die Liste der Arbeitsmappen.',
      },
      {
        en: 'Adding rows can fail with 504. Microsoft recommends to repeat the request.',
        de: 'Das Anfügen von Zeilen kann mit 504 scheitern. Microsoft empfiehlt, die Anfrage zu wiederholen.',
      },
    ],
    hints: [driveHint],
  },
})
