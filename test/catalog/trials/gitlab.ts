import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_issue',
    arguments: {
      project_id: 'my-group/my-project',
      title: 'Issues with auth',
      description: 'It fails.',
      labels: ['bug', 'security'],
      assignee_ids: [1],
      due_date: '2026-07-01',
      confidential: true,
    },
    request: 'POST https://gitlab.com/api/v4/projects/my-group%2Fmy-project/issues',
    body: {
      title: 'Issues with auth',
      description: 'It fails.',
      labels: 'bug,security',
      assignee_ids: [1],
      due_date: '2026-07-01',
      confidential: true,
    },
    answer: { status: 201, body: { id: 84, iid: 14, project_id: 4 } },
    output: { id: 84, iid: 14, project_id: 4 },
  },
  {
    action: 'list_issues',
    arguments: { project_id: '4', state: 'opened', labels: ['bug'], search: 'auth', limit: 5, page: 2 },
    request: 'GET https://gitlab.com/api/v4/projects/4/issues?state=opened&labels=bug&search=auth&per_page=5&page=2',
    answer: { body: [{ id: 41, iid: 1 }] },
    output: [{ id: 41, iid: 1 }],
  },
  {
    action: 'get_issue',
    arguments: { project_id: '4', issue_iid: 41 },
    request: 'GET https://gitlab.com/api/v4/projects/4/issues/41',
    answer: { body: { id: 1, iid: 41 } },
    output: { id: 1, iid: 41 },
  },
  {
    action: 'create_comment',
    arguments: { project_id: '5', issue_iid: 11, body: 'note' },
    request: 'POST https://gitlab.com/api/v4/projects/5/issues/11/notes',
    body: { body: 'note' },
    answer: { status: 201, body: { id: 302, body: 'note' } },
    output: { id: 302, body: 'note' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'de6780bc506a0446309bd9362820ba8aed28aa506c71eedbe1c5c4f9dd350e54',
        token_type: 'bearer',
        expires_in: 7200,
        refresh_token: '8257e65c97202ed1726cf9571600918f3bffb2544b26e00a61df9897668c33a1',
        created_at: 1607635748,
      },
    },
    accessToken: 'de6780bc506a0446309bd9362820ba8aed28aa506c71eedbe1c5c4f9dd350e54',
    refreshToken: '8257e65c97202ed1726cf9571600918f3bffb2544b26e00a61df9897668c33a1',
    lifetimeSeconds: 7200,
    scopes: ['read_api', 'read_user'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        token_type: 'Bearer',
        expires_in: 7200,
        refresh_token: 'second-refresh',
        scope: 'read_api read_user',
        created_at: 1607642948,
      },
    },
    accessToken: 'second',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 7200,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description:
            'The provided authorization grant is invalid, expired, revoked, or was issued to another client.',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'invalid, expired, revoked',
    },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: [
    'POST gitlab.com/oauth/revoke token=8257e65c97202ed1726cf9571600918f3bffb2544b26e00a61df9897668c33a1',
    'POST gitlab.com/oauth/revoke token=de6780bc506a0446309bd9362820ba8aed28aa506c71eedbe1c5c4f9dd350e54',
  ],
  test: {
    asks: 'GET gitlab.com/api/v4/user',
    headers: { authorization: 'Bearer de6780bc506a0446309bd9362820ba8aed28aa506c71eedbe1c5c4f9dd350e54' },
    good: { body: { id: 1, username: 'john_smith' } },
    refused: {
      answer: {
        status: 401,
        body: {
          error: 'invalid_token',
          error_description: 'Token was revoked. You have to re-authorize from the user.',
        },
      },
      says: 'Token was revoked. You have to re-authorize from the user.',
    },
  },
  streams: [
    {
      name: 'projects',
      pages: [
        {
          headers: {
            link: '<https://gitlab.com/api/v4/projects?pagination=keyset&per_page=100&order_by=id&id_after=42>; rel="next"',
          },
          body: [{ id: 42, path_with_namespace: 'diaspora/diaspora' }],
        },
        { body: [{ id: 43, path_with_namespace: 'brightbox/puppet' }] },
      ],
      keys: ['42', '43'],
      asksFor: 'id_after=42',
      limited: { status: 429, headers: { 'retry-after': '60' }, body: 'Retry later' },
    },
    {
      name: 'issues',
      pages: [
        {
          headers: { link: '<https://gitlab.com/api/v4/issues?page=2&per_page=100&scope=all>; rel="next"' },
          body: [{ id: 76, iid: 6, updated_at: '2026-06-01T10:00:00.000Z' }],
        },
        { body: [{ id: 77, iid: 7, updated_at: '2026-06-02T10:00:00.000Z' }] },
      ],
      keys: ['76', '77'],
      asksFor: 'page=2',
      since: { cursor: '2026-06-02T10:00:00.000Z', value: '2026-06-02T09:59:59.000Z' },
    },
  ],
  // docs.gitlab.com/user/project/integrations/webhooks, docs.gitlab.com/user/project/integrations/webhook_events
  webhook: {
    sign: ({ secret }) => ({ 'X-Gitlab-Token': secret }),
    signsBody: false,
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        headers: {
          'X-Gitlab-Event': 'Issue Hook',
          'X-Gitlab-Webhook-UUID': 'a2df5b55-3e9b-4f1a-9d1f-6b1d3c3e8c7d',
          'X-Gitlab-Event-UUID': '13792a34-cac6-4fda-95a8-c58e00a3954e',
          'Idempotency-Key': 'f5e57f66-7fb2-4d5e-8ec7-1f5f9a5c2c44',
        },
        body: {
          object_kind: 'issue',
          event_type: 'issue',
          user: { id: 1, name: 'Administrator', username: 'root' },
          project: { id: 1, name: 'Gitlab Test', path_with_namespace: 'gitlabhq/gitlab-test' },
          object_attributes: { id: 301, iid: 23, title: 'New API: create/update/delete file', action: 'open' },
        },
        events: [{ id: 'f5e57f66-7fb2-4d5e-8ec7-1f5f9a5c2c44', type: 'issue', account: 'crm-1', streams: ['issues'] }],
      },
      {
        // A project event of a group has no object_kind. Its webhook has no external_id here.
        headers: { 'X-Gitlab-Event': 'Project Hook', 'Idempotency-Key': '9c5e1f8d-86f6-4a1b-8f53-3e2c8c9d6a10' },
        body: {
          event_name: 'project_create',
          name: 'project1',
          project_id: 22,
          path_with_namespace: 'group1/project1',
        },
        events: [{ id: '9c5e1f8d-86f6-4a1b-8f53-3e2c8c9d6a10', type: 'project_create', streams: ['projects'] }],
      },
    ],
  },
  actions,
}
