import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_current_user',
    arguments: {},
    request: 'GET https://discord.com/api/v10/users/@me',
    answer: { body: { id: '80351110224678912', username: 'Nelly' } },
    output: { id: '80351110224678912', username: 'Nelly' },
  },
  {
    action: 'list_guilds',
    arguments: { limit: 100, after: '80351110224678912' },
    request: 'GET https://discord.com/api/v10/users/@me/guilds?limit=100&after=80351110224678912',
    answer: { body: [{ id: '80351110224678913', name: '1337 Krew' }] },
    output: [{ id: '80351110224678913', name: '1337 Krew' }],
  },
  {
    action: 'get_guild_member',
    arguments: { guild_id: '80351110224678912' },
    request: 'GET https://discord.com/api/v10/users/@me/guilds/80351110224678912/member',
    answer: { body: { nick: 'NOT API SUPPORT', roles: [] } },
    output: { nick: 'NOT API SUPPORT', roles: [] },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: '6qrZcUqja7812RVdnEKjpzOL4CvHBFG',
        token_type: 'Bearer',
        expires_in: 604800,
        refresh_token: 'D43f5y0ahjqew82jZ4NViEr2YafMKhue',
        scope: 'identify guilds',
      },
    },
    accessToken: '6qrZcUqja7812RVdnEKjpzOL4CvHBFG',
    refreshToken: 'D43f5y0ahjqew82jZ4NViEr2YafMKhue',
    lifetimeSeconds: 604800,
    scopes: ['identify', 'guilds'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        token_type: 'Bearer',
        expires_in: 604800,
        refresh_token: 'refresh-second',
        scope: 'identify',
      },
    },
    accessToken: 'second',
    refreshToken: 'refresh-second',
    lifetimeSeconds: 604800,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: [
    'POST discord.com/api/oauth2/token/revoke token=D43f5y0ahjqew82jZ4NViEr2YafMKhue',
    'POST discord.com/api/oauth2/token/revoke token=6qrZcUqja7812RVdnEKjpzOL4CvHBFG',
  ],
  test: {
    asks: 'GET discord.com/api/v10/users/@me',
    headers: { authorization: 'Bearer 6qrZcUqja7812RVdnEKjpzOL4CvHBFG' },
    good: { body: { id: '80351110224678912', username: 'Nelly' } },
    refused: { answer: { status: 401, body: { message: '401: Unauthorized', code: 0 } }, says: '401: Unauthorized' },
  },
  streams: [
    {
      name: 'guilds',
      pages: [{ body: [{ id: '80351110224678912', name: '1337 Krew', owner: true }] }],
      keys: ['80351110224678912'],
      asksFor: '/users/@me/guilds',
      limited: {
        status: 429,
        headers: { 'retry-after': '65' },
        body: { message: 'You are being rate limited.', retry_after: 64.57, global: false },
      },
    },
  ],
  actions,
}
