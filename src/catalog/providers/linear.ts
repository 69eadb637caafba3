import { cursor, day, input, integer, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docsUrl = 'https://linear.app/developers/graphql'

const id = (description: string) => text(description, { format: 'uuid' })

const ISSUE =
  'id identifier title description priority dueDate url createdAt updatedAt state { id name type } team { id key } assignee { id name }'

/** GraphQL: failures have status 200, and `responseErrors` of the definition makes them errors. */
const actions: ActionDefinition[] = [
  {
    name: 'create_issue',
    title: 'Create an issue',
    description: 'Creates an issue in a team and returns it with its identifier (such as ENG-123) and url.',
    docsUrl,
    scopes: ['write'],
    input: input(
      { team_id: id('Id of the team. list_teams returns it.'), title: text('Title.') },
      {
        description: text('Description, in Markdown.'),
        assignee_id: id('Id of the user to assign.'),
        priority: integer('0: none, 1: urgent, 2: high, 3: normal, 4: low.', { minimum: 0, maximum: 4 }),
        state_id: id('Id of the workflow state. Default: the first state of the team.'),
        project_id: id('Id of the project.'),
        label_ids: list('Ids of labels.', { type: 'string', format: 'uuid' }),
        due_date: day('Day on which it is due, such as 2026-07-01.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { ${ISSUE} } } }`,
        variables: {
          input: {
            teamId: '{{ args.team_id }}',
            title: '{{ args.title }}',
            description: '{{ args.description }}',
            assigneeId: '{{ args.assignee_id }}',
            priority: '{{ args.priority }}',
            stateId: '{{ args.state_id }}',
            projectId: '{{ args.project_id }}',
            labelIds: '{{ args.label_ids }}',
            dueDate: '{{ args.due_date }}',
          },
        },
      },
    },
    output: ['data', 'issueCreate', 'issue'],
  },
  {
    name: 'list_issues',
    title: 'List issues',
    description:
      'Lists issues, the last updated first, of all teams or of one. Returns nodes and pageInfo; pageInfo.endCursor is the cursor of the next page while pageInfo.hasNextPage is true.',
    docsUrl,
    scopes: ['read'],
    readOnly: true,
    input: input(
      {},
      {
        team_id: id('Only issues of this team.'),
        assignee_id: id('Only issues of this user.'),
        state: text('Only issues in workflow states of this name, such as In Progress.'),
        limit: limit(100, 50),
        cursor: cursor('pageInfo.endCursor'),
      },
    ),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($first: Int, $after: String, $filter: IssueFilter) { issues(first: $first, after: $after, filter: $filter, orderBy: updatedAt) { nodes { ${ISSUE} } pageInfo { hasNextPage endCursor } } }`,
        variables: {
          first: '{{ args.limit | default(50) }}',
          after: '{{ args.cursor }}',
          filter: {
            team: { id: { eq: '{{ args.team_id }}' } },
            assignee: { id: { eq: '{{ args.assignee_id }}' } },
            state: { name: { eq: '{{ args.state }}' } },
          },
        },
      },
    },
    output: ['data', 'issues'],
  },
  {
    name: 'get_issue',
    title: 'Get an issue',
    description: 'Returns one issue with its comments (the first 50).',
    docsUrl,
    scopes: ['read'],
    readOnly: true,
    input: input({ issue: text('Id or identifier of the issue, such as ENG-123.') }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($id: String!) { issue(id: $id) { ${ISSUE} comments(first: 50) { nodes { id body createdAt user { id name } } } } }`,
        variables: { id: '{{ args.issue }}' },
      },
    },
    output: ['data', 'issue'],
  },
  {
    name: 'create_comment',
    title: 'Comment on an issue',
    description: 'Adds a comment to an issue and returns it with its url.',
    docsUrl,
    scopes: ['write'],
    input: input({
      issue_id: id('Id of the issue. get_issue and list_issues return it.'),
      body: text('Text of the comment, in Markdown.'),
    }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query:
          'mutation ($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id body url createdAt } } }',
        variables: { input: { issueId: '{{ args.issue_id }}', body: '{{ args.body }}' } },
      },
    },
    output: ['data', 'commentCreate', 'comment'],
  },
  {
    name: 'list_teams',
    title: 'List teams',
    description: 'Lists the teams with id, key, name and workflow states (the first 50 of each).',
    docsUrl,
    scopes: ['read'],
    readOnly: true,
    input: input({}, { limit: limit(100, 50) }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query:
          'query ($first: Int) { teams(first: $first) { nodes { id key name states(first: 50) { nodes { id name type } } } } }',
        variables: { first: '{{ args.limit | default(50) }}' },
      },
    },
    output: ['data', 'teams', 'nodes'],
  },
]

