import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const team = 'fbe2bf47-16c8-47cf-b4a5-4b9b187c508b'
const channel = '19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2'
const chat = '19:2da4c29f6d7041eca70b638b43d45437@thread.v2'
const graph = 'https://graph.microsoft.com/v1.0'
const channelUrl = `${graph}/teams/${team}/channels/19%3A4a95f7d8db4c4e7fae857bcebe0623e6%40thread.tacv2`

const actions: ActionExample[] = [
  {
    action: 'send_channel_message',
    arguments: { team_id: team, channel_id: channel, content: 'Hello World', content_type: 'text', subject: 'News' },
    request: `POST ${channelUrl}/messages`,
    body: { subject: 'News', body: { contentType: 'text', content: 'Hello World' } },
    answer: { status: 201, body: { id: '1616990032035', messageType: 'message' } },
    output: { id: '1616990032035', messageType: 'message' },
  },
  {
    action: 'reply_to_channel_message',
    arguments: {
      team_id: team,
      channel_id: channel,
      message_id: '1616990032035',
      content: '<b>Hello</b>',
      content_type: 'html',
    },
    request: `POST ${channelUrl}/messages/1616990032035/replies`,
    body: { body: { contentType: 'html', content: '<b>Hello</b>' } },
    answer: { status: 201, body: { id: '1616990171266', replyToId: '1616990032035' } },
    output: { id: '1616990171266', replyToId: '1616990032035' },
  },
  {
    action: 'send_chat_message',
    arguments: { chat_id: chat, content: 'Hello World', content_type: 'text' },
    request: `POST ${graph}/chats/19%3A2da4c29f6d7041eca70b638b43d45437%40thread.v2/messages`,
    body: { body: { contentType: 'text', content: 'Hello World' } },
    answer: { status: 201, body: { id: '1616991463150', chatId: chat } },
    output: { id: '1616991463150', chatId: chat },
  },
  {
    action: 'list_channel_messages',
    arguments: { team_id: team, channel_id: channel, limit: 3 },
    request: `GET ${channelUrl}/messages?%24top=3`,
    answer: { body: { '@odata.count': 1, value: [{ id: '1616965872395', subject: null }] } },
    output: [{ id: '1616965872395', subject: null }],
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/joinedTeams',
    headers: microsoftHeaders,
    good: { body: { value: [{ id: '172b0cce-e65d-44ce-9a49-91d9f2e8493a', displayName: 'Contoso Team' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'teams',
      pages: [{ body: { value: [{ id: team, displayName: 'Contoso Team' }] } }],
      keys: [team],
      asksFor: '/me/joinedTeams',
      limited: microsoftLimited,
    },
    {
      name: 'channels',
      parent: { id: team },
      pages: [{ body: { value: [{ id: channel, displayName: 'General' }] } }],
      keys: [`parent/${channel}`],
      asksFor: `/teams/${team}/channels`,
    },
    {
      name: 'channel_messages',
      parent: { id: channel, parent: { id: team } },
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}/teams/${team}/channels/${channel}/messages/delta?$skiptoken=-FG3FPHv7HuyuazNLuy3`,
            value: [
              { id: '1606515483514', deletedDateTime: null, lastModifiedDateTime: '2026-06-01T22:18:03.514Z' },
              {
                id: '1606515483515',
                deletedDateTime: '2026-06-01T22:20:03.514Z',
                lastModifiedDateTime: '2026-06-01T22:20:03.514Z',
              },
            ],
          },
        },
        {
          body: {
            '@odata.deltaLink': `${graph}/teams/${team}/channels/${channel}/messages/delta?$deltatoken=c3RhdGU`,
            value: [{ id: '1606691795113', deletedDateTime: null, lastModifiedDateTime: '2026-06-02T23:16:35.113Z' }],
          },
        },
      ],
      keys: ['parent/1606515483514', 'parent/1606691795113'],
      asksFor: '$skiptoken=-FG3FPHv7HuyuazNLuy3',
      since: { cursor: '2026-06-02T23:16:35.113Z', value: 'lastModifiedDateTime gt 2026-06-02T23:16:34Z' },
    },
    {
      name: 'chats',
      pages: [{ body: { '@odata.count': 1, value: [{ id: chat, topic: 'Group chat sample', chatType: 'group' }] } }],
      keys: [chat],
      asksFor: '/me/chats',
    },
    {
      name: 'chat_messages',
      parent: { id: chat },
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}/chats/${chat}/messages?$top=50&$skiptoken=M2UyZDAwMDAwMDMxMzkz`,
            value: [{ id: '1616964509832', deletedDateTime: null, lastModifiedDateTime: '2026-06-02T20:48:29.832Z' }],
          },
        },
        {
          body: {
            value: [{ id: '1615971548136', deletedDateTime: null, lastModifiedDateTime: '2026-06-01T08:59:08.136Z' }],
          },
        },
      ],
      keys: ['parent/1616964509832', 'parent/1615971548136'],
      asksFor: '$skiptoken=M2UyZDAwMDAwMDMxMzkz',
      since: { cursor: '2026-06-02T20:48:29.832Z', value: 'lastModifiedDateTime gt 2026-06-02T20:48:28Z' },
    },
  ],
  webhook: microsoftWebhook([
    {
      query: 'external_id=crm-1',
      body: {
        value: [
          {
            subscriptionId: '10493aa0-4d29-4df5-bc0c-ef742cc6cd7f',
            clientState: webhookSecret,
            changeType: 'created',
            resource: `teams('${team}')/channels('${channel}')/messages('1565293727947')`,
            subscriptionExpirationDateTime: '2026-07-01T12:50:00.000Z',
            resourceData: { '@odata.type': '#Microsoft.Graph.chatMessage', id: '1565293727947' },
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
          {
            subscriptionId: '88aa8a84-000-4e2e-ad6a-d7ab13b2a1b6',
            clientState: webhookSecret,
            changeType: 'updated',
            resource: `chats('${chat}')/messages('1565293727948')`,
            subscriptionExpirationDateTime: '2026-07-01T12:50:00.000Z',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
        ],
      },
      events: [
        { type: 'created', account: 'crm-1', streams: ['channel_messages'] },
        { type: 'updated', account: 'crm-1', streams: ['chat_messages'] },
      ],
    },
  ]),
  actions,
}
