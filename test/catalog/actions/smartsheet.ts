import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'list_sheets',
    arguments: { limit: 5, page: 2 },
    request: 'GET https://api.smartsheet.com/2.0/sheets?pageSize=5&page=2',
    answer: { body: { pageNumber: 2, totalPages: 2, data: [{ id: 4583173393803140, name: 'sheet 1' }] } },
    output: { pageNumber: 2, totalPages: 2, data: [{ id: 4583173393803140, name: 'sheet 1' }] },
  },
  {
    action: 'get_sheet',
    arguments: { sheet_id: '4583173393803140', limit: 5, page: 2 },
    request: 'GET https://api.smartsheet.com/2.0/sheets/4583173393803140?pageSize=5&page=2',
    answer: { body: { id: 4583173393803140, columns: [{ id: 7960873114331012 }], rows: [] } },
    output: { id: 4583173393803140, columns: [{ id: 7960873114331012 }], rows: [] },
  },
  {
    action: 'add_row',
    arguments: {
      sheet_id: '4583173393803140',
      cells: [
        { columnId: 7960873114331012, value: true },
        { columnId: 642523719853956, value: 'New status' },
      ],
      at_top: true,
    },
    request: 'POST https://api.smartsheet.com/2.0/sheets/4583173393803140/rows',
    body: {
      toTop: true,
      cells: [
        { columnId: 7960873114331012, value: true },
        { columnId: 642523719853956, value: 'New status' },
      ],
    },
    answer: { body: { message: 'SUCCESS', resultCode: 0, result: { id: 7670198317672324, rowNumber: 1 } } },
    output: { id: 7670198317672324, rowNumber: 1 },
  },
  {
    action: 'get_row',
    arguments: { sheet_id: '4583173393803140', row_id: '2361756178769796' },
    request: 'GET https://api.smartsheet.com/2.0/sheets/4583173393803140/rows/2361756178769796?include=columns',
    answer: { body: { id: 2361756178769796, rowNumber: 1, cells: [] } },
    output: { id: 2361756178769796, rowNumber: 1, cells: [] },
  },
]
