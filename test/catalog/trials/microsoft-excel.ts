import { microsoftTokens } from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { documentStream, documentTest, searchFiles } from './microsoft-word.ts'

const id = '01CCETFLK7GVZTZHSQNRD2AEI5XWTCU6FJ'
const workbook = `https://graph.microsoft.com/v1.0/me/drive/items/${id}/workbook`

const actions: ActionExample[] = [
  searchFiles,
  {
    action: 'list_worksheets',
    arguments: { item_id: id },
    request: `GET ${workbook}/worksheets`,
    answer: {
      body: {
        value: [{ id: '{00000000-0001-0000-0000-000000000000}', name: 'Sheet1', position: 0, visibility: 'Visible' }],
      },
    },
    output: [{ id: '{00000000-0001-0000-0000-000000000000}', name: 'Sheet1', position: 0, visibility: 'Visible' }],
  },
  {
    action: 'get_range',
    arguments: { item_id: id, worksheet: '{00000000-0001-0000-0000-000000000000}', address: 'A1:B2' },
    request: `GET ${workbook}/worksheets/%7B00000000-0001-0000-0000-000000000000%7D/range(address='A1%3AB2')`,
    answer: { body: { address: 'Sheet1!A1:B2', cellCount: 4, columnCount: 2, values: [['Hello', 100]] } },
    output: { address: 'Sheet1!A1:B2', cellCount: 4, columnCount: 2, values: [['Hello', 100]] },
  },
  {
    action: 'update_range',
    arguments: {
      item_id: id,
      worksheet: 'Sheet1',
      address: 'A1:B2',
      values: [
        ['Hello', '100'],
        ['1/1/2016', true],
      ],
    },
    request: `PATCH ${workbook}/worksheets/Sheet1/range(address='A1%3AB2')`,
    body: {
      values: [
        ['Hello', '100'],
        ['1/1/2016', true],
      ],
    },
    answer: { body: { address: 'Sheet1!A1:B2', cellCount: 4, columnCount: 2 } },
    output: { address: 'Sheet1!A1:B2', cellCount: 4, columnCount: 2 },
    overwrites: true,
  },
  {
    action: 'add_table_rows',
    arguments: {
      item_id: id,
      table: 'Table1',
      values: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      index: 5,
    },
    request: `POST ${workbook}/tables/Table1/rows`,
    body: {
      values: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      index: 5,
    },
    answer: { status: 201, body: { index: 99, values: [[1, 2, 3]] } },
    output: { index: 99, values: [[1, 2, 3]] },
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: documentTest,
  streams: [
    documentStream('workbooks', 'xlsx'),
    {
      name: 'worksheets',
      parent: { id },
      pages: [
        {
          body: {
            value: [
              { id: '{00000000-0001-0000-0000-000000000000}', name: 'Sheet1', position: 0, visibility: 'Visible' },
            ],
          },
        },
      ],
      keys: ['parent/{00000000-0001-0000-0000-000000000000}'],
      asksFor: `/me/drive/items/${id}/workbook/worksheets`,
    },
    {
      name: 'tables',
      parent: { id },
      pages: [{ body: { value: [{ id: '99', name: 'Table1', showHeaders: true, showTotals: true }] } }],
      keys: ['parent/99'],
      asksFor: `/me/drive/items/${id}/workbook/tables`,
    },
  ],
  actions,
}
