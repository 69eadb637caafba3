import { cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleApp, googleProduct, nangoSource, VERIFIED_IF_ASKED } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/chat/api/reference/rest/v1'

const SPACES = 'https://www.googleapis.com/auth/chat.spaces.readonly'

const MEMBERSHIPS = 'https://www.googleapis.com/auth/chat.memberships.readonly'

const MESSAGES = 'https://www.googleapis.com/auth/chat.messages.readonly'

const SEND = 'https://www.googleapis.com/auth/chat.messages.create'

const api = 'Google Chat API'

const space = {
  space_id: text('Id of the space, the part of its name after spaces/. list_spaces returns it.', {
    pattern: '^[\\w-]+$',
  }),
}

/** Names of spaces are paths: `spaces/AAAAAAAAAAA`. */
const ofSpace = "/spaces/{{ parent.name | split('/') | last }}"

const actions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send a message',
    description:
      'Sends a message to a space or a direct chat as the connected person. Returns it with its name and thread.',
    docsUrl: `${reference}/spaces.messages/create`,
    scopes: [SEND],
    input: input(
      {
        ...space,
        text: text('The message as plain text. The first link in it gets a preview.'),
      },
      { thread: text('Name of a thread to reply to, such as spaces/AAAA/threads/BBBB. Default: a new thread.') },
    ),
    request: {
      method: 'POST',
      path: '/spaces/{{ args.space_id }}/messages',
      query: {
        messageReplyOption: "{{ 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD' if args.thread is defined else args.thread }}",
      },
      json: { text: '{{ args.text }}', thread: { name: '{{ args.thread }}' } },
    },
    idempotencyKey: { in: 'query', name: 'requestId' },
  },
  {
    name: 'list_spaces',
    title: 'List spaces',
    description:
      'Lists the spaces, group chats and direct chats of the connected person. Returns spaces; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/spaces/list`,
    scopes: [SPACES],
    readOnly: true,
    input: input(
      {},
      {
        filter: text('Which types are listed, such as: spaceType = "SPACE" OR spaceType = "DIRECT_MESSAGE".'),
        limit: limit(1000, 100),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/spaces',
      query: {
        filter: '{{ args.filter }}',
        pageSize: '{{ args.limit | default(100) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'list_messages',
    title: 'List messages',
    description:
      'Lists the messages of a space, the newest first. Returns messages; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/spaces.messages/list`,
    scopes: [MESSAGES],
    readOnly: true,
    input: input(space, {
      filter: text('Which messages are listed, such as: create_time > "2026-07-01T00:00:00Z".'),
      limit: limit(1000, 25),
      cursor: cursor('nextPageToken'),
    }),
    request: {
      method: 'GET',
      path: '/spaces/{{ args.space_id }}/messages',
      query: {
        orderBy: 'DESC',
        filter: '{{ args.filter }}',
        pageSize: '{{ args.limit | default(25) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
]

const app = googleApp(api, VERIFIED_IF_ASKED)

export const provider: ProviderFile = googleProduct({
  aliases: ['gchat', 'g chat', 'google hangouts', 'hangouts chat', 'google workspace chat'],
  logo: 'googlechat',
  color: '#34a853',
  sources: [
    discovery('chat.v1'),
    { url: 'https://developers.google.com/workspace/chat/limits', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/chat/authenticate-authorize', read: '2026-11-29' },
    { url: 'https://developers.google.cn/workspace/chat/configure-chat-api.md.txt', read: '2026-11-29' },
    { url: 'https://github.com/taylorwilsdon/google_workspace_mcp/issues/493', read: '2026-11-29', second: true },
    nangoSource,
  ],
  api,
  requested: [SPACES, MEMBERSHIPS, MESSAGES],
  definition: {
    displayName: 'Google Chat',
    docsUrl: reference,
    categories: ['communication'],
    baseUrl: 'https://chat.googleapis.com/v1',
    // 900 reads a minute in one space, shared by all apps (developers.google.com/workspace/chat/limits).
    rateLimit: { requestsPerSecond: 15 },
    testRequest: { path: '/spaces?pageSize=1' },
    streams: [
      {
        name: 'spaces',
        path: '/spaces',
        query: { pageSize: '1000' },
        recordsPath: ['spaces'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'members',
        parent: { stream: 'spaces' },
        path: `${ofSpace}/members`,
        query: { pageSize: '1000', showGroups: 'true', showInvited: 'true' },
        recordsPath: ['memberships'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'messages',
        parent: { stream: 'spaces' },
        path: `${ofSpace}/messages`,
        query: { pageSize: '1000' },
        recordsPath: ['messages'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        // The filter excludes the instant itself.
        incremental: {
          cursorField: ['createTime'],
          param: 'filter',
          format: 'create_time > "%Y-%m-%dT%H:%M:%SZ"',
          lookback: 'PT1S',
          per: 'parent',
        },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: app.url,
      steps: [
        ...app.steps,
        {
          en: 'Open **Google Chat API** under **APIs & Services**, select **Manage** and **Configuration**, and enter **App name**, **Avatar URL** and **Description**.',
          de: 'Öffnen Sie **Google Chat API** unter **APIs & Services**, wählen Sie **Manage** und **Configuration** und tragen Sie **App name**, **Avatar URL** und **Description** ein.',
        },
      ],
    },
    traps: [
      {
        en: 'The API needs a business account of Google Workspace with access to Google Chat.',
        de: 'Die API setzt ein geschäftliches Google-Workspace-Konto mit Zugang zu Google Chat voraus.',
      },
      {
        en: 'Messages are filtered by when they were created: what was edited or deleted later is met only by a full reading.',
        de: 'Nachrichten werden nach dem Zeitpunkt ihrer Erstellung gefiltert: Was später bearbeitet oder gelöscht wurde, erfasst nur ein vollständiges Lesen.',
      },
      {
        en: 'Group chats and direct chats are listed only after the first message.',
        de: 'Gruppenchats und direkte Chats werden erst nach der ersten Nachricht aufgelistet.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [404],
        messages: ['Google Chat app not found'],
        cause: {
          en: 'The Google Chat API of the project has no configuration. Google also asks for it where messages are sent as a person.',
          de: 'Die Google Chat API des Projekts ist nicht konfiguriert. Google verlangt das auch, wenn Nachrichten als Person gesendet werden.',
        },
        operator: {
          en: 'Open **Google Chat API** under **APIs & Services**, select **Manage** and **Configuration**, and enter **App name**, **Avatar URL** and **Description**.',
          de: 'Öffnen Sie **Google Chat API** unter **APIs & Services**, wählen Sie **Manage** und **Configuration** und tragen Sie **App name**, **Avatar URL** und **Description** ein.',
        },
        url: 'https://developers.google.com/workspace/chat/configure-chat-api',
      },
    ],
    scopes: {
      [SPACES]: { en: 'see your chats and spaces', de: 'Ihre Chats und Gruppenbereiche sehen' },
      [MEMBERSHIPS]: {
        en: 'see who is in your chats and spaces',
        de: 'sehen, wer in Ihren Chats und Gruppenbereichen ist',
      },
      [MESSAGES]: {
        en: 'read messages and reactions in your chats and spaces',
        de: 'Nachrichten und Reaktionen in Ihren Chats und Gruppenbereichen lesen',
      },
      [SEND]: { en: 'send messages on your behalf', de: 'in Ihrem Namen Nachrichten senden' },
    },
    rateLimit: {
      words: {
        en: '3,000 reads of messages and 3,000 writes a minute for a project, and in each space 900 reads and 60 writes a minute for all apps together.',
        de: '3.000 Lese- und 3.000 Schreibanfragen für Nachrichten pro Minute je Projekt und in jedem Gruppenbereich 900 Lese- und 60 Schreibanfragen pro Minute für alle Apps zusammen.',
      },
      url: 'https://developers.google.com/workspace/chat/limits',
    },
  },
})
