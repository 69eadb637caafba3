import type { ProviderTrial } from './trial.ts'

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
}
