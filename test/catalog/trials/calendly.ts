import type { ProviderTrial } from '../providers/trial.ts'
import { hmac, seconds } from '../providers/webhook-trial.ts'

const owner = 'https://api.calendly.com/users/EBHAAFHDCAEQTSEZ'

const organization = 'https://api.calendly.com/organizations/EBHAAFHDCAEQTSEZ'

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        token_type: 'Bearer',
        expires_in: 7200,
        created_at: 1548689183,
        refresh_token: 'b77a76ffce83d3bc20531ddfa76704e584f0ee963f6041b8bea6c88812bb8aaf',
        access_token: '5f1d6d9d0ae3bcd8ad4dd9cb3a53e3b4ff9ab3bdc0a28a1e1d4ae8b5e6f1a9c2',
        scope: 'users:read event_types:read scheduled_events:read',
        owner,
        organization,
      },
    },
    accessToken: '5f1d6d9d0ae3bcd8ad4dd9cb3a53e3b4ff9ab3bdc0a28a1e1d4ae8b5e6f1a9c2',
    refreshToken: 'b77a76ffce83d3bc20531ddfa76704e584f0ee963f6041b8bea6c88812bb8aaf',
    lifetimeSeconds: 7200,
    scopes: ['users:read', 'event_types:read', 'scheduled_events:read'],
    kept: { owner, organization },
  },
  renewal: {
    answer: {
      body: {
        token_type: 'Bearer',
        expires_in: 7200,
        refresh_token: 'second-refresh-t0ken',
        access_token: 'second-access-t0ken',
        owner,
        organization,
      },
    },
    accessToken: 'second-access-t0ken',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 7200,
    kept: { owner, organization },
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description:
            'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'expired, revoked',
    },
    {
      what: 'code',
      answer: {
        status: 401,
        body: { error: 'invalid_client', error_description: 'Client authentication failed due to unknown client.' },
      },
      reason: 'INVALID_CLIENT',
    },
  ],
  revocation: [
    'POST auth.calendly.com/oauth/revoke token=b77a76ffce83d3bc20531ddfa76704e584f0ee963f6041b8bea6c88812bb8aaf',
    'POST auth.calendly.com/oauth/revoke token=5f1d6d9d0ae3bcd8ad4dd9cb3a53e3b4ff9ab3bdc0a28a1e1d4ae8b5e6f1a9c2',
  ],
  test: {
    asks: 'GET api.calendly.com/users/me',
    headers: { authorization: 'Bearer 5f1d6d9d0ae3bcd8ad4dd9cb3a53e3b4ff9ab3bdc0a28a1e1d4ae8b5e6f1a9c2' },
    good: { body: { resource: { uri: owner, name: 'John Doe', current_organization: organization } } },
    refused: {
      answer: { status: 401, body: { title: 'Unauthenticated', message: 'The access token is invalid' } },
      says: 'The access token is invalid',
    },
  },
  streams: [
    {
      name: 'scheduled_events',
      pages: [
        {
          body: {
            collection: [{ uri: 'https://api.calendly.com/scheduled_events/GBGBDCAADAEDCRZ2', status: 'active' }],
            pagination: {
              count: 1,
              next_page:
                'https://api.calendly.com/scheduled_events?count=1&page_token=sNjq4TvMDfUHEl7zHRR0k0E1PCEJWvdi',
              next_page_token: 'sNjq4TvMDfUHEl7zHRR0k0E1PCEJWvdi',
            },
          },
        },
        {
          body: {
            collection: [{ uri: 'https://api.calendly.com/scheduled_events/GBGBDCAADAEDCRZ3', status: 'canceled' }],
            pagination: { count: 1, next_page: null, next_page_token: null },
          },
        },
      ],
      keys: [
        'https://api.calendly.com/scheduled_events/GBGBDCAADAEDCRZ2',
        'https://api.calendly.com/scheduled_events/GBGBDCAADAEDCRZ3',
      ],
      asksFor: 'page_token=sNjq4TvMDfUHEl7zHRR0k0E1PCEJWvdi',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { title: 'Too Many Requests', message: 'You have exceeded the rate limit.' },
      },
    },
  ],
  // developer.calendly.com/docs/webhooks/overview
  webhook: {
    sign: ({ secret, body, at }) => ({
      'Calendly-Webhook-Signature': `t=${seconds(at)},v1=${hmac('sha256', secret, `${seconds(at)}.${body}`, 'hex')}`,
    }),
    toleranceSeconds: 180,
    connection: { kept: { owner } },
    requests: [
      {
        body: {
          event: 'invitee.created',
          created_at: '2020-11-23T17:51:19.000000Z',
          created_by: owner,
          payload: {
            uri: 'https://api.calendly.com/scheduled_events/AAAAAAAAAAAAAAAA/invitees/AAAAAAAAAAAAAAAA',
            email: 'test@example.com',
            name: 'John Doe',
            status: 'active',
            event: 'https://api.calendly.com/scheduled_events/AAAAAAAAAAAAAAAA',
          },
        },
        events: [
          {
            id: 'invitee.created https://api.calendly.com/scheduled_events/AAAAAAAAAAAAAAAA/invitees/AAAAAAAAAAAAAAAA 2020-11-23T17:51:19.000000Z',
            type: 'invitee.created',
            account: owner,
            streams: ['scheduled_events'],
          },
        ],
      },
    ],
  },
}
