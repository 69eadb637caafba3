import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const api = 'https://api.clickup.com/api/v2'

const actions: ActionExample[] = [
  {
    action: 'create_task',
    arguments: {
      list_id: '123',
      name: 'New Task Name',
      description: 'New **Task** Description',
      assignee_ids: [183],
      status: 'Open',
      priority: 3,
      due_date: 1508369194377,
      tags: ['tag name 1'],
      parent: '9hv',
    },
    request: `POST ${api}/list/123/task`,
    body: {
      name: 'New Task Name',
      markdown_content: 'New **Task** Description',
      assignees: [183],
      status: 'Open',
      priority: 3,
      due_date: 1508369194377,
      tags: ['tag name 1'],
      parent: '9hv',
    },
    answer: { body: { id: '9hx', name: 'New Task Name', status: { status: 'Open' } } },
    output: { id: '9hx', name: 'New Task Name', status: { status: 'Open' } },
  },
  {
    action: 'list_tasks',
    arguments: { list_id: '123', include_closed: true, subtasks: true, page: 2 },
    request: `GET ${api}/list/123/task?include_closed=true&subtasks=true&page=1`,
    answer: { body: { tasks: [{ id: '9hx' }], last_page: true } },
    output: { tasks: [{ id: '9hx' }], last_page: true },
  },
  {
    action: 'get_task',
    arguments: { task_id: '9hx' },
    request: `GET ${api}/task/9hx`,
    answer: { body: { id: '9hx', name: 'New Task Name' } },
    output: { id: '9hx', name: 'New Task Name' },
  },
  {
    action: 'add_comment',
    arguments: { task_id: '9hx', body: 'Task comment content', notify_all: true },
    request: `POST ${api}/task/9hx/comment`,
    body: { comment_text: 'Task comment content', notify_all: true },
    answer: { body: { id: 458, hist_id: '26508', date: 1568036964079 } },
    output: { id: 458, hist_id: '26508', date: 1568036964079 },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: { access_token: '4753994_first', token_type: 'Bearer' } },
    accessToken: '4753994_first',
  },
  refusals: [
    {
      what: 'code',
      answer: { status: 401, body: { err: 'Client not found', ECODE: 'OAUTH_010' } },
      reason: 'INVALID_GRANT',
      says: 'Client not found',
    },
  ],
  test: {
    asks: 'GET api.clickup.com/api/v2/user',
    headers: { authorization: 'Bearer 4753994_first' },
    good: { body: { user: { id: 123, username: 'John Doe' } } },
    refused: {
      answer: { status: 401, body: { err: 'Token not found', ECODE: 'OAUTH_025' } },
      says: 'OAUTH_025: Token not found',
    },
  },
  hints: [
    {
      what: 'request',
      answer: { status: 401, body: { err: 'Team not authorized', ECODE: 'OAUTH_027' } },
      says: 'OAUTH_027: Team not authorized',
      cause: 'did not select this workspace',
    },
  ],
  otherWays: [
    {
      credential: {
        fields: { auth_method: 'api_token', api_token: 'pk_4753994_EXP7MPOJ7XQM5UJDV2M45MPF0YHH5YHO' },
      },
      asks: 'GET api.clickup.com/api/v2/user',
      headers: { authorization: 'pk_4753994_EXP7MPOJ7XQM5UJDV2M45MPF0YHH5YHO' },
    },
  ],
  streams: [
    {
      name: 'workspaces',
      pages: [{ body: { teams: [{ id: '1234', name: 'My ClickUp Workspace' }] } }],
      keys: ['1234'],
      asksFor: '/team',
      limited: {
        status: 429,
        headers: { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '0' },
        body: { err: 'Rate limit reached' },
      },
    },
    {
      name: 'spaces',
      parent: { id: '1234' },
      pages: [{ body: { spaces: [{ id: '790', name: 'Updated Space Name' }] } }],
      keys: ['parent/790'],
      asksFor: '/team/1234/space',
    },
    {
      name: 'folders',
      parent: { id: '790' },
      pages: [{ body: { folders: [{ id: '457', name: 'Updated Folder Name', lists: [] }] } }],
      keys: ['parent/457'],
      asksFor: '/space/790/folder',
    },
    {
      name: 'tasks',
      parent: { id: '1234' },
      pages: [
        { body: { tasks: [{ id: '9hx', date_updated: '1567780450202' }], last_page: false } },
        { body: { tasks: [{ id: '9hy', date_updated: '1567780450203' }], last_page: true } },
      ],
      keys: ['parent/9hx', 'parent/9hy'],
      asksFor: 'page=1',
      since: { cursor: '1567780450202', value: '1567780449202' },
    },
  ],
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Signature': hmac('sha256', secret, body, 'hex') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: { webhook_id: '7689a169-a000-4985-8676-6902b96d6627', event: 'taskCreated', task_id: 'c0j' },
        events: [{ type: 'taskCreated', account: 'crm-1', streams: ['tasks'] }],
      },
      {
        query: 'external_id=crm-1',
        body: {
          event: 'taskUpdated',
          history_items: [{ id: '8a2f82db-7718-4fdb-9493-4849e67f009d', type: 1 }],
          task_id: 'c0j',
          webhook_id: '7689a169-a000-4985-8676-6902b96d6627',
        },
        events: [
          {
            id: '7689a169-a000-4985-8676-6902b96d6627:8a2f82db-7718-4fdb-9493-4849e67f009d',
            type: 'taskUpdated',
            account: 'crm-1',
            streams: ['tasks'],
          },
        ],
      },
    ],
  },
  actions,
}
