import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const select =
  '%24select=id%2Cname%2Csize%2Cfolder%2Cfile%2CparentReference%2CwebUrl%2CcreatedDateTime%2ClastModifiedDateTime'

const actions: ActionExample[] = [
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

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/drive',
    headers: microsoftHeaders,
    good: { body: { id: 'b!t18F8', driveType: 'personal' } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'items',
      pages: [
        {
          body: {
            '@odata.nextLink': 'https://graph.microsoft.com/v1.0/me/drive/root/delta(token=1230919asd190410jlka)',
            value: [{ id: '0123456789abc', name: 'folder2', folder: {} }],
          },
        },
        {
          body: {
            '@odata.deltaLink': 'https://graph.microsoft.com/v1.0/me/drive/root/delta?(token=1230919asd190410jlka)',
            value: [{ id: '123010204abac', name: 'file.txt', file: {} }],
          },
        },
      ],
      keys: ['0123456789abc', '123010204abac'],
      asksFor: 'delta(token=1230919asd190410jlka)',
      limited: microsoftLimited,
    },
  ],
  webhook: microsoftWebhook([
    {
      query: 'external_id=crm-1',
      body: {
        value: [
          {
            subscriptionId: 'aa269f87-2a92-4cff-a43e-2771878c3727',
            clientState: webhookSecret,
            changeType: 'updated',
            resource: 'me/drive/root',
            subscriptionExpirationDateTime: '2016-02-26T23:23:00.000Z',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
        ],
      },
      events: [{ type: 'updated', account: 'crm-1', streams: ['items'] }],
    },
  ]),
  actions,
}
