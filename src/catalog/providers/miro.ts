import { choice, cursor, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.miro.com/reference'

const board = { board_id: text('Id of the board, such as uXjVOD6LSME=.', { pattern: '^[A-Za-z0-9_=-]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_sticky_note',
    title: 'Create a sticky note',
    description: 'Creates a sticky note on a board and returns it with its id.',
    docsUrl: `${reference}/create-sticky-note-item`,
    scopes: ['boards:write'],
    input: input(
      { ...board, content: text('Text of the note. Simple HTML is allowed.') },
      {
        shape: choice('Default: square.', ['square', 'rectangle']),
        color: choice('Default: light_yellow.', [
          'gray',
          'light_yellow',
          'yellow',
          'orange',
          'light_green',
          'green',
          'dark_green',
          'cyan',
          'light_pink',
          'pink',
          'violet',
          'red',
          'light_blue',
          'blue',
          'dark_blue',
          'black',
        ]),
        x: integer('Distance from the center of the board to the right. Default: 0.'),
        y: integer('Distance from the center of the board downwards. Default: 0.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/v2/boards/{{ args.board_id | urlencode }}/sticky_notes',
      json: {
        data: { content: '{{ args.content }}', shape: '{{ args.shape }}' },
        style: { fillColor: '{{ args.color }}' },
        position: { x: '{{ args.x | default(0) }}', y: '{{ args.y | default(0) }}' },
      },
    },
  },
  {
    name: 'list_boards',
    title: 'List boards',
    description:
      'Lists the boards that the user can see, or those that match words. Returns data, total, size and offset.',
    docsUrl: `${reference}/get-boards`,
    scopes: ['boards:read'],
    readOnly: true,
    input: input(
      {},
      {
        query: text('Only boards with these words in name or description.', { maxLength: 500 }),
        limit: limit(50, 20),
        offset: integer('How many boards to skip. Default: 0.', { minimum: 0, default: 0 }),
      },
    ),
    request: {
      method: 'GET',
      path: '/v2/boards',
      query: {
        query: '{{ args.query }}',
        limit: '{{ args.limit | default(20) }}',
        offset: '{{ args.offset }}',
      },
    },
  },
  {
    name: 'list_items',
    title: 'List items of a board',
    description:
      'Lists the items of a board, such as sticky notes, cards and texts. Returns data and, unless it is the last page, cursor.',
    docsUrl: `${reference}/get-items`,
    scopes: ['boards:read'],
    readOnly: true,
    input: input(board, {
      type: choice('Only items of this type.', [
        'app_card',
        'card',
        'document',
        'embed',
        'frame',
        'image',
        'shape',
        'sticky_note',
        'text',
      ]),
      limit: integer('How many results to return at most. Default: 50.', { minimum: 10, maximum: 50, default: 50 }),
      cursor: cursor('cursor'),
    }),
    request: {
      method: 'GET',
      path: '/v2/boards/{{ args.board_id | urlencode }}/items',
      query: {
        type: '{{ args.type }}',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
]

/** The app has the scopes and decides whether tokens expire; both are not part of the consent. */
export const provider: ProviderFile = {
  aliases: ['realtimeboard', 'miro board', 'whiteboard'],
  logo: 'miro',
  color: '#050038',
  sources: [
    { url: 'https://developers.miro.com/docs/getting-started-with-oauth', read: '2026-11-29' },
    { url: 'https://developers.miro.com/reference/oauth-20-authorization-v2', read: '2026-11-29' },
    { url: 'https://developers.miro.com/reference/ne-create-authorization-request-link', read: '2026-11-29' },
    {
      url: 'https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token',
      read: '2026-11-29',
    },
    { url: 'https://developers.miro.com/docs/troubleshooting-oauth20.md', read: '2026-11-29' },
    { url: 'https://developers.miro.com/docs/rate-limiting', read: '2026-11-29' },
    { url: 'https://developers.miro.com/reference/create-sticky-note-item-1.md', read: '2026-11-29' },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/miro/refs/heads/main/rate-limits/miro-rate-limits.yml',
      read: '2026-11-29',
      second: true,
    },
    // Version 2.2 of the official client, generated from the OpenAPI document: paths, parameters, records, errors and the revocation.
    { url: 'https://www.npmjs.com/package/@mirohq/miro-api', read: '2026-11-29' },
    // The paging of boards and of their items.
    { url: 'https://kestra.io/plugins/io.kestra.plugin.miro.boards.List', read: '2026-11-29', second: true },
    {
      url: 'https://glama.ai/mcp/servers/oge85xl22f/blob/main/prompts/02-boards-as-resources.md',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'Miro',
    docsUrl: `${reference}/api-reference`,
    categories: ['design', 'project management'],
    baseUrl: 'https://api.miro.com',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://miro.com/oauth/authorize',
      tokenUrl: 'https://api.miro.com/v1/oauth/token',
      tokenResponse: {
        keep: { user_id: ['user_id'], team_id: ['team_id'] },
        error: ['code'],
        errorDescription: ['message'],
      },
      // Ends the refresh token too. The app stays installed.
      revocation: {
        url: 'https://api.miro.com/v2/oauth/revoke',
        auth: 'token',
        json: {
          accessToken: '{{ config.access_token }}',
          clientId: '{{ config.client_id }}',
          clientSecret: '{{ config.client_secret }}',
        },
      },
      // A renewal ends the previous access token and refresh token.
      rotation: 'strict',
      refreshTokenLifetime: 'P60D',
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['code'],
      })),
    ],
    testRequest: { path: '/v1/oauth-token' },
    streams: [
      {
        name: 'boards',
        path: '/v2/boards',
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 50, total: ['total'] },
      },
      {
        name: 'items',
        parent: { stream: 'boards' },
        path: '/v2/boards/{{ parent.id | urlencode }}/items',
        query: { limit: '50' },
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['cursor'], param: 'cursor' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://miro.com/app/settings/user-profile/apps',
      steps: [
        {
          en: 'In your profile settings, open **Your apps** and select **Create new app**. Choose a Developer team, enter a name, and turn on that user authorization tokens expire. This cannot be changed later.',
          de: 'Öffnen Sie in Ihren Profileinstellungen **Your apps** und wählen Sie **Create new app**. Wählen Sie ein Developer-Team, geben Sie einen Namen ein und schalten Sie ein, dass die Tokens ablaufen. Das lässt sich später nicht ändern.',
        },
        {
          en: 'Under the redirect URI for OAuth 2.0, paste the callback URL.',
          de: 'Fügen Sie bei der Redirect URI für OAuth 2.0 die Callback-URL ein.',
        },
        {
          en: 'Under **Permissions**, select boards:read, and boards:write for actions that write.',
          de: 'Wählen Sie unter **Permissions** boards:read aus, und boards:write für Aktionen, die schreiben.',
        },
        {
          en: 'Under **App Credentials**, copy the client ID and the client secret.',
          de: 'Kopieren Sie unter **App Credentials** die Client-ID und das Client-Secret.',
        },
      ],
    },
    scopes: {
      'boards:read': {
        en: 'read the boards that you can see, with their items',
        de: 'die Boards lesen, die Sie sehen können, mit ihren Elementen',
      },
      'boards:write': {
        en: 'create, change and delete boards and items on them',
        de: 'Boards und Elemente darauf anlegen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: '100,000 credits a minute for each user and app. A request costs 50, 100, 500 or 2,000 credits by its level; reading the items of a board costs 100.',
        de: '100.000 Credits pro Minute für jede Person und App. Eine Anfrage kostet je nach Stufe 50, 100, 500 oder 2.000 Credits; die Elemente eines Boards zu lesen kostet 100.',
      },
      url: 'https://developers.miro.com/docs/rate-limiting',
    },
    hints: [
      {
        at: 'token',
        messages: ['Redirect URI mismatch'],
        cause: {
          en: 'The callback URL is not a redirect URI of the Miro app.',
          de: 'Die Callback-URL ist keine Redirect URI der Miro-App.',
        },
        operator: {
          en: 'Paste the callback URL exactly under the redirect URI for OAuth 2.0 of the app.',
          de: 'Fügen Sie die Callback-URL genau so bei der Redirect URI für OAuth 2.0 der App ein.',
        },
        url: 'https://developers.miro.com/docs/troubleshooting-oauth20.md',
      },
    ],
    tokens: {
      en: 'If the app lets tokens expire, access tokens live for one hour and refresh tokens for 60 days. If not, a token lives until the app is uninstalled.',
      de: 'Lässt die App Tokens ablaufen, gelten Access-Tokens eine Stunde und Refresh-Tokens 60 Tage. Sonst gilt ein Token, bis die App deinstalliert wird.',
    },
    traps: [
      {
        en: 'The person installs the app on one team, and the token reaches the boards of this team.',
        de: 'Die Person installiert die App in einem Team, und das Token erreicht die Boards dieses Teams.',
      },
      {
        en: 'The scopes are set in the app and not in the consent. After a change there, accounts have to be connected again.',
        de: 'Die Scopes werden in der App eingestellt und nicht in der Zustimmung. Nach einer Änderung dort müssen Konten neu verbunden werden.',
      },
    ],
  },
}
