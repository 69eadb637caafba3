import {
  googleFilesTrial,
  googleHeaders,
  googleRefused,
  googleTokens,
  googleWebhook,
} from '../providers/google-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const id = '1q8mKw-2gvS_fakeSpreadsheet'

const values = [
  ['Door', 15, true],
  ['Engine', 2, ''],
]

const actions: ActionExample[] = [
  {
    action: 'get_values',
    arguments: { spreadsheet_id: id, range: 'Sheet1!A1:B2', render: 'UNFORMATTED_VALUE' },
    request: `GET https://sheets.googleapis.com/v4/spreadsheets/${id}/values/Sheet1%21A1%3AB2?valueRenderOption=UNFORMATTED_VALUE`,
    answer: {
      body: {
        range: 'Sheet1!A1:B2',
        majorDimension: 'ROWS',
        values: [
          [1, 2],
          [3, 4],
        ],
      },
    },
    output: {
      range: 'Sheet1!A1:B2',
      majorDimension: 'ROWS',
      values: [
        [1, 2],
        [3, 4],
      ],
    },
  },
  {
    action: 'append_rows',
    arguments: { spreadsheet_id: id, range: 'Sheet1', values, value_input: 'USER_ENTERED' },
    request: `POST https://sheets.googleapis.com/v4/spreadsheets/${id}/values/Sheet1:append?valueInputOption=USER_ENTERED&insertDataOption=INSERT_ROWS`,
    body: { majorDimension: 'ROWS', values },
    answer: {
      body: {
        spreadsheetId: id,
        tableRange: 'Sheet1!A1:C4',
        updates: { updatedRange: 'Sheet1!A5:C6', updatedRows: 2 },
      },
    },
    output: {
      spreadsheetId: id,
      tableRange: 'Sheet1!A1:C4',
      updates: { updatedRange: 'Sheet1!A5:C6', updatedRows: 2 },
    },
  },
  {
    action: 'update_values',
    arguments: { spreadsheet_id: id, range: 'Sheet1!A1:C2', values, value_input: 'USER_ENTERED' },
    request: `PUT https://sheets.googleapis.com/v4/spreadsheets/${id}/values/Sheet1%21A1%3AC2?valueInputOption=USER_ENTERED`,
    body: { majorDimension: 'ROWS', values },
    answer: { body: { spreadsheetId: id, updatedRange: 'Sheet1!A1:C2', updatedCells: 6 } },
    output: { spreadsheetId: id, updatedRange: 'Sheet1!A1:C2', updatedCells: 6 },
    overwrites: true,
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/spreadsheets.readonly'),
  test: {
    asks: 'GET www.googleapis.com/drive/v3/about?fields=user',
    headers: googleHeaders,
    good: { body: { user: { kind: 'drive#user', displayName: 'Ada', emailAddress: 'ada@example.com' } } },
    refused: googleRefused,
  },
  streams: [
    googleFilesTrial('spreadsheets', 'spreadsheet', id),
    {
      name: 'sheets',
      parent: { id },
      pages: [
        {
          body: {
            sheets: [
              { properties: { sheetId: 0, title: 'Sheet1', index: 0, sheetType: 'GRID' } },
              { properties: { sheetId: 1622, title: 'Parts', index: 1, sheetType: 'GRID' } },
            ],
          },
        },
      ],
      keys: ['parent/0', 'parent/1622'],
      asksFor: `/v4/spreadsheets/${id}?fields=sheets.properties`,
      // developers.google.com/workspace/sheets/api/limits
      limited: {
        status: 429,
        body: {
          error: {
            code: 429,
            message:
              "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:973891363924'.",
            errors: [{ domain: 'global', reason: 'rateLimitExceeded' }],
            status: 'RESOURCE_EXHAUSTED',
          },
        },
      },
    },
  ],
  // developers.google.com/workspace/drive/api/guides/push
  webhook: googleWebhook([
    {
      query: 'external_id=crm-1',
      headers: {
        'X-Goog-Channel-ID': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
        'X-Goog-Resource-ID': 'ret08u3rv24htgh289g',
        'X-Goog-Resource-URI': 'https://www.googleapis.com/drive/v3/changes?pageToken=1',
        'X-Goog-Resource-State': 'change',
        'X-Goog-Message-Number': '11',
      },
      events: [
        { id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66:11', type: 'change', account: 'crm-1', streams: ['spreadsheets'] },
      ],
    },
  ]),
  actions,
}
