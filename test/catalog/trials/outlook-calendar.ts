import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_event',
    arguments: {
      subject: "Let's go for lunch",
      start: '2026-07-01T12:00:00',
      end: '2026-07-01T14:00:00',
      time_zone: 'Pacific Standard Time',
      body: 'Does noon work for you?',
      location: "Harry's Bar",
      attendees: ['samanthab@contoso.com'],
      is_online_meeting: true,
    },
    request: 'POST https://graph.microsoft.com/v1.0/me/events',
    body: {
      subject: "Let's go for lunch",
      start: { dateTime: '2026-07-01T12:00:00', timeZone: 'Pacific Standard Time' },
      end: { dateTime: '2026-07-01T14:00:00', timeZone: 'Pacific Standard Time' },
      body: { contentType: 'Text', content: 'Does noon work for you?' },
      location: { displayName: "Harry's Bar" },
      attendees: [{ emailAddress: { address: 'samanthab@contoso.com' } }],
      isOnlineMeeting: true,
    },
    answer: { status: 201, body: { id: 'AAMkAGI1AAAt9AHjAAA=', subject: "Let's go for lunch" } },
    output: { id: 'AAMkAGI1AAAt9AHjAAA=', subject: "Let's go for lunch" },
  },
  {
    action: 'list_events',
    arguments: { from: '2026-07-01T00:00:00Z', to: '2026-07-08T00:00:00Z', limit: 20, skip: 20 },
    request:
      'GET https://graph.microsoft.com/v1.0/me/calendarView?startDateTime=2026-07-01T00%3A00%3A00Z&endDateTime=2026-07-08T00%3A00%3A00Z&%24orderby=start%2FdateTime&%24select=id%2Csubject%2Cstart%2Cend%2Clocation%2Corganizer%2Cattendees%2CisAllDay%2CisCancelled%2CwebLink&%24top=20&%24skip=20',
    answer: { body: { value: [{ id: 'AAMkAGI1', subject: 'Stand-up' }] } },
    output: [{ id: 'AAMkAGI1', subject: 'Stand-up' }],
  },
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
