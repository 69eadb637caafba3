import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_task',
    arguments: {
      workspace_id: '12345',
      name: 'Buy catnip',
      notes: 'Mittens really likes the stuff from Humboldt.',
      project_ids: ['67890'],
      assignee: 'me',
      due_on: '2026-09-15',
    },
    request: 'POST https://app.asana.com/api/1.0/tasks',
    body: {
      data: {
        workspace: '12345',
        name: 'Buy catnip',
        notes: 'Mittens really likes the stuff from Humboldt.',
        projects: ['67890'],
        assignee: 'me',
        due_on: '2026-09-15',
      },
    },
    answer: { status: 201, body: { data: { gid: '1001', resource_type: 'task', name: 'Buy catnip' } } },
    output: { gid: '1001', resource_type: 'task', name: 'Buy catnip' },
  },
  {
    action: 'update_task',
    overwrites: true,
    arguments: {
      task_id: '1001',
      name: 'Bought catnip',
      notes: 'Done.',
      completed: true,
      assignee: 'ada@example.com',
      due_on: '2026-09-16',
    },
    request: 'PUT https://app.asana.com/api/1.0/tasks/1001',
    body: {
      data: {
        name: 'Bought catnip',
        notes: 'Done.',
        completed: true,
        assignee: 'ada@example.com',
        due_on: '2026-09-16',
      },
    },
    answer: { body: { data: { gid: '1001', completed: true } } },
    output: { gid: '1001', completed: true },
  },
  {
    action: 'get_task',
    arguments: { task_id: '1001' },
    request: 'GET https://app.asana.com/api/1.0/tasks/1001',
    answer: { body: { data: { gid: '1001', name: 'Buy catnip' } } },
    output: { gid: '1001', name: 'Buy catnip' },
  },
  {
    action: 'list_tasks',
    arguments: { project_id: '67890', only_incomplete: true, limit: 5, cursor: 'eyJ0eXAi' },
    request:
      'GET https://app.asana.com/api/1.0/tasks?project=67890&completed_since=now&opt_fields=name%2Ccompleted%2Cassignee.name%2Cdue_on%2Cmodified_at%2Cpermalink_url&limit=5&offset=eyJ0eXAi',
    answer: { body: { data: [{ gid: '1001' }], next_page: null } },
    output: { data: [{ gid: '1001' }], next_page: null },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'f6ds7fdsa69ags7ag9sd5a',
        expires_in: 3600,
        token_type: 'bearer',
        data: { id: 4673218951, gid: '4673218951', name: 'Greg Sanchez', email: 'gsanchez@example.com' },
        refresh_token: 'hjkl325hjkl4325hj4kl32fjds',
      },
    },
    accessToken: 'f6ds7fdsa69ags7ag9sd5a',
    refreshToken: 'hjkl325hjkl4325hj4kl32fjds',
    lifetimeSeconds: 3600,
    scopes: ['workspaces:read', 'users:read', 'projects:read'],
    kept: { user_gid: '4673218951', email: 'gsanchez@example.com' },
  },
  renewal: {
    answer: { body: { access_token: 'second', expires_in: 3600, token_type: 'bearer' } },
    accessToken: 'second',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'The refresh token provided was invalid.' },
      },
      reason: 'INVALID_GRANT',
      says: 'The refresh token provided was invalid.',
    },
  ],
  revocation: ['POST app.asana.com/-/oauth_revoke token=hjkl325hjkl4325hj4kl32fjds'],
  test: {
    asks: 'GET app.asana.com/api/1.0/users/me',
    headers: { authorization: 'Bearer f6ds7fdsa69ags7ag9sd5a' },
    good: { body: { data: { gid: '4673218951', name: 'Greg Sanchez', resource_type: 'user' } } },
    refused: {
      answer: {
        status: 401,
        body: {
          errors: [{ message: 'Not Authorized', help: 'For more information on API status codes, see the docs.' }],
        },
      },
      says: 'Not Authorized',
    },
  },
  streams: [
    {
      name: 'workspaces',
      pages: [
        {
          body: {
            data: [{ gid: '12345', resource_type: 'workspace', name: 'My Company' }],
            next_page: {
              offset: 'eyJ0eXAiOJiKV1iQLCJhbGciOiJIUzI1NiJ9',
              path: '/workspaces?limit=100&offset=eyJ0eXAiOJiKV1iQLCJhbGciOiJIUzI1NiJ9',
              uri: 'https://app.asana.com/api/1.0/workspaces?limit=100&offset=eyJ0eXAiOJiKV1iQLCJhbGciOiJIUzI1NiJ9',
            },
          },
        },
        { body: { data: [{ gid: '12346', resource_type: 'workspace', name: 'Personal' }], next_page: null } },
      ],
      keys: ['12345', '12346'],
      asksFor: 'offset=eyJ0eXAiOJiKV1iQLCJhbGciOiJIUzI1NiJ9',
      limited: {
        status: 429,
        headers: { 'retry-after': '30' },
        body: { errors: [{ message: 'You have made too many requests recently. Please, be chill.' }] },
      },
    },
    {
      name: 'projects',
      parent: { gid: '12345' },
      pages: [
        { body: { data: [{ gid: '1331', name: 'Stuff to buy' }], next_page: { offset: 'p2' } } },
        { body: { data: [{ gid: '1332', name: 'Places to go' }], next_page: null } },
      ],
      keys: ['parent/1331', 'parent/1332'],
      asksFor:
        '/workspaces/12345/projects?limit=100&opt_fields=name,archived,completed,owner,team,created_at,modified_at&offset=p2',
    },
  ],
  actions,
}
