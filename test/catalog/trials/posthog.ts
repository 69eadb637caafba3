import type { ProviderTrial } from '../providers/trial.ts'

const invalid = {
  status: 401,
  body: {
    type: 'authentication_error',
    code: 'invalid_personal_api_key',
    detail: 'Invalid Personal API key.',
  },
}

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'pha_first',
        refresh_token: 'phr_first',
        expires_in: 36000,
        token_type: 'Bearer',
        scope: 'user:read project:read person:read cohort:read feature_flag:read',
      },
    },
    accessToken: 'pha_first',
    refreshToken: 'phr_first',
    lifetimeSeconds: 36000,
    scopes: ['user:read', 'project:read', 'person:read', 'cohort:read', 'feature_flag:read'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'pha_second',
        refresh_token: 'phr_second',
        expires_in: 36000,
        token_type: 'Bearer',
        scope: 'user:read project:read person:read cohort:read feature_flag:read',
      },
    },
    accessToken: 'pha_second',
    refreshToken: 'phr_second',
    lifetimeSeconds: 36000,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: [
    'POST oauth.posthog.com/oauth/revoke/ token=phr_first',
    'POST oauth.posthog.com/oauth/revoke/ token=pha_first',
  ],
  test: {
    asks: 'GET us.posthog.com/api/users/@me/',
    headers: { authorization: 'Bearer pha_first' },
    good: { body: { uuid: '095be615-a8ad-4c33-8e9c-c7612fbf6c9f', email: 'ada@example.com' } },
    refused: { answer: invalid, says: 'invalid_personal_api_key: Invalid Personal API key.' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'phx_IFdqdH62fKoax8x17bwu8gujE0tsTBZRvNmlMJ7eZxz' } },
      asks: 'GET us.posthog.com/api/users/@me/',
      headers: { authorization: 'Bearer phx_IFdqdH62fKoax8x17bwu8gujE0tsTBZRvNmlMJ7eZxz' },
    },
  ],
  hints: [
    {
      what: 'request',
      answer: invalid,
      says: 'invalid_personal_api_key: Invalid Personal API key.',
      cause: 'belongs to the other region',
    },
    {
      what: 'request',
      answer: {
        status: 401,
        body: {
          type: 'authentication_error',
          code: 'invalid_api_key',
          detail: 'Project API key invalid. You can find your project API key in PostHog project settings.',
        },
      },
      says: 'invalid_api_key: Project API key invalid. You can find your project API key in PostHog project settings.',
      cause: 'API key of a project',
    },
  ],
  streams: [
    {
      name: 'projects',
      pages: [
        {
          body: {
            next: 'https://us.posthog.com/api/projects/?limit=100&offset=100',
            previous: null,
            results: [{ id: 1, name: 'Hogflix' }],
          },
        },
        { body: { next: null, previous: null, results: [{ id: 2, name: 'HogFarm' }] } },
      ],
      keys: ['1', '2'],
      asksFor: 'offset=100',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { type: 'throttled_error', code: 'throttled', detail: 'Request was throttled.' },
      },
    },
    {
      name: 'persons',
      parent: { id: 1 },
      pages: [
        {
          body: {
            next: 'https://us.posthog.com/api/projects/1/persons/?cursor=cD0yMjgxOTA2',
            previous: null,
            results: [{ id: '01890000-0000-0000-0000-000000000001', distinct_ids: ['ada'] }],
          },
        },
        {
          body: {
            next: null,
            previous: null,
            results: [{ id: '01890000-0000-0000-0000-000000000002', distinct_ids: ['grace'] }],
          },
        },
      ],
      keys: ['parent/01890000-0000-0000-0000-000000000001', 'parent/01890000-0000-0000-0000-000000000002'],
      asksFor: 'cursor=cD0yMjgxOTA2',
    },
    {
      name: 'cohorts',
      parent: { id: 1 },
      pages: [{ body: { count: 1, next: null, previous: null, results: [{ id: 3, name: 'Power users' }] } }],
      keys: ['parent/3'],
      asksFor: '/api/projects/1/cohorts/?limit=100',
    },
    {
      name: 'feature_flags',
      parent: { id: 1 },
      pages: [{ body: { count: 1, next: null, previous: null, results: [{ id: 7, key: 'new-checkout' }] } }],
      keys: ['parent/7'],
      asksFor: '/api/projects/1/feature_flags/?limit=100',
    },
  ],
  actions: [
    {
      action: 'list_persons',
      arguments: { project_id: '1', search: 'ada@example.com', limit: 10 },
      request: 'GET https://us.posthog.com/api/projects/1/persons/?search=ada%40example.com&limit=10',
      answer: { body: { next: null, previous: null, results: [{ id: '1', distinct_ids: ['ada'] }] } },
      output: { next: null, previous: null, results: [{ id: '1', distinct_ids: ['ada'] }] },
    },
    {
      action: 'create_feature_flag',
      arguments: { project_id: '1', key: 'new-checkout', name: 'The new checkout', active: false },
      request: 'POST https://us.posthog.com/api/projects/1/feature_flags/',
      body: { key: 'new-checkout', name: 'The new checkout', active: false },
      answer: { status: 201, body: { id: 7, key: 'new-checkout', active: false } },
      output: { id: 7, key: 'new-checkout', active: false },
    },
  ],
}
