import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const api = 'https://coda.io/apis/v1'

const actions: ActionExample[] = [
  {
    action: 'list_docs',
    arguments: { query: 'launch', limit: 2, cursor: 'eyJsaW1pd' },
    request: `GET ${api}/docs?query=launch&limit=2&pageToken=eyJsaW1pd`,
    answer: { body: { items: [{ id: 'AbCDeFGH', type: 'doc', name: 'Product Launch Hub' }] } },
    output: { items: [{ id: 'AbCDeFGH', type: 'doc', name: 'Product Launch Hub' }] },
  },
  {
    action: 'list_tables',
    arguments: { doc_id: 'AbCDeFGH', limit: 2 },
    request: `GET ${api}/docs/AbCDeFGH/tables?limit=2`,
    answer: { body: { items: [{ id: 'grid-pqRst-U', type: 'table', name: 'Tasks' }] } },
    output: [{ id: 'grid-pqRst-U', type: 'table', name: 'Tasks' }],
  },
  {
    action: 'list_rows',
    arguments: {
      doc_id: 'AbCDeFGH',
      table_id: 'grid-pqRst-U',
      query: 'c-tuVwxYz:"Apple"',
      use_column_names: true,
      limit: 2,
      cursor: 'eyJsaW1pd',
    },
    request: `GET ${api}/docs/AbCDeFGH/tables/grid-pqRst-U/rows?query=c-tuVwxYz%3A%22Apple%22&useColumnNames=true&limit=2&pageToken=eyJsaW1pd`,
    answer: { body: { items: [{ id: 'i-tuVwxYz', type: 'row', name: 'Apple' }] } },
    output: { items: [{ id: 'i-tuVwxYz', type: 'row', name: 'Apple' }] },
  },
  {
    action: 'insert_row',
    arguments: {
      doc_id: 'AbCDeFGH',
      table_id: 'grid-pqRst-U',
      cells: [{ column: 'c-tuVwxYz', value: 'Apple' }],
      key_columns: ['c-bCdeFgh'],
    },
    request: `POST ${api}/docs/AbCDeFGH/tables/grid-pqRst-U/rows`,
    body: { rows: [{ cells: [{ column: 'c-tuVwxYz', value: 'Apple' }] }], keyColumns: ['c-bCdeFgh'] },
    answer: { status: 202, body: { requestId: 'abc-123-def-456' } },
    output: { requestId: 'abc-123-def-456' },
  },
]

export const trial: ProviderTrial = {
  credential: { secretText: 'c0da-t0ken' },
  test: {
    asks: 'GET coda.io/apis/v1/whoami',
    headers: { authorization: 'Bearer c0da-t0ken' },
    good: { body: { name: 'John Doe', type: 'user', loginId: 'user@example.com' } },
    refused: {
      answer: { status: 401, body: { statusCode: 401, statusMessage: 'Unauthorized', message: 'Unauthorized' } },
      says: 'Unauthorized',
    },
  },
  streams: [
    {
      name: 'docs',
      pages: [
        {
          body: {
            items: [{ id: 'AbCDeFGH', type: 'doc', name: 'Product Launch Hub' }],
            nextPageToken: 'eyJsaW1pd',
            nextPageLink: 'https://coda.io/apis/v1/docs?pageToken=eyJsaW1pd',
          },
        },
        { body: { items: [{ id: 'BcDEfGHI', type: 'doc', name: 'Roadmap' }] } },
      ],
      keys: ['AbCDeFGH', 'BcDEfGHI'],
      asksFor: 'pageToken=eyJsaW1pd',
      limited: {
        status: 429,
        body: { statusCode: 429, statusMessage: 'Too Many Requests', message: 'Too Many Requests' },
      },
    },
    {
      name: 'pages',
      parent: { id: 'AbCDeFGH' },
      pages: [{ body: { items: [{ id: 'canvas-IjkLmnO', type: 'page', name: 'Launch Status' }] } }],
      keys: ['parent/canvas-IjkLmnO'],
      asksFor: '/docs/AbCDeFGH/pages',
    },
    {
      name: 'tables',
      parent: { id: 'AbCDeFGH' },
      pages: [{ body: { items: [{ id: 'grid-pqRst-U', type: 'table', name: 'Tasks' }] } }],
      keys: ['parent/grid-pqRst-U'],
      asksFor: '/docs/AbCDeFGH/tables',
    },
    {
      name: 'rows',
      parent: { id: 'grid-pqRst-U', docId: 'AbCDeFGH' },
      pages: [{ body: { items: [{ id: 'i-tuVwxYz', type: 'row', values: { 'c-tuVwxYz': 'Apple' } }] } }],
      keys: ['parent/i-tuVwxYz'],
      asksFor: '/docs/AbCDeFGH/tables/grid-pqRst-U/rows?limit=200&valueFormat=simple',
    },
  ],
  actions,
}
