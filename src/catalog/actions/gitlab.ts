import type { ActionDefinition } from '../definition/action.ts'
import { choice, day, flag, input, integer, limit, list, page, text } from './input.ts'

const project = { project_id: text('Id of the project, or its full path, such as my-group/my-project.') }
const issue = { issue_iid: integer('Number of the issue within its project (iid).', { minimum: 1 }) }
const path = '/projects/{{ args.project_id | urlencode }}/issues'

export const gitlabActions: ActionDefinition[] = [
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
