import type { ActionDefinition } from '../definition/action.ts'
import { flag, input, limit, text } from './input.ts'

const reference = 'https://www.dropbox.com/developers/documentation/http/documentation'
const path = text('Path from the root of the Dropbox, such as /Homework/math.', { pattern: '^/.+$' })

/** Every request of the Dropbox API is a POST. */
export const dropboxActions: ActionDefinition[] = [
  {
    name: 'create_folder',
    title: 'Create a folder',
    description:
      'Creates a folder and returns its metadata. Dropbox refuses a path that exists (409), unless autorename is true.',
    docsUrl: `${reference}#files-create_folder`,
    scopes: ['files.content.write'],
    input: input({ path }, { autorename: flag('Whether Dropbox changes the name when it is taken. Default: false.') }),
    request: {
      method: 'POST',
      path: '/files/create_folder_v2',
      json: { path: '{{ args.path }}', autorename: '{{ args.autorename }}' },
    },
    output: ['metadata'],
  },
  {
    name: 'list_folder',
    title: 'List a folder',
    description:
      'Lists files and folders in a folder. Returns entries; while has_more is true, continue_list_folder with the cursor returns the next ones.',
    docsUrl: `${reference}#files-list_folder`,
    scopes: ['files.metadata.read'],
    readOnly: true,
    input: input(
      {},
      {
        path: text('Path of the folder, such as /Homework. Default: the root.', { pattern: '^/.+$' }),
        recursive: flag('Whether folders in it are listed too. Default: false.'),
        limit: limit(2000, 100),
      },
    ),
    request: {
      method: 'POST',
      path: '/files/list_folder',
      json: {
        path: "{{ args.path | default('') }}",
        recursive: '{{ args.recursive }}',
        limit: '{{ args.limit | default(100) }}',
      },
    },
  },
  {
    name: 'continue_list_folder',
    title: 'List more of a folder',
    description: 'Returns what follows in a list that list_folder began.',
    docsUrl: `${reference}#files-list_folder-continue`,
    scopes: ['files.metadata.read'],
    readOnly: true,
    input: input({ cursor: text('cursor of the previous result.') }),
    request: { method: 'POST', path: '/files/list_folder/continue', json: { cursor: '{{ args.cursor }}' } },
  },
  {
    name: 'get_metadata',
    title: 'Get the metadata of a file',
    description: 'Returns name, path, size and time of one file or folder, but not its content.',
    docsUrl: `${reference}#files-get_metadata`,
    scopes: ['files.metadata.read'],
    readOnly: true,
    input: input({
      path: text('Path, such as /Homework/math.txt, or id, such as id:a4ayc_80_OEAAAAAAAAAXw.', {
        pattern: '^(/|id:).+$',
      }),
    }),
    request: { method: 'POST', path: '/files/get_metadata', json: { path: '{{ args.path }}' } },
  },
]
