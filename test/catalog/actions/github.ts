import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_issue',
    arguments: {
      owner: 'octocat',
      repo: 'hello-world',
      title: 'Found a bug',
      body: "I'm having a problem with this.",
      labels: ['bug'],
      assignees: ['octocat'],
      milestone: 1,
    },
    request: 'POST https://api.github.com/repos/octocat/hello-world/issues',
    body: {
      title: 'Found a bug',
      body: "I'm having a problem with this.",
      labels: ['bug'],
      assignees: ['octocat'],
      milestone: 1,
    },
    answer: { status: 201, body: { id: 1, number: 1347, state: 'open', title: 'Found a bug' } },
    output: { id: 1, number: 1347, state: 'open', title: 'Found a bug' },
  },
  {
    action: 'list_issues',
    arguments: {
      owner: 'octocat',
      repo: 'hello-world',
      state: 'all',
      labels: ['bug', 'ui'],
      assignee: 'octocat',
      limit: 10,
      page: 2,
    },
    request:
      'GET https://api.github.com/repos/octocat/hello-world/issues?state=all&labels=bug%2Cui&assignee=octocat&per_page=10&page=2',
    answer: { body: [{ id: 1, number: 1347 }] },
    output: [{ id: 1, number: 1347 }],
  },
  {
    action: 'get_issue',
    arguments: { owner: 'octocat', repo: 'hello-world', issue_number: 1347 },
    request: 'GET https://api.github.com/repos/octocat/hello-world/issues/1347',
    answer: { body: { id: 1, number: 1347, title: 'Found a bug' } },
    output: { id: 1, number: 1347, title: 'Found a bug' },
  },
  {
    action: 'create_comment',
    arguments: { owner: 'octocat', repo: 'hello-world', issue_number: 1347, body: 'Me too' },
    request: 'POST https://api.github.com/repos/octocat/hello-world/issues/1347/comments',
    body: { body: 'Me too' },
    answer: { status: 201, body: { id: 1, body: 'Me too' } },
    output: { id: 1, body: 'Me too' },
  },
  {
    action: 'search_issues',
    arguments: { query: 'windows label:bug language:python state:open', limit: 5, page: 2 },
    request:
      'GET https://api.github.com/search/issues?q=windows%20label%3Abug%20language%3Apython%20state%3Aopen&per_page=5&page=2',
    answer: { body: { total_count: 280, incomplete_results: false, items: [{ id: 35802 }] } },
    output: { total_count: 280, incomplete_results: false, items: [{ id: 35802 }] },
  },
  {
    action: 'list_repositories',
    arguments: { visibility: 'private', limit: 5, page: 2 },
    request: 'GET https://api.github.com/user/repos?sort=updated&visibility=private&per_page=5&page=2',
    answer: { body: [{ id: 1296269, full_name: 'octocat/Hello-World' }] },
    output: [{ id: 1296269, full_name: 'octocat/Hello-World' }],
  },
]
