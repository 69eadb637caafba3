import { cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  googleApp,
  googleHints,
  googleOAuth,
  googleResponseErrors,
  googleSources,
  googleWebhook,
  nangoSource,
} from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/drive/api/reference/rest/v3/files'

const READ = 'https://www.googleapis.com/auth/drive.readonly'

const WRITE = 'https://www.googleapis.com/auth/drive.file'

const FIELDS = 'id,name,mimeType,size,parents,owners(emailAddress),trashed,webViewLink,createdTime,modifiedTime'

const api = 'Google Drive API'

const actions: ActionDefinition[] = [
  {
    name: 'create_folder',
    title: 'Create a folder',
    description: 'Creates a folder and returns it with its id and webViewLink. Several folders may have the same name.',
    docsUrl: `${reference}/create`,
    scopes: [WRITE],
    input: input(
      { name: text('Name of the folder.') },
      {
        parent_id: text(
          'Id of the folder in which it is created. With the scope drive.file, it must be a folder that the app created or that the user opened with it. Default: My Drive.',
        ),
      },
    ),
    request: {
      method: 'POST',
      path: '/files',
      query: { supportsAllDrives: 'true', fields: FIELDS },
      json: {
        name: '{{ args.name }}',
        mimeType: 'application/vnd.google-apps.folder',
        parents: ['{{ args.parent_id }}'],
      },
    },
  },
  {
    name: 'list_files',
    title: 'Search files',
    description: 'Lists files and folders. Returns files; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/list`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {},
      {
        query: text("Search query in Drive’s syntax, such as: name contains 'report' and trashed = false."),
        order_by: text(
          'Order of the results, such as: modifiedTime desc. Drive refuses it for a query that contains fullText.',
        ),
        limit: limit(1000, 50),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/files',
      query: {
        q: '{{ args.query }}',
        orderBy: '{{ args.order_by }}',
        supportsAllDrives: 'true',
        includeItemsFromAllDrives: 'true',
        fields: `nextPageToken,files(${FIELDS})`,
        pageSize: '{{ args.limit | default(50) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_file',
    title: 'Get the metadata of a file',
    description: 'Returns name, type, size, owners and links of one file or folder, but not its content.',
    docsUrl: `${reference}/get`,
    scopes: [READ],
    readOnly: true,
    input: input({ file_id: text('Id of the file. list_files returns it.', { pattern: '^[\\w-]+$' }) }),
    request: {
      method: 'GET',
      path: '/files/{{ args.file_id }}',
      query: { supportsAllDrives: 'true', fields: FIELDS },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['gdrive', 'g drive', 'google files', 'google workspace drive', 'gsuite drive'],
  logo: 'googledrive',
  color: '#4285f4',
  sources: [
    ...googleSources,
    { url: 'https://developers.google.com/workspace/drive/api/guides/api-specific-auth', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/drive/api/guides/limits', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/drive/api/guides/push', read: '2026-11-29' },
    { url: 'https://support.google.com/cloud/answer/13464325', read: '2026-11-29' },
    nangoSource,
  ],
  definition: {
    displayName: 'Google Drive',
    docsUrl: 'https://developers.google.com/workspace/drive/api/reference/rest/v3',
    categories: ['storage'],
    baseUrl: 'https://www.googleapis.com/drive/v3',
    auth: googleOAuth(['https://www.googleapis.com/auth/drive.readonly']),
    responseErrors: googleResponseErrors,
    // 1,000,000 quota units a minute for a project, and listing costs 100. Projects that used the API before May 2026 keep their older limit
    // of 12,000 requests a minute (developers.google.com/workspace/drive/api/guides/limits).
    rateLimit: { requestsPerSecond: 160 },
    webhook: googleWebhook([{ streams: ['files'] }]),
    testRequest: { path: '/about?fields=user' },
    streams: [
      {
        name: 'files',
        path: '/files',
        query: {
          pageSize: '1000',
          orderBy: 'modifiedTime',
          supportsAllDrives: 'true',
          includeItemsFromAllDrives: 'true',
          fields:
            'nextPageToken,files(id,name,mimeType,size,md5Checksum,parents,owners(emailAddress),trashed,webViewLink,createdTime,modifiedTime)',
        },
        recordsPath: ['files'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        incremental: { cursorField: ['modifiedTime'], param: 'q', format: "modifiedTime >= '%Y-%m-%dT%H:%M:%S'" },
      },
      {
        name: 'drives',
        path: '/drives',
        query: { pageSize: '100' },
        recordsPath: ['drives'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
    ],
    actions,
  },
  guide: {
    app: googleApp(api, {
      en: 'Open **Verification Center** and submit the app. Reading all files is a restricted scope, which also needs a security assessment every year. Until then, people see a warning, and at most 100 can connect.',
      de: 'Öffnen Sie **Verification Center** und reichen Sie die App ein. Alle Dateien zu lesen ist ein eingeschränkter Scope (restricted), für den auch jedes Jahr eine Sicherheitsprüfung nötig ist. Bis dahin erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
    }),
    webhook: {
      url: 'https://developers.google.com/workspace/drive/api/guides/push',
      steps: [
        {
          en: 'Generate a long random text and save it here as the webhook secret.',
          de: 'Erzeugen Sie einen langen zufälligen Text und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
        },
        {
          en: 'With the token of the connection, read the **startPageToken** from GET /changes/startPageToken.',
          de: 'Lesen Sie mit dem Token der Verbindung das **startPageToken** aus GET /changes/startPageToken.',
        },
        {
          en: 'Send POST /changes/watch?pageToken=… with it: **id** is a new UUID, **type** is web_hook, **address** is the URL from above, and **token** is the webhook secret.',
          de: 'Senden Sie damit POST /changes/watch?pageToken=…: **id** ist eine neue UUID, **type** ist web_hook, **address** ist die URL von oben und **token** das Webhook-Secret.',
        },
        {
          en: 'Repeat this for each connection, and with a new id before the **expiration** that Google returns.',
          de: 'Wiederholen Sie das für jede Verbindung und mit einer neuen ID vor der **expiration**, die Google zurückgibt.',
        },
      ],
    },
    events: ['change'],
    scopes: {
      'https://www.googleapis.com/auth/drive.readonly': {
        en: 'read all files in your Google Drive',
        de: 'alle Dateien in Ihrem Google Drive lesen',
      },
      'https://www.googleapis.com/auth/drive.file': {
        en: 'create files in your Google Drive, and read, change and delete those that it created or that you open with it',
        de: 'Dateien in Ihrem Google Drive anlegen sowie selbst angelegte und von Ihnen damit geöffnete Dateien lesen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: '1,000,000 quota units a minute for a project and 325,000 for each user; projects from before May 2026 may have other limits.',
        de: '1.000.000 Kontingenteinheiten pro Minute je Projekt und 325.000 je Person; Projekte aus der Zeit vor Mai 2026 können andere Grenzen haben.',
      },
      url: 'https://developers.google.com/workspace/drive/api/guides/limits',
    },
    hints: googleHints(api),
  },
}
