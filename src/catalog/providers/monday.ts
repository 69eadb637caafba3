import { cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.monday.com/api-reference'

const id = (description: string) => text(description, { pattern: '^[0-9]+$' })

const ITEM =
  'id name state created_at updated_at group { id title } creator { id } column_values { id type text value }'

/** GraphQL: failures have status 200, and `responseErrors` of the definition makes them errors. */
const actions: ActionDefinition[] = [
  {
    name: 'create_item',
    title: 'Create an item',
    description: 'Creates an item on a board and returns it with its id and url.',
    docsUrl: `${reference}/reference/items`,
    scopes: ['boards:write'],
    input: input(
      { board_id: id('Id of the board. list_boards returns it.'), name: text('Name of the item.') },
      {
        group_id: text('Id of the group. Default: the first one.'),
        column_values: text('Values of columns as JSON text, by the id of the column: {"status":{"label":"Done"}}.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/v2',
      json: {
        query:
          'mutation ($board: ID!, $group: String, $name: String!, $values: JSON) { create_item(board_id: $board, group_id: $group, item_name: $name, column_values: $values) { id name url } }',
        variables: {
          board: '{{ args.board_id }}',
          group: '{{ args.group_id }}',
          name: '{{ args.name }}',
          values: '{{ args.column_values }}',
        },
      },
    },
    output: ['data', 'create_item'],
  },
  {
    name: 'list_items',
    title: 'List items of a board',
    description:
      'Lists the items of a board with their column values. Returns cursor, which is null on the last page, and items.',
    docsUrl: `${reference}/reference/items-page`,
    scopes: ['boards:read'],
    readOnly: true,
    input: input({ board_id: id('Id of the board.') }, { limit: limit(500, 50), cursor: cursor('cursor') }),
    request: {
      method: 'POST',
      path: '/v2',
      json: {
        query: `query ($board: [ID!], $limit: Int!, $cursor: String) { boards(ids: $board) { items_page(limit: $limit, cursor: $cursor) { cursor items { ${ITEM} } } } }`,
        variables: {
          board: ['{{ args.board_id }}'],
          limit: '{{ args.limit | default(50) }}',
          cursor: '{{ args.cursor }}',
        },
      },
    },
    output: ['data', 'boards', 0, 'items_page'],
  },
  {
    name: 'add_update',
    title: 'Comment on an item',
    description: 'Adds an update, which is a comment, to an item and returns its id.',
    docsUrl: `${reference}/reference/updates`,
    scopes: ['updates:write'],
    input: input({ item_id: id('Id of the item.'), body: text('Text of the update, as HTML or plain text.') }),
    request: {
      method: 'POST',
      path: '/v2',
      json: {
        query: 'mutation ($item: ID!, $body: String!) { create_update(item_id: $item, body: $body) { id } }',
        variables: { item: '{{ args.item_id }}', body: '{{ args.body }}' },
      },
    },
    output: ['data', 'create_update'],
  },
  {
    name: 'list_boards',
    title: 'List boards',
    description: 'Lists boards with id, name, groups and columns.',
    docsUrl: `${reference}/reference/boards`,
    scopes: ['boards:read'],
    readOnly: true,
    input: input({}, { limit: limit(100, 25) }),
    request: {
      method: 'POST',
      path: '/v2',
      json: {
        query:
          'query ($limit: Int!) { boards(limit: $limit) { id name state workspace_id groups { id title } columns { id title type } } }',
        variables: { limit: '{{ args.limit | default(25) }}' },
      },
    },
    output: ['data', 'boards'],
  },
]

/** GraphQL. OAuth 2.1 with tokens that expire, which new apps always have, or a personal token. */
export const provider: ProviderFile = {
  aliases: ['monday work management', 'dapulse'],
  logo: null,
  color: '#6161ff',
  sources: [
    { url: 'https://developer.monday.com/apps/docs/oauth-2-1', read: '2026-11-29' },
    { url: 'https://developer.monday.com/apps/docs/oauth-2-0', read: '2026-11-29' },
    { url: 'https://developer.monday.com/apps/docs/migrating-to-the-new-oauth-flow', read: '2026-11-29' },
    { url: 'https://developer.monday.com/api-reference/docs/authentication', read: '2026-11-29' },
    { url: 'https://developer.monday.com/api-reference/docs/querying-board-items', read: '2026-11-29' },
    { url: 'https://developer.monday.com/apps/docs/authorization-header', read: '2026-11-29' },
    { url: 'https://developer.monday.com/api-reference/docs/rate-limits', read: '2026-11-29' },
    { url: 'https://support.monday.com/hc/en-us/articles/26471164460690-API-Rate-Limits', read: '2026-11-29' },
    // The migration of its connector: the new token endpoint with JSON, and refresh tokens that rotate.
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/docs/integrations/sources/monday-migrations.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs: 'Uses the token endpoint of the legacy flow, whose tokens do not expire. New apps cannot use that flow.',
    },
    {
      url: 'https://docs.cloud.google.com/gemini/enterprise/docs/connectors/monday/monday-configuration?authuser=8',
      read: '2026-11-29',
      second: true,
    },
    // Version 14, generated from the schema of 2026-01: every field and argument of the queries here.
    { url: 'https://www.npmjs.com/package/@mondaydotcomorg/api', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'monday.com',
    docsUrl: `${reference}/docs`,
    categories: ['project management', 'crm'],
    baseUrl: 'https://api.monday.com',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'monday.com account',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://auth.monday.com/oauth2/authorize',
            tokenUrl: 'https://auth.monday.com/oauth_ms/oauth/token',
            scopes: ['me:read', 'boards:read', 'users:read', 'workspaces:read'],
            tokenRequest: { format: 'json' },
            // The response does not name the lifetime.
            tokenLifetime: 'PT1H',
            rotation: 'strict',
          },
        },
        {
          key: 'api_token',
          label: 'Personal API token',
          auth: {
            type: 'api_key',
            fields: [{ name: 'api_token', label: 'API token', secret: true, required: true }],
            value: '{{ config.api_token }}',
            placement: { in: 'header', name: 'Authorization' },
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'message'], as: 'auth', message: ['errors', 0, 'message'] },
      {
        status: 429,
        as: 'rate_limit',
        message: ['errors', 0, 'message'],
        code: ['errors', 0, 'extensions', 'code'],
      },
      ...['COMPLEXITY_BUDGET_EXHAUSTED', 'DAILY_LIMIT_EXCEEDED'].map((code) => ({
        path: ['errors', 0, 'extensions', 'code'],
        equals: code,
        as: 'rate_limit' as const,
        message: ['errors', 0, 'message'],
        code: ['errors', 0, 'extensions', 'code'],
      })),
      ...[200, 400, 403, 404].map((status) => ({
        status,
        path: ['errors', 0, 'message'],
        as: 'fail' as const,
        message: ['errors', 0, 'message'],
        code: ['errors', 0, 'extensions', 'code'],
      })),
    ],
    testRequest: { path: '/v2', json: { query: '{ me { id } }' } },
    streams: [
      pages('workspaces', 'id name kind description created_at'),
      pages('users', 'id name email enabled is_admin is_guest created_at'),
      pages(
        'boards',
        'id name description state board_kind workspace_id updated_at groups { id title } columns { id title type }',
      ),
      {
        name: 'items',
        parent: { stream: 'boards' },
        path: '/v2',
        json: {
          query: `query ($board: [ID!], $cursor: String) { boards(ids: $board) { items_page(limit: 100, cursor: $cursor) { cursor items { ${ITEM} } } } }`,
          variables: { board: ['{{ parent.id }}'] },
        },
        recordsPath: ['data', 'boards', 0, 'items_page', 'items'],
        primaryKey: [['id']],
        pagination: {
          type: 'next',
          value: 'answer.data.boards[0].items_page.cursor',
          place: { in: 'json', name: ['variables', 'cursor'] },
        },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://monday.com/developers/apps/manage',
      steps: [
        {
          en: 'Select your profile picture, then **Developers**, and **Create app**. Enter a name.',
          de: 'Wählen Sie Ihr Profilbild, dann **Developers** und **Create app**. Geben Sie einen Namen ein.',
        },
        {
          en: 'Open **OAuth & permissions**. On the tab **Redirect URLs**, paste the callback URL.',
          de: 'Öffnen Sie **OAuth & permissions**. Fügen Sie auf dem Reiter **Redirect URLs** die Callback-URL ein.',
        },
        {
          en: 'On the tab **Scopes**, select each scope that is listed here, and save. In an app that was created before OAuth 2.1 became the default, create a new version and turn on **New OAuth Flow**.',
          de: 'Wählen Sie auf dem Reiter **Scopes** jeden hier genannten Scope aus und speichern Sie. Legen Sie in einer App, die älter ist als OAuth 2.1, eine neue Version an und schalten Sie **New OAuth Flow** ein.',
        },
        {
          en: 'Under **General settings**, **App credentials**, copy the client ID and the client secret. Promote the version to live.',
          de: 'Kopieren Sie unter **General settings**, **App credentials** die Client-ID und das Client-Secret. Schalten Sie die Version live.',
        },
      ],
    },
    key: {
      url: 'https://monday.com/developers/apps/manage/tokens',
      steps: [
        {
          en: 'Select your profile picture, then **Developers**.',
          de: 'Wählen Sie Ihr Profilbild und dann **Developers**.',
        },
        {
          en: 'Open **API token**, select **Show**, and copy the token. It may do everything that you may.',
          de: 'Öffnen Sie **API token**, wählen Sie **Show** und kopieren Sie das Token. Es darf alles, was Sie selbst dürfen.',
        },
      ],
    },
    fields: { api_token: { label: 'API-Token' } },
    options: { oauth: 'monday.com-Konto', api_token: 'Persönliches API-Token' },
    scopes: {
      'me:read': { en: 'see your profile', de: 'Ihr Profil sehen' },
      'boards:read': {
        en: 'read the boards that you can see, with their items and columns',
        de: 'die Boards lesen, die Sie sehen können, mit ihren Elementen und Spalten',
      },
      'users:read': {
        en: 'see the people of your account with their email addresses',
        de: 'die Personen Ihres Kontos mit ihren E-Mail-Adressen sehen',
      },
      'workspaces:read': { en: 'see your workspaces', de: 'Ihre Workspaces sehen' },
      'boards:write': {
        en: 'create and change boards and items',
        de: 'Boards und Elemente anlegen und ändern',
      },
      'updates:write': {
        en: 'write updates, which are comments on items, as you',
        de: 'Updates, also Kommentare zu Elementen, in Ihrem Namen schreiben',
      },
    },
    rateLimit: {
      words: {
        en: '5,000,000 points of complexity a minute for reads and as many for writes, and a number of calls a day for the account: 200 on the plans Free and Trial, 1,000 on Basic and Standard, 10,000 on Pro, 25,000 on Enterprise. It starts again at midnight UTC.',
        de: '5.000.000 Komplexitätspunkte pro Minute zum Lesen und ebenso viele zum Schreiben, dazu eine Zahl von Aufrufen pro Tag für das Konto: 200 in den Tarifen Free und Trial, 1.000 mit Basic und Standard, 10.000 mit Pro, 25.000 mit Enterprise. Sie beginnt um Mitternacht UTC von vorn.',
      },
      url: 'https://developer.monday.com/api-reference/docs/rate-limits',
    },
    hints: [
      {
        at: 'request',
        messages: ['OAUTH21_TOKEN_REQUIRED'],
        cause: {
          en: 'The token is from the legacy OAuth flow, which this version of the API does not accept.',
          de: 'Das Token stammt aus dem alten OAuth-Ablauf, den diese Version der API nicht akzeptiert.',
        },
        operator: {
          en: 'Turn on OAuth 2.1 in the app, and have the account reconnected.',
          de: 'Schalten Sie in der App OAuth 2.1 ein und lassen Sie das Konto neu verbinden.',
        },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto erneut.' },
        url: 'https://developer.monday.com/apps/docs/oauth-2-0',
      },
      {
        at: 'request',
        messages: ['DAILY_LIMIT_EXCEEDED'],
        cause: {
          en: 'The monday.com account has used up its calls of this day.',
          de: 'Das monday.com-Konto hat seine Aufrufe für diesen Tag verbraucht.',
        },
        operator: {
          en: 'Wait until midnight UTC, or read less. An account on the plan Enterprise can request a higher limit.',
          de: 'Warten Sie bis Mitternacht UTC oder lesen Sie weniger. Ein Konto mit dem Tarif Enterprise kann eine höhere Grenze beantragen.',
        },
        url: 'https://support.monday.com/hc/en-us/articles/26471164460690-API-Rate-Limits',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The app is not installed in the account of the person, which only an admin may do.',
          de: 'Die App ist im Konto der Person nicht installiert, was nur ein Admin darf.',
        },
        operator: {
          en: 'Ask an admin of the monday.com account to install the app.',
          de: 'Bitten Sie einen Admin des monday.com-Kontos, die App zu installieren.',
        },
        person: {
          en: 'Ask an admin of your monday.com account to install the app, then connect again.',
          de: 'Bitten Sie einen Admin Ihres monday.com-Kontos, die App zu installieren, und verbinden Sie das Konto danach erneut.',
        },
      },
    ],
    tokens: {
      en: 'Access tokens are JWTs with their expiry inside. Each renewal returns a new refresh token and ends the previous one. An uninstalled app loses its access.',
      de: 'Access-Tokens sind JWTs, in denen ihr Ablauf steht. Jede Erneuerung liefert ein neues Refresh-Token und beendet das vorherige. Eine deinstallierte App verliert ihren Zugriff.',
    },
    traps: [
      {
        en: 'Errors have status 200 and stand in errors, as usual in GraphQL.',
        de: 'Fehler haben den Status 200 und stehen in errors, wie in GraphQL üblich.',
      },
      {
        en: 'A cursor of items is valid for 60 minutes after the first request.',
        de: 'Ein Cursor für Elemente gilt 60 Minuten ab der ersten Anfrage.',
      },
      {
        en: 'Without the header API-Version, the current version of the API answers, which changes over the year.',
        de: 'Ohne den Header API-Version antwortet die aktuelle Version der API, die sich im Lauf des Jahres ändert.',
      },
    ],
  },
}

/** Lists by the number of the page, which end at an empty one. */
function pages(name: string, fields: string): StreamDefinition {
  return {
    name,
    path: '/v2',
    json: { query: `query ($page: Int!) { ${name}(limit: 100, page: $page) { ${fields} } }`, variables: {} },
    recordsPath: ['data', name],
    primaryKey: [['id']],
    pagination: { type: 'page', param: 'variables.page', in: 'json' },
  }
}
