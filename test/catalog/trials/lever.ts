import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const performAs = '8d49b010-cc6a-4f40-ace5-e86061c677ed'

const actions: ActionExample[] = [
  {
    action: 'list_opportunities',
    arguments: { email: 'ada@example.com', limit: 5, cursor: '0.1414895548650.a6070140' },
    request:
      'GET https://api.lever.co/v1/opportunities?email=ada%40example.com&limit=5&offset=0.1414895548650.a6070140',
    answer: { body: { data: [{ id: '250d8f03-738a-4bba-a671-8a3d73477145' }], hasNext: false } },
    output: { data: [{ id: '250d8f03-738a-4bba-a671-8a3d73477145' }], hasNext: false },
  },
  {
    action: 'create_opportunity',
    arguments: {
      perform_as: performAs,
      name: 'Shane Smith',
      email: 'shane@example.com',
      headline: 'Brickly LLC',
      posting_id: 'f2f01e16-27f8-4711-a728-7d49499795a0',
    },
    request: `POST https://api.lever.co/v1/opportunities?perform_as=${performAs}`,
    body: {
      name: 'Shane Smith',
      emails: ['shane@example.com'],
      headline: 'Brickly LLC',
      postings: ['f2f01e16-27f8-4711-a728-7d49499795a0'],
    },
    answer: { status: 201, body: { data: { id: '250d8f03-738a-4bba-a671-8a3d73477145', name: 'Shane Smith' } } },
    output: { id: '250d8f03-738a-4bba-a671-8a3d73477145', name: 'Shane Smith' },
  },
  {
    action: 'add_note',
    arguments: { opportunity_id: '250d8f03-738a-4bba-a671-8a3d73477145', text: 'Hello world!', perform_as: performAs },
    request: `POST https://api.lever.co/v1/opportunities/250d8f03-738a-4bba-a671-8a3d73477145/notes?perform_as=${performAs}`,
    body: { value: 'Hello world!' },
    answer: { status: 201, body: { data: { noteId: 'b9d1d2a8' } } },
    output: { noteId: 'b9d1d2a8' },
  },
]

const list = (id: string, extra: Record<string, unknown>, next?: string) => ({
  body: { data: [{ id, ...extra }], hasNext: next !== undefined, ...(next && { next }) },
})

export const trial: ProviderTrial = {
  input: { environment: 'production' },
  exchange: {
    answer: {
      body: {
        access_token: 'eyJhbGciOi.first',
        refresh_token: 'v1.MRrtZs',
        scope: 'offline_access opportunities:read:admin postings:read:admin users:read:admin stages:read:admin',
        expires_in: 3600,
        token_type: 'Bearer',
      },
    },
    accessToken: 'eyJhbGciOi.first',
    refreshToken: 'v1.MRrtZs',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 90 * 86_400,
    scopes: [
      'offline_access',
      'opportunities:read:admin',
      'postings:read:admin',
      'users:read:admin',
      'stages:read:admin',
    ],
  },
  renewal: {
    answer: { body: { access_token: 'eyJhbGciOi.second', expires_in: 3600, token_type: 'Bearer' } },
    accessToken: 'eyJhbGciOi.second',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 90 * 86_400,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 403, body: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' } },
      reason: 'INVALID_GRANT',
      says: 'Unknown or invalid refresh token.',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { status: 403, body: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' } },
      says: 'Unknown or invalid refresh token.',
      cause: 'refresh token has ended',
    },
  ],
  test: {
    asks: 'GET api.lever.co/v1/users?limit=1',
    headers: { authorization: 'Bearer eyJhbGciOi.first' },
    good: list(performAs, { name: 'Chandler Bing' }),
    refused: {
      answer: { status: 401, body: { code: 'Unauthorized', message: 'Unauthorized' } },
      says: 'Unauthorized',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'lever-api-key' } },
      asks: 'GET api.lever.co/v1/users?limit=1',
      headers: { authorization: `Basic ${btoa('lever-api-key:')}` },
    },
  ],
  streams: [
    {
      name: 'opportunities',
      pages: [
        list('250d8f03-738a-4bba-a671-8a3d73477145', { updatedAt: 1407460071043 }, '0.1414895548650.a6070140'),
        list('5c86dfc6-f7b2-4c07-bb78-2d4a1c5a3b1b', { updatedAt: 1407460080914 }),
      ],
      keys: ['250d8f03-738a-4bba-a671-8a3d73477145', '5c86dfc6-f7b2-4c07-bb78-2d4a1c5a3b1b'],
      asksFor: 'offset=0.1414895548650.a6070140',
      since: { cursor: 1407460071043, value: '1407460071043' },
      limited: { status: 429, body: { code: 'TooManyRequests', message: 'Too many requests.' } },
    },
    {
      name: 'users',
      pages: [list(performAs, { name: 'Chandler Bing' })],
      keys: [performAs],
      asksFor: '/users?limit=100',
    },
  ],
  actions,
}
