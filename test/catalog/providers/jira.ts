import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'eyJraWQ.first',
        expires_in: 3600,
        token_type: 'Bearer',
        refresh_token: 'eyJraWQ.refresh-first',
        scope: 'read:jira-work offline_access',
      },
    },
    accessToken: 'eyJraWQ.first',
    refreshToken: 'eyJraWQ.refresh-first',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 7776000,
    scopes: ['read:jira-work', 'offline_access'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'eyJraWQ.second',
        refresh_token: 'eyJraWQ.refresh-second',
        expires_in: 3600,
        scope: 'read:jira-work offline_access',
        token_type: 'Bearer',
      },
    },
    accessToken: 'eyJraWQ.second',
    refreshToken: 'eyJraWQ.refresh-second',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 7776000,
  },
  refusals: [
    {
      what: 'renewal',
      // 403 in place of the 400 of RFC 6749.
      answer: {
        status: 403,
        body: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
      },
      reason: 'INVALID_GRANT',
      says: 'Unknown or invalid refresh token.',
    },
  ],
  afterConnect: {
    answers: [
      {
        body: [
          {
            id: '1324a887-45db-1bf4-1e99-ef0ff456d421',
            name: 'Site name',
            url: 'https://your-domain.atlassian.net',
            scopes: ['read:jira-work'],
          },
        ],
      },
    ],
    kept: {
      cloud_id: '1324a887-45db-1bf4-1e99-ef0ff456d421',
      site_url: 'https://your-domain.atlassian.net',
      site_name: 'Site name',
    },
  },
  test: {
    asks: 'GET api.atlassian.com/ex/jira/1324a887-45db-1bf4-1e99-ef0ff456d421/rest/api/3/myself',
    headers: { authorization: 'Bearer eyJraWQ.first' },
    good: { body: { accountId: '5b10a2844c20165700ede21g', displayName: 'Mia Krystof' } },
    refused: {
      answer: { status: 401, body: { code: 401, message: 'Unauthorized; scope does not match' } },
      says: 'Unauthorized; scope does not match',
    },
  },
  streams: [
    {
      name: 'issues',
      pages: [
        { body: { issues: [{ id: '10002', key: 'ED-1', fields: {} }], nextPageToken: 'CAEaAggD', isLast: false } },
        { body: { issues: [{ id: '10003', key: 'ED-2', fields: {} }], isLast: true } },
      ],
      keys: ['10002', '10003'],
      asksFor: 'nextPageToken=CAEaAggD',
      limited: { status: 429, headers: { 'retry-after': '5' }, body: { code: 429, message: 'Rate limit exceeded' } },
    },
  ],
}
