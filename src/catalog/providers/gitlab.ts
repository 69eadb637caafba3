import { choice, day, flag, input, integer, limit, list, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const host = "https://{{ input.host | default('gitlab.com') }}"

const project = { project_id: text('Id of the project, or its full path, such as my-group/my-project.') }

const issue = { issue_iid: integer('Number of the issue within its project (iid).', { minimum: 1 }) }

const path = '/projects/{{ args.project_id | urlencode }}/issues'

const actions: ActionDefinition[] = [
  {
    name: 'create_issue',
    title: 'Create an issue',
    description: 'Creates an issue in a project and returns it with its iid and web_url.',
    docsUrl: 'https://docs.gitlab.com/api/issues/#create-an-issue',
    scopes: ['api'],
    input: input(
      { ...project, title: text('Title.', { maxLength: 255 }) },
      {
        description: text('Description, in Markdown.', { maxLength: 1_048_576 }),
        labels: list('Names of labels. Labels that do not exist are created.', { type: 'string' }),
        assignee_ids: list('Ids of the users to assign.', { type: 'integer' }),
        due_date: day('Day on which it is due, such as 2026-07-01.'),
        confidential: flag('Whether only members of the project see it. Default: false.'),
      },
    ),
    request: {
      method: 'POST',
      path,
      json: {
        title: '{{ args.title }}',
        description: '{{ args.description }}',
        labels: "{{ args.labels | join(',') }}",
        assignee_ids: '{{ args.assignee_ids }}',
        due_date: '{{ args.due_date }}',
        confidential: '{{ args.confidential }}',
      },
    },
  },
  {
    name: 'list_issues',
    title: 'List issues',
    description: 'Lists the issues of a project, the newest first. A full page means that there may be another one.',
    docsUrl: 'https://docs.gitlab.com/api/issues/#list-project-issues',
    scopes: ['read_api'],
    readOnly: true,
    input: input(project, {
      state: choice('Default: all issues.', ['opened', 'closed']),
      labels: list('Only issues that have all of these labels.', { type: 'string' }),
      search: text('Only issues with these words in title or description.'),
      limit: limit(100, 20),
      page: page(),
    }),
    request: {
      method: 'GET',
      path,
      query: {
        state: '{{ args.state }}',
        labels: "{{ args.labels | join(',') }}",
        search: '{{ args.search }}',
        per_page: '{{ args.limit | default(20) }}',
        page: '{{ args.page }}',
      },
    },
  },
  {
    name: 'get_issue',
    title: 'Get an issue',
    description: 'Returns one issue of a project: title, description, state, labels, assignees and due date.',
    docsUrl: 'https://docs.gitlab.com/api/issues/#retrieve-a-project-issue',
    scopes: ['read_api'],
    readOnly: true,
    input: input({ ...project, ...issue }),
    request: { method: 'GET', path: `${path}/{{ args.issue_iid }}` },
  },
  {
    name: 'create_comment',
    title: 'Comment on an issue',
    description: 'Adds a comment (note) to an issue and returns it.',
    docsUrl: 'https://docs.gitlab.com/api/notes/#create-an-issue-note',
    scopes: ['api'],
    input: input({ ...project, ...issue, body: text('Text of the comment, in Markdown.', { maxLength: 1_000_000 }) }),
    request: { method: 'POST', path: `${path}/{{ args.issue_iid }}/notes`, json: { body: '{{ args.body }}' } },
  },
]

export const provider: ProviderFile = {
  aliases: ['git lab', 'gitlab issues', 'gitlab self-managed'],
  logo: 'gitlab',
  color: '#fc6d26',
  sources: [
    { url: 'https://docs.gitlab.com/integration/oauth_provider/', read: '2026-11-29' },
    { url: 'https://docs.gitlab.com/api/oauth2/', read: '2026-11-29' },
    { url: 'https://docs.gitlab.com/user/project/integrations/webhooks/', read: '2026-11-29' },
    { url: 'https://docs.gitlab.com/user/gitlab_com/rate_limits/', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango knows gitlab.com only. The same endpoints are at the host of each GitLab.',
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'GitLab',
    docsUrl: 'https://docs.gitlab.com/api/oauth2/',
    categories: ['developer tools'],
    baseUrl: `${host}/api/v4`,
    inputFields: [
      {
        name: 'host',
        label: 'Host',
        description: 'Of a server of your own. Default: gitlab.com.',
        pattern: '[a-z0-9.-]+',
        example: 'gitlab.example.com',
      },
    ],
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${host}/oauth/authorize`,
      tokenUrl: `${host}/oauth/token`,
      revocation: { url: `${host}/oauth/revoke` },
      // Other servers are added by the workspace, with oauthClient.hosts.
      clientHosts: ['gitlab.com'],
      scopes: ['read_api', 'read_user'],
      // A refresh invalidates the previous access token and refresh token.
      rotation: 'strict',
    },
    // docs.gitlab.com/user/project/integrations/webhooks, docs.gitlab.com/user/project/integrations/webhook_events
    webhook: {
      verify: { method: 'token', place: { in: 'header', name: 'X-Gitlab-Token' } },
      // The same for each attempt to deliver an event. GitLab has it since version 17.4.
      id: "headers['idempotency-key']",
      type: 'body.object_kind or body.event_name',
      // An event names its project and its author, but not for whom the webhook was created. The webhook's URL has to.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "body.object_kind in ['issue', 'note']", streams: ['issues'] },
        { where: "'project_' in body.event_name", streams: ['projects'] },
      ],
    },
    testRequest: { path: '/user' },
    streams: [
      {
        name: 'projects',
        path: '/projects',
        query: { membership: 'true', pagination: 'keyset', order_by: 'id', per_page: '100' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'issues',
        path: '/issues',
        query: { scope: 'all', order_by: 'updated_at', sort: 'asc', per_page: '100' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
        incremental: { cursorField: ['updated_at'], param: 'updated_after', format: 'iso8601', lookback: 'PT1S' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://gitlab.com/-/user_settings/applications',
      steps: [
        {
          en: 'For a server of your own, open the same page there: your avatar, **Edit profile**, **Applications**. An application of gitlab.com does not work on other servers.',
          de: 'Öffnen Sie für einen eigenen Server dieselbe Seite dort: Ihr Avatar, **Edit profile**, **Applications**. Eine Anwendung von gitlab.com gilt nicht für andere Server.',
        },
        {
          en: 'Select **Add new application**. Enter a **Name** and paste the callback URL as **Redirect URI**. Leave **Confidential** selected.',
          de: 'Wählen Sie **Add new application**. Geben Sie einen **Name** ein und fügen Sie die Callback-URL als **Redirect URI** ein. Lassen Sie **Confidential** ausgewählt.',
        },
        {
          en: 'Under **Scopes**, select each scope that is listed here. GitLab refuses a scope that is not selected in the application, even if a wider one is.',
          de: 'Wählen Sie unter **Scopes** jeden hier genannten Scope aus. GitLab lehnt einen Scope ab, der in der Anwendung nicht ausgewählt ist, auch wenn ein umfassenderer es ist.',
        },
        {
          en: 'Select **Save application**. Copy the **Application ID**, which is the client ID, and the **Secret**, which is the client secret. GitLab shows the secret only now.',
          de: 'Wählen Sie **Save application**. Kopieren Sie die **Application ID** (die Client-ID) und das **Secret** (das Client-Secret). GitLab zeigt das Secret nur jetzt.',
        },
      ],
    },
    webhook: {
      url: 'https://gitlab.com/dashboard/projects',
      steps: [
        {
          en: 'Open the project (as Maintainer) or the group (as Owner, with GitLab Premium). Select **Settings**, **Webhooks**, **Add new webhook**.',
          de: 'Öffnen Sie das Projekt (als Maintainer) oder die Gruppe (als Owner, mit GitLab Premium). Wählen Sie **Settings**, **Webhooks**, **Add new webhook**.',
        },
        {
          en: 'In **URL**, paste the webhook URL and append ?external_id= with the external ID of the connection, because events do not name the account.',
          de: 'Fügen Sie in **URL** die Webhook-URL ein und hängen Sie ?external_id= mit der externen ID der Verbindung an, weil die Events das Konto nicht nennen.',
        },
        {
          en: 'In **Secret token**, enter a long random text. Save the same text here as the webhook secret, and use it for all webhooks of this integration.',
          de: 'Geben Sie in **Secret token** einen langen zufälligen Text ein. Speichern Sie denselben Text hier als Webhook-Secret und verwenden Sie ihn für alle Webhooks dieser Integration.',
        },
        {
          en: 'Under **Trigger**, select the events, such as those of issues and comments. Leave **Enable SSL verification** selected, and select **Add webhook**.',
          de: 'Wählen Sie unter **Trigger** die Events, zum Beispiel die von Issues und Kommentaren. Lassen Sie **Enable SSL verification** ausgewählt und wählen Sie **Add webhook**.',
        },
      ],
    },
    fields: {
      host: { label: 'Hostname', description: 'Ihres eigenen Servers. Standard: gitlab.com.' },
    },
    events: ['issue', 'note', 'project_*'],
    scopes: {
      read_api: {
        en: 'read all your groups and projects, including issues, container images and packages',
        de: 'alle Ihre Gruppen und Projekte lesen, einschließlich Issues, Container-Images und Paketen',
      },
      read_user: {
        en: 'read your profile, and the profiles of other people that you can see',
        de: 'Ihr Profil lesen sowie die Profile anderer Personen, die Sie sehen können',
      },
      api: {
        en: 'read, change and delete everything that you can in your groups and projects, including container images and packages',
        de: 'in Ihren Gruppen und Projekten alles lesen, ändern und löschen, was Sie selbst können, einschließlich Container-Images und Paketen',
      },
    },
    rateLimit: {
      words: {
        en: '2,000 requests a minute for each person at gitlab.com. Servers of your own have limits that their operator sets.',
        de: '2.000 Anfragen pro Minute für jede Person bei gitlab.com. Auf eigenen Servern legt deren Betreiber die Grenzen fest.',
      },
      url: 'https://docs.gitlab.com/user/gitlab_com/rate_limits/',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['The redirect URI included is not valid'],
        cause: {
          en: 'The callback URL is not registered in the GitLab application.',
          de: 'Die Callback-URL ist in der GitLab-Anwendung nicht eingetragen.',
        },
        operator: {
          en: 'Paste the callback URL exactly into **Redirect URI** of the application.',
          de: 'Fügen Sie die Callback-URL genau so bei **Redirect URI** der Anwendung ein.',
        },
        url: 'https://docs.gitlab.com/api/oauth2/',
      },
      {
        at: 'provider_page',
        messages: ['The requested scope is invalid, unknown, or malformed'],
        cause: {
          en: 'The integration requests a scope that is not selected in the GitLab application.',
          de: 'Die Integration fordert einen Scope an, der in der GitLab-Anwendung nicht ausgewählt ist.',
        },
        operator: {
          en: 'Edit the application and select each scope of the integration under **Scopes**.',
          de: 'Bearbeiten Sie die Anwendung und wählen Sie unter **Scopes** jeden Scope der Integration aus.',
        },
        url: 'https://docs.gitlab.com/integration/oauth_provider/',
      },
      {
        at: 'provider_page',
        messages: ['Client authentication failed due to unknown client'],
        cause: {
          en: 'The GitLab server does not know the client ID. Usually the application is registered on another server.',
          de: 'Der GitLab-Server kennt die Client-ID nicht. Meist ist die Anwendung auf einem anderen Server eingetragen.',
        },
        operator: {
          en: 'Register the application on the server that people connect to, and enter its **Application ID** in the integration.',
          de: 'Tragen Sie die Anwendung auf dem Server ein, mit dem sich die Personen verbinden, und geben Sie deren **Application ID** in der Integration an.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong, or the secret was renewed.',
          de: 'Die Client-ID oder das Client-Secret ist falsch, oder das Secret wurde erneuert.',
        },
        operator: {
          en: 'Select **Renew secret** in the application and enter the new secret in the integration.',
          de: 'Wählen Sie in der Anwendung **Renew secret** und tragen Sie das neue Secret in der Integration ein.',
        },
        url: 'https://docs.gitlab.com/integration/oauth_provider/',
      },
      {
        at: 'request',
        messages: ['requires higher privileges than provided by the access token'],
        cause: {
          en: 'The token lacks a scope that this request needs.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope in the GitLab application and to the integration, then have the account reconnected. Requests that change something need api.',
          de: 'Ergänzen Sie den Scope in der GitLab-Anwendung und in der Integration und lassen Sie das Konto dann neu verbinden. Anfragen, die etwas ändern, brauchen api.',
        },
        url: 'https://docs.gitlab.com/integration/oauth_provider/',
      },
    ],
  },
}
