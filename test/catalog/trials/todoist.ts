import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const api = 'https://api.todoist.com/api/v1'

const actions: ActionExample[] = [
  {
    action: 'create_task',
    arguments: {
      content: 'Buy Milk',
      description: 'Two litres',
      project_id: '6Jf8VQXxpwv56VQ7',
      section_id: '3Ty8VQXxpwv28PK3',
      parent_id: '6X7rf9x6pv2FGghW',
      labels: ['Food'],
      priority: 4,
      due_string: 'tomorrow at 12:00',
      due_date: '2026-07-01',
    },
    request: `POST ${api}/tasks`,
    body: {
      content: 'Buy Milk',
      description: 'Two litres',
      project_id: '6Jf8VQXxpwv56VQ7',
      section_id: '3Ty8VQXxpwv28PK3',
      parent_id: '6X7rf9x6pv2FGghW',
      labels: ['Food'],
      priority: 4,
      due_string: 'tomorrow at 12:00',
      due_date: '2026-07-01',
    },
    answer: { body: { id: '6X7rM8997g3RQmvh', content: 'Buy Milk' } },
    output: { id: '6X7rM8997g3RQmvh', content: 'Buy Milk' },
  },
  {
    action: 'complete_task',
    arguments: { task_id: '6X7rM8997g3RQmvh' },
    request: `POST ${api}/tasks/6X7rM8997g3RQmvh/close`,
    answer: { status: 204 },
    output: null,
  },
  {
    action: 'list_tasks',
    arguments: { project_id: '6Jf8VQXxpwv56VQ7', label: 'Food', limit: 2, cursor: 'cur2' },
    request: `GET ${api}/tasks?project_id=6Jf8VQXxpwv56VQ7&label=Food&limit=2&cursor=cur2`,
    answer: { body: { results: [{ id: '6X7rM8997g3RQmvh' }], next_cursor: null } },
    output: { results: [{ id: '6X7rM8997g3RQmvh' }], next_cursor: null },
  },
  {
    action: 'find_tasks',
    arguments: { query: 'today & #Work', language: 'en', limit: 2, cursor: 'cur2' },
    request: `GET ${api}/tasks/filter?query=today%20%26%20%23Work&lang=en&limit=2&cursor=cur2`,
    answer: { body: { results: [{ id: '6X7rM8997g3RQmvh' }], next_cursor: null } },
    output: { results: [{ id: '6X7rM8997g3RQmvh' }], next_cursor: null },
  },
  {
    action: 'add_comment',
    arguments: { task_id: '6X7rM8997g3RQmvh', content: 'Need one bottle of milk' },
    request: `POST ${api}/comments`,
    body: { task_id: '6X7rM8997g3RQmvh', content: 'Need one bottle of milk' },
    answer: { body: { id: '6X7gfV9G7rWm5hW8', content: 'Need one bottle of milk' } },
    output: { id: '6X7gfV9G7rWm5hW8', content: 'Need one bottle of milk' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: { access_token: '0123456789abcdef0123456789abcdef01234567', token_type: 'Bearer' } },
    accessToken: '0123456789abcdef0123456789abcdef01234567',
    scopes: ['data:read'],
  },
  refusals: [
    {
      what: 'code',
      answer: { status: 400, body: { error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  revocation: ['POST api.todoist.com/api/v1/revoke token=0123456789abcdef0123456789abcdef01234567'],
  afterConnect: {
    answers: [{ body: { id: '2671355', email: 'ada@example.com', full_name: 'Ada' } }],
    kept: { user_id: '2671355', email: 'ada@example.com' },
  },
  test: {
    asks: 'GET api.todoist.com/api/v1/user',
    headers: { authorization: 'Bearer 0123456789abcdef0123456789abcdef01234567' },
    good: { body: { id: '2671355', email: 'ada@example.com' } },
    refused: {
      answer: { status: 401, body: { error: 'Unauthorized', error_tag: 'UNAUTHORIZED', http_code: 401 } },
      says: 'Unauthorized',
    },
  },
  streams: [
    {
      name: 'tasks',
      pages: [
        { body: { results: [{ id: '6X7rM8997g3RQmvh', content: 'Buy Milk' }], next_cursor: 'cur2' } },
        { body: { results: [{ id: '6X7rfFVPjhvv84XG', content: 'Sleep' }], next_cursor: null } },
      ],
      keys: ['6X7rM8997g3RQmvh', '6X7rfFVPjhvv84XG'],
      asksFor: 'cursor=cur2',
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { error: 'Too many requests' } },
    },
    {
      name: 'projects',
      pages: [{ body: { results: [{ id: '6Jf8VQXxpwv56VQ7', name: 'Shopping List' }], next_cursor: null } }],
      keys: ['6Jf8VQXxpwv56VQ7'],
      asksFor: '/projects?limit=200',
    },
  ],
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Todoist-Hmac-SHA256': hmac('sha256', secret, body, 'base64') }),
    connection: { kept: { user_id: '2671355' } },
    requests: [
      {
        headers: { 'X-Todoist-Delivery-ID': '8f1c5b0a-6e0e-4f0f-8f55-4e5a6d1b2c3e' },
        body: {
          event_name: 'item:added',
          user_id: '2671355',
          event_data: { id: '6XR4GqQQCW6Gv9h4', content: 'Buy Milk' },
          initiator: { id: '2671355', email: 'ada@example.com', full_name: 'Ada', is_premium: true },
          triggered_at: '2026-06-01T10:39:38.000000Z',
          version: '10',
        },
        events: [
          {
            id: '8f1c5b0a-6e0e-4f0f-8f55-4e5a6d1b2c3e',
            type: 'item:added',
            account: '2671355',
            streams: ['tasks'],
          },
        ],
      },
    ],
  },
  actions,
}
