import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from './microsoft-answers.ts'
import type { ProviderTrial } from './trial.ts'
import { webhookSecret } from './webhook-trial.ts'

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
}
