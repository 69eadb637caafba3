import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const token = '8923f2eb3ec0fb9b328ccba6280e48debe119f5b5220273ffa13fb659b2d014a'

const installation = 'a8e5d37a-696c-4c54-adb5-b3f28d64c7de'

const actions: ActionExample[] = [
  {
    action: 'list_issues',
    arguments: {
      organization: 'acme',
      query: 'is:unresolved level:error',
      project_id: '1',
      environment: 'production',
      period: '24h',
      cursor: '0:100:0',
    },
    request:
      'GET https://us.sentry.io/api/0/organizations/acme/issues/?query=is%3Aunresolved%20level%3Aerror&project=1&environment=production&statsPeriod=24h&cursor=0%3A100%3A0',
    answer: { body: [{ id: '1170820242', shortId: 'FRONT-END-9', status: 'unresolved' }] },
    output: [{ id: '1170820242', shortId: 'FRONT-END-9', status: 'unresolved' }],
  },
  {
    action: 'list_issue_events',
    arguments: { organization: 'acme', issue_id: '123456', full: true, period: '14d', cursor: '0:100:0' },
    request:
      'GET https://us.sentry.io/api/0/organizations/acme/issues/123456/events/?full=true&statsPeriod=14d&cursor=0%3A100%3A0',
    answer: { body: [{ eventID: '9fac2ceed9344f2bbfdd1fdacb0ed9b1', title: 'ReferenceError' }] },
    output: [{ eventID: '9fac2ceed9344f2bbfdd1fdacb0ed9b1', title: 'ReferenceError' }],
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: token,
        refresh_token: '74dbc60782aed64814513804e75e5efa6aaa67e3163744c083c0eb77478edb8b',
        expires_in: 2591999,
        expires_at: '2024-11-27T23:20:21.054320Z',
        token_type: 'bearer',
        scope: 'org:read project:read',
        user: { id: '2', name: 'user 1', email: 'user1@test.com' },
      },
    },
    accessToken: token,
    refreshToken: '74dbc60782aed64814513804e75e5efa6aaa67e3163744c083c0eb77478edb8b',
    lifetimeSeconds: 2591999,
    scopes: ['org:read', 'project:read'],
    kept: { user_id: '2', email: 'user1@test.com' },
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second-t0ken',
        refresh_token: 'second-refresh-t0ken',
        expires_in: 2591999,
        token_type: 'bearer',
        scope: 'org:read project:read',
        user: { id: '2', name: 'user 1', email: 'user1@test.com' },
      },
    },
    accessToken: 'second-t0ken',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 2591999,
    kept: { user_id: '2', email: 'user1@test.com' },
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  test: {
    asks: 'GET us.sentry.io/api/0/organizations/',
    headers: { authorization: `Bearer ${token}` },
    good: { body: [{ id: '2', slug: 'the-interstellar-jurisdiction', name: 'The Interstellar Jurisdiction' }] },
    refused: { answer: { status: 401, body: { detail: 'Invalid token' } }, says: 'Invalid token' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'sntryu_1a2b3c' } },
      asks: 'GET us.sentry.io/api/0/organizations/',
      headers: { authorization: 'Bearer sntryu_1a2b3c' },
    },
  ],
  hints: [
    {
      what: 'request',
      answer: { status: 401, body: { detail: 'Invalid token' } },
      says: 'Invalid token',
      cause: 'was revoked in Sentry',
    },
  ],
  streams: [
    {
      name: 'organizations',
      pages: [
        { headers: { link: links('organizations', true) }, body: [{ id: '1', slug: 'acme' }] },
        { headers: { link: links('organizations', false) }, body: [{ id: '2', slug: 'initech' }] },
      ],
      keys: ['1', '2'],
      asksFor: 'cursor=0:100:0',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { detail: 'You are attempting to use this endpoint too frequently.' },
      },
    },
    {
      name: 'projects',
      parent: { id: '1', slug: 'acme' },
      pages: [
        { headers: { link: links('organizations/acme/projects', true) }, body: [{ id: '11', slug: 'front-end' }] },
        { headers: { link: links('organizations/acme/projects', false) }, body: [{ id: '12', slug: 'back-end' }] },
      ],
      keys: ['parent/11', 'parent/12'],
      asksFor: '/organizations/acme/projects/?cursor=0:100:0',
    },
    {
      name: 'issues',
      parent: { id: '1', slug: 'acme' },
      pages: [
        {
          headers: { link: links('organizations/acme/issues', true) },
          body: [{ id: '1170820242', lastSeen: '2026-06-19T20:58:37.391000Z', status: 'unresolved' }],
        },
        {
          headers: { link: links('organizations/acme/issues', false) },
          body: [{ id: '1170820243', lastSeen: '2026-06-18T20:58:37.391000Z', status: 'resolved' }],
        },
      ],
      keys: ['parent/1170820242', 'parent/1170820243'],
      asksFor: 'cursor=0:100:0',
      since: { cursor: '2026-06-19T20:58:37.391000Z', value: '2026-06-19T19:58:37' },
    },
  ],
  // docs.sentry.io/organization/integrations/integration-platform/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Sentry-Hook-Signature': hmac('sha256', secret, body, 'hex') }),
    connection: { externalId: installation },
    requests: [
      {
        headers: {
          'Request-ID': 'bf5ec8c4-5a3e-4f0e-bb0d-3a6e6b3d4a2c',
          'Sentry-Hook-Resource': 'issue',
          'Sentry-Hook-Timestamp': '1566248777',
        },
        body: {
          action: 'created',
          actor: { id: 'sentry', name: 'Sentry', type: 'application' },
          data: {
            issue: { id: '1170820242', shortId: 'FRONT-END-9', title: 'ReferenceError: blooopy is not defined' },
          },
          installation: { uuid: installation },
        },
        events: [
          {
            id: 'bf5ec8c4-5a3e-4f0e-bb0d-3a6e6b3d4a2c',
            type: 'issue.created',
            account: installation,
            streams: ['issues'],
          },
        ],
      },
    ],
  },
  actions,
}

function links(path: string, hasNext: boolean): string {
  const url = `https://us.sentry.io/api/0/${path}/?&cursor=`
  return `<${url}0:0:1>; rel="previous"; results="${!hasNext}"; cursor="0:0:1", <${url}0:100:0>; rel="next"; results="${hasNext}"; cursor="0:100:0"`
}
