import { cursor, day, input, integer, limit, list, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  atlassianApp,
  atlassianHints,
  atlassianOAuth,
  atlassianScopes,
  atlassianSite,
  atlassianSiteTrap,
  atlassianSources,
  atlassianTokens,
} from '../families/atlassian.ts'
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
    ...atlassianSources,
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
    auth: atlassianOAuth(['read:jira-work', 'read:jira-user']),
    afterConnect: atlassianSite,
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
    app: atlassianApp('Jira API'),
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
      ...atlassianScopes,
    },
    rateLimit: {
      words: {
        en: '65,000 points an hour for the app, shared by all Jira sites unless Atlassian grants the app more. Each request costs at least one point. Further limits apply per second.',
        de: '65.000 Punkte pro Stunde für die App, gemeinsam für alle Jira-Sites, sofern Atlassian der App nicht mehr gewährt. Jede Anfrage kostet mindestens einen Punkt. Zusätzlich gelten Grenzen pro Sekunde.',
      },
      url: 'https://developer.atlassian.com/cloud/jira/platform/rate-limiting/',
    },
    hints: atlassianHints,
    tokens: atlassianTokens,
    traps: [atlassianSiteTrap],
  },
}
