import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

const exhausted: Answer = {
  status: 429,
  body: {
    error: {
      code: 429,
      message:
        "Quota exceeded for quota metric 'Message reads' and limit 'Message reads per minute' of service 'chat.googleapis.com' for consumer 'project_number:1'.",
      status: 'RESOURCE_EXHAUSTED',
    },
  },
}

const space = { name: 'spaces/AAAAAAAAAAA', spaceType: 'SPACE', displayName: 'Team' }

const message = {
  name: 'spaces/AAAAAAAAAAA/messages/BBB.CCC',
  text: 'Hello',
  createTime: '2026-06-01T10:00:00.123456Z',
  sender: { name: 'users/123456789', type: 'HUMAN' },
}

const actions: ActionExample[] = [
  {
    action: 'send_message',
    arguments: { space_id: 'AAAAAAAAAAA', text: 'Hello', thread: 'spaces/AAAAAAAAAAA/threads/BBB' },
    request:
      'POST https://chat.googleapis.com/v1/spaces/AAAAAAAAAAA/messages?messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
    body: { text: 'Hello', thread: { name: 'spaces/AAAAAAAAAAA/threads/BBB' } },
    answer: { body: message },
    output: message,
    keyed: true,
  },
  {
    action: 'list_spaces',
    arguments: { filter: 'spaceType = "SPACE"', limit: 5, cursor: 'p2' },
    request: 'GET https://chat.googleapis.com/v1/spaces?filter=spaceType%20%3D%20%22SPACE%22&pageSize=5&pageToken=p2',
    answer: { body: { spaces: [space] } },
    output: { spaces: [space] },
  },
  {
    action: 'list_messages',
    arguments: {
      space_id: 'AAAAAAAAAAA',
      filter: 'create_time > "2026-07-01T00:00:00Z"',
      limit: 5,
      cursor: 'p2',
    },
    request:
      'GET https://chat.googleapis.com/v1/spaces/AAAAAAAAAAA/messages?orderBy=DESC&filter=create_time%20%3E%20%222026-07-01T00%3A00%3A00Z%22&pageSize=5&pageToken=p2',
    answer: { body: { messages: [message] } },
    output: { messages: [message] },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/chat.spaces.readonly'),
  hints: [
    {
      what: 'request',
      answer: {
        status: 404,
        body: {
          error: {
            code: 404,
            message:
              'Google Chat app not found. To create a Chat app, you must turn on the Chat API and configure the app in the Google Cloud console.',
            status: 'NOT_FOUND',
          },
        },
      },
      says: 'Google Chat app not found. To create a Chat app, you must turn on the Chat API and configure the app in the Google Cloud console.',
      cause: 'has no configuration',
    },
  ],
  test: {
    asks: 'GET chat.googleapis.com/v1/spaces?pageSize=1',
    headers: googleHeaders,
    good: { body: { spaces: [space] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'spaces',
      pages: [
        { body: { spaces: [space], nextPageToken: 'p2' } },
        { body: { spaces: [{ name: 'spaces/AAAAAAAAAAB', spaceType: 'DIRECT_MESSAGE' }] } },
      ],
      keys: ['spaces/AAAAAAAAAAA', 'spaces/AAAAAAAAAAB'],
      asksFor: 'pageToken=p2',
      limited: exhausted,
    },
    {
      name: 'members',
      parent: space,
      pages: [
        { body: { memberships: [{ name: 'spaces/AAAAAAAAAAA/members/1', role: 'ROLE_MEMBER' }], nextPageToken: 'p2' } },
        { body: { memberships: [{ name: 'spaces/AAAAAAAAAAA/members/2', role: 'ROLE_MANAGER' }] } },
      ],
      keys: ['parent/spaces/AAAAAAAAAAA/members/1', 'parent/spaces/AAAAAAAAAAA/members/2'],
      asksFor: '/v1/spaces/AAAAAAAAAAA/members?pageSize=1000&showGroups=true&showInvited=true&pageToken=p2',
      limited: exhausted,
    },
    {
      name: 'messages',
      parent: space,
      pages: [
        { body: { messages: [message], nextPageToken: 'p2' } },
        {
          body: {
            messages: [{ ...message, name: 'spaces/AAAAAAAAAAA/messages/DDD.DDD', createTime: '2026-06-02T10:00:00Z' }],
          },
        },
      ],
      keys: ['parent/spaces/AAAAAAAAAAA/messages/BBB.CCC', 'parent/spaces/AAAAAAAAAAA/messages/DDD.DDD'],
      asksFor: 'pageToken=p2',
      since: { cursor: '2026-06-02T10:00:00Z', value: 'create_time > "2026-06-02T09:59:59Z"' },
      limited: exhausted,
    },
  ],
  actions,
}
