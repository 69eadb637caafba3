import { choice, cursor, day, input, integer, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docsUrl = 'https://developer.todoist.com/api/v1/'

const id = (description: string) => text(description, { pattern: '^[A-Za-z0-9_-]+$' })

const task = { task_id: id('Id of the task.') }

const actions: ActionDefinition[] = [
  {
    name: 'create_task',
    title: 'Create a task',
    description: 'Creates a task, in the inbox unless a project is given, and returns it with its id.',
    docsUrl,
    scopes: ['data:read_write'],
    input: input(
      { content: text('What is to do. Markdown is allowed.', { maxLength: 500 }) },
      {
        description: text('Description, in Markdown.', { maxLength: 16_383 }),
        project_id: id('Id of the project. Default: the inbox.'),
        section_id: id('Id of the section.'),
        parent_id: id('Id of the parent task.'),
        labels: list('Names of labels.', { type: 'string' }),
        priority: integer('From 1 (normal) to 4 (urgent).', { minimum: 1, maximum: 4 }),
        due_string: text('When it is due, in words, such as: every Monday at 9:00.'),
        due_date: day('Day on which it is due, such as 2026-07-01.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/tasks',
      json: {
        content: '{{ args.content }}',
        description: '{{ args.description }}',
        project_id: '{{ args.project_id }}',
        section_id: '{{ args.section_id }}',
        parent_id: '{{ args.parent_id }}',
        labels: '{{ args.labels }}',
        priority: '{{ args.priority }}',
        due_string: '{{ args.due_string }}',
        due_date: '{{ args.due_date }}',
      },
    },
  },
  {
    name: 'complete_task',
    title: 'Complete a task',
    description: 'Completes a task. A recurring task moves to its next date.',
    docsUrl,
    scopes: ['data:read_write'],
    input: input(task),
    request: { method: 'POST', path: '/tasks/{{ args.task_id }}/close' },
  },
  {
    name: 'list_tasks',
    title: 'List tasks',
    description: 'Lists tasks that are not completed. Returns results and next_cursor, the cursor of the next page.',
    docsUrl,
    scopes: ['data:read'],
    readOnly: true,
    input: input(
      {},
      {
        project_id: id('Only tasks of this project.'),
        label: text('Only tasks with this label.'),
        limit: limit(200, 50),
        cursor: cursor('next_cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/tasks',
      query: {
        project_id: '{{ args.project_id }}',
        label: '{{ args.label }}',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'find_tasks',
    title: 'Find tasks with a filter',
    description:
      'Lists tasks that match a filter of Todoist. Returns results and next_cursor, the cursor of the next page.',
    docsUrl,
    scopes: ['data:read'],
    readOnly: true,
    input: input(
      { query: text('Filter, such as: (today | overdue) & #Work.', { maxLength: 1024 }) },
      {
        language: choice('Language of the filter. Default: that of the user.', ['de', 'en', 'es', 'fr', 'it', 'nl']),
        limit: limit(200, 50),
        cursor: cursor('next_cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/tasks/filter',
      query: {
        query: '{{ args.query }}',
        lang: '{{ args.language }}',
        limit: '{{ args.limit | default(50) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on a task',
    description: 'Adds a comment to a task and returns it with its id.',
    docsUrl,
    scopes: ['data:read_write'],
    input: input({ ...task, content: text('Text of the comment, in Markdown.', { maxLength: 15_000 }) }),
    request: {
      method: 'POST',
      path: '/comments',
      json: { task_id: '{{ args.task_id }}', content: '{{ args.content }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['to do list', 'todo list', 'doist'],
  logo: 'todoist',
  color: '#e44332',
  sources: [
    { url: 'https://developer.todoist.com/api/v1/', read: '2026-11-29' },
    // The official SDK: addresses, scopes, token exchange, revocation, and the envelope of webhooks.
    { url: 'https://github.com/Doist/todoist-sdk-typescript/blob/main/src/authentication.ts', read: '2026-11-29' },
    { url: 'https://github.com/Doist/todoist-sdk-typescript/blob/main/src/consts/endpoints.ts', read: '2026-11-29' },
    {
      url: 'https://github.com/Doist/todoist-sdk-typescript/blob/main/src/types/webhooks/envelope.ts',
      read: '2026-11-29',
    },
    { url: 'https://doist.github.io/todoist-api-typescript/authorization', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Has the addresses at todoist.com and no renewal. The documentation has moved them, and new apps get refresh tokens.',
    },
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs: 'Has the addresses at todoist.com and tokens that do not expire, as old apps get them.',
    },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/todoist/refs/heads/main/openapi/todoist-asyncapi.yml',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['app', 'rateLimit'],
  definition: {
    displayName: 'Todoist',
    docsUrl,
    categories: ['project management'],
    baseUrl: 'https://api.todoist.com/api/v1',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://app.todoist.com/oauth/authorize',
      tokenUrl: 'https://api.todoist.com/oauth/access_token',
      revocation: { url: 'https://api.todoist.com/api/v1/revoke', clientAuth: 'client_secret_basic' },
      scopes: ['data:read'],
      scopeSeparator: ',',
      // A used refresh token is accepted for another minute, and returns the same access token without a refresh token. Later, its use
      // revokes all tokens of the person.
      rotation: 'rotating',
      graceSeconds: 60,
      permanentErrors: ['bad_authorization_code'],
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['error'],
        as: 'fail' as const,
        message: ['error'],
        code: ['error_tag'],
      })),
    ],
    afterConnect: [{ path: '/user', keep: { user_id: ['id'], email: ['email'] } }],
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Todoist-Hmac-SHA256',
        hash: 'sha256',
        encoding: 'base64',
        secret: 'client',
      },
      // The same for each attempt to deliver an event.
      id: "headers['x-todoist-delivery-id']",
      type: 'body.event_name',
      connection: { value: 'body.user_id', equals: 'kept.user_id' },
      sync: ['item', 'project', 'section', 'label'].map((type) => ({
        where: `'${type}:' in body.event_name`,
        streams: [type === 'item' ? 'tasks' : `${type}s`],
      })),
    },
    testRequest: { path: '/user' },
    streams: ['projects', 'sections', 'labels', 'tasks'].map(objects),
    actions,
  },
  guide: {
    app: {
      url: 'https://app.todoist.com/app/settings/integrations/app-management',
      steps: [
        {
          en: 'In the App Management Console, create a new app and enter its name.',
          de: 'Legen Sie in der App Management Console eine neue App an und geben Sie ihren Namen ein.',
        },
        {
          en: 'Paste the callback URL as **OAuth redirect URL** and save.',
          de: 'Fügen Sie die Callback-URL als **OAuth redirect URL** ein und speichern Sie.',
        },
        {
          en: 'Copy **Client ID** and **Client secret**.',
          de: 'Kopieren Sie die **Client ID** und das **Client secret**.',
        },
      ],
    },
    webhook: {
      url: 'https://app.todoist.com/app/settings/integrations/app-management',
      steps: [
        {
          en: 'In the app, paste the webhook URL. Todoist allows only https, and no port in it.',
          de: 'Fügen Sie in der App die Webhook-URL ein. Todoist erlaubt nur https und keinen Port darin.',
        },
        {
          en: 'Select the events of items, projects, sections and labels, and activate the webhook.',
          de: 'Wählen Sie die Events von Items, Projekten, Abschnitten und Labels und aktivieren Sie den Webhook.',
        },
        {
          en: 'Todoist sends the events of a person who connects after this. Have accounts that are connected already reconnected.',
          de: 'Todoist sendet die Events einer Person, die sich danach verbindet. Lassen Sie bereits verbundene Konten neu verbinden.',
        },
      ],
    },
    events: ['item:*', 'note:*', 'project:*', 'section:*', 'label:*'],
    scopes: {
      'data:read': {
        en: 'read your tasks, projects, labels and comments',
        de: 'Ihre Aufgaben, Projekte, Labels und Kommentare lesen',
      },
      'data:read_write': {
        en: 'read and change your tasks, projects, labels and comments',
        de: 'Ihre Aufgaben, Projekte, Labels und Kommentare lesen und ändern',
      },
      'data:delete': {
        en: 'delete your tasks, labels and comments',
        de: 'Ihre Aufgaben, Labels und Kommentare löschen',
      },
      'task:add': { en: 'add tasks', de: 'Aufgaben hinzufügen' },
      'project:delete': { en: 'delete your projects', de: 'Ihre Projekte löschen' },
    },
    rateLimit: null,
    hints: [
      {
        at: 'consent',
        errors: ['invalid_application_status'],
        cause: {
          en: 'The Todoist app has reached its limit of tokens, or is suspended.',
          de: 'Die Todoist-App hat ihre Höchstzahl an Tokens erreicht oder ist gesperrt.',
        },
        operator: {
          en: 'Look at the app in the App Management Console, and contact Todoist.',
          de: 'Sehen Sie sich die App in der App Management Console an und wenden Sie sich an Todoist.',
        },
        url: 'https://developer.todoist.com/api/v1/',
      },
      {
        at: 'token',
        errors: ['incorrect_application_credentials'],
        cause: {
          en: 'The client ID or the client secret is wrong.',
          de: 'Die Client-ID oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Copy both values again from the App Management Console.',
          de: 'Kopieren Sie beide Werte noch einmal aus der App Management Console.',
        },
        url: 'https://developer.todoist.com/api/v1/',
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        cause: {
          en: 'The refresh token is unknown, expired, revoked, or was used before.',
          de: 'Das Refresh-Token ist unbekannt, abgelaufen, widerrufen oder wurde schon verwendet.',
        },
        operator: { en: 'Have the account reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto erneut.' },
        url: 'https://developer.todoist.com/api/v1/',
      },
    ],
    tokens: {
      en: 'Access tokens of new apps live for one hour, and each renewal returns a new refresh token. Apps from before refresh tokens get tokens that do not expire, until refresh tokens are turned on in the App Management Console.',
      de: 'Access-Tokens neuer Apps gelten eine Stunde, und jede Erneuerung liefert ein neues Refresh-Token. Apps aus der Zeit vor den Refresh-Tokens erhalten Tokens, die nicht ablaufen, bis Refresh-Tokens in der App Management Console eingeschaltet werden.',
    },
    traps: [
      {
        en: 'Completed tasks are not in the stream tasks: it has only those that are open.',
        de: 'Erledigte Aufgaben fehlen im Stream tasks: Er enthält nur die offenen.',
      },
      {
        en: 'Priorities are reversed: 4 is what the app shows as priority 1.',
        de: 'Prioritäten sind umgekehrt: 4 ist, was die App als Priorität 1 zeigt.',
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '200' },
    recordsPath: ['results'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['next_cursor'], param: 'cursor' },
  }
}
