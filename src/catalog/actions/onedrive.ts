import type { ActionDefinition } from '../definition/action.ts'
import { choice, input, limit, text } from './input.ts'

const READ = 'https://graph.microsoft.com/Files.Read.All'
const WRITE = 'https://graph.microsoft.com/Files.ReadWrite'
const SELECT = 'id,name,size,folder,file,parentReference,webUrl,createdDateTime,lastModifiedDateTime'
const itemId = (description: string) => text(description, { pattern: '^[A-Za-z0-9!_.-]+$' })

export const onedriveActions: ActionDefinition[] = [
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