export const provider: ProviderFile = {
  aliases: ['linear issues', 'linear.app'],
  logo: 'linear',
  color: '#5e6ad2',
  sources: [
    { url: 'https://linear.app/developers/oauth-2-0-authentication', read: '2026-11-29' },
    { url: 'https://linear.app/developers/oauth-app-manifests', read: '2026-11-29' },
    { url: 'https://linear.app/developers/webhooks', read: '2026-11-29' },
    { url: 'https://linear.app/developers/rate-limiting', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango leaves PKCE out. Here a code challenge is sent, as to other providers.',
    },
    { url: 'https://github.com/linear/linear', read: '2026-11-29', second: true },
  ],
  // The labels of the form are taken from guides of others, which differ.
  unverified: ['app'],
  definition: {
    displayName: 'Linear',
    docsUrl: 'https://linear.app/developers/oauth-2-0-authentication',
    categories: ['project management', 'ticketing'],
    baseUrl: 'https://api.linear.app',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://linear.app/oauth/authorize',
      authorizationParams: { prompt: 'consent' },
      tokenUrl: 'https://api.linear.app/oauth/token',
      revocation: { url: 'https://api.linear.app/oauth/revoke' },
      scopes: ['read'],
      scopeSeparator: ',',
    },
    responseErrors: [
      { path: ['errors', 0, 'extensions', 'code'], equals: 'AUTHENTICATION_ERROR', as: 'auth' },
      { path: ['errors', 0, 'extensions', 'code'], equals: 'RATELIMITED', as: 'rate_limit' },
      ...[200, 400].map((status) => ({ status, path: ['errors', 0, 'message'], as: 'fail' as const })),
    ],
    afterConnect: [
      {
        path: '/graphql',
        json: { query: '{ organization { id } }' },
        keep: { organization_id: ['data', 'organization', 'id'] },
      },
    ],
    // linear.app/developers/webhooks
    webhook: {
      verify: {
        method: 'hmac',
        header: 'Linear-Signature',
        hash: 'sha256',
        encoding: 'hex',
        timestamp: { path: ['webhookTimestamp'], format: 'epoch_ms', tolerance: 'PT1M' },
      },
      id: "headers['linear-delivery']",
      type: 'body.type',
      connection: { value: 'body.organizationId', equals: 'kept.organization_id' },
      sync: ['Issue', 'Project', 'User'].map((type) => ({
        where: `body.type == '${type}'`,
        streams: [`${type.toLowerCase()}s`],
      })),
    },
    testRequest: { path: '/graphql', json: { query: '{ viewer { id } }' } },
    streams: [
      nodes('teams', 'id key name createdAt updatedAt'),
      nodes('users', 'id name email active createdAt updatedAt'),
      nodes('projects', 'id name description state startDate targetDate createdAt updatedAt'),
      nodes(
        'issues',
        'id identifier title priority dueDate url createdAt updatedAt completedAt canceledAt state { id name type } team { id } assignee { id } project { id }',
      ),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://linear.app/settings/api/applications/new',
      steps: [
        {
          en: 'Sign in as an admin of the workspace that will own the application. Linear recommends a workspace of its own, because every admin of the workspace has access to the application.',
          de: 'Melden Sie sich als Admin des Workspace an, dem die Anwendung gehören soll. Linear empfiehlt einen eigenen Workspace, weil alle Admins des Workspace Zugriff auf die Anwendung haben.',
        },
        {
          en: 'Enter a name and the developer, and paste the callback URL into **Redirect URIs**, which Linear called **Callback URLs** before.',
          de: 'Geben Sie einen Namen und den Entwickler ein und fügen Sie die Callback-URL bei **Redirect URIs** ein, was bei Linear früher **Callback URLs** hieß.',
        },
        {
          en: 'Turn on **Public**, so that workspaces other than yours can install the application, and select **Create**.',
          de: 'Schalten Sie **Public** ein, damit auch andere Workspaces die Anwendung installieren können, und wählen Sie **Create**.',
        },
        {
          en: 'Copy the **Client ID** and the **Client secret**. Scopes are not set in the application; the integration requests them.',
          de: 'Kopieren Sie die **Client ID** und das **Client secret**. Scopes werden nicht in der Anwendung eingestellt, die Integration fordert sie an.',
        },
      ],
    },
    webhook: {
      url: 'https://linear.app/settings/api/applications',
      steps: [
        {
          en: 'Open your application, turn on **Webhooks**, and paste the webhook URL.',
          de: 'Öffnen Sie Ihre Anwendung, schalten Sie **Webhooks** ein und fügen Sie die Webhook-URL ein.',
        },
        {
          en: 'Select the events that you want, such as those of issues, projects and users, and save the application.',
          de: 'Wählen Sie die gewünschten Events aus, zum Beispiel die von Issues, Projekten und Benutzern, und speichern Sie die Anwendung.',
        },
        {
          en: 'Copy the **Signing secret** and save it here as the webhook secret.',
          de: 'Kopieren Sie das **Signing secret** und speichern Sie es hier als Webhook-Secret.',
        },
        {
          en: 'Linear sends the events of a workspace that authorizes the application after this. Have accounts that are connected already reconnected.',
          de: 'Linear sendet die Events eines Workspace, der die Anwendung danach autorisiert. Lassen Sie bereits verbundene Konten neu verbinden.',
        },
      ],
    },
    events: ['Issue', 'Project', 'User'],
    scopes: {
      read: {
        en: 'read everything that you can see in the workspace, such as issues, projects, teams and people',
        de: 'alles lesen, was Sie im Workspace sehen, zum Beispiel Issues, Projekte, Teams und Personen',
      },
      write: {
        en: 'create and change issues, comments, projects and everything else that you can edit',
        de: 'Issues, Kommentare, Projekte und alles andere, was Sie bearbeiten können, anlegen und ändern',
      },
    },
    rateLimit: {
      words: {
        en: '5,000 requests and 2,000,000 points of complexity an hour for each person. A single query may have 10,000 points.',
        de: '5.000 Anfragen und 2.000.000 Komplexitätspunkte pro Stunde für jede Person. Eine einzelne Abfrage darf 10.000 Punkte haben.',
      },
      url: 'https://linear.app/developers/rate-limiting',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['Invalid redirect_uri parameter for the application'],
        cause: {
          en: 'The callback URL is not registered in the Linear application.',
          de: 'Die Callback-URL ist in der Linear-Anwendung nicht eingetragen.',
        },
        operator: {
          en: 'Paste the callback URL exactly into **Redirect URIs** of the application.',
          de: 'Fügen Sie die Callback-URL genau so bei **Redirect URIs** der Anwendung ein.',
        },
        url: 'https://linear.app/developers/oauth-2-0-authentication',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The application is private, so that only the workspace that owns it can install it.',
          de: 'Die Anwendung ist privat, deshalb kann nur der Workspace sie installieren, dem sie gehört.',
        },
        operator: {
          en: 'Turn on **Public** in the settings of the application.',
          de: 'Schalten Sie in den Einstellungen der Anwendung **Public** ein.',
        },
        url: 'https://linear.app/developers/oauth-app-manifests',
      },
      {
        at: 'request',
        messages: ['Invalid scope: `'],
        cause: {
          en: 'The token lacks a scope that this request needs.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope that the message names to the integration, then have the account reconnected.',
          de: 'Ergänzen Sie den in der Meldung genannten Scope in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
        url: 'https://linear.app/developers/oauth-2-0-authentication',
      },
    ],
  },
}

/** GraphQL responses have status 200, errors included. Paging follows Relay (linear.app/developers/pagination). */
function nodes(name: string, fields: string): StreamDefinition {
  return {
    name,
    path: '/graphql',
    json: {
      query: `query ($after: String) { ${name}(first: 100, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`,
      variables: {},
    },
    recordsPath: ['data', name, 'nodes'],
    primaryKey: [['id']],
    pagination: {
      type: 'cursor',
      path: ['data', name, 'pageInfo', 'endCursor'],
      param: 'variables.after',
      in: 'json',
      hasMore: ['data', name, 'pageInfo', 'hasNextPage'],
    },
  }
}
