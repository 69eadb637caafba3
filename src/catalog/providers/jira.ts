import { cursor, day, input, integer, limit, list, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const issue = {
  issue: text('Key or id of the issue, such as ED-1.', { pattern: '^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$' }),
}

/** A text as one paragraph of an Atlassian document (developer.atlassian.com/cloud/jira/platform/apis/document/structure/). */
const document = (argument: string) => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content: [{ type: 'text', text: `{{ args.${argument} }}` }] }],
})

const rest = 'https://developer.atlassian.com/cloud/jira/platform/rest/v3'

const actions: ActionDefinition[] = [
  {
    name: 'create_issue',
    title: 'Create an issue',
    description:
      'Creates an issue in a project. A project may require further fields, which Jira then names in its response. Returns id and key.',
    docsUrl: `${rest}/api-group-issues/#api-rest-api-3-issue-post`,
    scopes: ['write:jira-work'],
    input: input(
      {
        project_key: text('Key of the project, such as ED. list_projects returns it.', {
          pattern: '^[A-Za-z][A-Za-z0-9_]*$',
        }),
        issue_type: text('Name of the issue type, such as Task, Bug or Story.'),
        summary: text('Title, on one line.', { maxLength: 255, pattern: '^[^\\r\\n]+$' }),
      },
      {
        description: text('Description, as plain text in one paragraph.', { maxLength: 32_767 }),
        assignee_id: text('Account id of the user to assign.'),
        priority: text('Name of the priority, such as High.'),
        labels: list('Labels, each without spaces.', { type: 'string', pattern: '^\\S+$' }),
        due_date: day('Day on which it is due, such as 2026-07-01.'),
        parent: text('Key of the parent issue, such as an epic, or the issue of a sub-task.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/issue',
      json: {
        fields: {
          project: { key: '{{ args.project_key }}' },
          issuetype: { name: '{{ args.issue_type }}' },
          summary: '{{ args.summary }}',
          description: onlyWith('description', document('description')),
          assignee: { id: '{{ args.assignee_id }}' },
          priority: { name: '{{ args.priority }}' },
          labels: '{{ args.labels }}',
          duedate: '{{ args.due_date }}',
          parent: { key: '{{ args.parent }}' },
        },
      },
    },
  },
  {
    name: 'search_issues',
    title: 'Search issues',
    description:
      'Searches issues with JQL. Jira refuses a query without a restriction. Returns issues and, unless isLast is true, nextPageToken, the cursor of the next page.',
    docsUrl: `${rest}/api-group-issue-search/#api-rest-api-3-search-jql-get`,
    scopes: ['read:jira-work'],
    readOnly: true,
    input: input(
      { jql: text('JQL query, such as: project = ED AND status != Done ORDER BY updated DESC.') },
      {
        fields: list(
          'Names of the fields to return. Default: summary, status, assignee, priority, issuetype, updated.',
          {
            type: 'string',
          },
        ),
        limit: limit(100, 50),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/search/jql',
      query: {
        jql: '{{ args.jql }}',
        fields:
          "{{ (args.fields | default(['summary', 'status', 'assignee', 'priority', 'issuetype', 'updated'])) | join(',') }}",
        maxResults: '{{ args.limit | default(50) }}',
        nextPageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_issue',
    title: 'Get an issue',
    description: 'Returns one issue with its fields. Texts are Atlassian documents (nested nodes).',
    docsUrl: `${rest}/api-group-issues/#api-rest-api-3-issue-issueidorkey-get`,
    scopes: ['read:jira-work'],
    readOnly: true,
    input: input(issue, {
      fields: list('Names of the fields to return. Default: all that the user can see.', { type: 'string' }),
    }),
    request: { method: 'GET', path: '/issue/{{ args.issue }}', query: { fields: "{{ args.fields | join(',') }}" } },
  },
  {
    name: 'add_comment',
    title: 'Comment on an issue',
    description: 'Adds a comment to an issue and returns it with its id.',
    docsUrl: `${rest}/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-post`,
    scopes: ['write:jira-work'],
    input: input({
      ...issue,
      body: text('Text of the comment, as plain text in one paragraph.', { maxLength: 32_767 }),
    }),
    request: { method: 'POST', path: '/issue/{{ args.issue }}/comment', json: { body: document('body') } },
  },
  {
    name: 'list_projects',
    title: 'List projects',
    description: 'Lists the projects that the user can see, with id, key and name. Returns values, total and isLast.',
    docsUrl: `${rest}/api-group-projects/#api-rest-api-3-project-search-get`,
    scopes: ['read:jira-work'],
    readOnly: true,
    input: input(
      {},
      {
        query: text('Only projects with this text in key or name.'),
        limit: limit(100, 50),
        start_at: integer('How many results to skip. Default: 0.', { minimum: 0, default: 0 }),
      },
    ),
    request: {
      method: 'GET',
      path: '/project/search',
      query: {
        query: '{{ args.query }}',
        maxResults: '{{ args.limit | default(50) }}',
        startAt: '{{ args.start_at }}',
      },
    },
  },
]

/** Jira Cloud. If the user granted access to several sites, the first one is used. */
export const provider: ProviderFile = {
  aliases: ['jira cloud', 'jira software', 'atlassian jira', 'jsm', 'jira service management'],
  logo: 'jira',
  color: '#0052cc',
  sources: [
    { url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/', read: '2026-11-29' },
    { url: 'https://developer.atlassian.com/cloud/oauth/getting-started/managing-oauth-apps/', read: '2026-11-29' },
    {
      url: 'https://developer.atlassian.com/cloud/jira/platform/scopes-for-oauth-2-3LO-and-forge-apps/',
      read: '2026-11-29',
    },
    { url: 'https://developer.atlassian.com/cloud/jira/platform/rate-limiting/', read: '2026-11-29' },
  ],
  definition: {
    displayName: 'Jira',
    docsUrl: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
    categories: ['project management', 'ticketing'],
    // Injected tokens supply the site id as extra.cloud_id.
    baseUrl: 'https://api.atlassian.com/ex/jira/{{ kept.cloud_id }}/rest/api/3',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://auth.atlassian.com/authorize',
      authorizationParams: { audience: 'api.atlassian.com', prompt: 'consent' },
      tokenUrl: 'https://auth.atlassian.com/oauth/token',
      scopes: ['read:jira-work', 'read:jira-user', 'offline_access'],
      tokenRequest: { format: 'json' },
      // A used refresh token is accepted for ten more minutes. Using it later revokes the whole token family
      // (https://community.developer.atlassian.com/t/updated-31-january-2022-action-required-deprecating-persistent-refresh-tokens/54172).
      rotation: 'rotating',
      graceSeconds: 600,
      // It expires when it is not used for 90 days.
      refreshTokenLifetime: 'P90D',
    },
    afterConnect: [
      {
        path: 'https://api.atlassian.com/oauth/token/accessible-resources',
        keep: { cloud_id: [0, 'id'], site_url: [0, 'url'], site_name: [0, 'name'] },
      },
    ],
    // developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-codes
    responseErrors: [400, 403, 404].map((status) => ({
      status,
      path: ['errorMessages', 0],
      as: 'fail',
      message: ['errorMessages', 0],
    })),
    testRequest: { path: '/myself' },
    streams: [
      {
        name: 'projects',
        path: '/project/search',
        recordsPath: ['values'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'startAt', limitParam: 'maxResults', size: 50, total: ['total'] },
      },
      {
        name: 'issues',
        path: '/search/jql',
        // Jira refuses a query without a restriction.
        query: { jql: 'created >= "1970-01-01" ORDER BY created ASC', fields: '*navigable', maxResults: '100' },
        recordsPath: ['issues'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'nextPageToken' },
      },
      {
        name: 'users',
        path: '/users/search',
        primaryKey: [['accountId']],
        pagination: { type: 'offset', param: 'startAt', limitParam: 'maxResults', size: 100 },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://developer.atlassian.com/console/myapps/',
      steps: [
        {
          en: 'Select **Create** and **OAuth 2.0 integration**. Enter a name. If Atlassian asks for the access, choose **Resource-level**: people then pick one site. Agree to the terms and select **Create**.',
          de: 'Wählen Sie **Create** und **OAuth 2.0 integration**. Geben Sie einen Namen ein. Falls Atlassian nach dem Zugriff fragt, wählen Sie **Resource-level**: Personen wählen dann eine Site aus. Stimmen Sie den Bedingungen zu und wählen Sie **Create**.',
        },
        {
          en: 'Open **Authorization**. Next to **OAuth 2.0 (3LO)**, select **Add**, paste the callback URL as **Callback URL**, and select **Save changes**.',
          de: 'Öffnen Sie **Authorization**. Wählen Sie neben **OAuth 2.0 (3LO)** die Schaltfläche **Add**, fügen Sie die Callback-URL als **Callback URL** ein und wählen Sie **Save changes**.',
        },
        {
          en: 'Open **Permissions**. Next to **Jira API**, select **Add**, then **Configure** and **Edit Scopes**. Select each scope that is listed here, and save. The scope offline_access is not in the list and needs no entry.',
          de: 'Öffnen Sie **Permissions**. Wählen Sie neben **Jira API** die Schaltfläche **Add**, dann **Configure** und **Edit Scopes**. Wählen Sie jeden hier genannten Scope aus und speichern Sie. Der Scope offline_access steht nicht in der Liste und braucht keinen Eintrag.',
        },
        {
          en: 'Open **Distribution**, select **Edit**, choose **Sharing**, fill in the details of the vendor, and save. Until then, only you can use the app.',
          de: 'Öffnen Sie **Distribution**, wählen Sie **Edit** und **Sharing**, füllen Sie die Angaben zum Anbieter aus und speichern Sie. Bis dahin können nur Sie die App verwenden.',
        },
        {
          en: 'Open **Settings** and copy **Client ID** and **Secret**, which is the client secret.',
          de: 'Öffnen Sie **Settings** und kopieren Sie **Client ID** und **Secret**, das Client-Secret.',
        },
      ],
    },
    scopes: {
      'read:jira-work': {
        en: 'read your Jira projects and issues, search issues, and read attachments and worklogs',
        de: 'Ihre Jira-Projekte und Vorgänge lesen und durchsuchen sowie Anhänge und Arbeitsprotokolle lesen',
      },
      'read:jira-user': {
        en: 'see people in Jira, with names, email addresses and avatars that you can see',
        de: 'Personen in Jira sehen, mit den Namen, E-Mail-Adressen und Avataren, die Sie sehen können',
      },
      'write:jira-work': {
        en: 'create, change and delete Jira issues, comment as you, and log work',
        de: 'Jira-Vorgänge anlegen, ändern und löschen, in Ihrem Namen kommentieren und Arbeitszeit erfassen',
      },
      offline_access: {
        en: 'keep this access while you are not using the app',
        de: 'diesen Zugriff behalten, auch wenn Sie die App gerade nicht verwenden',
      },
    },
    rateLimit: {
      words: {
        en: '65,000 points an hour for the app, shared by all Jira sites unless Atlassian grants the app more. Each request costs at least one point. Further limits apply per second.',
        de: '65.000 Punkte pro Stunde für die App, gemeinsam für alle Jira-Sites, sofern Atlassian der App nicht mehr gewährt. Jede Anfrage kostet mindestens einen Punkt. Zusätzlich gelten Grenzen pro Sekunde.',
      },
      url: 'https://developer.atlassian.com/cloud/jira/platform/rate-limiting/',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['redirect_uri is not registered for client'],
        cause: {
          en: 'The callback URL is not registered in the Atlassian app.',
          de: 'Die Callback-URL ist in der Atlassian-App nicht eingetragen.',
        },
        operator: {
          en: 'Paste the callback URL exactly under **Authorization** and **OAuth 2.0 (3LO)**.',
          de: 'Fügen Sie die Callback-URL genau so unter **Authorization** bei **OAuth 2.0 (3LO)** ein.',
        },
        url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The app is not shared, so that only the person who made it can connect.',
          de: 'Die App ist nicht freigegeben, deshalb kann sich nur die Person verbinden, die sie angelegt hat.',
        },
        operator: {
          en: 'Open **Distribution** in the developer console and choose **Sharing**.',
          de: 'Öffnen Sie in der Entwicklerkonsole **Distribution** und wählen Sie **Sharing**.',
        },
        url: 'https://developer.atlassian.com/cloud/oauth/getting-started/managing-oauth-apps/',
      },
      {
        at: 'provider_page',
        messages: ['Your site admin must authorize this app'],
        cause: {
          en: 'The Atlassian site lets only its administrators install apps.',
          de: 'Auf der Atlassian-Site dürfen nur Administratoren Apps installieren.',
        },
        operator: {
          en: 'Ask an administrator of the site to connect once. Others can connect after that.',
          de: 'Bitten Sie die Administration der Site, sich einmal zu verbinden. Danach können es auch andere.',
        },
        person: {
          en: 'Ask an administrator of your Atlassian site to authorize the app, then connect again.',
          de: 'Bitten Sie die Administration Ihrer Atlassian-Site, die App zu autorisieren, und verbinden Sie das Konto danach erneut.',
        },
      },
      {
        at: 'token',
        messages: ['Unknown or invalid refresh token', 'refresh_token is invalid'],
        cause: {
          en: 'The refresh token is no longer valid. It expires after 90 days without use, and when the person changes the password.',
          de: 'Das Refresh-Token gilt nicht mehr. Es läuft nach 90 Tagen ohne Verwendung ab und wenn die Person das Passwort ändert.',
        },
        operator: {
          en: 'Have the account reconnected.',
          de: 'Lassen Sie das Konto neu verbinden.',
        },
        person: {
          en: 'Connect the account again.',
          de: 'Verbinden Sie das Konto erneut.',
        },
        url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
      },
      {
        at: 'request',
        messages: ['scope does not match'],
        cause: {
          en: 'The token lacks a scope that this request needs.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope in **Permissions** of the app and to the integration, then have the account reconnected.',
          de: 'Ergänzen Sie den Scope unter **Permissions** der App und in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
      },
    ],
  },
}
