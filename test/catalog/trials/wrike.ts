import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const api = 'https://www.wrike.com/api/v4'

const actions: ActionExample[] = [
  {
    action: 'create_task',
    arguments: {
      folder_id: 'IEAAAAAQI4AB5BGU',
      title: 'Test task',
      description: 'Test description',
      importance: 'High',
    },
    request: `POST ${api}/folders/IEAAAAAQI4AB5BGU/tasks`,
    body: 'title=Test+task&description=Test+description&importance=High',
    answer: { body: { kind: 'tasks', data: [{ id: 'IEAAAAAQKQAB5BKR', title: 'Test task' }] } },
    output: { id: 'IEAAAAAQKQAB5BKR', title: 'Test task' },
  },
  {
    action: 'list_tasks',
    arguments: { title: 'Test', status: 'Active', limit: 5, cursor: 'CBAA2' },
    request: `GET ${api}/tasks?title=Test&status=Active&pageSize=5&nextPageToken=CBAA2`,
    answer: { body: { kind: 'tasks', data: [{ id: 'IEAAAAAQKQAB5BKR' }] } },
    output: { kind: 'tasks', data: [{ id: 'IEAAAAAQKQAB5BKR' }] },
  },
  {
    action: 'get_task',
    arguments: { task_id: 'IEAAAAAQKQAB5BKR' },
    request: `GET ${api}/tasks/IEAAAAAQKQAB5BKR`,
    answer: { body: { kind: 'tasks', data: [{ id: 'IEAAAAAQKQAB5BKR', title: 'Test task' }] } },
    output: { id: 'IEAAAAAQKQAB5BKR', title: 'Test task' },
  },
  {
    action: 'add_comment',
    arguments: { task_id: 'IEAAAAAQKQAB5BKR', body: 'Well done' },
    request: `POST ${api}/tasks/IEAAAAAQKQAB5BKR/comments`,
    body: 'text=Well+done',
    answer: { body: { kind: 'comments', data: [{ id: 'IEAAAAAQIMAAAAAA', text: 'Well done' }] } },
    output: { id: 'IEAAAAAQIMAAAAAA', text: 'Well done' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'eyJ0dCI6InAi.first',
        refresh_token: 'eyJ0dCI6InAi.refresh',
        token_type: 'bearer',
        expires_in: 3600,
        host: 'www.wrike.com',
      },
    },
    accessToken: 'eyJ0dCI6InAi.first',
    refreshToken: 'eyJ0dCI6InAi.refresh',
    lifetimeSeconds: 3600,
    scopes: ['wsReadOnly'],
    kept: { host: 'www.wrike.com' },
  },
  renewal: {
    answer: {
      body: {
        access_token: 'eyJ0dCI6InAi.second',
        refresh_token: 'eyJ0dCI6InAi.refresh2',
        token_type: 'bearer',
        expires_in: 3600,
        host: 'www.wrike.com',
      },
    },
    accessToken: 'eyJ0dCI6InAi.second',
    refreshToken: 'eyJ0dCI6InAi.refresh2',
    lifetimeSeconds: 3600,
    kept: { host: 'www.wrike.com' },
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  hints: [
    {
      what: 'request',
      answer: { status: 300, body: {} },
      says: 'The provider answered with status 300.',
      cause: 'another data center',
    },
  ],
  test: {
    asks: 'GET www.wrike.com/api/v4/contacts?me=true',
    headers: { authorization: 'Bearer eyJ0dCI6InAi.first' },
    good: { body: { kind: 'contacts', data: [{ id: 'KUAAAAAQ', firstName: 'Ada', me: true }] } },
    refused: {
      answer: {
        status: 401,
        body: { error: 'not_authorized', errorDescription: 'Not authorized' },
      },
      says: 'not_authorized: Not authorized',
    },
  },
  streams: [
    {
      name: 'tasks',
      pages: [
        {
          body: {
            kind: 'tasks',
            nextPageToken: 'CBAA2',
            responseSize: 2,
            data: [{ id: 'IEAAAAAQKQAB5BKR', updatedDate: '2026-06-02T10:00:00Z' }],
          },
        },
        { body: { kind: 'tasks', data: [{ id: 'IEAAAAAQKQAB5BKS', updatedDate: '2026-06-01T10:00:00Z' }] } },
      ],
      keys: ['IEAAAAAQKQAB5BKR', 'IEAAAAAQKQAB5BKS'],
      asksFor: 'nextPageToken=CBAA2',
      limited: {
        status: 429,
        body: { error: 'rate_limit_exceeded', errorDescription: 'Rate limit exceeded' },
      },
    },
    {
      name: 'folders',
      pages: [{ body: { kind: 'folderTree', data: [{ id: 'IEAAAAAQI4AB5BGU', title: 'First level' }] } }],
      keys: ['IEAAAAAQI4AB5BGU'],
      asksFor: '/folders',
    },
  ],
  actions,
}
