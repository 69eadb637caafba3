import { jiraActions } from '../actions/jira.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

/** Jira Cloud. If the user granted access to several sites, the first one is used. */
export const jira: IntegrationDefinition = {
  displayName: 'Jira',
  docsUrl: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
  categories: ['project management', 'ticketing'],
  // Injected tokens supply the site id as extra.cloud_id.
  baseUrl: 'https://api.atlassian.com/ex/jira/{{ kept.cloud_id }}/rest/api/3',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://auth.atlassian.com/authorize',
    authorizationParams: { audience: 'api.atlassian.com', prompt: 'consent' },
    tokenUrl: 'https://auth.atlassian.com/oauth/token',
    scopes: ['read:jira-work', 'read:jira-user', 'offline_access'],
    tokenRequest: { format: 'json' },
    // A used refresh token is accepted for ten more minutes. Using it later revokes the whole token family
    // (https://community.developer.atlassian.com/t/updated-31-january-2022-action-required-deprecating-persistent-refresh-tokens/54172).
    rotation: 'rotating',
    graceSeconds: 600,
    // It expires when it is not used for 90 days.
    refreshTokenLifetime: 'P90D',
  },
  afterConnect: [
    {
      path: 'https://api.atlassian.com/oauth/token/accessible-resources',
      keep: { cloud_id: [0, 'id'], site_url: [0, 'url'], site_name: [0, 'name'] },
    },
  ],
  // developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-codes
  responseErrors: [400, 403, 404].map((status) => ({
    status,
    path: ['errorMessages', 0],
    as: 'fail',
    message: ['errorMessages', 0],
  })),
  testRequest: { path: '/myself' },
  streams: [
    {
      name: 'projects',
      path: '/project/search',
      recordsPath: ['values'],
      primaryKey: [['id']],
      pagination: { type: 'offset', param: 'startAt', limitParam: 'maxResults', size: 50, total: ['total'] },
    },
    {
      name: 'issues',
      path: '/search/jql',
      // Jira refuses a query without a restriction.
      query: { jql: 'created >= "1970-01-01" ORDER BY created ASC', fields: '*navigable', maxResults: '100' },
      recordsPath: ['issues'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['nextPageToken'], param: 'nextPageToken' },
    },
    {
      name: 'users',
      path: '/users/search',
      primaryKey: [['accountId']],
      pagination: { type: 'offset', param: 'startAt', limitParam: 'maxResults', size: 100 },
    },
  ],
  actions: jiraActions,
}
