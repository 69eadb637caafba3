import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const boards = 'https://api.miro.com/v2/boards'

const actions: ActionExample[] = [
  {
    action: 'create_sticky_note',
    arguments: { board_id: 'uXjVOD6LSME=', content: 'Hello', shape: 'square', color: 'light_yellow', x: 100, y: -50 },
    request: `POST ${boards}/uXjVOD6LSME%3D/sticky_notes`,
    body: {
      data: { content: 'Hello', shape: 'square' },
      style: { fillColor: 'light_yellow' },
      position: { x: 100, y: -50 },
    },
    answer: { status: 201, body: { id: '3458764517517819000', type: 'sticky_note', data: { content: 'Hello' } } },
    output: { id: '3458764517517819000', type: 'sticky_note', data: { content: 'Hello' } },
  },
  {
    action: 'list_boards',
    arguments: { query: 'roadmap', limit: 10, offset: 10 },
    request: `GET ${boards}?query=roadmap&limit=10&offset=10`,
    answer: { body: { data: [{ id: 'uXjVOD6LSME=', name: 'Roadmap' }], total: 11, size: 1, offset: 10, limit: 10 } },
    output: { data: [{ id: 'uXjVOD6LSME=', name: 'Roadmap' }], total: 11, size: 1, offset: 10, limit: 10 },
  },
  {
    action: 'list_items',
    arguments: { board_id: 'uXjVOD6LSME=', type: 'sticky_note', limit: 10, cursor: 'MzQ1' },
    request: `GET ${boards}/uXjVOD6LSME%3D/items?type=sticky_note&limit=10&cursor=MzQ1`,
    answer: { body: { data: [{ id: '3458764517517819000', type: 'sticky_note' }], total: 1, size: 1, limit: 10 } },
    output: { data: [{ id: '3458764517517819000', type: 'sticky_note' }], total: 1, size: 1, limit: 10 },
  },
]

export const trial: ProviderTrial = {
  refusals: [{ what: 'code', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' }],
  exchange: {
    answer: {
      body: {
        user_id: '3074457345618265000',
        team_id: '3074457362577833142',
        access_token: 'eyJtaXJv_first',
        refresh_token: 'eyJtaXJv_refresh',
        token_type: 'bearer',
        expires_in: 3599,
        scope: 'boards:read boards:write',
      },
    },
    accessToken: 'eyJtaXJv_first',
    refreshToken: 'eyJtaXJv_refresh',
    lifetimeSeconds: 3599,
    refreshLifetimeSeconds: 5184000,
    scopes: ['boards:read', 'boards:write'],
    kept: { user_id: '3074457345618265000', team_id: '3074457362577833142' },
  },
  renewal: {
    answer: {
      body: {
        user_id: '3074457345618265000',
        team_id: '3074457362577833142',
        access_token: 'eyJtaXJv_second',
        refresh_token: 'eyJtaXJv_refresh2',
        token_type: 'bearer',
        expires_in: 3599,
        scope: 'boards:read boards:write',
      },
    },
    accessToken: 'eyJtaXJv_second',
    refreshToken: 'eyJtaXJv_refresh2',
    lifetimeSeconds: 3599,
    refreshLifetimeSeconds: 5184000,
    kept: { user_id: '3074457345618265000', team_id: '3074457362577833142' },
  },
  revocation: [
    'POST api.miro.com/v2/oauth/revoke {"accessToken":"eyJtaXJv_first","clientId":"client-id","clientSecret":"cl1ent-s3cret"}',
  ],
  hints: [
    {
      what: 'code',
      answer: {
        status: 401,
        body: { status: 401, code: 'oauthError', message: 'Redirect URI mismatch.', type: 'error' },
      },
      says: 'Redirect URI mismatch.',
      cause: 'not a redirect URI',
    },
  ],
  test: {
    asks: 'GET api.miro.com/v1/oauth-token',
    headers: { authorization: 'Bearer eyJtaXJv_first' },
    good: { body: { type: 'oAuthToken', scopes: ['boards:read'], team: { id: '3074457362577833142' } } },
    refused: {
      answer: {
        status: 401,
        body: { status: 401, code: 'unauthorized', message: 'Unauthorized', type: 'error' },
      },
      says: 'unauthorized: Unauthorized',
    },
  },
  streams: [
    {
      name: 'boards',
      pages: [
        { body: { data: [{ id: 'uXjVOD6LSME=', name: 'Roadmap' }], total: 2, size: 1, offset: 0, limit: 50 } },
        { body: { data: [{ id: 'uXjVOD6LSMF=', name: 'Retro' }], total: 2, size: 1, offset: 1, limit: 50 } },
      ],
      keys: ['uXjVOD6LSME=', 'uXjVOD6LSMF='],
      asksFor: 'offset=1',
      limited: {
        status: 429,
        headers: { 'x-ratelimit-remaining': '0' },
        body: { status: 429, code: 'tooManyRequests', message: 'Too many requests', type: 'error' },
      },
    },
    {
      name: 'items',
      parent: { id: 'uXjVOD6LSME=' },
      pages: [
        { body: { data: [{ id: '3458764517517819000', type: 'sticky_note' }], total: 2, size: 1, cursor: 'MzQ1' } },
        { body: { data: [{ id: '3458764517517819001', type: 'text' }], total: 2, size: 1 } },
      ],
      keys: ['parent/3458764517517819000', 'parent/3458764517517819001'],
      asksFor: '/v2/boards/uXjVOD6LSME=/items?limit=50&cursor=MzQ1',
    },
  ],
  actions,
}
