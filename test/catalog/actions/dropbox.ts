import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_folder',
    arguments: { path: '/Homework/math', autorename: false },
    request: 'POST https://api.dropboxapi.com/2/files/create_folder_v2',
    body: { path: '/Homework/math', autorename: false },
    answer: { body: { metadata: { name: 'math', id: 'id:a4ayc_80_OEAAAAAAAAAXz' } } },
    output: { name: 'math', id: 'id:a4ayc_80_OEAAAAAAAAAXz' },
  },
  {
    action: 'list_folder',
    arguments: { path: '/Homework/math', recursive: false, limit: 10 },
    request: 'POST https://api.dropboxapi.com/2/files/list_folder',
    body: { path: '/Homework/math', recursive: false, limit: 10 },
    answer: {
      body: { entries: [{ '.tag': 'file', name: 'Prime_Numbers.txt' }], cursor: 'ZtkX9_EHj3', has_more: false },
    },
    output: { entries: [{ '.tag': 'file', name: 'Prime_Numbers.txt' }], cursor: 'ZtkX9_EHj3', has_more: false },
  },
  {
    action: 'continue_list_folder',
    arguments: { cursor: 'ZtkX9_EHj3' },
    request: 'POST https://api.dropboxapi.com/2/files/list_folder/continue',
    body: { cursor: 'ZtkX9_EHj3' },
    answer: { body: { entries: [], cursor: 'ZtkX9_EHj4', has_more: false } },
    output: { entries: [], cursor: 'ZtkX9_EHj4', has_more: false },
  },
  {
    action: 'get_metadata',
    arguments: { path: '/Homework/math' },
    request: 'POST https://api.dropboxapi.com/2/files/get_metadata',
    body: { path: '/Homework/math' },
    answer: { body: { '.tag': 'folder', name: 'math' } },
    output: { '.tag': 'folder', name: 'math' },
  },
]
