import { gitlabActions } from '../actions/gitlab.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

const host = "https://{{ input.host | default('gitlab.com') }}"

export const gitlab: IntegrationDefinition = {
  displayName: 'GitLab',
  docsUrl: 'https://docs.gitlab.com/api/oauth2/',
  categories: ['developer tools'],
  baseUrl: `${host}/api/v4`,
  inputFields: [
    {
      name: 'host',
      label: 'Host',
      description: 'Of a server of your own. Default: gitlab.com.',
      pattern: '[a-z0-9.-]+',
      example: 'gitlab.example.com',
    },
  ],
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${host}/oauth/authorize`,
    tokenUrl: `${host}/oauth/token`,
    revocation: { url: `${host}/oauth/revoke` },
    // Other servers are added by the workspace, with oauthClient.hosts.
    clientHosts: ['gitlab.com'],
    scopes: ['read_api', 'read_user'],
    // A refresh invalidates the previous access token and refresh token.
    rotation: 'strict',
  },
  // docs.gitlab.com/user/project/integrations/webhooks, docs.gitlab.com/user/project/integrations/webhook_events
  webhook: {
    verify: { method: 'token', place: { in: 'header', name: 'X-Gitlab-Token' } },
    // The same for each attempt to deliver an event. GitLab has it since version 17.4.
    id: "headers['idempotency-key']",
    type: 'body.object_kind or body.event_name',
    // An event names its project and its author, but not for whom the webhook was created. The webhook's URL has to.
    connection: { value: 'query.external_id', equals: 'externalId' },
    sync: [
      { where: "body.object_kind in ['issue', 'note']", streams: ['issues'] },
      { where: "'project_' in body.event_name", streams: ['projects'] },
    ],
  },
  testRequest: { path: '/user' },
  streams: [
    {
      name: 'projects',
      path: '/projects',
      query: { membership: 'true', pagination: 'keyset', order_by: 'id', per_page: '100' },
      primaryKey: [['id']],
      pagination: { type: 'link_header' },
    },
    {
      name: 'issues',
      path: '/issues',
      query: { scope: 'all', order_by: 'updated_at', sort: 'asc', per_page: '100' },
      primaryKey: [['id']],
      pagination: { type: 'link_header' },
      incremental: { cursorField: ['updated_at'], param: 'updated_after', format: 'iso8601', lookback: 'PT1S' },
    },
  ],
  actions: gitlabActions,
}
