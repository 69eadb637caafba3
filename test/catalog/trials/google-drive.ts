import {
  googleHeaders,
  googleLimited,
  googleRefused,
  googleTokens,
  googleWebhook,
} from '../providers/google-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const fields =
  'id%2Cname%2CmimeType%2Csize%2Cparents%2Cowners(emailAddress)%2Ctrashed%2CwebViewLink%2CcreatedTime%2CmodifiedTime'

const actions: ActionExample[] = [
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

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/drive.readonly'),
  test: {
    asks: 'GET www.googleapis.com/drive/v3/about?fields=user',
    headers: googleHeaders,
    good: { body: { user: { kind: 'drive#user', displayName: 'Ada', emailAddress: 'ada@example.com' } } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'files',
      pages: [
        {
          body: {
            nextPageToken: '~!!~AI9',
            files: [{ id: '1a', name: 'Notes', mimeType: 'text/plain', modifiedTime: '2026-06-01T10:00:00.000Z' }],
          },
        },
        {
          body: {
            files: [{ id: '1b', name: 'Plan', mimeType: 'text/plain', modifiedTime: '2026-06-02T10:00:00.000Z' }],
          },
        },
      ],
      keys: ['1a', '1b'],
      asksFor: 'pageToken=~!!~AI9',
      since: { cursor: '2026-06-02T10:00:00.000Z', value: "modifiedTime >= '2026-06-02T10:00:00'" },
      limited: googleLimited,
    },
  ],
  // developers.google.com/workspace/drive/api/guides/push
  webhook: googleWebhook([
    {
      query: 'external_id=crm-1',
      headers: {
        'X-Goog-Channel-ID': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
        'X-Goog-Resource-ID': 'ret987df98743md8g',
        'X-Goog-Resource-URI': 'https://www.googleapis.com/drive/v3/changes?pageToken=1&alt=json',
        'X-Goog-Resource-State': 'change',
        'X-Goog-Message-Number': '23',
      },
      events: [{ id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66:23', type: 'change', account: 'crm-1', streams: ['files'] }],
    },
  ]),
  actions,
}
