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
