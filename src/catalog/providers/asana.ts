import { cursor, day, flag, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.asana.com/reference'

const gid = (description: string) => text(description, { pattern: '^[0-9]+$' })

const task = { task_id: gid('gid of the task.') }

const assignee = text('gid or email address of the user, or me.')

const dueOn = day('Day on which it is due, such as 2026-07-01.')

const notes = text('Description, as plain text.')

const actions: ActionDefinition[] = [
  {
    name: 'create_task',
    title: 'Create a task',
    description:
      'Creates a task in a workspace, in projects if you give them, and returns it with its gid and permalink_url.',
    docsUrl: `${reference}/createtask`,
    scopes: ['tasks:write'],
    input: input(
      { workspace_id: gid('gid of the workspace.'), name: text('Name of the task.') },
      {
        notes,
        project_ids: list('gids of projects of the workspace.', { type: 'string', pattern: '^[0-9]+$' }),
        assignee,
        due_on: dueOn,
      },
    ),
    request: {
      method: 'POST',
      path: '/tasks',
      json: {
        data: {
          workspace: '{{ args.workspace_id }}',
          name: '{{ args.name }}',
          notes: '{{ args.notes }}',
          projects: '{{ args.project_ids }}',
          assignee: '{{ args.assignee }}',
          due_on: '{{ args.due_on }}',
        },
      },
    },
    output: ['data'],
  },
  {
    name: 'update_task',
    title: 'Update or complete a task',
    description: 'Changes the given fields of a task and leaves the others. Returns the task.',
    docsUrl: `${reference}/updatetask`,
    scopes: ['tasks:write'],
    destructive: true,
    input: {
      ...input(task, {
        name: text('New name.'),
        notes,
        completed: flag('Whether the task is completed.'),
        assignee,
        due_on: dueOn,
      }),
      minProperties: 2,
    },
    request: {
      method: 'PUT',
      path: '/tasks/{{ args.task_id }}',
      json: {
        data: {
          name: '{{ args.name }}',
          notes: '{{ args.notes }}',
          completed: '{{ args.completed }}',
          assignee: '{{ args.assignee }}',
          due_on: '{{ args.due_on }}',
        },
      },
    },
    output: ['data'],
  },
  {
    name: 'get_task',
    title: 'Get a task',
    description: 'Returns one task: name, notes, assignee, projects, due date, and whether it is completed.',
    docsUrl: `${reference}/gettask`,
    scopes: ['tasks:read'],
    readOnly: true,
    input: input(task),
    request: { method: 'GET', path: '/tasks/{{ args.task_id }}' },
    output: ['data'],
  },
  {
    name: 'list_tasks',
    title: 'List tasks of a project',
    description: 'Lists the tasks of a project. Returns data; next_page.offset is the cursor of the next page.',
    docsUrl: `${reference}/gettasks`,
    scopes: ['tasks:read'],
    readOnly: true,
    input: input(
      { project_id: gid('gid of the project.') },
      {
        only_incomplete: flag('Whether completed tasks are left out. Default: false.'),
        limit: limit(100, 50),
        cursor: cursor('next_page.offset'),
      },
    ),
    request: {
      method: 'GET',
      path: '/tasks',
      query: {
        project: '{{ args.project_id }}',
        // `now` leaves out what is completed; every task was completed after this day, or is not.
        completed_since: "{{ 'now' if args.only_incomplete else '1970-01-01' }}",
        opt_fields: 'name,completed,assignee.name,due_on,modified_at,permalink_url',
        limit: '{{ args.limit | default(50) }}',
        offset: '{{ args.cursor }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['asana tasks'],
  logo: 'asana',
  color: '#f06a6a',
  sources: [
    { url: 'https://developers.asana.com/docs/oauth', read: '2026-11-29' },
    { url: 'https://developers.asana.com/docs/oauth-scopes', read: '2026-11-29' },
    { url: 'https://developers.asana.com/docs/manage-distribution', read: '2026-11-29' },
    { url: 'https://developers.asana.com/docs/rate-limits', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango requests the scope default. The documentation has it for apps with full permissions only.',
    },
  ],
  definition: {
    displayName: 'Asana',
    docsUrl: 'https://developers.asana.com/docs/oauth',
    categories: ['project management'],
    baseUrl: 'https://app.asana.com/api/1.0',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://app.asana.com/-/oauth_authorize',
      tokenUrl: 'https://app.asana.com/-/oauth_token',
      // Revokes the grant by its refresh token; access tokens are not accepted here.
      revocation: { url: 'https://app.asana.com/-/oauth_revoke', form: { token: '{{ config.refresh_token }}' } },
      // Scopes that an app registers (developers.asana.com/docs/oauth-scopes). An app with full permissions requests `default`.
      scopes: ['workspaces:read', 'users:read', 'projects:read'],
      tokenResponse: { keep: { user_gid: ['data', 'gid'], email: ['data', 'email'] } },
      rotation: 'none',
    },
    testRequest: { path: '/users/me' },
    streams: [
      {
        name: 'workspaces',
        path: '/workspaces',
        query: { limit: '100' },
        recordsPath: ['data'],
        primaryKey: [['gid']],
        pagination: { type: 'cursor', path: ['next_page', 'offset'], param: 'offset' },
      },
      {
        name: 'users',
        path: '/users',
        query: { limit: '100', opt_fields: 'name,email,workspaces' },
        recordsPath: ['data'],
        primaryKey: [['gid']],
        pagination: { type: 'cursor', path: ['next_page', 'offset'], param: 'offset' },
      },
      {
        name: 'projects',
        parent: { stream: 'workspaces' },
        path: '/workspaces/{{ parent.gid }}/projects',
        query: { limit: '100', opt_fields: 'name,archived,completed,owner,team,created_at,modified_at' },
        recordsPath: ['data'],
        primaryKey: [['gid']],
        pagination: { type: 'cursor', path: ['next_page', 'offset'], param: 'offset' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.asana.com/0/my-apps',
      steps: [
        {
          en: 'Select **Create new app**, enter a name, and select **Create app**. If Asana asks for the type, do not choose **MCP app**: its tokens are not accepted by the API.',
          de: 'Wählen Sie **Create new app**, geben Sie einen Namen ein und wählen Sie **Create app**. Falls Asana nach dem Typ fragt, wählen Sie nicht **MCP app**: Die API akzeptiert deren Tokens nicht.',
        },
        {
          en: 'Open **OAuth**. Under **Redirect URLs**, select **Add redirect URL**, and paste the callback URL. It has to begin with https.',
          de: 'Öffnen Sie **OAuth**. Wählen Sie unter **Redirect URLs** die Schaltfläche **Add redirect URL** und fügen Sie die Callback-URL ein. Sie muss mit https beginnen.',
        },
        {
          en: 'On the same page, under **Permission scopes**, select each scope that is listed here, and leave **Full permissions** off. Save the changes.',
          de: 'Wählen Sie auf derselben Seite unter **Permission scopes** jeden hier genannten Scope aus und lassen Sie **Full permissions** ausgeschaltet. Speichern Sie die Änderungen.',
        },
        {
          en: 'Open **Manage distribution**, choose **Any workspace**, and select **Save changes**. With **Specific workspaces**, only those that you add can be connected.',
          de: 'Öffnen Sie **Manage distribution**, wählen Sie **Any workspace** und dann **Save changes**. Mit **Specific workspaces** lassen sich nur die dort eingetragenen Workspaces verbinden.',
        },
        {
          en: 'Under **OAuth**, copy **Client ID** and **Client secret**.',
          de: 'Kopieren Sie unter **OAuth** die **Client ID** und das **Client secret**.',
        },
      ],
    },
    scopes: {
      'workspaces:read': {
        en: 'see the names and details of your workspaces and organizations',
        de: 'Namen und Details Ihrer Workspaces und Organisationen sehen',
      },
      'users:read': {
        en: 'see the people in your workspaces, with their email addresses and pictures',
        de: 'die Personen in Ihren Workspaces mit E-Mail-Adressen und Bildern sehen',
      },
      'projects:read': { en: 'read your projects', de: 'Ihre Projekte lesen' },
      'tasks:read': { en: 'read your tasks', de: 'Ihre Aufgaben lesen' },
      'tasks:write': { en: 'create and change tasks', de: 'Aufgaben anlegen und ändern' },
      default: {
        en: 'read, change and delete everything that you can in Asana',
        de: 'in Asana alles lesen, ändern und löschen, was Sie selbst können',
      },
    },
    rateLimit: {
      words: {
        en: '150 requests a minute for workspaces without a paid plan, 1,500 with one. At most 50 requests that read and 15 that write at the same time.',
        de: '150 Anfragen pro Minute bei Workspaces ohne bezahlten Tarif, 1.500 mit einem solchen. Gleichzeitig höchstens 50 lesende und 15 schreibende Anfragen.',
      },
      url: 'https://developers.asana.com/docs/rate-limits',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['does not match a valid url for the application'],
        cause: {
          en: 'The callback URL is not registered in the Asana app.',
          de: 'Die Callback-URL ist in der Asana-App nicht eingetragen.',
        },
        operator: {
          en: 'Add the callback URL exactly under **OAuth** and **Redirect URLs**.',
          de: 'Tragen Sie die Callback-URL genau so unter **OAuth** bei **Redirect URLs** ein.',
        },
        url: 'https://developers.asana.com/docs/oauth',
      },
      {
        at: 'consent',
        messages: ['This app is not available to your Asana workspace or organization'],
        cause: {
          en: 'The app is not distributed to the workspace of the person.',
          de: 'Die App ist für den Workspace der Person nicht freigegeben.',
        },
        operator: {
          en: 'Open **Manage distribution** in the developer console and choose **Any workspace**, or add the workspace.',
          de: 'Öffnen Sie in der Entwicklerkonsole **Manage distribution** und wählen Sie **Any workspace**, oder fügen Sie den Workspace hinzu.',
        },
        url: 'https://developers.asana.com/docs/manage-distribution',
      },
      {
        at: 'consent',
        errors: ['forbidden_scopes'],
        cause: {
          en: 'The integration requests a scope that is not selected in the app, or scopes from an app with full permissions.',
          de: 'Die Integration fordert einen Scope an, der in der App nicht ausgewählt ist, oder Scopes von einer App mit vollen Berechtigungen.',
        },
        operator: {
          en: 'Select each scope under **OAuth** and **Permission scopes** with **Full permissions** off. For an app with full permissions, request only the scope default.',
          de: 'Wählen Sie jeden Scope unter **OAuth** bei **Permission scopes** aus, mit ausgeschalteten **Full permissions**. Fordern Sie für eine App mit vollen Berechtigungen nur den Scope default an.',
        },
        url: 'https://developers.asana.com/docs/oauth',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The organization blocks apps that its super admin has not approved.',
          de: 'Die Organisation sperrt Apps, die ihr Super Admin nicht genehmigt hat.',
        },
        operator: {
          en: 'Ask a super admin of the Asana organization to allow the app.',
          de: 'Bitten Sie einen Super Admin der Asana-Organisation, die App zuzulassen.',
        },
        person: {
          en: 'Send the request that Asana offers, and connect the account again when the app is allowed.',
          de: 'Senden Sie die Anfrage, die Asana anbietet, und verbinden Sie das Konto erneut, sobald die App zugelassen ist.',
        },
      },
    ],
  },
}
