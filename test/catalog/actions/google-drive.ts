import type { ActionExample } from './example.ts'

const fields =
  'id%2Cname%2CmimeType%2Csize%2Cparents%2Cowners(emailAddress)%2Ctrashed%2CwebViewLink%2CcreatedTime%2CmodifiedTime'

export const examples: ActionExample[] = [
  {
    action: 'create_folder',
    arguments: { name: 'Invoices', parent_id: '0AAbcd' },
    request: `POST https://www.googleapis.com/drive/v3/files?supportsAllDrives=true&fields=${fields}`,
    body: { name: 'Invoices', mimeType: 'application/vnd.google-apps.folder', parents: ['0AAbcd'] },
    answer: { body: { id: '1sTWaJ_j7PkjzaBWtNc3IzovK5hQf21FbOw9yLeeLPNQ', name: 'Invoices' } },
    output: { id: '1sTWaJ_j7PkjzaBWtNc3IzovK5hQf21FbOw9yLeeLPNQ', name: 'Invoices' },
  },
  {
    action: 'list_files',
    arguments: { query: "name contains 'hello'", order_by: 'modifiedTime desc', limit: 5, cursor: '~!!~AI9' },
    request: `GET https://www.googleapis.com/drive/v3/files?q=name%20contains%20%27hello%27&orderBy=modifiedTime%20desc&supportsAllDrives=true&includeItemsFromAllDrives=true&fields=nextPageToken%2Cfiles(${fields})&pageSize=5&pageToken=~!!~AI9`,
    answer: { body: { files: [{ id: '1sTWaJ' }] } },
    output: { files: [{ id: '1sTWaJ' }] },
  },
  {
    action: 'get_file',
    arguments: { file_id: '1sTWaJ_j7PkjzaBWtNc3IzovK5hQf21FbOw9yLeeLPNQ' },
    request: `GET https://www.googleapis.com/drive/v3/files/1sTWaJ_j7PkjzaBWtNc3IzovK5hQf21FbOw9yLeeLPNQ?supportsAllDrives=true&fields=${fields}`,
    answer: { body: { id: '1sTWaJ_j7PkjzaBWtNc3IzovK5hQf21FbOw9yLeeLPNQ', name: 'hello' } },
    output: { id: '1sTWaJ_j7PkjzaBWtNc3IzovK5hQf21FbOw9yLeeLPNQ', name: 'hello' },
  },
]
