import type { ProviderTrial } from '../providers/trial.ts'

const invalid = {
  status: 401,
  body: {
    errorCode: 'E0000011',
    errorSummary: 'Invalid token provided',
    errorLink: 'E0000011',
    errorId: 'oaeQdc5IvrlSGGnewf-cqqDqA',
    errorCauses: [],
  },
}

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        token_type: 'Bearer',
        expires_in: 3600,
        access_token: 'eyJraWQiOiJmaXJzdCJ9.e30.c2ln',
        scope: 'okta.users.read okta.groups.read okta.apps.read okta.logs.read offline_access',
        refresh_token: 'a9VpZDRCeFh3Nkk2VdYa',
      },
    },
    accessToken: 'eyJraWQiOiJmaXJzdCJ9.e30.c2ln',
    refreshToken: 'a9VpZDRCeFh3Nkk2VdYa',
    lifetimeSeconds: 3600,
    scopes: ['okta.users.read', 'okta.groups.read', 'okta.apps.read', 'okta.logs.read', 'offline_access'],
  },
  renewal: {
    answer: {
      body: {
        token_type: 'Bearer',
        expires_in: 3600,
        access_token: 'eyJraWQiOiJzZWNvbmQifQ.e30.c2ln',
        scope: 'okta.users.read okta.groups.read okta.apps.read okta.logs.read offline_access',
        refresh_token: 'second-refresh-t0ken',
      },
    },
    accessToken: 'eyJraWQiOiJzZWNvbmQifQ.e30.c2ln',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'The refresh token is invalid or expired.' },
      },
      reason: 'INVALID_GRANT',
      says: 'The refresh token is invalid or expired.',
    },
    {
      what: 'code',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Invalid value for client_id.' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  revocation: [
    'POST acme.okta.com/oauth2/v1/revoke token=a9VpZDRCeFh3Nkk2VdYa',
    'POST acme.okta.com/oauth2/v1/revoke token=eyJraWQiOiJmaXJzdCJ9.e30.c2ln',
  ],
  test: {
    asks: 'GET acme.okta.com/api/v1/users?limit=1',
    headers: { authorization: 'Bearer eyJraWQiOiJmaXJzdCJ9.e30.c2ln' },
    good: { body: [{ id: '00ub0oNGTSWTBKOLGLNR', status: 'ACTIVE' }] },
    refused: { answer: invalid, says: 'E0000011: Invalid token provided' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_token', api_token: '00QCjAl4MlV-WPXM' } },
      asks: 'GET acme.okta.com/api/v1/users?limit=1',
      headers: { authorization: 'SSWS 00QCjAl4MlV-WPXM' },
    },
  ],
  hints: [
    {
      what: 'request',
      answer: invalid,
      says: 'E0000011: Invalid token provided',
      cause: 'belongs to another Okta organization',
    },
  ],
  streams: [
    {
      name: 'users',
      pages: [
        {
          headers: {
            link: '<https://acme.okta.com/api/v1/users?limit=200>; rel="self", <https://acme.okta.com/api/v1/users?after=00ud4tVDDXYVKPXKVLCO&limit=200>; rel="next"',
          },
          body: [{ id: '00ub0oNGTSWTBKOLGLNR', status: 'ACTIVE', lastUpdated: '2026-06-02T18:29:42.000Z' }],
        },
        {
          headers: { link: '<https://acme.okta.com/api/v1/users?after=00ud4tVDDXYVKPXKVLCO&limit=200>; rel="self"' },
          body: [{ id: '00ub0oNGTSWTBKOLGLNS', status: 'SUSPENDED', lastUpdated: '2026-06-03T18:29:42.000Z' }],
        },
      ],
      keys: ['00ub0oNGTSWTBKOLGLNR', '00ub0oNGTSWTBKOLGLNS'],
      asksFor: 'after=00ud4tVDDXYVKPXKVLCO',
      limited: {
        status: 429,
        headers: { 'x-rate-limit-limit': '600', 'x-rate-limit-remaining': '0', 'retry-after': '20' },
        body: { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit due to too many requests.' },
      },
    },
    {
      name: 'logs',
      pages: [
        {
          headers: { link: '<https://acme.okta.com/api/v1/logs?after=1627500044869_1&limit=1000>; rel="next"' },
          body: [
            {
              uuid: 'f790999f-fe87-467a-9880-6982a583986c',
              published: '2026-06-28T22:23:07.777Z',
              eventType: 'user.session.start',
            },
          ],
        },
        {
          body: [
            {
              uuid: 'f790999f-fe87-467a-9880-6982a583986d',
              published: '2026-06-28T22:24:07.777Z',
              eventType: 'user.session.end',
            },
          ],
        },
      ],
      keys: ['f790999f-fe87-467a-9880-6982a583986c', 'f790999f-fe87-467a-9880-6982a583986d'],
      asksFor: 'after=1627500044869_1',
      since: { cursor: '2026-06-28T22:23:07.777Z', value: '2026-06-28T22:18:07.777Z' },
    },
  ],
  // okta/okta-developer-docs, docs/concepts/event-hooks
  webhook: {
    sign: ({ secret }) => ({ Authorization: secret }),
    signsBody: false,
    connection: { input: { subdomain: 'acme' } },
    requests: [
      {
        body: {
          eventType: 'com.okta.event_hook',
          eventTypeVersion: '1.0',
          cloudEventsVersion: '0.1',
          contentType: 'application/json',
          eventId: 'b5a188b9-5ece-4636-b041-482ffda96311',
          eventTime: '2019-03-27T16:59:53.032Z',
          source: 'https://acme.okta.com/api/v1/eventHooks/whoql0HfiLGPWc8Jx0g3',
          data: {
            events: [
              {
                uuid: 'f790999f-fe87-467a-9880-6982a583986c',
                published: '2018-03-28T22:23:07.777Z',
                eventType: 'user.session.start',
                displayMessage: 'User login to Okta',
              },
              {
                uuid: 'f790999f-fe87-467a-9880-6982a583986e',
                published: '2018-03-28T22:23:08.777Z',
                eventType: 'application.lifecycle.create',
                displayMessage: 'Create application',
              },
            ],
          },
        },
        events: [
          {
            id: 'f790999f-fe87-467a-9880-6982a583986c',
            type: 'user.session.start',
            account: 'acme',
            streams: ['users'],
          },
          {
            id: 'f790999f-fe87-467a-9880-6982a583986e',
            type: 'application.lifecycle.create',
            account: 'acme',
            streams: ['apps'],
          },
        ],
      },
    ],
  },
  actions: [
    {
      action: 'find_users',
      arguments: { q: 'ada', limit: 5 },
      request: 'GET https://acme.okta.com/api/v1/users?q=ada&limit=5',
      answer: { body: [{ id: '00ub0oNGTSWTBKOLGLNR' }] },
      output: [{ id: '00ub0oNGTSWTBKOLGLNR' }],
    },
    {
      action: 'get_user',
      arguments: { user: 'ada@example.com' },
      request: 'GET https://acme.okta.com/api/v1/users/ada%40example.com',
      answer: { body: { id: '00ub0oNGTSWTBKOLGLNR', status: 'ACTIVE' } },
      output: { id: '00ub0oNGTSWTBKOLGLNR', status: 'ACTIVE' },
    },
    {
      action: 'add_user_to_group',
      arguments: { group_id: '00g1emaKYZTWRYYRRTSK', user_id: '00ub0oNGTSWTBKOLGLNR' },
      request: 'PUT https://acme.okta.com/api/v1/groups/00g1emaKYZTWRYYRRTSK/users/00ub0oNGTSWTBKOLGLNR',
      answer: { status: 204 },
      output: null,
    },
  ],
}
