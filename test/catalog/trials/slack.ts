import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac, seconds } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'send_message',
    arguments: {
      channel: 'C123ABC456',
      text: "Here's a message for you",
      thread_ts: '1503435956.000247',
      reply_broadcast: false,
      unfurl_links: true,
    },
    request: 'POST https://slack.com/api/chat.postMessage',
    body: {
      channel: 'C123ABC456',
      text: "Here's a message for you",
      thread_ts: '1503435956.000247',
      reply_broadcast: false,
      unfurl_links: true,
    },
    answer: {
      body: {
        ok: true,
        channel: 'C123ABC456',
        ts: '1503435957.000111',
        message: { text: "Here's a message for you", type: 'message', subtype: 'bot_message' },
      },
    },
    output: {
      ok: true,
      channel: 'C123ABC456',
      ts: '1503435957.000111',
      message: { text: "Here's a message for you", type: 'message', subtype: 'bot_message' },
    },
  },
  {
    action: 'list_channels',
    arguments: { limit: 20, cursor: 'dGVhbTpDMDYxRkE1UEI=', exclude_archived: false },
    request:
      'GET https://slack.com/api/conversations.list?types=public_channel&exclude_archived=false&limit=20&cursor=dGVhbTpDMDYxRkE1UEI%3D',
    answer: { body: { ok: true, channels: [{ id: 'C012AB3CD' }], response_metadata: { next_cursor: '' } } },
    output: { ok: true, channels: [{ id: 'C012AB3CD' }], response_metadata: { next_cursor: '' } },
  },
  {
    action: 'get_channel',
    arguments: { channel: 'C012AB3CD' },
    request: 'GET https://slack.com/api/conversations.info?channel=C012AB3CD',
    answer: { body: { ok: true, channel: { id: 'C012AB3CD', name: 'general' } } },
    output: { id: 'C012AB3CD', name: 'general' },
  },
  {
    action: 'list_messages',
    arguments: { channel: 'C012AB3CD', oldest: '1512085861.000543', limit: 5, cursor: 'bmV4dF90czoxNTEyMDg1ODYx' },
    request:
      'GET https://slack.com/api/conversations.history?channel=C012AB3CD&oldest=1512085861.000543&limit=5&cursor=bmV4dF90czoxNTEyMDg1ODYx',
    answer: { body: { ok: true, messages: [{ type: 'message', ts: '1512085950.000216' }], has_more: false } },
    output: { ok: true, messages: [{ type: 'message', ts: '1512085950.000216' }], has_more: false },
  },
  {
    action: 'find_user',
    arguments: { email: 'spengler@ghostbusters.example.com' },
    request: 'GET https://slack.com/api/users.lookupByEmail?email=spengler%40ghostbusters.example.com',
    answer: { body: { ok: true, user: { id: 'W012A3CDE', name: 'spengler' } } },
    output: { id: 'W012A3CDE', name: 'spengler' },
  },
]

export const trial: ProviderTrial = {
  failureWith200: { ok: false, error: 'channel_not_found' },
  withoutPkce: true,
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
  // docs.slack.dev/authentication/verifying-requests-from-slack, docs.slack.dev/reference/events/url_verification,
  // docs.slack.dev/apis/events-api
  webhook: {
    sign: ({ secret, body, at }) => ({
      'X-Slack-Signature': `v0=${hmac('sha256', secret, `v0:${seconds(at)}:${body}`, 'hex')}`,
      'X-Slack-Request-Timestamp': seconds(at),
    }),
    toleranceSeconds: 300,
    published: {
      secret: '8f742231b10e8888abcd99yyyzzz85a5',
      at: new Date(1531420618_000),
      headers: {
        'X-Slack-Signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
        'X-Slack-Request-Timestamp': '1531420618',
      },
      body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    },
    handshakes: [
      {
        body: {
          token: 'Jhj5dZrVaK7ZwHHjRyZWjbDl',
          challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
          type: 'url_verification',
        },
        answer: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
      },
    ],
    connection: { kept: { team_id: 'T123ABC456' } },
    requests: [
      {
        body: {
          token: 'XXYYZZ',
          team_id: 'T123ABC456',
          api_app_id: 'A123ABC456',
          event: { type: 'channel_rename', channel: { id: 'C123ABC456', name: 'new_name', created: 1360782804 } },
          type: 'event_callback',
          authorizations: [
            { enterprise_id: 'E123ABC456', team_id: 'T123ABC456', user_id: 'U123ABC456', is_bot: false },
          ],
          event_context: 'EC123ABC456',
          event_id: 'Ev123ABC456',
          event_time: 1234567890,
        },
        events: [{ id: 'Ev123ABC456', type: 'channel_rename', account: 'T123ABC456', streams: ['channels'] }],
      },
      {
        // A message in a shared channel, by a member of another workspace.
        body: {
          team_id: 'T0OTHER',
          event: { type: 'message', channel: 'C1', user: 'U0OTHER', text: 'Hello' },
          type: 'event_callback',
          authorizations: [{ enterprise_id: null, team_id: 'T123ABC456', user_id: 'U123ABC456', is_bot: true }],
          event_id: 'Ev08MFMKH6',
        },
        events: [{ id: 'Ev08MFMKH6', type: 'message', account: 'T123ABC456', streams: [] }],
      },
      {
        body: { type: 'app_rate_limited', team_id: 'T123ABC456', minute_rate_limited: 1518467820, api_app_id: 'A1' },
        events: [{ type: 'app_rate_limited', account: 'T123ABC456', streams: [] }],
      },
    ],
  },
  actions,
}
