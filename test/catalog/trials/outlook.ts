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
  {
    action: 'send_message',
    arguments: {
      to: ['frannis@contoso.com'],
      subject: 'Meet for lunch?',
      body: 'The new cafeteria is open.',
      body_type: 'HTML',
      cc: ['danas@contoso.com'],
      bcc: ['adelev@contoso.com'],
      save_to_sent_items: false,
    },
    request: 'POST https://graph.microsoft.com/v1.0/me/sendMail',
    body: {
      message: {
        subject: 'Meet for lunch?',
        body: { contentType: 'HTML', content: 'The new cafeteria is open.' },
        toRecipients: [{ emailAddress: { address: 'frannis@contoso.com' } }],
        ccRecipients: [{ emailAddress: { address: 'danas@contoso.com' } }],
        bccRecipients: [{ emailAddress: { address: 'adelev@contoso.com' } }],
      },
      saveToSentItems: false,
    },
    answer: { status: 202 },
    output: null,
  },
  {
    action: 'list_messages',
    arguments: { search: 'pizza', limit: 10, skip: 20 },
    request:
      'GET https://graph.microsoft.com/v1.0/me/messages?%24select=id%2Csubject%2Cfrom%2CtoRecipients%2CreceivedDateTime%2CisRead%2ChasAttachments%2CbodyPreview%2CwebLink&%24search=%22pizza%22&%24top=10&%24skip=20',
    answer: { body: { value: [{ id: 'AAMkAGUAAAwTW09AAA=', subject: 'You have late tasks!' }] } },
    output: [{ id: 'AAMkAGUAAAwTW09AAA=', subject: 'You have late tasks!' }],
  },
  {
    action: 'get_message',
    arguments: { message_id: 'AAMkAGI1AAAoZCfHAAA=' },
    request: 'GET https://graph.microsoft.com/v1.0/me/messages/AAMkAGI1AAAoZCfHAAA%3D',
    answer: { body: { id: 'AAMkAGI1AAAoZCfHAAA=', subject: 'Welcome to our group!' } },
    output: { id: 'AAMkAGI1AAAoZCfHAAA=', subject: 'Welcome to our group!' },
  },
  ...calendarExamples,
]

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
  actions,
}
