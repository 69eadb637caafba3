import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const api = 'https://3.basecampapi.com/99999999'

const actions: ActionExample[] = [
  {
    action: 'create_todo',
    arguments: {
      todolist_id: 9007199254,
      content: 'Program it',
      description: '<div><em>Try that new language!</em></div>',
      assignee_ids: [1007299163],
      notify: true,
      due_on: '2026-05-01',
      starts_on: '2026-04-01',
    },
    request: `POST ${api}/todolists/9007199254/todos.json`,
    body: {
      content: 'Program it',
      description: '<div><em>Try that new language!</em></div>',
      assignee_ids: [1007299163],
      notify: true,
      due_on: '2026-05-01',
      starts_on: '2026-04-01',
    },
    answer: { status: 201, body: { id: 1069479520, status: 'active', content: 'Program it' } },
    output: { id: 1069479520, status: 'active', content: 'Program it' },
  },
  {
    action: 'list_todos',
    arguments: { todolist_id: 9007199254, completed: true },
    request: `GET ${api}/todolists/9007199254/todos.json?completed=true`,
    answer: { body: [{ id: 1069479520, completed: true }] },
    output: [{ id: 1069479520, completed: true }],
  },
  {
    action: 'add_comment',
    arguments: { recording_id: 1069479520, content: '<div>Looks good</div>' },
    request: `POST ${api}/recordings/1069479520/comments.json`,
    body: { content: '<div>Looks good</div>' },
    answer: { status: 201, body: { id: 1069479521, type: 'Comment' } },
    output: { id: 1069479521, type: 'Comment' },
  },
  {
    action: 'list_projects',
    arguments: {},
    request: `GET ${api}/projects.json`,
    answer: { body: [{ id: 2085958499, name: 'The Leto Laptop' }] },
    output: [{ id: 2085958499, name: 'The Leto Laptop' }],
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'BAhbB0kiAbB7-first',
        token_type: 'Bearer',
        expires_in: 1209600,
        refresh_token: 'BAhbB0kiAbB7-refresh',
      },
    },
    accessToken: 'BAhbB0kiAbB7-first',
    refreshToken: 'BAhbB0kiAbB7-refresh',
    lifetimeSeconds: 1209600,
  },
  renewal: {
    answer: {
      body: {
        access_token: 'BAhbB0kiAbB7-second',
        token_type: 'Bearer',
        expires_in: 1209600,
        refresh_token: 'BAhbB0kiAbB7-refresh2',
      },
    },
    accessToken: 'BAhbB0kiAbB7-second',
    refreshToken: 'BAhbB0kiAbB7-refresh2',
    lifetimeSeconds: 1209600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  afterConnect: {
    answers: [
      {
        body: {
          expires_at: '2026-07-15T12:00:00-06:00',
          identity: { id: 9999999, first_name: 'Jason', last_name: 'Fried', email_address: 'jason@example.com' },
          accounts: [{ product: 'bc3', id: 99999999, name: 'Honcho Design' }],
        },
      },
    ],
    kept: { account_id: 99999999, account_name: 'Honcho Design' },
  },
  test: {
    asks: 'GET 3.basecampapi.com/99999999/my/profile.json',
    headers: { authorization: 'Bearer BAhbB0kiAbB7-first' },
    good: { body: { id: 1049715913, name: 'Jason Fried' } },
    refused: {
      answer: { status: 401, body: { error: 'Unauthorized' } },
      says: 'Unauthorized',
    },
  },
  streams: [
    {
      name: 'projects',
      pages: [
        {
          headers: { link: '<https://3.basecampapi.com/99999999/projects.json?page=2>; rel="next"' },
          body: [{ id: 2085958499, name: 'The Leto Laptop' }],
        },
        { headers: { link: '' }, body: [{ id: 2085958500, name: 'Honcho Design Newsroom' }] },
      ],
      keys: ['2085958499', '2085958500'],
      asksFor: 'page=2',
      limited: { status: 429, headers: { 'retry-after': '7' }, body: '' },
    },
    {
      name: 'todos',
      pages: [
        {
          headers: {
            link: '<https://3.basecampapi.com/99999999/projects/recordings.json?type=Todo&sort=updated_at&direction=desc&page=2>; rel="next"',
          },
          body: [{ id: 1069479520, updated_at: '2026-06-02T10:00:00.000Z', content: 'Program it' }],
        },
        { headers: { link: '' }, body: [{ id: 1069479519, updated_at: '2026-06-01T10:00:00.000Z' }] },
      ],
      keys: ['1069479520', '1069479519'],
      asksFor: 'type=Todo&sort=updated_at&direction=desc&page=2',
    },
  ],
  actions,
}
