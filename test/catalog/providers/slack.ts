import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        ok: true,
        access_token: 'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy',
        token_type: 'bot',
        scope: 'channels:read,users:read',
        bot_user_id: 'U0KRQLJ9H',
        app_id: 'A0KRD7HC3',
        expires_in: 43200,
        refresh_token: 'xoxe-1-first',
        team: { name: 'Slack Softball Team', id: 'T9TK3CUKW' },
        enterprise: null,
        authed_user: { id: 'U1234' },
      },
    },
    accessToken: 'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy',
    refreshToken: 'xoxe-1-first',
    lifetimeSeconds: 43200,
    scopes: ['channels:read', 'users:read'],
    kept: { team_id: 'T9TK3CUKW', team_name: 'Slack Softball Team', bot_user_id: 'U0KRQLJ9H' },
  },
  renewal: {
    answer: {
      body: {
        ok: true,
        access_token: 'xoxe.xoxb-1-second',
        expires_in: 43200,
        refresh_token: 'xoxe-1-second',
        token_type: 'bot',
        scope: 'channels:read',
      },
    },
    accessToken: 'xoxe.xoxb-1-second',
    refreshToken: 'xoxe-1-second',
    lifetimeSeconds: 43200,
  },
  // All with status 200.
  refusals: [
    {
      what: 'code',
      answer: { body: { ok: false, error: 'invalid_code' } },
      reason: 'INVALID_GRANT',
      says: 'invalid_code',
    },
    { what: 'code', answer: { body: { ok: false, error: 'bad_client_secret' } }, reason: 'INVALID_CLIENT' },
    { what: 'renewal', answer: { body: { ok: false, error: 'invalid_refresh_token' } }, reason: 'INVALID_GRANT' },
    {
      what: 'renewal',
      answer: { body: { ok: false, error: 'ratelimited' } },
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
    },
    {
      what: 'renewal',
      answer: { body: { ok: false, error: 'fatal_error' } },
      reason: 'MALFORMED_RESPONSE',
      retryable: true,
      says: 'fatal_error',
    },
  ],
  revocation: ['POST slack.com/api/auth.revoke'],
  test: {
    asks: 'POST slack.com/api/auth.test',
    headers: { authorization: 'Bearer xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy' },
    good: { body: { ok: true, url: 'https://softball.slack.com/', team: 'Softball', user_id: 'U0KRQLJ9H' } },
    refused: { answer: { body: { ok: false, error: 'token_revoked' } }, says: 'token_revoked' },
  },
  streams: [
    {
      name: 'channels',
      pages: [
        {
          body: {
            ok: true,
            channels: [{ id: 'C012AB3CD', name: 'general' }],
            response_metadata: { next_cursor: 'dGVhbTpDMDYxRkE1UEI=' },
          },
        },
        {
          body: { ok: true, channels: [{ id: 'C061EG9T2', name: 'random' }], response_metadata: { next_cursor: '' } },
        },
      ],
      keys: ['C012AB3CD', 'C061EG9T2'],
      asksFor: 'cursor=dGVhbTpDMDYxRkE1UEI=',
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } },
    },
  ],
}
