import {
  calendarExamples,
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  ...calendarExamples,
  {
    action: 'delete_event',
    arguments: { event_id: 'AAMkAGI1AAAt9AHjAAA=' },
    request: 'DELETE https://graph.microsoft.com/v1.0/me/events/AAMkAGI1AAAt9AHjAAA%3D',
    answer: { status: 204 },
    output: null,
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/calendars?$top=1',
    headers: { ...microsoftHeaders, prefer: 'IdType="ImmutableId"' },
    good: { body: { value: [{ id: 'AAMkAGI2TGuLAAA=', name: 'Calendar' }] } },
    refused: microsoftRefused,
  },
  hints: [
    {
      what: 'request',
      answer: {
        status: 404,
        body: {
          error: {
            code: 'MailboxNotEnabledForRESTAPI',
            message: 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
          },
        },
      },
      says: 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
      cause: 'The account has no mailbox at Microsoft',
    },
  ],
  streams: [
    {
      name: 'calendars',
      pages: [
        {
          body: {
            '@odata.nextLink': 'https://graph.microsoft.com/v1.0/me/calendars?$top=100&$skip=100',
            value: [{ id: 'AAMkAGI2TGuLAAA=', name: 'Calendar' }],
          },
        },
        { body: { value: [{ id: 'AAMkAGI2TGuMAAA=', name: 'Birthdays' }] } },
      ],
      keys: ['AAMkAGI2TGuLAAA=', 'AAMkAGI2TGuMAAA='],
      asksFor: '$skip=100',
      limited: microsoftLimited,
    },
    {
      name: 'events',
      parent: { id: 'AAMkAGI2TGuLAAA=' },
      pages: [
        {
          body: {
            '@odata.nextLink':
              'https://graph.microsoft.com/v1.0/me/calendars/AAMkAGI2TGuLAAA=/events?$top=100&$skip=100',
            value: [
              { id: 'AAMkAGIAAAoZDOFAAA=', subject: 'Orientation ', lastModifiedDateTime: '2026-06-01T10:00:00.3Z' },
            ],
          },
        },
        {
          body: {
            value: [
              { id: 'AAMkAGIAAAoZDOGAAA=', subject: 'Lunch', lastModifiedDateTime: '2026-06-02T10:00:00.7579581Z' },
            ],
          },
        },
      ],
      keys: ['parent/AAMkAGIAAAoZDOFAAA=', 'parent/AAMkAGIAAAoZDOGAAA='],
      asksFor: '$skip=100',
      since: { cursor: '2026-06-02T10:00:00.7579581Z', value: 'lastModifiedDateTime ge 2026-06-02T10:00:00Z' },
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
            subscriptionExpirationDateTime: '2026-07-03T11:00:00.0000000Z',
            clientState: webhookSecret,
            changeType: 'created',
            resource: 'Users/ddfcd489-628b-4d04-b48b-20075df800e5/Events/AAMkAGI1AAAt9AHjAAA=',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
            resourceData: { '@odata.type': '#Microsoft.Graph.Event', id: 'AAMkAGI1AAAt9AHjAAA=' },
          },
          {
            lifecycleEvent: 'missed',
            subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
            resource: 'me/events',
            clientState: webhookSecret,
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
        ],
      },
      events: [
        { id: 'lsgTZMr9KwAAA', type: 'created', account: 'crm-1', streams: ['events'] },
        { type: 'missed', account: 'crm-1', streams: ['events'] },
      ],
    },
  ]),
  actions,
}
