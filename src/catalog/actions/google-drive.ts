import type { ActionDefinition } from '../definition/action.ts'
import { cursor, input, limit, text } from './input.ts'

const reference = 'https://developers.google.com/workspace/drive/api/reference/rest/v3/files'
const READ = 'https://www.googleapis.com/auth/drive.readonly'
const WRITE = 'https://www.googleapis.com/auth/drive.file'
const FIELDS = 'id,name,mimeType,size,parents,owners(emailAddress),trashed,webViewLink,createdTime,modifiedTime'

export const googleDriveActions: ActionDefinition[] = [
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
