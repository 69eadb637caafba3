import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const api_base_url_for_customer = 'https://company-17.api.gong.io'

const actions: ActionExample[] = [
  {
    action: 'get_calls',
    arguments: { call_ids: ['7782342274025937895'] },
    request: 'POST https://company-17.api.gong.io/v2/calls/extensive',
    body: {
      filter: { callIds: ['7782342274025937895'] },
      contentSelector: { exposedFields: { parties: true, content: { brief: true } } },
    },
    answer: { body: { requestId: '4al018gzaztcr8nbukw', calls: [{ metaData: { id: '7782342274025937895' } }] } },
    output: [{ metaData: { id: '7782342274025937895' } }],
    readsWithPost: true,
  },
  {
    action: 'get_transcripts',
    arguments: { call_ids: ['7782342274025937895'] },
    request: 'POST https://company-17.api.gong.io/v2/calls/transcript',
    body: { filter: { callIds: ['7782342274025937895'] } },
    answer: { body: { callTranscripts: [{ callId: '7782342274025937895', transcript: [] }] } },
    output: [{ callId: '7782342274025937895', transcript: [] }],
    readsWithPost: true,
  },
  {
    action: 'find_users',
    arguments: { user_ids: ['234599484848423'] },
    request: 'POST https://company-17.api.gong.io/v2/users/extensive',
    body: { filter: { userIds: ['234599484848423'] } },
    answer: { body: { users: [{ id: '234599484848423', emailAddress: 'ada@example.com' }] } },
    output: [{ id: '234599484848423', emailAddress: 'ada@example.com' }],
    readsWithPost: true,
  },
]

const tokens = {
  access_token: 'first-access',
  token_type: 'bearer',
  expires_in: 86400,
  refresh_token: 'first-refresh',
  scope: 'api:users:read api:calls:read:basic api:workspaces:read',
  api_base_url_for_customer,
}

const scopes = tokens.scope.split(' ')

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'oauth' } },
  withoutPkce: true,
  exchange: {
    answer: { body: tokens },
    accessToken: 'first-access',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 86400,
    scopes,
    kept: { api_base_url_for_customer },
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second-access', refresh_token: 'second-refresh' } },
    accessToken: 'second-access',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 86400,
    scopes,
    kept: { api_base_url_for_customer },
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  test: {
    asks: 'GET company-17.api.gong.io/v2/workspaces',
    headers: { authorization: 'Bearer first-access' },
    good: { body: { requestId: '4al018gzaztcr8nbukw', workspaces: [{ id: '623457276584334', name: 'Main' }] } },
    refused: {
      answer: { status: 401, body: { requestId: '4al018gzaztcr8nbukw', errors: ['The access token is not valid'] } },
      says: 'The access token is not valid',
    },
  },
  otherWays: [
    {
      credential: {
        fields: { auth_method: 'access_key', access_key: 'KEY', access_key_secret: 'a-secret-0123456789' },
      },
      asks: 'GET api.gong.io/v2/workspaces',
      headers: { authorization: `Basic ${btoa('KEY:a-secret-0123456789')}` },
    },
  ],
  streams: [
    {
      name: 'users',
      pages: [
        { body: { records: { totalRecords: 2, cursor: 'eyJhbGci' }, users: [{ id: '1' }] } },
        { body: { records: { totalRecords: 2 }, users: [{ id: '2' }] } },
      ],
      keys: ['1', '2'],
      asksFor: 'cursor=eyJhbGci',
      limited: { status: 429, headers: { 'retry-after': '1' }, body: { errors: ['Too many requests'] } },
    },
    {
      name: 'calls',
      pages: [
        { body: { records: { cursor: 'eyJhbGci' }, calls: [{ id: '1', started: '2026-06-01T10:00:00-07:00' }] } },
        { body: { records: {}, calls: [{ id: '2', started: '2026-06-02T10:00:00-07:00' }] } },
      ],
      keys: ['1', '2'],
      asksFor: 'cursor=eyJhbGci',
      since: { cursor: '2026-06-10T10:00:00Z', value: '2026-06-08T10:00:00Z' },
    },
    {
      name: 'workspaces',
      pages: [{ body: { workspaces: [{ id: '623457276584334', name: 'Main' }] } }],
      keys: ['623457276584334'],
      asksFor: '/v2/workspaces',
    },
  ],
  actions,
}
