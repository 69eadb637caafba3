import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'gErypPlm4dOVgGRvA1ZzMH5MQ3nLo8bo',
        refresh_token: '31048ba4d7c601302f3173f243da835f',
        token_type: 'bearer',
        scope: 'read',
        expires_in: 172800,
        refresh_token_expires_in: 7776000,
      },
    },
    accessToken: 'gErypPlm4dOVgGRvA1ZzMH5MQ3nLo8bo',
    refreshToken: '31048ba4d7c601302f3173f243da835f',
    lifetimeSeconds: 172800,
    refreshLifetimeSeconds: 7776000,
    scopes: ['read'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        refresh_token: 'refresh-second',
        token_type: 'bearer',
        scope: 'read',
        expires_in: 172800,
        refresh_token_expires_in: 7776000,
      },
    },
    accessToken: 'second',
    refreshToken: 'refresh-second',
    lifetimeSeconds: 172800,
    refreshLifetimeSeconds: 7776000,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description: 'The provided authorization grant is invalid, expired or revoked.',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'invalid, expired or revoked',
    },
  ],
  revocation: ['DELETE acme.zendesk.com/api/v2/oauth/tokens/current.json'],
  test: {
    asks: 'GET acme.zendesk.com/api/v2/users/me.json',
    headers: { authorization: 'Bearer gErypPlm4dOVgGRvA1ZzMH5MQ3nLo8bo' },
    good: { body: { user: { id: 35436, email: 'ada@example.com' } } },
    refused: {
      answer: {
        status: 401,
        body: {
          error: 'invalid_token',
          error_description: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
        },
      },
      says: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
    },
  },
  otherWays: [
    {
      credential: {
        fields: {
          auth_method: 'api_token',
          email: 'ada@example.com',
          api_token: '6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv',
        },
      },
      asks: 'GET acme.zendesk.com/api/v2/users/me.json',
      headers: { authorization: `Basic ${btoa('ada@example.com/token:6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv')}` },
    },
  ],
  streams: [
    {
      name: 'tickets',
      pages: [
        {
          body: {
            tickets: [{ id: 35436, subject: 'Help I need somebody!' }],
            meta: { has_more: true, after_cursor: 'xxx' },
            links: { next: 'https://acme.zendesk.com/api/v2/tickets.json?page[size]=100&page[after]=xxx', prev: null },
          },
        },
        {
          body: {
            tickets: [{ id: 35437, subject: 'Not just anybody!' }],
            meta: { has_more: false, after_cursor: null },
            links: { next: null, prev: null },
          },
        },
      ],
      keys: ['35436', '35437'],
      asksFor: 'page[after]=xxx',
      limited: { status: 429, headers: { 'retry-after': '93' }, body: { error: 'APIRateLimitExceeded' } },
    },
  ],
}
