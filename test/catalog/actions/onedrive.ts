import type { ActionExample } from './example.ts'

const select =
  '%24select=id%2Cname%2Csize%2Cfolder%2Cfile%2CparentReference%2CwebUrl%2CcreatedDateTime%2ClastModifiedDateTime'

export const examples: ActionExample[] = [
  {
    action: 'create_folder',
    arguments: { name: 'New Folder', parent_id: '0123456789AB!123', conflict: 'rename' },
    request: 'POST https://graph.microsoft.com/v1.0/me/drive/items/0123456789AB%21123/children',
    body: { name: 'New Folder', folder: {}, '@microsoft.graph.conflictBehavior': 'rename' },
    answer: { status: 201, body: { id: 'ABC', name: 'New Folder', folder: { childCount: 0 } } },
    output: { id: 'ABC', name: 'New Folder', folder: { childCount: 0 } },
  },
  {
    action: 'list_children',
    arguments: { folder_id: '0123456789AB', limit: 5, skip_token: 'MQ' },
    request: `GET https://graph.microsoft.com/v1.0/me/drive/items/0123456789AB/children?${select}&%24top=5&%24skiptoken=MQ`,
    answer: { body: { value: [{ name: 'myfile.jpg' }] } },
    output: { value: [{ name: 'myfile.jpg' }] },
  },
  {
    action: 'get_item',
    arguments: { item_id: '0123456789AB' },
    request: `GET https://graph.microsoft.com/v1.0/me/drive/items/0123456789AB?${select}`,
    answer: { body: { id: '0123456789AB', name: 'example.xlsx' } },
    output: { id: '0123456789AB', name: 'example.xlsx' },
  },
]
