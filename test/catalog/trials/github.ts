import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
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

export const trial: ProviderTrial = {
  exchange: {
    // A GitHub App with expiring tokens. It has no scopes.
    answer: {
      body: {
        access_token: 'ghu_16C7e42F292c6912E7710c838347Ae178B4a',
        expires_in: 28800,
        refresh_token: 'ghr_1B4a2e77838347a7E420ce178F2E7c6912E1',
        refresh_token_expires_in: 15897600,
        scope: '',
        token_type: 'bearer',
      },
    },
    accessToken: 'ghu_16C7e42F292c6912E7710c838347Ae178B4a',
    refreshToken: 'ghr_1B4a2e77838347a7E420ce178F2E7c6912E1',
    lifetimeSeconds: 28800,
    refreshLifetimeSeconds: 15897600,
    kept: { expires_in: 28800, scope: '' },
  },
  renewal: {
    // The format without an Accept header for JSON.
    answer: {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'access_token=ghu_second&expires_in=28800&refresh_token=ghr_second&refresh_token_expires_in=15897600&scope=&token_type=bearer',
    },
    accessToken: 'ghu_second',
    refreshToken: 'ghr_second',
    lifetimeSeconds: 28800,
    refreshLifetimeSeconds: 15897600,
    kept: { expires_in: '28800', scope: '' },
  },
  // All with status 200.
  refusals: [
    {
      what: 'code',
      answer: {
        body: {
          error: 'bad_verification_code',
          error_description: 'The code passed is incorrect or expired.',
          error_uri: 'https://docs.github.com/apps',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'incorrect or expired',
    },
    {
      what: 'code',
      answer: {
        body: {
          error: 'incorrect_client_credentials',
          error_description: 'The client_id and/or client_secret passed are incorrect.',
        },
      },
      reason: 'INVALID_CLIENT',
    },
    {
      what: 'renewal',
      answer: {
        body: { error: 'bad_refresh_token', error_description: 'The refresh token passed is incorrect or expired.' },
      },
      reason: 'INVALID_GRANT',
    },
  ],
  afterConnect: {
    answers: [
      {
        body: {
          total_count: 2,
          installations: [{ id: 1, account: { login: 'github', id: 1, type: 'Organization' }, app_id: 1 }],
        },
      },
    ],
    kept: { installation_id: 1 },
  },
  revocation: [
    'DELETE api.github.com/applications/client-id/token {"access_token":"ghu_16C7e42F292c6912E7710c838347Ae178B4a"}',
  ],
  test: {
    asks: 'GET api.github.com/user',
    headers: {
      authorization: 'Bearer ghu_16C7e42F292c6912E7710c838347Ae178B4a',
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    },
    good: { body: { login: 'octocat', id: 1 } },
    refused: {
      answer: {
        status: 401,
        body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
      },
      says: 'Bad credentials',
    },
  },
  streams: [
    {
      name: 'issues',
      pages: [
        {
          headers: {
            link: '<https://api.github.com/issues?per_page=100&page=2>; rel="next", <https://api.github.com/issues?per_page=100&page=2>; rel="last"',
          },
          body: [{ id: 1, number: 1347, title: 'Found a bug', updated_at: '2026-06-01T10:00:00Z' }],
        },
        {
          headers: { link: '<https://api.github.com/issues?per_page=100&page=1>; rel="prev"' },
          body: [{ id: 2, number: 1348, title: 'Another', updated_at: '2026-06-02T10:00:00Z' }],
        },
      ],
      keys: ['1', '2'],
      asksFor: 'page=2',
      since: { cursor: '2026-06-02T10:00:00Z', value: '2026-06-02T10:00:00Z' },
      limited: {
        status: 403,
        headers: { 'retry-after': '60' },
        body: {
          message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
          documentation_url:
            'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
        },
      },
    },
  ],
  // docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, docs.github.com/webhooks/webhook-events-and-payloads
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Hub-Signature-256': `sha256=${hmac('sha256', secret, body, 'hex')}` }),
    published: {
      secret: "It's a Secret to Everybody",
      headers: { 'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
      body: 'Hello, World!',
    },
    connection: { kept: { installation_id: 79929171 } },
    requests: [
      {
        headers: { 'X-GitHub-Event': 'issues', 'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' },
        body: {
          action: 'opened',
          issue: { url: 'https://api.github.com/repos/octocat/Hello-World/issues/1347', number: 1347 },
          repository: { id: 1296269, full_name: 'octocat/Hello-World', owner: { login: 'octocat', id: 1 } },
          sender: { login: 'octocat', id: 1 },
          installation: { id: 79929171, node_id: 'MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9uNzk5MjkxNzE=' },
        },
        events: [
          { id: '72d3162e-cc78-11e3-81ab-4c9367dc0958', type: 'issues', account: '79929171', streams: ['issues'] },
        ],
      },
      {
        // A webhook of a repository, without a GitHub App.
        headers: { 'X-GitHub-Event': 'ping', 'X-GitHub-Delivery': '0b989ba4-242f-11e5-81e1-c7b6966d2516' },
        body: { zen: 'Keep it logically awesome.', hook_id: 109948940, repository: { id: 1296269 } },
        events: [{ id: '0b989ba4-242f-11e5-81e1-c7b6966d2516', type: 'ping', streams: [] }],
      },
    ],
  },
  actions,
}
