import type { ActionDefinition } from '../definition/action.ts'
import { cursor, email, flag, input, limit, text } from './input.ts'

const channel = text('Id of the channel, such as C012AB3CD. list_channels returns it.', { pattern: '^[A-Z0-9]+$' })

/** Failures have status 200 and `ok: false`; `responseErrors` of the definition makes them errors. */
export const slackActions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send a message',
    description:
      'Posts a message to a channel, a thread or a direct message, as the app. The app must be a member of the channel. Returns the channel and ts, which identify the message.',
    docsUrl: 'https://docs.slack.dev/reference/methods/chat.postMessage',
    scopes: ['chat:write'],
    input: input(
      {
        channel: text('Id of a channel (C…), or of a user (U…) to send a direct message.', { pattern: '^[A-Z0-9]+$' }),
        text: text('Text of the message in Slack’s mrkdwn: *bold*, _italic_, <https://example.com|link>.', {
          maxLength: 40_000,
        }),
      },
      {
        thread_ts: text('ts of the message to reply to. Leave it out to start a new thread.', {
          pattern: '^[0-9]+\\.[0-9]+$',
        }),
        reply_broadcast: flag('Whether a reply is shown in the channel too. Default: false.'),
        unfurl_links: flag('Whether links are shown with a preview.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/chat.postMessage',
      json: {
        channel: '{{ args.channel }}',
        text: '{{ args.text }}',
        thread_ts: '{{ args.thread_ts }}',
        reply_broadcast: '{{ args.reply_broadcast }}',
        unfurl_links: '{{ args.unfurl_links }}',
      },
    },
  },
  {
    name: 'list_channels',
    title: 'List channels',
    description:
      'Lists the public channels of the workspace with id, name, topic and number of members. response_metadata.next_cursor is the cursor of the next page, and empty on the last one.',
    docsUrl: 'https://docs.slack.dev/reference/methods/conversations.list',
    scopes: ['channels:read'],
    readOnly: true,
    input: input(
      {},
      {
        limit: limit(999, 100),
        cursor: cursor('response_metadata.next_cursor'),
        exclude_archived: flag('Whether archived channels are left out. Default: true.'),
      },
    ),
    request: {
      method: 'GET',
      path: '/conversations.list',
      query: {
        types: 'public_channel',
        exclude_archived: '{{ args.exclude_archived | default(true) }}',
        limit: '{{ args.limit | default(100) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_channel',
    title: 'Get a channel',
    description: 'Returns one channel: name, topic, purpose, whether it is archived, and who created it.',
    docsUrl: 'https://docs.slack.dev/reference/methods/conversations.info',
    scopes: ['channels:read'],
    readOnly: true,
    input: input({ channel }),
    request: { method: 'GET', path: '/conversations.info', query: { channel: '{{ args.channel }}' } },
    output: ['channel'],
  },
  {
    name: 'list_messages',
    title: 'List messages of a channel',
    description:
      'Lists the messages of a public channel, the newest first, without the replies in threads. The app must be a member of the channel. response_metadata.next_cursor is the cursor of the next page.',
    docsUrl: 'https://docs.slack.dev/reference/methods/conversations.history',
    scopes: ['channels:history'],
    readOnly: true,
    input: input(
      { channel },
      {
        oldest: text('Only messages after this time: seconds since 1970, such as 1503435956.000247.', {
          pattern: '^[0-9]+(\\.[0-9]+)?$',
        }),
        limit: limit(999, 100),
        cursor: cursor('response_metadata.next_cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/conversations.history',
      query: {
        channel: '{{ args.channel }}',
        oldest: '{{ args.oldest }}',
        limit: '{{ args.limit | default(100) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'find_user',
    title: 'Find a user by email address',
    description: 'Returns the user of the workspace who has this email address, with the id that send_message takes.',
    docsUrl: 'https://docs.slack.dev/reference/methods/users.lookupByEmail',
    scopes: ['users:read', 'users:read.email'],
    readOnly: true,
    input: input({ email: email('Email address of the user.') }),
    request: { method: 'GET', path: '/users.lookupByEmail', query: { email: '{{ args.email }}' } },
    output: ['user'],
  },
]
