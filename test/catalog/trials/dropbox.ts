import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_folder',
    arguments: { path: '/Homework/math', autorename: false },
    request: 'POST https://api.dropboxapi.com/2/files/create_folder_v2',
    body: { path: '/Homework/math', autorename: false },
    answer: { body: { metadata: { name: 'math', id: 'id:a4ayc_80_OEAAAAAAAAAXz' } } },
    output: { name: 'math', id: 'id:a4ayc_80_OEAAAAAAAAAXz' },
  },
  {
    action: 'list_folder',
    readsWithPost: true,
    arguments: { path: '/Homework/math', recursive: false, limit: 10 },
    request: 'POST https://api.dropboxapi.com/2/files/list_folder',
    body: { path: '/Homework/math', recursive: false, limit: 10 },
    answer: {
      body: { entries: [{ '.tag': 'file', name: 'Prime_Numbers.txt' }], cursor: 'ZtkX9_EHj3', has_more: false },
    },
    output: { entries: [{ '.tag': 'file', name: 'Prime_Numbers.txt' }], cursor: 'ZtkX9_EHj3', has_more: false },
  },
  {
    action: 'continue_list_folder',
    readsWithPost: true,
    arguments: { cursor: 'ZtkX9_EHj3' },
    request: 'POST https://api.dropboxapi.com/2/files/list_folder/continue',
    body: { cursor: 'ZtkX9_EHj3' },
    answer: { body: { entries: [], cursor: 'ZtkX9_EHj4', has_more: false } },
    output: { entries: [], cursor: 'ZtkX9_EHj4', has_more: false },
  },
  {
    action: 'get_metadata',
    readsWithPost: true,
    arguments: { path: '/Homework/math' },
    request: 'POST https://api.dropboxapi.com/2/files/get_metadata',
    body: { path: '/Homework/math' },
    answer: { body: { '.tag': 'folder', name: 'math' } },
    output: { '.tag': 'folder', name: 'math' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'sl.AbX9y6Fe3AuH5o66-gmJpR032jwAwQPIVVzWXZNk',
        expires_in: 14400,
        token_type: 'bearer',
        scope: 'account_info.read files.content.read files.metadata.read',
        refresh_token: 'nBiM85CZALsAAAAAAAAAAQXHBoNpNutK4ngsXHsqW4iGz9tisb3JyjGqikMJIYbd',
        account_id: 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc',
        uid: '12345',
      },
    },
    accessToken: 'sl.AbX9y6Fe3AuH5o66-gmJpR032jwAwQPIVVzWXZNk',
    refreshToken: 'nBiM85CZALsAAAAAAAAAAQXHBoNpNutK4ngsXHsqW4iGz9tisb3JyjGqikMJIYbd',
    lifetimeSeconds: 14400,
    scopes: ['account_info.read', 'files.content.read', 'files.metadata.read'],
    kept: { account_id: 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc', uid: '12345' },
  },
  renewal: {
    answer: { body: { access_token: 'sl.second', expires_in: 14400, token_type: 'bearer' } },
    accessToken: 'sl.second',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 14400,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'refresh token is invalid or revoked' },
      },
      reason: 'INVALID_GRANT',
      says: 'invalid or revoked',
    },
  ],
  revocation: ['POST api.dropboxapi.com/2/auth/token/revoke'],
  test: {
    asks: 'POST api.dropboxapi.com/2/users/get_current_account',
    headers: { authorization: 'Bearer sl.AbX9y6Fe3AuH5o66-gmJpR032jwAwQPIVVzWXZNk' },
    good: { body: { account_id: 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc', email: 'franz@example.com' } },
    refused: {
      answer: {
        status: 401,
        body: { error_summary: 'expired_access_token/...', error: { '.tag': 'expired_access_token' } },
      },
      says: 'expired_access_token/...',
    },
  },
  // dropbox.com/developers/reference/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Dropbox-Signature': hmac('sha256', secret, body, 'hex') }),
    handshakes: [{ method: 'GET', query: 'challenge=abc123_challenge', answer: 'abc123_challenge' }],
    connection: { kept: { account_id: 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc' } },
    requests: [
      {
        body: {
          list_folder: { accounts: ['dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc', 'dbid:AAAAother'] },
          delta: { users: [12345678, 23456789] },
        },
        events: [
          { type: 'list_folder', account: 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc', streams: [] },
          { type: 'list_folder', account: 'dbid:AAAAother', streams: [] },
        ],
      },
    ],
  },
  actions,
}
