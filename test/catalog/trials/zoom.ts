import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac, seconds, webhookSecret } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_meeting',
    arguments: {
      topic: 'My Meeting',
      start_time: '2026-03-25T07:32:55Z',
      duration: 60,
      timezone: 'America/Los_Angeles',
      agenda: 'My agenda',
    },
    request: 'POST https://api.zoom.us/v2/users/me/meetings',
    body: {
      topic: 'My Meeting',
      type: 2,
      start_time: '2026-03-25T07:32:55Z',
      duration: 60,
      timezone: 'America/Los_Angeles',
      agenda: 'My agenda',
    },
    answer: { status: 201, body: { id: 92674392836, topic: 'My Meeting' } },
    output: { id: 92674392836, topic: 'My Meeting' },
  },
  {
    action: 'get_meeting',
    arguments: { meeting_id: 85746065432 },
    request: 'GET https://api.zoom.us/v2/meetings/85746065432',
    answer: { body: { id: 85746065432, topic: 'My Meeting' } },
    output: { id: 85746065432, topic: 'My Meeting' },
  },
  {
    action: 'list_meetings',
    arguments: { type: 'upcoming', limit: 5, cursor: 'IAfJX3jsOLW7w3dokmFl84zOa0MAVGyMEB2' },
    request:
      'GET https://api.zoom.us/v2/users/me/meetings?type=upcoming&page_size=5&next_page_token=IAfJX3jsOLW7w3dokmFl84zOa0MAVGyMEB2',
    answer: { body: { meetings: [{ id: 97763643886 }], next_page_token: '' } },
    output: { meetings: [{ id: 97763643886 }], next_page_token: '' },
  },
  {
    action: 'delete_meeting',
    arguments: { meeting_id: 85746065432 },
    request: 'DELETE https://api.zoom.us/v2/meetings/85746065432',
    answer: { status: 204 },
    output: null,
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'eyJhbGciOiJIUzUxMiJ9.first',
        token_type: 'bearer',
        refresh_token: 'eyJhbGciOiJIUzUxMiJ9.refresh-first',
        expires_in: 3599,
        scope: 'user:read:user meeting:read:list_meetings',
        api_url: 'https://api.zoom.us',
      },
    },
    accessToken: 'eyJhbGciOiJIUzUxMiJ9.first',
    refreshToken: 'eyJhbGciOiJIUzUxMiJ9.refresh-first',
    lifetimeSeconds: 3599,
    scopes: ['user:read:user', 'meeting:read:list_meetings'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        token_type: 'bearer',
        refresh_token: 'refresh-second',
        expires_in: 3599,
        scope: 'user:read:user',
      },
    },
    accessToken: 'second',
    refreshToken: 'refresh-second',
    lifetimeSeconds: 3599,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { reason: 'Invalid Token!', error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid Token!',
    },
    {
      what: 'code',
      answer: { status: 400, body: { reason: 'Invalid client_id or client_secret', error: 'invalid_client' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  revocation: [
    'POST zoom.us/oauth/revoke token=eyJhbGciOiJIUzUxMiJ9.refresh-first',
    'POST zoom.us/oauth/revoke token=eyJhbGciOiJIUzUxMiJ9.first',
  ],
  afterConnect: {
    answers: [
      { body: { id: 'KDcuGIm1QgePTO8WbOqwIQ', account_id: 'q6gBJVO5TzexKYTb_I2rpg', email: 'jchill@example.com' } },
    ],
    kept: { user_id: 'KDcuGIm1QgePTO8WbOqwIQ', account_id: 'q6gBJVO5TzexKYTb_I2rpg' },
  },
  test: {
    asks: 'GET api.zoom.us/v2/users/me',
    headers: { authorization: 'Bearer eyJhbGciOiJIUzUxMiJ9.first' },
    good: { body: { id: 'KDcuGIm1QgePTO8WbOqwIQ', email: 'jchill@example.com' } },
    refused: {
      answer: { status: 401, body: { code: 124, message: 'Invalid access token.' } },
      says: 'Invalid access token.',
    },
  },
  streams: [
    {
      name: 'users',
      pages: [
        {
          body: { page_size: 300, next_page_token: 'dCO0AiA7', users: [{ id: 'z8ycx1223fq', email: 'a@example.com' }] },
        },
        { body: { page_size: 300, next_page_token: '', users: [{ id: 'z8ycx1224fq', email: 'b@example.com' }] } },
      ],
      keys: ['z8ycx1223fq', 'z8ycx1224fq'],
      asksFor: 'next_page_token=dCO0AiA7',
      limited: {
        status: 429,
        headers: { 'retry-after': '3' },
        body: { code: 429, message: 'You have reached the maximum per-second rate limit for this API.' },
      },
    },
  ],
  // developers.zoom.us/docs/api/webhooks
  webhook: {
    sign: ({ secret, body, at }) => ({
      'x-zm-signature': `v0=${hmac('sha256', secret, `v0:${seconds(at)}:${body}`, 'hex')}`,
      'x-zm-request-timestamp': seconds(at),
    }),
    toleranceSeconds: 300,
    handshakes: [
      {
        body: {
          payload: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw' },
          event_ts: 1654503849680,
          event: 'endpoint.url_validation',
        },
        answer: `{"plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": "${hmac('sha256', webhookSecret, 'qgg8vlvZRS6UYooatFL8Aw', 'hex')}"}`,
        type: 'application/json',
      },
    ],
    connection: { kept: { user_id: 'x1yCzABCDEfg23HiJKl4mN', account_id: 'AAAAAABBBB' } },
    requests: [
      {
        body: {
          event: 'meeting.ended',
          event_ts: 1626230691572,
          payload: {
            account_id: 'AAAAAABBBB',
            object: {
              id: '1234567890',
              uuid: '4444AAAiAAAAAiAiAiiAii==',
              host_id: 'x1yCzABCDEfg23HiJKl4mN',
              topic: 'My Meeting',
            },
          },
        },
        events: [
          {
            id: 'meeting.ended:1626230691572:4444AAAiAAAAAiAiAiiAii==',
            type: 'meeting.ended',
            account: 'x1yCzABCDEfg23HiJKl4mN',
            streams: ['meetings'],
          },
        ],
      },
      {
        body: {
          event: 'meeting.participant_joined',
          event_ts: 1626230691572,
          payload: {
            account_id: 'AAAAAABBBB',
            object: {
              id: '1111111111',
              uuid: '4444AAAiAAAAAiAiAiiAii==',
              host_id: 'x1yCzABCDEfg23HiJKl4mN',
              participant: { user_id: '1234567890', user_name: 'Jill Chill' },
            },
          },
        },
        events: [{ type: 'meeting.participant_joined', account: 'x1yCzABCDEfg23HiJKl4mN', streams: [] }],
      },
    ],
  },
  actions,
}
