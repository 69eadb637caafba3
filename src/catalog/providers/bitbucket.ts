import { choice, input, integer, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const rest = 'https://developer.atlassian.com/cloud/bitbucket/rest'

const repository = {
  workspace: text('Slug of the workspace, the first part of the address of a repository.', {
    pattern: '^[A-Za-z0-9_.-]+$',
  }),
  repository: text('Slug of the repository, the second part of its address.', { pattern: '^[A-Za-z0-9_.-]+$' }),
}

const path = '/repositories/{{ args.workspace }}/{{ args.repository }}'

const actions: ActionDefinition[] = [
  {
    name: 'create_pull_request',
    title: 'Create a pull request',
    description: 'Creates a pull request between two branches and returns it with its id and links.',
    docsUrl: `${rest}/api-group-pullrequests/#api-repositories-workspace-repo-slug-pullrequests-post`,
    scopes: ['pullrequest:write'],
    input: input(
      { ...repository, title: text('Title.'), source_branch: text('Name of the branch with the changes.') },
      {
        destination_branch: text('Name of the branch to merge into. Default: the main branch.'),
        description: text('Description, in Markdown.'),
      },
    ),
    request: {
      method: 'POST',
      path: `${path}/pullrequests`,
      json: {
        title: '{{ args.title }}',
        description: '{{ args.description }}',
        source: { branch: { name: '{{ args.source_branch }}' } },
        destination: { branch: { name: '{{ args.destination_branch }}' } },
      },
    },
  },
  {
    name: 'list_pull_requests',
    title: 'List pull requests',
    description: 'Lists the pull requests of a repository, the last updated first. Returns values and next.',
    docsUrl: `${rest}/api-group-pullrequests/#api-repositories-workspace-repo-slug-pullrequests-get`,
    scopes: ['pullrequest'],
    readOnly: true,
    input: input(repository, {
      state: choice('Default: OPEN.', ['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED']),
      limit: limit(50, 20),
      page: page(),
    }),
    request: {
      method: 'GET',
      path: `${path}/pullrequests`,
      query: {
        state: '{{ args.state }}',
        sort: '-updated_on',
        pagelen: '{{ args.limit | default(20) }}',
        page: '{{ args.page }}',
      },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on a pull request',
    description: 'Adds a comment to a pull request and returns it with its id.',
    docsUrl: `${rest}/api-group-pullrequests/#api-repositories-workspace-repo-slug-pullrequests-pull-request-id-comments-post`,
    scopes: ['pullrequest'],
    input: input({
      ...repository,
      pull_request_id: integer('Number of the pull request.', { minimum: 1 }),
      body: text('Text of the comment, in Markdown.'),
    }),
    request: {
      method: 'POST',
      path: `${path}/pullrequests/{{ args.pull_request_id }}/comments`,
      json: { content: { raw: '{{ args.body }}' } },
    },
  },
]

/** Bitbucket Cloud. Its OAuth is its own, and not that of Jira and Confluence. */
export const provider: ProviderFile = {
  aliases: ['bitbucket cloud', 'bitbucket.org', 'atlassian bitbucket', 'bit bucket'],
  logo: 'bitbucket',
  color: '#0052cc',
  sources: [
    { url: 'https://confluence.atlassian.com/x/pwIwDg', read: '2026-11-29' },
    { url: 'https://confluence.atlassian.com/bitbucket/oauth-endpoint-300220600.html', read: '2026-11-29' },
    { url: 'https://developer.atlassian.com/cloud/bitbucket/changelog', read: '2026-11-29' },
    { url: 'https://bitbucket.org/blog/enhanced-webhook-security', read: '2026-11-29' },
    { url: 'https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/', read: '2026-11-29' },
    {
      url: 'https://support.atlassian.com/bitbucket-cloud/kb/this-api-is-not-accessible-by-this-authentication-mechanism',
      read: '2026-11-29',
    },
    { url: 'https://support.atlassian.com/ja/bitbucket-cloud/docs/create-an-api-token/', read: '2026-11-29' },
    // Email and API token as Basic, the addresses and the paging.
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
    { url: 'https://gitlab.com/gitlab-org/gitlab/-/work_items/589153', read: '2026-11-29', second: true },
    {
      url: 'https://community.atlassian.com/forums/Bitbucket-questions/Is-Get-a-Workspace-endpoint-going-to-be-deprecated/qaq-p/3218050',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://www.skills.sh/hookdeck/webhook-skills/bitbucket-webhooks',
      read: '2026-11-29',
      second: true,
    },
    // The scopes of API tokens.
    { url: 'https://docs.rs/crate/bbcloud/0.18.2/source/src/commands/auth.rs', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'Bitbucket',
    docsUrl: `${rest}/intro/`,
    categories: ['developer tools'],
    baseUrl: 'https://api.bitbucket.org/2.0',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Bitbucket account',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://bitbucket.org/site/oauth2/authorize',
            tokenUrl: 'https://bitbucket.org/site/oauth2/access_token',
            // The consumer has the scopes. Requests for a token cannot narrow them.
            clientAuth: 'client_secret_basic',
          },
        },
        {
          key: 'api_token',
          label: 'API token',
          auth: {
            type: 'basic',
            fields: [
              {
                name: 'email',
                label: 'Email address',
                description: 'Of the Atlassian account that the token belongs to.',
                required: true,
                pattern: '[^\\s:@]+@[^\\s:@]+',
                example: 'ada@example.com',
              },
              { name: 'api_token', label: 'API token', secret: true, required: true },
            ],
            username: '{{ config.email }}',
            password: '{{ config.api_token }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'] },
      ...[400, 403, 404, 410].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
      })),
    ],
    // bitbucket.org/blog/enhanced-webhook-security
    webhook: {
      verify: { method: 'hmac', header: 'X-Hub-Signature', hash: 'sha256', encoding: 'hex', prefix: 'sha256=' },
      id: "headers['x-request-uuid']",
      type: "headers['x-event-key']",
      // An event names its repository, but not for whom the webhook was created. The webhook's URL has to.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'pullrequest:' in headers['x-event-key']", streams: ['pull_requests'] },
        { where: "headers['x-event-key'] in ['repo:updated', 'repo:push']", streams: ['repositories'] },
      ],
    },
    testRequest: { path: '/user' },
    streams: [
      {
        name: 'workspaces',
        // Replaces /workspaces, which ended with other requests across workspaces (CHANGE-2770).
        path: '/user/workspaces',
        query: { pagelen: '100' },
        recordsPath: ['values'],
        primaryKey: [['workspace', 'uuid']],
        pagination: { type: 'next_url', path: ['next'] },
      },
      {
        name: 'repositories',
        parent: { stream: 'workspaces' },
        path: '/repositories/{{ parent.workspace.slug }}',
        query: { pagelen: '100' },
        recordsPath: ['values'],
        primaryKey: [['uuid']],
        pagination: { type: 'next_url', path: ['next'] },
      },
      {
        name: 'pull_requests',
        parent: { stream: 'repositories' },
        path: '/repositories/{{ parent.full_name }}/pullrequests',
        query: { state: ['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED'], sort: '-updated_on', pagelen: '50' },
        recordsPath: ['values'],
        primaryKey: [['id']],
        pagination: { type: 'next_url', path: ['next'] },
        incremental: { cursorField: ['updated_on'], by: 'newest_first', per: 'parent' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://bitbucket.org/account/workspaces/',
      steps: [
        {
          en: 'Open the workspace that shall own the consumer, select the **Settings** cog and **Workspace settings**. Under **Apps and features**, select **OAuth consumers**, then **Add consumer**.',
          de: 'Öffnen Sie den Workspace, dem der Consumer gehören soll, wählen Sie das Zahnrad **Settings** und **Workspace settings**. Wählen Sie unter **Apps and features** den Punkt **OAuth consumers** und dann **Add consumer**.',
        },
        {
          en: 'Enter a name, and paste the callback URL as **Callback URL**.',
          de: 'Geben Sie einen Namen ein und fügen Sie die Callback-URL als **Callback URL** ein.',
        },
        {
          en: 'Select the permissions to read the account, the repositories and the pull requests, and those that your actions need. They are the scopes of every token of this consumer.',
          de: 'Wählen Sie die Berechtigungen zum Lesen des Kontos, der Repositorys und der Pull Requests sowie die, die Ihre Aktionen brauchen. Sie sind die Scopes aller Tokens dieses Consumers.',
        },
        {
          en: 'Select **Save**, open the consumer, and copy **Key**, which is the client ID, and **Secret**, which is the client secret.',
          de: 'Wählen Sie **Save**, öffnen Sie den Consumer und kopieren Sie **Key**, die Client-ID, und **Secret**, das Client-Secret.',
        },
      ],
    },
    key: {
      url: 'https://id.atlassian.com/manage-profile/security/api-tokens',
      steps: [
        {
          en: 'In your Atlassian account, open **Security** and **Create and manage API tokens**, and select **Create API token with scopes**. Enter a name and an expiry date.',
          de: 'Öffnen Sie in Ihrem Atlassian-Konto **Security** und **Create and manage API tokens** und wählen Sie **Create API token with scopes**. Geben Sie einen Namen und ein Ablaufdatum ein.',
        },
        {
          en: 'Select **Bitbucket** as the app, and the scopes read:user:bitbucket, read:workspace:bitbucket, read:repository:bitbucket and read:pullrequest:bitbucket. Actions that write also need write:pullrequest:bitbucket.',
          de: 'Wählen Sie **Bitbucket** als App und die Scopes read:user:bitbucket, read:workspace:bitbucket, read:repository:bitbucket und read:pullrequest:bitbucket. Aktionen, die schreiben, brauchen auch write:pullrequest:bitbucket.',
        },
        {
          en: 'Copy the token, which is shown only once, and enter it with the email address of the account.',
          de: 'Kopieren Sie das Token, das nur einmal angezeigt wird, und geben Sie es mit der E-Mail-Adresse des Kontos ein.',
        },
      ],
    },
    webhook: {
      url: 'https://bitbucket.org/blog/enhanced-webhook-security',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'Give the connection an external ID, and append it to the webhook URL as the parameter external_id.',
          de: 'Geben Sie der Verbindung eine externe ID und hängen Sie sie als Parameter external_id an die Webhook-URL an.',
        },
        {
          en: 'In the settings of the repository or the workspace, open **Webhooks** and add a webhook with this URL, the secret and the events of repositories and pull requests.',
          de: 'Öffnen Sie in den Einstellungen des Repositorys oder des Workspace den Punkt **Webhooks** und fügen Sie einen Webhook mit dieser URL, dem Secret und den Events von Repositorys und Pull Requests hinzu.',
        },
      ],
    },
    events: ['pullrequest:*', 'repo:push', 'repo:updated'],
    fields: {
      email: {
        label: 'E-Mail-Adresse',
        description: 'Die des Atlassian-Kontos, zu dem das Token gehört.',
      },
      api_token: { label: 'API-Token' },
    },
    options: { oauth: 'Bitbucket-Konto', api_token: 'API-Token' },
    scopes: {
      pullrequest: {
        en: 'read your repositories and pull requests, and comment on pull requests',
        de: 'Ihre Repositorys und Pull Requests lesen und Pull Requests kommentieren',
      },
      'pullrequest:write': {
        en: 'create, change and merge pull requests, and change the code of your repositories',
        de: 'Pull Requests anlegen, ändern und mergen und den Code Ihrer Repositorys ändern',
      },
    },
    rateLimit: {
      words: {
        en: '1,000 requests an hour for each user in a rolling window. For repositories, up to 10,000 by the size of the paid plan.',
        de: '1.000 Anfragen pro Stunde je Person in einem gleitenden Zeitfenster. Für Repositorys je nach Größe des bezahlten Tarifs bis zu 10.000.',
      },
      url: 'https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/',
    },
    hints: [
      {
        at: 'request',
        statuses: [410],
        messages: ['CHANGE-2770'],
        cause: {
          en: 'The request reads across workspaces, which Bitbucket no longer allows.',
          de: 'Die Anfrage liest über mehrere Workspaces hinweg, was Bitbucket nicht mehr erlaubt.',
        },
        operator: {
          en: 'List the workspaces with /user/workspaces, and request the repositories of each.',
          de: 'Rufen Sie mit /user/workspaces die Workspaces ab und fragen Sie die Repositorys jedes einzelnen an.',
        },
        url: 'https://developer.atlassian.com/cloud/bitbucket/changelog',
      },
    ],
    tokens: {
      en: 'Access tokens expire after one or two hours; the response says when. API tokens expire on the date that was chosen for them.',
      de: 'Access-Tokens laufen nach ein oder zwei Stunden ab; die Antwort nennt die Zeit. API-Tokens laufen an dem Datum ab, das für sie gewählt wurde.',
    },
    traps: [
      {
        en: 'The scopes belong to the consumer. After a change there, accounts have to be connected again.',
        de: 'Die Scopes gehören zum Consumer. Nach einer Änderung dort müssen Konten neu verbunden werden.',
      },
      {
        en: 'No request lists the repositories of all workspaces at once: each workspace has to be read on its own.',
        de: 'Keine Anfrage listet die Repositorys aller Workspaces auf einmal auf: Jeder Workspace muss für sich gelesen werden.',
      },
    ],
  },
}
