import type { ActionDefinition } from '../definition/action.ts'
import { flag, input, limit, list, page, text } from './input.ts'

const reference = 'https://developers.smartsheet.com/api/smartsheet/openapi'
const id = (description: string) => text(description, { pattern: '^[0-9]{1,19}$' })
const sheet = { sheet_id: id('Id of the sheet. list_sheets returns it.') }

export const smartsheetActions: ActionDefinition[] = [
  {
    name: 'list_sheets',
    title: 'List sheets',
    description: 'Lists the sheets that the user can open, with id, name and permalink. Returns data and totalPages.',
    docsUrl: `${reference}/sheets/list-sheets`,
    scopes: ['READ_SHEETS'],
    readOnly: true,
    input: input({}, { limit: limit(100, 100), page: page() }),
    request: {
      method: 'GET',
      path: '/sheets',
      query: { pageSize: '{{ args.limit | default(100) }}', page: '{{ args.page }}' },
    },
  },
  {
    name: 'get_sheet',
    title: 'Get a sheet',
    description: 'Returns one sheet with its columns and a page of its rows. add_row needs the ids of the columns.',
    docsUrl: `${reference}/sheets/getsheet`,
    scopes: ['READ_SHEETS'],
    readOnly: true,
    input: input(sheet, { limit: limit(500, 100), page: page() }),
    request: {
      method: 'GET',
      path: '/sheets/{{ args.sheet_id }}',
      query: { pageSize: '{{ args.limit | default(100) }}', page: '{{ args.page }}' },
    },
  },
  {
    name: 'add_row',
    title: 'Add a row',
    description: 'Adds a row to a sheet and returns it with its id.',
    docsUrl: `${reference}/rows/rows-addtosheet`,
    scopes: ['WRITE_SHEETS'],
    input: input(
      {
        ...sheet,
        cells: list(
          'Values of the row, each with the id of its column. get_sheet returns the ids.',
          {
            type: 'object',
            properties: {
              columnId: { type: 'integer', minimum: 1, description: 'Id of the column.' },
              value: { type: ['string', 'number', 'boolean'], description: 'Value of the cell.' },
            },
            required: ['columnId', 'value'],
            additionalProperties: false,
          },
          { maxItems: 400 },
        ),
      },
      { at_top: flag('Whether the row is added at the top. Default: at the bottom.') },
    ),
    request: {
      method: 'POST',
      path: '/sheets/{{ args.sheet_id }}/rows',
      json: {
        toTop: '{{ args.at_top }}',
        cells: '{{ args.cells }}',
      },
    },
    output: ['result'],
  },
  {
    name: 'get_row',
    title: 'Get a row',
    description: 'Returns one row with its cells and the columns of the sheet.',
    docsUrl: `${reference}/rows/row-get`,
    scopes: ['READ_SHEETS'],
    readOnly: true,
    input: input({ ...sheet, row_id: id('Id of the row.') }),
    request: {
      method: 'GET',
      path: '/sheets/{{ args.sheet_id }}/rows/{{ args.row_id }}',
      query: { include: 'columns' },
    },
  },
]
