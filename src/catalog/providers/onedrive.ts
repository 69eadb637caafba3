import { choice, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  driveHint,
  filesRateLimit,
  graphPages,
  graphScope,
  microsoftNango,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const READ = graphScope('Files.Read.All')

const WRITE = graphScope('Files.ReadWrite')

const SELECT = 'id,name,size,folder,file,parentReference,webUrl,createdDateTime,lastModifiedDateTime'

const itemId = (description: string) => text(description, { pattern: '^[A-Za-z0-9!_.-]+$' })

const actions: ActionDefinition[] = [
  {
    name: 'create_folder',
    title: 'Create a folder',
    description: 'Creates a folder and returns it with its id and webUrl.',
    docsUrl: 'https://learn.microsoft.com/graph/api/driveitem-post-children',
    scopes: [WRITE],
    input: input(
      { name: text('Name of the folder.', { maxLength: 255 }) },
      {
        parent_id: itemId('Id of the folder in which it is created. Default: the root.'),
        conflict: choice('What happens when the name is taken. Default: fail.', ['fail', 'rename']),
      },
    ),
    request: {
      method: 'POST',
      path: "/me/drive/items/{{ args.parent_id | default('root') }}/children",
      json: {
        name: '{{ args.name }}',
        folder: {},
        '@microsoft.graph.conflictBehavior': "{{ args.conflict | default('fail') }}",
      },
    },
  },
  {
    name: 'list_children',
    title: 'List a folder',
    description:
      'Lists the files and folders in a folder, by name. Returns value; @odata.nextLink is absent on the last page.',
    docsUrl: 'https://learn.microsoft.com/graph/api/driveitem-list-children',
    scopes: [READ],
    readOnly: true,
    input: input(
      {},
      {
        folder_id: itemId('Id of the folder. Default: the root.'),
        limit: limit(200, 100),
        skip_token: text(
          'Value of the parameter $skiptoken in @odata.nextLink of the previous result, to get the next page. Leave it out for the first page.',
        ),
      },
    ),
    request: {
      method: 'GET',
      path: "/me/drive/items/{{ args.folder_id | default('root') }}/children",
      query: { $select: SELECT, $top: '{{ args.limit | default(100) }}', $skiptoken: '{{ args.skip_token }}' },
    },
  },
  {
    name: 'get_item',
    title: 'Get the metadata of a file',
    description: 'Returns name, size, times and webUrl of one file or folder, but not its content.',
    docsUrl: 'https://learn.microsoft.com/graph/api/driveitem-get',
    scopes: [READ],
    readOnly: true,
    input: input({ item_id: itemId('Id of the file or folder. list_children returns it.') }),
    request: { method: 'GET', path: '/me/drive/items/{{ args.item_id }}', query: { $select: SELECT } },
  },
]

export const provider: ProviderFile = microsoftProduct({
  aliases: ['one drive', 'microsoft onedrive', 'ms onedrive', 'office 365 files', 'microsoft 365 files'],
  color: '#0078d4',
  sources: [
    { url: 'https://learn.microsoft.com/graph/api/resources/subscription', read: '2026-11-29' },
    {
      url: 'https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online',
      read: '2026-11-29',
    },
    microsoftNango,
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  requested: [READ],
  definition: {
    displayName: 'OneDrive',
    docsUrl: 'https://learn.microsoft.com/onedrive/developer/rest-api/',
    categories: ['storage'],
    webhook: microsoftWebhook([{ streams: ['items'] }]),
    testRequest: { path: '/me/drive' },
    streams: [
      {
        // The first delta run lists everything below the root. Its last page has a deltaLink and no nextLink.
        name: 'items',
        path: '/me/drive/root/delta',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
    ],
    actions,
  },
  guide: {
    webhook: microsoftWebhookSteps({
      resource: 'me/drive/root',
      changes: 'updated',
      urls: { en: '**notificationUrl** is', de: '**notificationUrl** ist' },
      lifetime: {
        en: 'at most 29 days ahead',
        de: 'höchstens 29 Tage entfernt',
      },
    }),
    events: ['updated'],
    scopes: {
      [graphScope('Files.Read.All')]: {
        en: 'read all files that you have access to',
        de: 'alle Dateien lesen, auf die Sie Zugriff haben',
      },
      [graphScope('Files.ReadWrite')]: {
        en: 'read, create, change and delete your files',
        de: 'Ihre Dateien lesen, anlegen, ändern und löschen',
      },
    },
    rateLimit: filesRateLimit,
    hints: [driveHint],
  },
})
