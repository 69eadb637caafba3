import { choice, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import {
  graphPages,
  graphScope,
  graphSources,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const TEAMS = graphScope('Team.ReadBasic.All')
const CHANNELS = graphScope('Channel.ReadBasic.All')
const MESSAGES = graphScope('ChannelMessage.Read.All')
const CHATS = graphScope('Chat.Read')
const SEND = graphScope('ChannelMessage.Send')
const SEND_CHAT = graphScope('ChatMessage.Send')

const team = text('Id of the team.')
const channel = text('Id of the channel, such as 19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2.')
const content = text('Text of the message.')
const contentType = choice('Format of the text. Default: text.', ['text', 'html'])
const body = { contentType: '{{ args.content_type }}', content: '{{ args.content }}' }

const actions: ActionDefinition[] = [
  {
    name: 'send_channel_message',
    title: 'Send a message to a channel',
    description: 'Posts a message to a channel in the name of the account. Returns the message with its id.',
    docsUrl: 'https://learn.microsoft.com/graph/api/chatmessage-post',
    scopes: [SEND],
    input: input(
      { team_id: team, channel_id: channel, content },
      { content_type: contentType, subject: text('Subject, which is shown above the text.') },
    ),
    request: {
      method: 'POST',
      path: '/teams/{{ args.team_id }}/channels/{{ args.channel_id }}/messages',
      json: { subject: '{{ args.subject }}', body },
    },
  },
  {
    name: 'reply_to_channel_message',
    title: 'Reply to a message in a channel',
    description: 'Posts a reply to a message of a channel. Returns the reply with its id.',
    docsUrl: 'https://learn.microsoft.com/graph/api/chatmessage-post-replies',
    scopes: [SEND],
    input: input(
      { team_id: team, channel_id: channel, message_id: text('Id of the message that is answered.'), content },
      { content_type: contentType },
    ),
    request: {
      method: 'POST',
      path: '/teams/{{ args.team_id }}/channels/{{ args.channel_id }}/messages/{{ args.message_id }}/replies',
      json: { body },
    },
  },
  {
    name: 'send_chat_message',
    title: 'Send a message to a chat',
    description: 'Sends a message to a chat that the account takes part in. Returns the message with its id.',
    docsUrl: 'https://learn.microsoft.com/graph/api/chat-post-messages',
    scopes: [SEND_CHAT],
    input: input({ chat_id: text('Id of the chat.'), content }, { content_type: contentType }),
    request: { method: 'POST', path: '/chats/{{ args.chat_id }}/messages', json: { body } },
  },
  {
    name: 'list_channel_messages',
    title: 'List messages of a channel',
    description: 'Lists messages of a channel with sender and text, without their replies.',
    docsUrl: 'https://learn.microsoft.com/graph/api/channel-list-messages',
    scopes: [MESSAGES],
    readOnly: true,
    input: input({ team_id: team, channel_id: channel }, { limit: limit(50, 20) }),
    request: {
      method: 'GET',
      path: '/teams/{{ args.team_id }}/channels/{{ args.channel_id }}/messages',
      query: { $top: '{{ args.limit | default(20) }}' },
    },
    output: ['value'],
  },
]

/** Deleted messages stay in the list, without their text. The filter excludes the instant itself. */
const messages: Pick<
  StreamDefinition,
  'recordsPath' | 'records' | 'primaryKey' | 'pagination' | 'deletes' | 'incremental'
> = {
  records: { path: ['value'], set: { isDeleted: '{{ record.deletedDateTime is string }}' } },
  primaryKey: [['id']],
  pagination: graphPages,
  deletes: { path: ['isDeleted'], equals: true },
  incremental: {
    cursorField: ['lastModifiedDateTime'],
    param: '$filter',
    format: 'lastModifiedDateTime gt %Y-%m-%dT%H:%M:%SZ',
    lookback: 'PT1S',
    per: 'parent',
  },
}

export const provider: ProviderFile = microsoftProduct({
  aliases: ['ms teams', 'teams', 'office 365 teams', 'microsoft teams chat', 'teams chat'],
  color: '#6264a7',
  sources: [
    ...graphSources(
      'api/user-list-joinedteams',
      'api/channel-list',
      'api/chatmessage-delta',
      'api/channel-list-messages',
      'api/chat-list',
      'api/chat-list-messages',
      'api/chatmessage-post',
      'resources/subscription',
    ),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/teams-changenotifications-chatmessage.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/includes/change-notifications-subscription-lifetime.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/throttling-limits.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/airweave-ai/airweave/blob/main/backend/airweave/platform/sources/teams.py',
      read: '2026-11-29',
      second: true,
      differs: 'It also requests Group.Read.All and ChatMessage.Read. No request of this file needs them.',
    },
  ],
  requested: [TEAMS, CHANNELS, MESSAGES, CHATS],
  definition: {
    displayName: 'Microsoft Teams',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/teams-api-overview',
    categories: ['communication'],
    webhook: microsoftWebhook([
      { where: "item.lifecycleEvent == 'missed' or 'channels' in item.resource", streams: ['channel_messages'] },
      { where: "item.lifecycleEvent == 'missed' or 'chats' in item.resource", streams: ['chat_messages'] },
    ]),
    testRequest: { path: '/me/joinedTeams' },
    streams: [
      {
        name: 'teams',
        path: '/me/joinedTeams',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'channels',
        parent: { stream: 'teams' },
        path: '/teams/{{ parent.id }}/channels',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        // It returns a message with its replies when either of them changes, and only those of the last eight months.
        ...messages,
        name: 'channel_messages',
        parent: { stream: 'channels' },
        path: '/teams/{{ parent.parent.id }}/channels/{{ parent.id }}/messages/delta',
        query: { $top: '50', $expand: 'replies' },
      },
      {
        name: 'chats',
        path: '/me/chats',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        // The filter counts only together with the same order.
        ...messages,
        name: 'chat_messages',
        parent: { stream: 'chats' },
        path: '/chats/{{ parent.id }}/messages',
        query: { $top: '50', $orderby: 'lastModifiedDateTime desc' },
      },
    ],
    actions,
  },
  guide: {
    webhook: microsoftWebhookSteps({
      resource: 'teams/…/channels/…/messages',
      changes: 'created,updated,deleted',
      urls: {
        en: '**notificationUrl** and **lifecycleNotificationUrl** are',
        de: '**notificationUrl** und **lifecycleNotificationUrl** sind',
      },
      lifetime: { en: 'at most three days ahead', de: 'höchstens drei Tage entfernt' },
    }),
    events: ['created', 'updated', 'deleted', 'missed'],
    scopes: {
      [TEAMS]: { en: 'see the names of your teams', de: 'die Namen Ihrer Teams sehen' },
      [CHANNELS]: { en: 'see the names of the channels in your teams', de: 'die Namen der Kanäle Ihrer Teams sehen' },
      [MESSAGES]: { en: 'read the messages in your channels', de: 'die Nachrichten in Ihren Kanälen lesen' },
      [CHATS]: { en: 'read your chats', de: 'Ihre Chats lesen' },
      [SEND]: { en: 'post messages to channels on your behalf', de: 'in Ihrem Namen Nachrichten in Kanälen senden' },
      [SEND_CHAT]: { en: 'send chat messages on your behalf', de: 'in Ihrem Namen Chatnachrichten senden' },
    },
    rateLimit: {
      words: {
        en: 'For each app and organization, 20 requests a second that read messages and 30 or 60 that read teams and channels; 4 requests a second for one team or channel.',
        de: 'Je App und Organisation 20 Anfragen pro Sekunde, die Nachrichten lesen, und 30 oder 60, die Teams und Kanäle lesen; 4 Anfragen pro Sekunde für ein Team oder einen Kanal.',
      },
      url: 'https://learn.microsoft.com/graph/throttling-limits',
    },
    traps: [
      {
        en: 'Only work and school accounts have this API. Personal Microsoft accounts are refused.',
        de: 'Diese API gibt es nur für Geschäfts- und Schulkonten. Persönliche Microsoft-Konten werden abgelehnt.',
      },
      {
        en: 'An administrator of the organization has to approve the scope ChannelMessage.Read.All.',
        de: 'Den Scope ChannelMessage.Read.All muss die Administration der Organisation freigeben.',
      },
      {
        en: 'The stream of channel messages begins eight months ago. Older messages are in list_channel_messages.',
        de: 'Der Stream der Kanalnachrichten beginnt vor acht Monaten. Ältere Nachrichten liefert list_channel_messages.',
      },
    ],
  },
})
