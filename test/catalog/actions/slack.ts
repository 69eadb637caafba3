import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'send_message',
    arguments: {
      channel: 'C123ABC456',
      text: "Here's a message for you",
      thread_ts: '1503435956.000247',
      reply_broadcast: false,
      unfurl_links: true,
    },
    request: 'POST https://slack.com/api/chat.postMessage',
    body: {
      channel: 'C123ABC456',
      text: "Here's a message for you",
      thread_ts: '1503435956.000247',
      reply_broadcast: false,
      unfurl_links: true,
    },
    answer: {
      body: {
        ok: true,
        channel: 'C123ABC456',
        ts: '1503435957.000111',
        message: { text: "Here's a message for you", type: 'message', subtype: 'bot_message' },
      },
    },
    output: {
      ok: true,
      channel: 'C123ABC456',
      ts: '1503435957.000111',
      message: { text: "Here's a message for you", type: 'message', subtype: 'bot_message' },
    },
  },
  {
    action: 'list_channels',
    arguments: { limit: 20, cursor: 'dGVhbTpDMDYxRkE1UEI=', exclude_archived: false },
    request:
      'GET https://slack.com/api/conversations.list?types=public_channel&exclude_archived=false&limit=20&cursor=dGVhbTpDMDYxRkE1UEI%3D',
    answer: { body: { ok: true, channels: [{ id: 'C012AB3CD' }], response_metadata: { next_cursor: '' } } },
    output: { ok: true, channels: [{ id: 'C012AB3CD' }], response_metadata: { next_cursor: '' } },
  },
  {
    action: 'get_channel',
    arguments: { channel: 'C012AB3CD' },
    request: 'GET https://slack.com/api/conversations.info?channel=C012AB3CD',
    answer: { body: { ok: true, channel: { id: 'C012AB3CD', name: 'general' } } },
    output: { id: 'C012AB3CD', name: 'general' },
  },
  {
    action: 'list_messages',
    arguments: { channel: 'C012AB3CD', oldest: '1512085861.000543', limit: 5, cursor: 'bmV4dF90czoxNTEyMDg1ODYx' },
    request:
      'GET https://slack.com/api/conversations.history?channel=C012AB3CD&oldest=1512085861.000543&limit=5&cursor=bmV4dF90czoxNTEyMDg1ODYx',
    answer: { body: { ok: true, messages: [{ type: 'message', ts: '1512085950.000216' }], has_more: false } },
    output: { ok: true, messages: [{ type: 'message', ts: '1512085950.000216' }], has_more: false },
  },
  {
    action: 'find_user',
    arguments: { email: 'spengler@ghostbusters.example.com' },
    request: 'GET https://slack.com/api/users.lookupByEmail?email=spengler%40ghostbusters.example.com',
    answer: { body: { ok: true, user: { id: 'W012A3CDE', name: 'spengler' } } },
    output: { id: 'W012A3CDE', name: 'spengler' },
  },
]
