import type { ActionDefinition } from '../definition/action.ts'
import { choice, input, integer, limit, list, page, text } from './input.ts'

const repository = {
  owner: text('Owner of the repository: a user or an organization.', { pattern: '^[\\w.-]+$' }),
  repo: text('Name of the repository, without its owner.', { pattern: '^[\\w.-]+$' }),
}
const number = integer('Number of the issue or pull request, as in its URL.', { minimum: 1 })
const paging = { limit: limit(100, 30), page: page() }
const pagingQuery = { per_page: '{{ args.limit | default(30) }}', page: '{{ args.page }}' }
const path = '/repos/{{ args.owner }}/{{ args.repo }}/issues'

export const githubActions: ActionDefinition[] = [
  {
    name: 'create_issue',
    title: 'Create an issue',
    description:
      'Creates an issue in a repository and returns it with its number and html_url. Labels, assignees and milestone need write access; GitHub ignores them without.',
    docsUrl: 'https://docs.github.com/rest/issues/issues#create-an-issue',
    scopes: ['public_repo'],
    input: input(
      { ...repository, title: text('Title.', { maxLength: 256 }) },
      {
        body: text('Description, in Markdown.', { maxLength: 65_536 }),
        labels: list('Names of labels of the repository.', { type: 'string' }),
        assignees: list('Logins of the users to assign.', { type: 'string' }, { maxItems: 10 }),
        milestone: integer('Number of a milestone.', { minimum: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path,
      json: {
        title: '{{ args.title }}',
        body: '{{ args.body }}',
        labels: '{{ args.labels }}',
        assignees: '{{ args.assignees }}',
        milestone: '{{ args.milestone }}',
      },
    },
  },
  {
    name: 'list_issues',
    title: 'List issues',
    description:
      'Lists the issues of a repository, the newest first. Pull requests are listed too; they have a pull_request. A full page means that there may be another one.',
    docsUrl: 'https://docs.github.com/rest/issues/issues#list-repository-issues',
    readOnly: true,
    input: input(repository, {
      state: choice('Default: open.', ['open', 'closed', 'all']),
      labels: list('Only issues that have all of these labels.', { type: 'string' }),
      assignee: text('Login of the assignee; none for issues without one, * for issues with any.'),
      ...paging,
    }),
    request: {
      method: 'GET',
      path,
      query: {
        state: '{{ args.state }}',
        labels: "{{ args.labels | join(',') }}",
        assignee: '{{ args.assignee }}',
        ...pagingQuery,
      },
    },
  },
  {
    name: 'get_issue',
    title: 'Get an issue',
    description: 'Returns one issue or pull request: title, body, state, labels, assignees and number of comments.',
    docsUrl: 'https://docs.github.com/rest/issues/issues#get-an-issue',
    readOnly: true,
    input: input({ ...repository, issue_number: number }),
    request: { method: 'GET', path: `${path}/{{ args.issue_number }}` },
  },
  {
    name: 'create_comment',
    title: 'Comment on an issue',
    description: 'Adds a comment to an issue or pull request and returns it with its html_url.',
    docsUrl: 'https://docs.github.com/rest/issues/comments#create-an-issue-comment',
    scopes: ['public_repo'],
    input: input({
      ...repository,
      issue_number: number,
      body: text('Text of the comment, in Markdown.', { maxLength: 65_536 }),
    }),
    request: { method: 'POST', path: `${path}/{{ args.issue_number }}/comments`, json: { body: '{{ args.body }}' } },
  },
  {
    name: 'search_issues',
    title: 'Search issues and pull requests',
    description:
      'Searches issues and pull requests with GitHub’s search syntax. Returns total_count and items. GitHub returns at most 1,000 results for a search and allows 30 searches a minute.',
    docsUrl: 'https://docs.github.com/rest/search/search#search-issues-and-pull-requests',
    readOnly: true,
    input: input(
      {
        query: text(
          'Search query, such as: repo:octocat/hello-world is:issue is:open crash. It must contain is:issue or is:pull-request.',
          { maxLength: 256 },
        ),
      },
      paging,
    ),
    request: { method: 'GET', path: '/search/issues', query: { q: '{{ args.query }}', ...pagingQuery } },
  },
  {
    name: 'list_repositories',
    title: 'List repositories',
    description: 'Lists the repositories that the user can access, the last updated first.',
    docsUrl: 'https://docs.github.com/rest/repos/repos#list-repositories-for-the-authenticated-user',
    readOnly: true,
    input: input({}, { visibility: choice('Default: all.', ['all', 'public', 'private']), ...paging }),
    request: {
      method: 'GET',
      path: '/user/repos',
      query: { sort: 'updated', visibility: '{{ args.visibility }}', ...pagingQuery },
    },
  },
]
