import { expect } from 'vitest'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_item',
    arguments: {
      board_id: '1234567890',
      name: 'new item',
      group_id: 'group_one',
      column_values: '{"date":"2023-05-25"}',
    },
    request: 'POST https://api.monday.com/v2',
    body: {
      query: expect.stringContaining('create_item(board_id: $board, group_id: $group, item_name: $name'),
      variables: {
        board: '1234567890',
        group: 'group_one',
        name: 'new item',
        values: '{"date":"2023-05-25"}',
      },
    },
    answer: { body: { data: { create_item: { id: '9876543210', name: 'new item' } }, account_id: 12345 } },
    output: { id: '9876543210', name: 'new item' },
  },
  {
    action: 'list_items',
    readsWithPost: true,
    arguments: { board_id: '1234567890', limit: 2, cursor: 'MSw5NzI4' },
    request: 'POST https://api.monday.com/v2',
    body: {
      query: expect.stringContaining('items_page(limit: $limit, cursor: $cursor)'),
      variables: { board: ['1234567890'], limit: 2, cursor: 'MSw5NzI4' },
    },
    answer: { body: { data: { boards: [{ items_page: { cursor: null, items: [{ id: '9876543210' }] } }] } } },
    output: { cursor: null, items: [{ id: '9876543210' }] },
  },
  {
    action: 'add_update',
    arguments: { item_id: '9876543210', body: 'This update will be added to the item' },
    request: 'POST https://api.monday.com/v2',
    body: {
      query: expect.stringContaining('create_update(item_id: $item, body: $body)'),
      variables: { item: '9876543210', body: 'This update will be added to the item' },
    },
    answer: { body: { data: { create_update: { id: '3325555116' } } } },
    output: { id: '3325555116' },
  },
  {
    action: 'list_boards',
    readsWithPost: true,
    arguments: { limit: 5 },
    request: 'POST https://api.monday.com/v2',
    body: { query: expect.stringContaining('boards(limit: $limit)'), variables: { limit: 5 } },
    answer: { body: { data: { boards: [{ id: '1234567890', name: 'Roadmap' }] } } },
    output: [{ id: '1234567890', name: 'Roadmap' }],
  },
]

const itemsPage = (id: string, cursor: string | null) => ({
  body: { data: { boards: [{ items_page: { cursor, items: [{ id, name: `Item ${id}` }] } }] } },
})

export const trial: ProviderTrial = {
  failureWith200: {
    errors: [{ message: 'User unauthorized to perform action', extensions: { code: 'UserUnauthorizedException' } }],
    data: null,
  },
  exchange: {
    answer: {
      body: {
        access_token: 'eyJhbGci.first',
        refresh_token: 'first-refresh',
        token_type: 'Bearer',
        scope: 'me:read boards:read users:read workspaces:read',
      },
    },
    accessToken: 'eyJhbGci.first',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 3600,
    scopes: ['me:read', 'boards:read', 'users:read', 'workspaces:read'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'eyJhbGci.second',
        refresh_token: 'second-refresh',
        token_type: 'Bearer',
        scope: 'me:read boards:read users:read workspaces:read',
      },
    },
    accessToken: 'eyJhbGci.second',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid refresh token' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid refresh token',
    },
  ],
  hints: [
    {
      what: 'request',
      answer: {
        status: 401,
        body: { errors: [{ message: 'OAUTH21_TOKEN_REQUIRED', extensions: { code: 'OAUTH21_TOKEN_REQUIRED' } }] },
      },
      says: 'OAUTH21_TOKEN_REQUIRED',
      cause: 'legacy OAuth flow',
    },
  ],
  test: {
    asks: 'POST api.monday.com/v2',
    headers: { authorization: 'Bearer eyJhbGci.first', 'content-type': 'application/json' },
    good: { body: { data: { me: { id: '4012689' } } } },
    refused: {
      answer: { status: 401, body: { errors: [{ message: 'Not Authenticated' }] } },
      says: 'Not Authenticated',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_token', api_token: 'eyJhbGci.personal' } },
      asks: 'POST api.monday.com/v2',
      headers: { authorization: 'eyJhbGci.personal' },
    },
  ],
  streams: [
    {
      name: 'boards',
      pages: [
        { body: { data: { boards: [{ id: '1234567890', name: 'Roadmap' }] } } },
        { body: { data: { boards: [] } } },
      ],
      keys: ['1234567890'],
      asksFor: '"variables":{"page":2}',
      limited: {
        body: {
          errors: [
            {
              message: 'Complexity budget exhausted',
              extensions: { code: 'COMPLEXITY_BUDGET_EXHAUSTED', status_code: 429 },
            },
          ],
        },
      },
    },
    {
      name: 'items',
      parent: { id: '1234567890' },
      pages: [itemsPage('9876543210', 'MSw5NzI4'), itemsPage('9876543211', null)],
      keys: ['parent/9876543210', 'parent/9876543211'],
      asksFor: '"cursor":"MSw5NzI4"',
    },
  ],
  actions,
}
