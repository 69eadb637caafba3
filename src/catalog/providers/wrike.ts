import { choice, cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.wrike.com/reference'

const id = (description: string) => text(description, { pattern: '^[A-Za-z0-9_-]+$' })

const task = { task_id: id('Id of the task.') }

const actions: ActionDefinition[] = [
  {
    name: 'create_task',
    title: 'Create a task',
    description: 'Creates a task in a folder, project or space, and returns it with its id and permalink.',
    docsUrl: reference,
    scopes: ['wsReadWrite'],
    input: input(
      { folder_id: id('Id of the folder, project or space.'), title: text('Title of the task.') },
      {
        description: text('Description, as HTML.'),
        importance: choice('Default: Normal.', ['High', 'Normal', 'Low']),
      },
    ),
    request: {
      method: 'POST',
      path: '/folders/{{ args.folder_id }}/tasks',
      form: {
        title: '{{ args.title }}',
        description: '{{ args.description }}',
        importance: '{{ args.importance }}',
      },
    },
    output: ['data', 0],
  },
  {
    name: 'list_tasks',
    title: 'List tasks',
    description:
      'Lists tasks, of all folders or with words in the title. Returns data and nextPageToken, the cursor of the next page.',
    docsUrl: reference,
    scopes: ['wsReadOnly'],
    readOnly: true,
    input: input(
      {},
      {
        title: text('Only tasks with these words in the title.'),
        status: choice('Only tasks of this kind of status.', ['Active', 'Completed', 'Deferred', 'Cancelled']),
        limit: limit(1000, 100),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/tasks',
      query: {
        title: '{{ args.title }}',
        status: '{{ args.status }}',
        pageSize: '{{ args.limit | default(100) }}',
        nextPageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_task',
    title: 'Get a task',
    description: 'Returns one task: title, description, status, importance, dates and responsible people.',
    docsUrl: reference,
    scopes: ['wsReadOnly'],
    readOnly: true,
    input: input(task),
    request: { method: 'GET', path: '/tasks/{{ args.task_id }}' },
    output: ['data', 0],
  },
  {
    name: 'add_comment',
    title: 'Comment on a task',
    description: 'Adds a comment to a task and returns it with its id.',
    docsUrl: reference,
    scopes: ['wsReadWrite'],
    input: input({ ...task, body: text('Text of the comment, as HTML.') }),
    request: { method: 'POST', path: '/tasks/{{ args.task_id }}/comments', form: { text: '{{ args.body }}' } },
    output: ['data', 0],
  },
]

/** The token response names the host of the data center, at which the API of the account is. */
export const provider: ProviderFile = {
  aliases: ['wrike tasks', 'wrike work management'],
  logo: null,
  color: '#08cf65',
  sources: [
    { url: 'https://developers.wrike.com/docs/oauth-20-authorization.md', read: '2026-11-29' },
    { url: 'https://developers.wrike.com/docs/overview.md', read: '2026-11-29' },
    {
      url: 'https://help.wrike.com/hc/en-us/articles/23908384596631-Resolve-Common-REST-API-Errors',
      read: '2026-11-29',
    },
    { url: 'https://help.wrike.com/hc/en-us/community/posts/13921185937559-API-limitation', read: '2026-11-29' },
    // The objects with their ids, and the token of the next page.
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-wrike/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Reads the token of the next page from the last record. It stands beside the records.',
    },
    { url: 'https://nango.dev/docs/integrations/all/wrike', read: '2026-11-29', second: true },
  ],
  unverified: ['app', 'actions', 'tokens'],
  definition: {
    displayName: 'Wrike',
    docsUrl: 'https://developers.wrike.com/docs/overview',
    categories: ['project management'],
    // Injected tokens supply the host as extra.host.
    baseUrl: 'https://{{ kept.host }}/api/v4',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://login.wrike.com/oauth2/authorize/v4',
      tokenUrl: 'https://login.wrike.com/oauth2/token',
      scopes: ['wsReadOnly'],
      scopeSeparator: ',',
      tokenResponse: { keep: { host: ['host'] } },
      // A renewal returns a new refresh token.
      rotation: 'strict',
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['errorDescription'], code: ['error'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['error'],
        as: 'fail' as const,
        message: ['errorDescription'],
        code: ['error'],
      })),
    ],
    testRequest: { path: '/contacts?me=true' },
    streams: [
      { name: 'contacts', path: '/contacts', recordsPath: ['data'], primaryKey: [['id']] },
      { name: 'folders', path: '/folders', recordsPath: ['data'], primaryKey: [['id']] },
      { name: 'workflows', path: '/workflows', recordsPath: ['data'], primaryKey: [['id']] },
      {
        name: 'tasks',
        path: '/tasks',
        query: { pageSize: '1000', sortField: 'UpdatedDate', sortOrder: 'Desc' },
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'nextPageToken' },
        incremental: { cursorField: ['updatedDate'], by: 'newest_first' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://www.wrike.com/appconsole.htm?#/api',
      steps: [
        {
          en: 'Open the App Console of Wrike and create an API app with a name.',
          de: 'Öffnen Sie die App Console von Wrike und legen Sie eine API-App mit einem Namen an.',
        },
        {
          en: 'Add the callback URL as a redirect URI of the app and save.',
          de: 'Tragen Sie die Callback-URL als Redirect URI der App ein und speichern Sie.',
        },
        {
          en: 'Copy **Client ID** and **Client secret**.',
          de: 'Kopieren Sie die **Client ID** und das **Client secret**.',
        },
      ],
    },
    scopes: {
      wsReadOnly: {
        en: 'read everything that you can see in Wrike, such as tasks, folders, projects and comments',
        de: 'alles lesen, was Sie in Wrike sehen, zum Beispiel Aufgaben, Ordner, Projekte und Kommentare',
      },
      wsReadWrite: {
        en: 'read and change everything that you can in Wrike, such as tasks, folders, projects and comments',
        de: 'alles lesen und ändern, was Sie in Wrike dürfen, zum Beispiel Aufgaben, Ordner, Projekte und Kommentare',
      },
    },
    rateLimit: {
      words: {
        en: 'About 400 requests a minute, measured per second.',
        de: 'Etwa 400 Anfragen pro Minute, gemessen pro Sekunde.',
      },
      url: 'https://help.wrike.com/hc/en-us/community/posts/13921185937559-API-limitation',
    },
    hints: [
      {
        at: 'request',
        statuses: [300],
        cause: {
          en: 'The request went to another data center than that of the account.',
          de: 'Die Anfrage ging an ein anderes Rechenzentrum als das des Kontos.',
        },
        operator: {
          en: 'Have the account reconnected, so that the host is stored again. For a token that you supply, give the host as extra.host.',
          de: 'Lassen Sie das Konto neu verbinden, damit der Host neu gespeichert wird. Geben Sie für ein Token, das Sie selbst angeben, den Host als extra.host an.',
        },
        url: 'https://help.wrike.com/hc/en-us/articles/23908384596631-Resolve-Common-REST-API-Errors',
      },
    ],
    traps: [
      {
        en: 'Accounts are stored in several data centers. Each account has a host of its own, which the token response names.',
        de: 'Konten liegen in mehreren Rechenzentren. Jedes Konto hat einen eigenen Host, den die Token-Antwort nennt.',
      },
      {
        en: 'Without a scope in the consent, Wrike grants wsReadWrite.',
        de: 'Ohne Scope in der Zustimmung gewährt Wrike wsReadWrite.',
      },
      {
        en: 'A list of tasks has at most 1,000 on a page.',
        de: 'Eine Liste von Aufgaben hat höchstens 1.000 auf einer Seite.',
      },
    ],
  },
}
