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
    asks: 'GET graph.microsoft.com/v1.0/me/mailFolders?$top=1',
    headers: { ...microsoftHeaders, prefer: 'IdType="ImmutableId"' },
    good: { body: { value: [{ id: 'AQMk', displayName: 'Inbox' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'messages',
      pages: [
        {
          body: {
            '@odata.nextLink': 'https://graph.microsoft.com/v1.0/me/messages?$top=100&$skip=100',
            value: [{ id: 'AAMk1', subject: 'Hello', lastModifiedDateTime: '2026-06-01T10:00:00Z' }],
          },
        },
        { body: { value: [{ id: 'AAMk2', subject: 'Re: Hello', lastModifiedDateTime: '2026-06-02T10:00:00Z' }] } },
      ],
      keys: ['AAMk1', 'AAMk2'],
      asksFor: '$skip=100',
      since: { cursor: '2026-06-02T10:00:00Z', value: 'lastModifiedDateTime ge 2026-06-02T10:00:00Z' },
      limited: microsoftLimited,
    },
  ],
  webhook: microsoftWebhook([
    {
      query: 'external_id=crm-1',
      body: {
        value: [
          {
            id: 'lsgTZMr9KwAAA',
            subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
            subscriptionExpirationDateTime: '2016-03-19T22:11:09.952Z',
            clientState: webhookSecret,
            changeType: 'created',
            resource:
              'users/ddfcd489-628b-4d04-b48b-20075df800e5@1717622f-1d94-c0d4-9d74-f907ad6677b4/messages/AAMkADM',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
            resourceData: { '@odata.type': '#Microsoft.Graph.Message', id: 'AAMkADM' },
          },
          {
            lifecycleEvent: 'missed',
            subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
            resource: 'me/messages',
            clientState: webhookSecret,
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
        ],
      },
      events: [
        { id: 'lsgTZMr9KwAAA', type: 'created', account: 'crm-1', streams: ['messages'] },
        { type: 'missed', account: 'crm-1', streams: ['messages'] },
      ],
    },
  ]),
}
