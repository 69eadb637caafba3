import type { ProviderTrial } from './trial.ts'
import { hmac } from './webhook-trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: '00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
        token_type: 'Bearer',
        expires_in: 86399,
        scope: 'read write',
        refresh_token: 'lin_refresh_first',
      },
    },
    accessToken: '00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
    refreshToken: 'lin_refresh_first',
    lifetimeSeconds: 86399,
    scopes: ['read', 'write'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        token_type: 'Bearer',
        expires_in: 86399,
        scope: 'read',
        refresh_token: 'lin_refresh_second',
      },
    },
    accessToken: 'second',
    refreshToken: 'lin_refresh_second',
    lifetimeSeconds: 86399,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid refresh token' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid refresh token',
    },
  ],
  revocation: [
    'POST api.linear.app/oauth/revoke token=lin_refresh_first',
    'POST api.linear.app/oauth/revoke token=00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
  ],
  afterConnect: {
    answers: [{ body: { data: { organization: { id: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49' } } } }],
    kept: { organization_id: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49' },
  },
  test: {
    asks: 'POST api.linear.app/graphql',
    headers: {
      authorization: 'Bearer 00a21d8b0c4e2375114e49c067dfb81eb0d2076f48354714cd5df984d87b67cc',
      'content-type': 'application/json',
    },
    good: { body: { data: { viewer: { id: '6aa8cd1c' } } } },
    refused: {
      answer: {
        status: 401,
        body: {
          errors: [
            {
              message: 'Authentication required, not authenticated',
              extensions: { type: 'authentication error', code: 'AUTHENTICATION_ERROR', statusCode: 401 },
            },
          ],
        },
      },
      says: 'Authentication required, not authenticated',
    },
  },
  streams: [
    {
      // The cursor is a variable of the query.
      name: 'teams',
      pages: [
        {
          body: {
            data: { teams: { nodes: [{ id: 't1', key: 'ENG' }], pageInfo: { hasNextPage: true, endCursor: 'cur2' } } },
          },
        },
        {
          body: {
            data: { teams: { nodes: [{ id: 't2', key: 'OPS' }], pageInfo: { hasNextPage: false, endCursor: 'cur3' } } },
          },
        },
      ],
      keys: ['t1', 't2'],
      asksFor: '"variables":{"after":"cur2"}',
      limited: {
        // With status 400.
        status: 400,
        body: { errors: [{ message: 'Rate limit exceeded', extensions: { code: 'RATELIMITED' } }] },
      },
    },
  ],
  // linear.app/developers/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Linear-Signature': hmac('sha256', secret, body, 'hex') }),
    toleranceSeconds: 60,
    connection: { kept: { organization_id: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49' } },
    requests: [
      {
        headers: { 'Linear-Delivery': '234d1a4e-b617-4388-90fe-adc3633d6b72', 'Linear-Event': 'Issue' },
        body: (at) => ({
          action: 'update',
          actor: { id: 'b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba', type: 'user', name: 'Jane Doe' },
          createdAt: '2026-01-23T12:53:18.084Z',
          data: { id: '539068e2-ae88-4d09-bd75-22eb4a59612f', title: 'Test' },
          type: 'Issue',
          organizationId: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49',
          webhookTimestamp: at.getTime(),
          webhookId: '000042e3-d123-4980-b49f-8e140eef9329',
        }),
        events: [
          {
            id: '234d1a4e-b617-4388-90fe-adc3633d6b72',
            type: 'Issue',
            account: '51ebc3d4-4f05-4f2a-8e37-8d8a2c5e2a49',
            streams: ['issues'],
          },
        ],
      },
    ],
  },
}
