import type { ProviderTrial } from '../providers/trial.ts'

const token = 'sbp_oauth_0123456789abcdef'

const refused = { status: 401, body: { message: 'Unauthorized' } }

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      status: 201,
      body: { access_token: token, refresh_token: 'first-refresh-t0ken', expires_in: 86400, token_type: 'Bearer' },
    },
    accessToken: token,
    refreshToken: 'first-refresh-t0ken',
    lifetimeSeconds: 86400,
  },
  renewal: {
    answer: {
      status: 201,
      body: {
        access_token: 'sbp_oauth_second',
        refresh_token: 'second-refresh-t0ken',
        expires_in: 86400,
        token_type: 'Bearer',
      },
    },
    accessToken: 'sbp_oauth_second',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 86400,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: [
    'POST api.supabase.com/v1/oauth/revoke {"client_id":"client-id","client_secret":"cl1ent-s3cret","refresh_token":"first-refresh-t0ken"}',
  ],
  test: {
    asks: 'GET api.supabase.com/v1/organizations',
    headers: { authorization: `Bearer ${token}` },
    good: { body: [{ id: 'acme', slug: 'acme', name: 'Acme' }] },
    refused: { answer: refused, says: 'Unauthorized' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'sbp_bdd0000000000000000000000000000000004f23' } },
      asks: 'GET api.supabase.com/v1/organizations',
      headers: { authorization: 'Bearer sbp_bdd0000000000000000000000000000000004f23' },
    },
  ],
  hints: [{ what: 'request', answer: refused, says: 'Unauthorized', cause: 'was revoked in Supabase' }],
  streams: [
    {
      name: 'organizations',
      pages: [{ body: [{ id: 'acme', slug: 'acme', name: 'Acme' }] }],
      keys: ['acme'],
      asksFor: '/v1/organizations',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { message: 'ThrottlerException: Too Many Requests' },
      },
    },
    {
      name: 'projects',
      pages: [
        {
          body: [
            { id: 'abcdefghijklmnopqrst', organization_id: 'acme', name: 'Production', region: 'eu-central-1' },
            { id: 'bcdefghijklmnopqrstu', organization_id: 'acme', name: 'Staging', region: 'eu-central-1' },
          ],
        },
      ],
      keys: ['abcdefghijklmnopqrst', 'bcdefghijklmnopqrstu'],
      asksFor: '/v1/projects',
    },
    {
      name: 'functions',
      parent: { id: 'abcdefghijklmnopqrst' },
      pages: [{ body: [{ id: '1', slug: 'hello-world', status: 'ACTIVE' }] }],
      keys: ['parent/1'],
      asksFor: '/v1/projects/abcdefghijklmnopqrst/functions',
    },
  ],
  actions: [
    {
      action: 'query_database',
      readsWithPost: true,
      arguments: { project_ref: 'abcdefghijklmnopqrst', query: 'select id from todos limit 1' },
      request: 'POST https://api.supabase.com/v1/projects/abcdefghijklmnopqrst/database/query/read-only',
      body: { query: 'select id from todos limit 1' },
      answer: { status: 201, body: [{ id: 1 }] },
      output: [{ id: 1 }],
    },
    {
      action: 'get_project',
      arguments: { project_ref: 'abcdefghijklmnopqrst' },
      request: 'GET https://api.supabase.com/v1/projects/abcdefghijklmnopqrst',
      answer: { body: { id: 'abcdefghijklmnopqrst', name: 'Production', status: 'ACTIVE_HEALTHY' } },
      output: { id: 'abcdefghijklmnopqrst', name: 'Production', status: 'ACTIVE_HEALTHY' },
    },
  ],
}
