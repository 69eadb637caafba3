import { expect } from 'vitest'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_issue',
    arguments: {
      team_id: '9cfb482a-81e3-4154-b5b9-2c805e70a02d',
      title: 'New exception',
      description: 'More detailed error report in markdown',
      assignee_id: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      priority: 0,
      state_id: '2a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      project_id: '3a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      label_ids: ['4a2b3c4d-81e3-4154-b5b9-2c805e70a02d'],
      due_date: '2026-07-01',
    },
    request: 'POST https://api.linear.app/graphql',
    body: {
      query: expect.stringMatching(
        /^mutation .* issueCreate\(input: \$input\) \{ success issue \{ id identifier .*\} \} \}$/,
      ),
      variables: {
        input: {
          teamId: '9cfb482a-81e3-4154-b5b9-2c805e70a02d',
          title: 'New exception',
          description: 'More detailed error report in markdown',
          assigneeId: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
          priority: 0,
          stateId: '2a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
          projectId: '3a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
          labelIds: ['4a2b3c4d-81e3-4154-b5b9-2c805e70a02d'],
          dueDate: '2026-07-01',
        },
      },
    },
    answer: { body: { data: { issueCreate: { success: true, issue: { id: 'a1', identifier: 'ENG-123' } } } } },
    output: { id: 'a1', identifier: 'ENG-123' },
  },
  {
    action: 'list_issues',
    readsWithPost: true,
    arguments: {
      team_id: '9cfb482a-81e3-4154-b5b9-2c805e70a02d',
      assignee_id: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      state: 'In Progress',
      limit: 10,
      cursor: '6b2c',
    },
    request: 'POST https://api.linear.app/graphql',
    body: {
      query: expect.stringContaining('issues(first: $first, after: $after, filter: $filter, orderBy: updatedAt)'),
      variables: {
        first: 10,
        after: '6b2c',
        filter: {
          team: { id: { eq: '9cfb482a-81e3-4154-b5b9-2c805e70a02d' } },
          assignee: { id: { eq: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d' } },
          state: { name: { eq: 'In Progress' } },
        },
      },
    },
    answer: { body: { data: { issues: { nodes: [{ id: 'a1' }], pageInfo: { hasNextPage: false } } } } },
    output: { nodes: [{ id: 'a1' }], pageInfo: { hasNextPage: false } },
  },
  {
    action: 'get_issue',
    readsWithPost: true,
    arguments: { issue: 'ENG-123' },
    request: 'POST https://api.linear.app/graphql',
    body: { query: expect.stringContaining('issue(id: $id)'), variables: { id: 'ENG-123' } },
    answer: { body: { data: { issue: { id: 'a1', identifier: 'ENG-123' } } } },
    output: { id: 'a1', identifier: 'ENG-123' },
  },
  {
    action: 'create_comment',
    arguments: { issue_id: '9cfb482a-81e3-4154-b5b9-2c805e70a02d', body: 'Me too' },
    request: 'POST https://api.linear.app/graphql',
    body: {
      query: expect.stringContaining('commentCreate(input: $input)'),
      variables: { input: { issueId: '9cfb482a-81e3-4154-b5b9-2c805e70a02d', body: 'Me too' } },
    },
    answer: { body: { data: { commentCreate: { success: true, comment: { id: 'c1', body: 'Me too' } } } } },
    output: { id: 'c1', body: 'Me too' },
  },
  {
    action: 'list_teams',
    readsWithPost: true,
    arguments: { limit: 10 },
    request: 'POST https://api.linear.app/graphql',
    body: { query: expect.stringContaining('teams(first: $first)'), variables: { first: 10 } },
    answer: { body: { data: { teams: { nodes: [{ id: 't1', key: 'ENG' }] } } } },
    output: [{ id: 't1', key: 'ENG' }],
  },
]

export const trial: ProviderTrial = {
  failureWith200: { errors: [{ message: 'Entity not found', extensions: { code: 'INPUT_ERROR' } }], data: null },
  exchange: {
    answer: {
      body: {
        access_token: '00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
        token_type: 'Bearer',
        expires_in: 86399,
        scope: 'read write',
        refresh_token: 'lin_refresh_first',
      },
    },
    accessToken: '00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
    refreshToken: 'lin_refresh_first',
    lifetimeSeconds: 86399,
    scopes: ['read', 'write'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        token_type: 'Bearer',
        expires_in: 86399,
        scope: 'read',
        refresh_token: 'lin_refresh_second',
      },
    },
    accessToken: 'second',
    refreshToken: 'lin_refresh_second',
    lifetimeSeconds: 86399,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid refresh token' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid refresh token',
    },
  ],
  revocation: [
    'POST api.linear.app/oauth/revoke token=lin_refresh_first',
    'POST api.linear.app/oauth/revoke token=00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
  ],
  afterConnect: {
    answers: [{ body: { data: { organization: { id: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49' } } } }],
    kept: { organization_id: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49' },
  },
  test: {
    asks: 'POST api.linear.app/graphql',
    headers: {
      authorization: 'Bearer 00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
      'content-type': 'application/json',
    },
    good: { body: { data: { viewer: { id: '6aa8cd1c' } } } },
    refused: {
      answer: {
        status: 401,
        body: {
          errors: [
            {
              message: 'Authentication required, not authenticated',
              extensions: { type: 'authentication error', code: 'AUTHENTICATION_ERROR', statusCode: 401 },
            },
          ],
        },
      },
      says: 'Authentication required, not authenticated',
    },
  },
  streams: [
    {
      // The cursor is a variable of the query.
      name: 'teams',
      pages: [
        {
          body: {
            data: { teams: { nodes: [{ id: 't1', key: 'ENG' }], pageInfo: { hasNextPage: true, endCursor: 'cur2' } } },
          },
        },
        {
          body: {
            data: { teams: { nodes: [{ id: 't2', key: 'OPS' }], pageInfo: { hasNextPage: false, endCursor: 'cur3' } } },
          },
        },
      ],
      keys: ['t1', 't2'],
      asksFor: '"variables":{"after":"cur2"}',
      limited: {
        // With status 400.
        status: 400,
        body: { errors: [{ message: 'Rate limit exceeded', extensions: { code: 'RATELIMITED' } }] },
      },
    },
  ],
  // linear.app/developers/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Linear-Signature': hmac('sha256', secret, body, 'hex') }),
    toleranceSeconds: 60,
    connection: { kept: { organization_id: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49' } },
    requests: [
      {
        headers: { 'Linear-Delivery': '234d1a4e-b617-4388-90fe-adc3633d6b72', 'Linear-Event': 'Issue' },
        body: (at) => ({
          action: 'update',
          actor: { id: 'b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba', type: 'user', name: 'Jane Doe' },
          createdAt: '2026-01-23T12:53:18.084Z',
          data: { id: '539068e2-ae88-4d09-bd75-22eb4a59612f', title: 'Test' },
          type: 'Issue',
          organizationId: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49',
          webhookTimestamp: at.getTime(),
          webhookId: '000042e3-d123-4980-b49f-8e140eef9329',
        }),
        events: [
          {
            id: '234d1a4e-b617-4388-90fe-adc3633d6b72',
            type: 'Issue',
            account: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49',
            streams: ['issues'],
          },
        ],
      },
    ],
  },
  actions,
}
