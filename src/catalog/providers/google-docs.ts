import { flag, input, text } from '../action-input.ts'
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

const reference = 'https://developers.google.com/workspace/docs/api/reference/rest/v1/documents'

const READ = 'https://www.googleapis.com/auth/documents.readonly'

const WRITE = 'https://www.googleapis.com/auth/documents'

const document = {
  document_id: text('Id of the document, the part of its address after /d/.', { pattern: '^[\\w-]+$' }),
}

const tab = { tab_id: text('Id of a tab. Default: the first tab.') }

const actions: ActionDefinition[] = [
  {
    name: 'create_document',
    title: 'Create a document',
    description: 'Creates an empty document in My Drive and returns it with its documentId. append_text fills it.',
    docsUrl: `${reference}/create`,
    scopes: [WRITE],
    input: input({ title: text('Title of the document.') }),
    request: { method: 'POST', path: '/documents', json: { title: '{{ args.title }}' } },
  },
  {
    name: 'get_document',
    title: 'Read a document',
    description:
      'Returns a document with its title and its content as structural elements: the text is in textRun.content of paragraphs.',
    docsUrl: `${reference}/get`,
    scopes: [READ],
    readOnly: true,
    input: input(document, {
      all_tabs: flag('Return the content of all tabs, in tabs. Otherwise, body has that of the first tab.'),
    }),
    request: {
      method: 'GET',
      path: '/documents/{{ args.document_id }}',
      query: { includeTabsContent: '{{ args.all_tabs }}' },
    },
  },
  {
    name: 'append_text',
    title: 'Append text',
    description: 'Adds text at the end of a document or of one of its tabs. A line break begins a new paragraph.',
    docsUrl: `${reference}/batchUpdate`,
    scopes: [WRITE],
    input: input({ ...document, text: text('The text to add.') }, tab),
    request: {
      method: 'POST',
      path: '/documents/{{ args.document_id }}:batchUpdate',
      json: {
        requests: [
          {
            insertText: {
              text: '{{ args.text }}',
              // An empty segment is the body of the document.
              endOfSegmentLocation: { segmentId: '', tabId: '{{ args.tab_id }}' },
            },
          },
        ],
      },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['gdocs', 'g docs', 'google documents', 'google doc', 'google dokumente', 'gsuite docs'],
  logo: 'googledocs',
  color: '#4285f4',
  sources: [
    discovery('docs.v1'),
    discovery('drive.v3'),
    { url: 'https://developers.google.com/docs/api/auth', read: '2026-11-29' },
    { url: 'https://developers.google.cn/workspace/docs/api/limits.md.txt', read: '2026-11-29' },
    { url: 'https://developers.google.com/drive/push', read: '2026-11-29' },
    { url: 'https://developers.google.com/drive/web/scopes', read: '2026-11-29' },
    nangoSource,
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  api: 'Google Docs API',
  moreApis: ['Google Drive API'],
  requested: [READ, DRIVE_METADATA],
  verification: {
    en: 'Open **Verification Center** and submit the app, because the scopes of Google Docs are sensitive. Listing all files is a restricted scope. Until Google has verified the app, people see a warning, and at most 100 can connect.',
    de: 'Öffnen Sie **Verification Center** und reichen Sie die App ein, weil die Scopes von Google Docs vertraulich (sensitive) sind. Alle Dateien aufzulisten ist ein eingeschränkter Scope (restricted). Bis Google die App geprüft hat, erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
  },
  definition: {
    displayName: 'Google Docs',
    docsUrl: 'https://developers.google.com/workspace/docs/api/reference/rest',
    categories: ['documents', 'knowledge base'],
    baseUrl: 'https://docs.googleapis.com/v1',
    hosts: ['www.googleapis.com'],
    // 300 reads a minute for each user (developers.google.com/workspace/docs/api/limits).
    rateLimit: { requestsPerSecond: 5 },
    webhook: googleWebhook([{ streams: ['documents'] }]),
    // The Docs API has no request that works without a document.
    testRequest: { baseUrl: DRIVE, path: '/about?fields=user' },
    streams: [
      googleFiles('documents', 'document'),
      {
        name: 'contents',
        parent: { stream: 'documents' },
        path: '/documents/{{ parent.id }}',
        query: { includeTabsContent: 'true' },
        records: { one: true },
        primaryKey: [['documentId']],
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
        en: 'The Docs API has no list of documents: the Drive API lists them, so both APIs must be enabled.',
        de: 'Die Docs API hat keine Liste der Dokumente: Die Drive API listet sie auf, deshalb müssen beide APIs aktiviert sein.',
      },
      {
        en: 'Without includeTabsContent, only the content of the first tab is returned.',
        de: 'Ohne includeTabsContent wird nur der Inhalt des ersten Tabs zurückgegeben.',
      },
      {
        en: 'With the scope drive.file alone, only documents are visible that the app created or that the person opened with it.',
        de: 'Mit dem Scope drive.file allein sind nur Dokumente sichtbar, die die App angelegt oder die Person mit ihr geöffnet hat.',
      },
    ],
    scopes: {
      [READ]: { en: 'read all your Google Docs documents', de: 'alle Ihre Dokumente in Google Docs lesen' },
      [WRITE]: {
        en: 'read, change, create and delete all your Google Docs documents',
        de: 'alle Ihre Dokumente in Google Docs lesen, ändern, anlegen und löschen',
      },
      [DRIVE_METADATA]: {
        en: 'see the names, owners and dates of the files in your Google Drive',
        de: 'Namen, Besitzer und Daten der Dateien in Ihrem Google Drive sehen',
      },
    },
    rateLimit: {
      words: {
        en: '3,000 reads and 600 writes a minute for a project, and 300 reads and 60 writes for each user.',
        de: '3.000 Lese- und 600 Schreibanfragen pro Minute je Projekt und 300 Lese- und 60 Schreibanfragen je Person.',
      },
      url: 'https://developers.google.com/workspace/docs/api/limits',
    },
  },
})
