import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const repository = 'https://api.bitbucket.org/2.0/repositories/atlassian/prlinks'

const actions: ActionExample[] = [
  {
    action: 'create_pull_request',
    arguments: {
      workspace: 'atlassian',
      repository: 'prlinks',
      title: 'Add links',
      source_branch: 'links',
      destination_branch: 'main',
      description: 'Adds links to pull requests.',
    },
    request: `POST ${repository}/pullrequests`,
    body: {
      title: 'Add links',
      description: 'Adds links to pull requests.',
      source: { branch: { name: 'links' } },
      destination: { branch: { name: 'main' } },
    },
    answer: { status: 201, body: { type: 'pullrequest', id: 108, title: 'Add links', state: 'OPEN' } },
    output: { type: 'pullrequest', id: 108, title: 'Add links', state: 'OPEN' },
  },
  {
    action: 'list_pull_requests',
    arguments: { workspace: 'atlassian', repository: 'prlinks', state: 'MERGED', limit: 5, page: 2 },
    request: `GET ${repository}/pullrequests?state=MERGED&sort=-updated_on&pagelen=5&page=2`,
    answer: { body: { values: [{ type: 'pullrequest', id: 108 }], page: 2, pagelen: 5, size: 6 } },
    output: { values: [{ type: 'pullrequest', id: 108 }], page: 2, pagelen: 5, size: 6 },
  },
  {
    action: 'add_comment',
    arguments: { workspace: 'atlassian', repository: 'prlinks', pull_request_id: 108, body: 'Looks good' },
    request: `POST ${repository}/pullrequests/108/comments`,
    body: { content: { raw: 'Looks good' } },
    answer: { status: 201, body: { type: 'pullrequest_comment', id: 76 } },
    output: { type: 'pullrequest_comment', id: 76 },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'first-access',
        scopes: 'pullrequest account',
        token_type: 'bearer',
        expires_in: 7200,
        refresh_token: 'first-refresh',
      },
    },
    accessToken: 'first-access',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 7200,
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second-access',
        scopes: 'pullrequest account',
        token_type: 'bearer',
        expires_in: 7200,
        refresh_token: 'old-refresh-t0ken',
      },
    },
    accessToken: 'second-access',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 7200,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  test: {
    asks: 'GET api.bitbucket.org/2.0/user',
    headers: { authorization: 'Bearer first-access' },
    good: { body: { type: 'user', uuid: '{6f1dd6ab-3e3c-4b8f-a9d4-3f0fd9a1d6c2}', display_name: 'Ada' } },
    refused: {
      answer: { status: 401, body: { type: 'error', error: { message: 'Unauthorized' } } },
      says: 'Unauthorized',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_token', email: 'ada@example.com', api_token: 'ATATT-t0ken' } },
      asks: 'GET api.bitbucket.org/2.0/user',
      headers: { authorization: `Basic ${btoa('ada@example.com:ATATT-t0ken')}` },
    },
  ],
  hints: [
    {
      what: 'request',
      // Published by a customer in the community of Atlassian.
      answer: {
        status: 410,
        body: {
          type: 'error',
          error: {
            message: 'CHANGE-2770 - Functionality has been deprecated',
            detail: 'Please read the changelog entry for more details.',
          },
        },
      },
      says: 'CHANGE-2770 - Functionality has been deprecated',
      cause: 'across workspaces',
    },
  ],
  streams: [
    {
      name: 'workspaces',
      pages: [
        {
          body: {
            values: [{ type: 'workspace_access', workspace: { uuid: '{w1}', slug: 'atlassian' } }],
            next: 'https://api.bitbucket.org/2.0/user/workspaces?pagelen=100&page=2',
          },
        },
        { body: { values: [{ type: 'workspace_access', workspace: { uuid: '{w2}', slug: 'ada' } }] } },
      ],
      keys: ['{w1}', '{w2}'],
      asksFor: 'page=2',
      limited: {
        status: 429,
        body: { type: 'error', error: { message: 'Too many requests' } },
      },
    },
    {
      name: 'repositories',
      parent: { workspace: { uuid: '{w1}', slug: 'atlassian' } },
      pages: [
        {
          body: {
            values: [{ type: 'repository', uuid: '{r1}', full_name: 'atlassian/prlinks' }],
            next: 'https://api.bitbucket.org/2.0/repositories/atlassian?pagelen=100&page=2',
          },
        },
        { body: { values: [{ type: 'repository', uuid: '{r2}', full_name: 'atlassian/site' }] } },
      ],
      keys: ['parent/{r1}', 'parent/{r2}'],
      asksFor: '/repositories/atlassian?pagelen=100&page=2',
    },
    {
      name: 'pull_requests',
      parent: { uuid: '{r1}', full_name: 'atlassian/prlinks' },
      pages: [
        {
          body: { values: [{ type: 'pullrequest', id: 108, updated_on: '2026-06-01T12:57:24.234216+00:00' }] },
        },
      ],
      keys: ['parent/108'],
      asksFor:
        '/repositories/atlassian/prlinks/pullrequests?state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED&sort=-updated_on',
    },
  ],
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Hub-Signature': `sha256=${hmac('sha256', secret, body, 'hex')}` }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        headers: { 'X-Event-Key': 'pullrequest:created', 'X-Request-UUID': '3f1c5b0a-6e0e-4f0f-8f55-4e5a6d1b2c3d' },
        body: {
          actor: { type: 'user', display_name: 'Ada' },
          pullrequest: { id: 108, title: 'Add links', state: 'OPEN' },
          repository: { type: 'repository', full_name: 'atlassian/prlinks' },
        },
        events: [
          {
            id: '3f1c5b0a-6e0e-4f0f-8f55-4e5a6d1b2c3d',
            type: 'pullrequest:created',
            account: 'crm-1',
            streams: ['pull_requests'],
          },
        ],
      },
      {
        headers: { 'X-Event-Key': 'repo:push', 'X-Request-UUID': '8f1c5b0a-6e0e-4f0f-8f55-4e5a6d1b2c3e' },
        body: { actor: { type: 'user' }, repository: { full_name: 'atlassian/prlinks' }, push: { changes: [] } },
        events: [{ id: '8f1c5b0a-6e0e-4f0f-8f55-4e5a6d1b2c3e', type: 'repo:push', streams: ['repositories'] }],
      },
    ],
  },
  actions,
}
