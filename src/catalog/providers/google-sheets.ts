import { choice, input, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  DRIVE,
  DRIVE_METADATA,
  discovery,
  driveWebhookSteps,
  googleFiles,
  googleProduct,
  googleWebhook,
  nangoSource,
} from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values'

const READ = 'https://www.googleapis.com/auth/spreadsheets.readonly'

const WRITE = 'https://www.googleapis.com/auth/spreadsheets'

const spreadsheet = {
  spreadsheet_id: text('Id of the spreadsheet, the part of its address after /d/.', { pattern: '^[\\w-]+$' }),
}

const range = text(
  "Range in A1 notation, such as Sheet1!A1:D10 or 'My sheet'!A:C. The name of a sheet alone is all of it.",
)

const values = list(
  'The rows, each as the list of its cells: texts, numbers and booleans. An empty text empties a cell, null leaves it as it is.',
  { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } },
  { maxItems: 10_000 },
)

const entered = {
  value_input: choice(
    'RAW stores the values as they are. USER_ENTERED parses them as if a person typed them, so = begins a formula. Default: RAW.',
    ['RAW', 'USER_ENTERED'],
  ),
}

const valueInputOption = "{{ args.value_input | default('RAW') }}"

const path = '/spreadsheets/{{ args.spreadsheet_id }}/values/{{ args.range }}'

const actions: ActionDefinition[] = [
  {
    name: 'get_values',
    title: 'Read cells',
    description: 'Returns the values of a range as a list of rows. Empty rows and cells at the end are left out.',
    docsUrl: `${reference}/get`,
    scopes: [READ],
    readOnly: true,
    input: input(
      { ...spreadsheet, range },
      {
        render: choice('Whether cells are returned as they are shown, as plain values, or as formulas.', [
          'FORMATTED_VALUE',
          'UNFORMATTED_VALUE',
          'FORMULA',
        ]),
      },
    ),
    request: { method: 'GET', path, query: { valueRenderOption: '{{ args.render }}' } },
  },
  {
    name: 'append_rows',
    title: 'Append rows',
    description: 'Adds rows below the table that it finds in a range. Returns in updates which range was filled.',
    docsUrl: `${reference}/append`,
    scopes: [WRITE],
    input: input({ ...spreadsheet, range, values }, entered),
    request: {
      method: 'POST',
      path: `${path}:append`,
      query: { valueInputOption, insertDataOption: 'INSERT_ROWS' },
      json: { majorDimension: 'ROWS', values: '{{ args.values }}' },
    },
  },
  {
    name: 'update_values',
    title: 'Write cells',
    description: 'Writes values into a range and replaces what is there. Returns how many cells were changed.',
    docsUrl: `${reference}/update`,
    scopes: [WRITE],
    destructive: true,
    input: input({ ...spreadsheet, range, values }, entered),
    request: {
      method: 'PUT',
      path,
      query: { valueInputOption },
      json: { majorDimension: 'ROWS', values: '{{ args.values }}' },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['gsheets', 'g sheets', 'google spreadsheets', 'google sheet', 'google tabellen', 'google excel'],
  logo: 'googlesheets',
  color: '#34a853',
  sources: [
    discovery('sheets.v4'),
    discovery('drive.v3'),
    { url: 'https://developers.google.com/sheets/api/limits', read: '2026-11-29' },
    { url: 'https://developers.google.com/drive/push', read: '2026-11-29' },
    { url: 'https://developers.google.com/drive/web/scopes', read: '2026-11-29' },
    nangoSource,
  ],
  api: 'Google Sheets API',
  moreApis: ['Google Drive API'],
  requested: [READ, DRIVE_METADATA],
  definition: {
    displayName: 'Google Sheets',
    docsUrl: 'https://developers.google.com/workspace/sheets/api/reference/rest',
    categories: ['documents', 'database'],
    baseUrl: 'https://sheets.googleapis.com/v4',
    hosts: ['www.googleapis.com'],
    // 60 reads a minute for each user (developers.google.com/workspace/sheets/api/limits).
    rateLimit: { requestsPerSecond: 1 },
    webhook: googleWebhook([{ streams: ['spreadsheets'] }]),
    // The Sheets API has no request that works without a spreadsheet.
    testRequest: { baseUrl: DRIVE, path: '/about?fields=user' },
    streams: [
      googleFiles('spreadsheets', 'spreadsheet'),
      {
        name: 'sheets',
        parent: { stream: 'spreadsheets' },
        path: '/spreadsheets/{{ parent.id }}',
        query: { fields: 'sheets.properties' },
        records: { path: ['sheets'], set: { spreadsheetId: '{{ parent.id }}' } },
        primaryKey: [['properties', 'sheetId']],
        // It was deleted since the list was read, or is no longer shared.
        responses: [{ status: 404, as: 'empty' }],
      },
    ],
    actions,
  },
  guide: {
    webhook: driveWebhookSteps,
    events: ['change'],
    traps: [
      {
        en: 'Cells are read with the action get_values: the API returns rows as lists without names of columns.',
        de: 'Zellen werden mit der Aktion get_values gelesen: Die API gibt Zeilen als Listen ohne Spaltennamen zurück.',
      },
      {
        en: 'The Sheets API has no list of spreadsheets: the Drive API lists them, so both APIs must be enabled.',
        de: 'Die Sheets API hat keine Liste der Tabellen: Die Drive API listet sie auf, deshalb müssen beide APIs aktiviert sein.',
      },
      {
        en: 'With USER_ENTERED, a text that begins with = becomes a formula. Use RAW for texts of other people.',
        de: 'Mit USER_ENTERED wird ein Text, der mit = beginnt, zur Formel. Verwenden Sie RAW für Texte anderer Personen.',
      },
    ],
    scopes: {
      [READ]: { en: 'read all your Google Sheets spreadsheets', de: 'alle Ihre Tabellen in Google Sheets lesen' },
      [WRITE]: {
        en: 'read, change, create and delete all your Google Sheets spreadsheets',
        de: 'alle Ihre Tabellen in Google Sheets lesen, ändern, anlegen und löschen',
      },
      [DRIVE_METADATA]: {
        en: 'see the names, owners and dates of the files in your Google Drive',
        de: 'Namen, Besitzer und Daten der Dateien in Ihrem Google Drive sehen',
      },
    },
    rateLimit: {
      words: {
        en: '300 reads and 300 writes a minute for a project, and 60 of each for each user.',
        de: '300 Lese- und 300 Schreibanfragen pro Minute je Projekt und jeweils 60 je Person.',
      },
      url: 'https://developers.google.com/workspace/sheets/api/limits',
    },
  },
})
