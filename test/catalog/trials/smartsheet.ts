import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
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

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'JKlMNOpQ12RStUVwxYZAbcde3F5g6hijklM789',
        token_type: 'bearer',
        refresh_token: 'ny5S6KbV2VVLkhPJxjNtv3Mm',
        expires_in: 604799,
      },
    },
    accessToken: 'JKlMNOpQ12RStUVwxYZAbcde3F5g6hijklM789',
    refreshToken: 'ny5S6KbV2VVLkhPJxjNtv3Mm',
    lifetimeSeconds: 604799,
  },
  renewal: {
    answer: {
      body: { access_token: 'second', token_type: 'bearer', refresh_token: 'refresh-second', expires_in: 604799 },
    },
    accessToken: 'second',
    refreshToken: 'refresh-second',
    lifetimeSeconds: 604799,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { errorCode: 1080, error: 'invalid_grant', error_description: 'refresh_token is invalid.' },
      },
      reason: 'INVALID_GRANT',
      says: 'refresh_token is invalid',
    },
  ],
  revocation: ['DELETE api.smartsheet.com/2.0/token'],
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: { errorCode: 1004, message: 'You are not authorized to perform this action.', refId: 'x' },
      },
      says: 'You are not authorized to perform this action.',
      cause: 'lacks the right',
    },
  ],
  test: {
    asks: 'GET api.smartsheet.com/2.0/users/me',
    headers: { authorization: 'Bearer JKlMNOpQ12RStUVwxYZAbcde3F5g6hijklM789' },
    good: { body: { id: 48569348493401200, email: 'john.doe@example.com' } },
    refused: {
      answer: {
        status: 401,
        body: { errorCode: 1003, message: 'Your Access Token has expired.', refId: 'i4pzlu7ahvoj' },
      },
      says: 'Your Access Token has expired.',
    },
  },
  streams: [
    {
      // A full page has 100 sheets.
      name: 'sheets',
      pages: [
        {
          body: {
            pageNumber: 1,
            totalPages: 2,
            data: Array.from({ length: 100 }, (_, index) => ({
              id: 4583173393803140 + index,
              modifiedAt: '2026-06-01T10:00:00Z',
            })),
          },
        },
        { body: { pageNumber: 2, totalPages: 2, data: [{ id: 7, modifiedAt: '2026-06-02T10:00:00Z' }] } },
      ],
      keys: [...Array.from({ length: 100 }, (_, index) => String(4583173393803140 + index)), '7'],
      asksFor: 'page=2',
      since: { cursor: '2026-06-02T10:00:00Z', value: '2026-06-02T10:00:00.000Z' },
      limited: { status: 429, body: { errorCode: 4003, message: 'Rate limit exceeded.', refId: 'x' } },
    },
  ],
  actions,
}
