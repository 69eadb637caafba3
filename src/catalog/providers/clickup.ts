import { flag, input, integer, list, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.clickup.com/reference'

const task = { task_id: text('Id of the task, such as 9hv.', { pattern: '^[A-Za-z0-9-]+$' }) }

const listId = { list_id: text('Id of the list. It is in the address of the list.', { pattern: '^[0-9]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_task',
    title: 'Create a task',
    description: 'Creates a task in a list and returns it with its id and url.',
    docsUrl: `${reference}/createtask`,
    input: input(
      { ...listId, name: text('Name of the task.') },
      {
        description: text('Description, in Markdown.'),
        assignee_ids: list('Ids of users to assign.', { type: 'integer' }),
        status: text('Name of the status, as the list has it. Default: the first one.'),
        priority: integer('1: urgent, 2: high, 3: normal, 4: low.', { minimum: 1, maximum: 4 }),
        due_date: integer('When it is due, in milliseconds since 1970.', { minimum: 0 }),
        tags: list('Names of tags.', { type: 'string' }),
        parent: text('Id of the parent task, for a subtask.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/list/{{ args.list_id }}/task',
      json: {
        name: '{{ args.name }}',
        markdown_content: '{{ args.description }}',
        assignees: '{{ args.assignee_ids }}',
        status: '{{ args.status }}',
        priority: '{{ args.priority }}',
        due_date: '{{ args.due_date }}',
        tags: '{{ args.tags }}',
        parent: '{{ args.parent }}',
      },
    },
  },
  {
    name: 'list_tasks',
    title: 'List tasks of a list',
    description: 'Lists up to 100 tasks of a list. Returns tasks and last_page.',
    docsUrl: `${reference}/gettasks`,
    readOnly: true,
    input: input(listId, {
      include_closed: flag('Whether closed tasks are returned too. Default: false.'),
      subtasks: flag('Whether subtasks are returned too. Default: false.'),
      page: page(),
    }),
    request: {
      method: 'GET',
      path: '/list/{{ args.list_id }}/task',
      query: {
        include_closed: '{{ args.include_closed }}',
        subtasks: '{{ args.subtasks }}',
        // ClickUp counts from 0.
        page: '{{ (args.page | default(1)) - 1 }}',
      },
    },
  },
  {
    name: 'get_task',
    title: 'Get a task',
    description: 'Returns one task: name, description, status, priority, assignees, dates and custom fields.',
    docsUrl: `${reference}/gettask`,
    readOnly: true,
    input: input(task),
    request: { method: 'GET', path: '/task/{{ args.task_id }}' },
  },
  {
    name: 'add_comment',
    title: 'Comment on a task',
    description: 'Adds a comment to a task and returns its id.',
    docsUrl: `${reference}/createtaskcomment`,
    input: input(
      { ...task, body: text('Text of the comment, as plain text.') },
      { notify_all: flag('Whether the person who comments is notified too. Default: false.') },
    ),
    request: {
      method: 'POST',
      path: '/task/{{ args.task_id }}/comment',
      json: { comment_text: '{{ args.body }}', notify_all: '{{ args.notify_all | default(false) }}' },
    },
  },
]

/** Version 2 of the API, in which workspaces are called teams. */
export const provider: ProviderFile = {
  aliases: ['click up', 'clickup tasks'],
  logo: 'clickup',
  color: '#7b68ee',
  sources: [
    { url: 'https://developer.clickup.com/docs', read: '2026-11-29' },
    { url: 'https://developer.clickup.com/docs/authentication.md', read: '2026-11-29' },
    { url: 'https://developer.clickup.com/docs/rate-limits', read: '2026-11-29' },
    { url: 'https://developer.clickup.com/docs/webhooksignature', read: '2026-11-29' },
    { url: 'https://developer.clickup.com/docs/faq', read: '2026-11-29' },
    { url: 'https://developer.clickup.com/reference/getaccesstoken.md', read: '2026-11-29' },
    { url: 'https://docs.n8n.io/credentials/clickUp/', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs: 'Requests scopes. The documentation knows none: the person chooses workspaces.',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-clickup-api/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    // The parameters of tasks, among them markdown_content, and the size of a page.
    { url: 'https://rdrr.io/github/psolymos/clickrup/man/api-tasks.html', read: '2026-11-29', second: true },
    // The documented codes of errors, and Bearer for tokens of OAuth.
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/clickup/refs/heads/main/errors/clickup-error-codes.yml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'ClickUp',
    docsUrl: 'https://developer.clickup.com/docs',
    categories: ['project management'],
    baseUrl: 'https://api.clickup.com/api/v2',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'ClickUp account',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://app.clickup.com/api',
            tokenUrl: 'https://api.clickup.com/api/v2/oauth/token',
            // Forms are not fully supported (developer.clickup.com/docs/faq).
            tokenRequest: { format: 'json' },
            tokenResponse: { error: ['ECODE'], errorDescription: ['err'] },
          },
        },
        {
          key: 'api_token',
          label: 'Personal API token',
          auth: {
            type: 'api_key',
            fields: [
              {
                name: 'api_token',
                label: 'API token',
                secret: true,
                required: true,
                pattern: 'pk_[A-Za-z0-9_]+',
                example: 'pk_4753994_EXP7MPOJ7XQM5UJDV2M45MPF0YHH5YHO',
              },
            ],
            value: '{{ config.api_token }}',
            placement: { in: 'header', name: 'Authorization' },
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['err'], as: 'auth', message: ['err'], code: ['ECODE'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['err'],
        as: 'fail' as const,
        message: ['err'],
        code: ['ECODE'],
      })),
    ],
    // developer.clickup.com/docs/webhooksignature
    webhook: {
      verify: { method: 'hmac', header: 'X-Signature', hash: 'sha256', encoding: 'hex' },
      // Missing where an event has no history.
      id: "body.webhook_id ~ ':' ~ body.history_items[0].id",
      type: 'body.event',
      // An event names its webhook and its task. The webhook's URL has to say for whom it was created.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'task' in body.event", streams: ['tasks'] },
        { where: "'space' in body.event", streams: ['spaces'] },
        { where: "'folder' in body.event", streams: ['folders'] },
      ],
    },
    testRequest: { path: '/user' },
    streams: [
      { name: 'workspaces', path: '/team', recordsPath: ['teams'], primaryKey: [['id']] },
      {
        name: 'spaces',
        parent: { stream: 'workspaces' },
        path: '/team/{{ parent.id }}/space',
        recordsPath: ['spaces'],
        primaryKey: [['id']],
      },
      {
        // With the lists in them.
        name: 'folders',
        parent: { stream: 'spaces' },
        path: '/space/{{ parent.id }}/folder',
        recordsPath: ['folders'],
        primaryKey: [['id']],
      },
      {
        name: 'tasks',
        parent: { stream: 'workspaces' },
        path: '/team/{{ parent.id }}/task',
        query: { order_by: 'updated', include_closed: 'true', subtasks: 'true' },
        recordsPath: ['tasks'],
        primaryKey: [['id']],
        pagination: { type: 'page', param: 'page', start: 0 },
        responses: [{ path: ['last_page'], equals: true, as: 'end' }],
        incremental: {
          cursorField: ['date_updated'],
          fieldFormat: 'epoch_ms',
          param: 'date_updated_gt',
          format: 'epoch_ms',
          // The parameter leaves out the time itself.
          lookback: 'PT1S',
          per: 'parent',
        },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.clickup.com/settings/apps',
      steps: [
        {
          en: 'As an owner or admin of the workspace that shall own the app, select your avatar, **Integrations** and **ClickUp API**.',
          de: 'Wählen Sie als Owner oder Admin des Workspace, dem die App gehören soll, Ihren Avatar, **Integrations** und **ClickUp API**.',
        },
        {
          en: 'Select **Create an App**, enter a name, and paste the callback URL as **Redirect URL**.',
          de: 'Wählen Sie **Create an App**, geben Sie einen Namen ein und fügen Sie die Callback-URL als **Redirect URL** ein.',
        },
        {
          en: 'Copy the client ID and the client secret.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret.',
        },
      ],
    },
    key: {
      url: 'https://app.clickup.com/settings/apps',
      steps: [
        {
          en: 'Select your avatar, then **Settings** and **Apps**.',
          de: 'Wählen Sie Ihren Avatar, dann **Settings** und **Apps**.',
        },
        {
          en: 'Under **API Token**, select **Generate** and copy the token. It begins with pk_ and does not expire. **Regenerate** ends the previous one.',
          de: 'Wählen Sie unter **API Token** die Schaltfläche **Generate** und kopieren Sie das Token. Es beginnt mit pk_ und läuft nicht ab. **Regenerate** beendet das vorherige.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.clickup.com/docs/webhooksignature',
      steps: [
        {
          en: 'Give the connection an external ID, and append it to the webhook URL as the parameter external_id.',
          de: 'Geben Sie der Verbindung eine externe ID und hängen Sie sie als Parameter external_id an die Webhook-URL an.',
        },
        {
          en: 'Send POST /team/{id of the workspace}/webhook with the token of the connection: **endpoint** is this URL, and **events** says what is reported.',
          de: 'Senden Sie POST /team/{ID des Workspace}/webhook mit dem Token der Verbindung: **endpoint** ist diese URL, **events** bestimmt, was gemeldet wird.',
        },
        {
          en: 'Save the secret of the response here as the webhook secret. ClickUp makes one for each webhook, so each webhook needs an integration of its own.',
          de: 'Speichern Sie das Secret aus der Antwort hier als Webhook-Secret. ClickUp erzeugt für jeden Webhook eines, deshalb braucht jeder Webhook eine eigene Integration.',
        },
      ],
    },
    events: ['task*', 'list*', 'folder*', 'space*'],
    fields: { api_token: { label: 'API-Token' } },
    options: { oauth: 'ClickUp-Konto', api_token: 'Persönliches API-Token' },
    scopes: {},
    rateLimit: {
      words: {
        en: '100 requests a minute for each token on the plans Free Forever, Unlimited and Business, 1,000 on Business Plus, 10,000 on Enterprise.',
        de: '100 Anfragen pro Minute je Token in den Tarifen Free Forever, Unlimited und Business, 1.000 mit Business Plus, 10.000 mit Enterprise.',
      },
      url: 'https://developer.clickup.com/docs/rate-limits',
    },
    hints: [
      {
        at: 'request',
        messages: ['OAUTH_023', 'OAUTH_026', 'OAUTH_027'],
        cause: {
          en: 'The person did not select this workspace when connecting.',
          de: 'Die Person hat diesen Workspace beim Verbinden nicht ausgewählt.',
        },
        operator: {
          en: 'Have the account reconnected with the workspace selected.',
          de: 'Lassen Sie das Konto neu verbinden und dabei den Workspace auswählen.',
        },
        person: {
          en: 'Connect the account again, and select the workspace.',
          de: 'Verbinden Sie das Konto erneut und wählen Sie den Workspace aus.',
        },
      },
    ],
    tokens: {
      en: 'Tokens do not expire, and there is no refresh token.',
      de: 'Tokens laufen nicht ab, und es gibt kein Refresh-Token.',
    },
    traps: [
      {
        en: 'There are no scopes: the person chooses workspaces, and the token may do there what the person may.',
        de: 'Es gibt keine Scopes: Die Person wählt Workspaces aus, und das Token darf dort, was die Person darf.',
      },
      {
        en: 'A personal token is sent without Bearer, one of OAuth with it.',
        de: 'Ein persönliches Token wird ohne Bearer gesendet, eines aus OAuth mit Bearer.',
      },
      {
        en: 'Version 2 of the API calls workspaces teams.',
        de: 'Version 2 der API nennt Workspaces Teams.',
      },
    ],
  },
}
