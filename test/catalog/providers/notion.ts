import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'ntn_first',
        token_type: 'bearer',
        refresh_token: 'nrt_first',
        bot_id: 'b3414d65-1224-4ab7-8ffr-cc9d8773d601',
        workspace_icon: null,
        workspace_id: '565a4d73-2882-41bs-964a-89d90c36f327',
        workspace_name: 'Ada’s Notion',
        owner: { type: 'user', user: { object: 'user', id: 'e79a0b74-3aba-4149-9f74-0bb5791a6ee6' } },
        duplicated_template_id: null,
      },
    },
    accessToken: 'ntn_first',
    refreshToken: 'nrt_first',
    kept: {
      workspace_id: '565a4d73-2882-41bs-964a-89d90c36f327',
      workspace_name: 'Ada’s Notion',
      bot_id: 'b3414d65-1224-4ab7-8ffr-cc9d8773d601',
    },
  },
  renewal: {
    answer: { body: { access_token: 'ntn_second', token_type: 'bearer', refresh_token: 'nrt_second' } },
    accessToken: 'ntn_second',
    refreshToken: 'nrt_second',
  },
  refusals: [
    {
      what: 'code',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Invalid code: this code has been revoked.' },
      },
      reason: 'INVALID_GRANT',
      says: 'this code has been revoked',
    },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: ['POST api.notion.com/v1/oauth/revoke {"token":"ntn_first"}'],
  test: {
    asks: 'GET api.notion.com/v1/users/me',
    headers: { authorization: 'Bearer ntn_first', 'notion-version': '2025-09-03' },
    good: { body: { object: 'user', id: 'b3414d65-1224-4ab7-8ffr-cc9d8773d601', type: 'bot' } },
    refused: {
      answer: {
        status: 401,
        body: { object: 'error', status: 401, code: 'unauthorized', message: 'API token is invalid.' },
      },
      says: 'API token is invalid.',
    },
  },
  streams: [
    {
      // The cursor is in the body, beside the filter.
      name: 'pages',
      pages: [
        {
          body: {
            object: 'list',
            results: [{ object: 'page', id: 'p1' }],
            next_cursor: '33e19cb9-751f-4993-b74d-234d67d0d534',
            has_more: true,
          },
        },
        { body: { object: 'list', results: [{ object: 'page', id: 'p2' }], next_cursor: null, has_more: false } },
      ],
      keys: ['p1', 'p2'],
      asksFor: '"start_cursor":"33e19cb9-751f-4993-b74d-234d67d0d534"',
      limited: {
        status: 429,
        headers: { 'retry-after': '5' },
        body: { object: 'error', status: 429, code: 'rate_limited', message: 'You have been rate limited.' },
      },
    },
    {
      name: 'users',
      pages: [
        { body: { object: 'list', results: [{ object: 'user', id: 'u1' }], next_cursor: 'c2', has_more: true } },
        { body: { object: 'list', results: [{ object: 'user', id: 'u2' }], next_cursor: null, has_more: false } },
      ],
      keys: ['u1', 'u2'],
      asksFor: 'start_cursor=c2',
    },
  ],
}
