import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    // An app with expiring tokens. Scopes are separated by commas in the response and by spaces in the request.
    answer: {
      body: {
        access_token: 'ghu_16C7e42F292c6912E7710c838347Ae178B4a',
        expires_in: 28800,
        refresh_token: 'ghr_1B4a2e77838347a7E420ce178F2E7c6912E1',
        refresh_token_expires_in: 15897600,
        scope: 'repo,gist',
        token_type: 'bearer',
      },
    },
    accessToken: 'ghu_16C7e42F292c6912E7710c838347Ae178B4a',
    refreshToken: 'ghr_1B4a2e77838347a7E420ce178F2E7c6912E1',
    lifetimeSeconds: 28800,
    refreshLifetimeSeconds: 15897600,
    scopes: ['repo', 'gist'],
  },
  renewal: {
    // The format without an Accept header for JSON.
    answer: {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'access_token=ghu_second&expires_in=28800&refresh_token=ghr_second&refresh_token_expires_in=15897600&scope=&token_type=bearer',
    },
    accessToken: 'ghu_second',
    refreshToken: 'ghr_second',
    lifetimeSeconds: 28800,
    refreshLifetimeSeconds: 15897600,
  },
  // All with status 200.
  refusals: [
    {
      what: 'code',
      answer: {
        body: {
          error: 'bad_verification_code',
          error_description: 'The code passed is incorrect or expired.',
          error_uri: 'https://docs.github.com/apps',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'incorrect or expired',
    },
    {
      what: 'code',
      answer: {
        body: {
          error: 'incorrect_client_credentials',
          error_description: 'The client_id and/or client_secret passed are incorrect.',
        },
      },
      reason: 'INVALID_CLIENT',
    },
    {
      what: 'renewal',
      answer: {
        body: { error: 'bad_refresh_token', error_description: 'The refresh token passed is incorrect or expired.' },
      },
      reason: 'INVALID_GRANT',
    },
  ],
  revocation: [
    'DELETE api.github.com/applications/client-id/token {"access_token":"ghu_16C7e42F292c6912E7710c838347Ae178B4a"}',
  ],
  test: {
    asks: 'GET api.github.com/user',
    headers: {
      authorization: 'Bearer ghu_16C7e42F292c6912E7710c838347Ae178B4a',
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    },
    good: { body: { login: 'octocat', id: 1 } },
    refused: {
      answer: {
        status: 401,
        body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
      },
      says: 'Bad credentials',
    },
  },
  streams: [
    {
      name: 'issues',
      pages: [
        {
          headers: {
            link: '<https://api.github.com/issues?per_page=100&page=2>; rel="next", <https://api.github.com/issues?per_page=100&page=2>; rel="last"',
          },
          body: [{ id: 1, number: 1347, title: 'Found a bug', updated_at: '2026-06-01T10:00:00Z' }],
        },
        {
          headers: { link: '<https://api.github.com/issues?per_page=100&page=1>; rel="prev"' },
          body: [{ id: 2, number: 1348, title: 'Another', updated_at: '2026-06-02T10:00:00Z' }],
        },
      ],
      keys: ['1', '2'],
      asksFor: 'page=2',
      since: { cursor: '2026-06-02T10:00:00Z', value: '2026-06-02T10:00:00Z' },
      limited: {
        status: 403,
        headers: { 'retry-after': '60' },
        body: {
          message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
          documentation_url:
            'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
        },
      },
    },
  ],
}
