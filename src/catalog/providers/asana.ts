import { asanaActions } from '../actions/asana.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

export const asana: IntegrationDefinition = {
  displayName: 'Asana',
  docsUrl: 'https://developers.asana.com/docs/oauth',
  categories: ['project management'],
  baseUrl: 'https://app.asana.com/api/1.0',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://app.asana.com/-/oauth_authorize',
    tokenUrl: 'https://app.asana.com/-/oauth_token',
    // Revokes the grant by its refresh token; access tokens are not accepted here.
    revocation: { url: 'https://app.asana.com/-/oauth_revoke', form: { token: '{{ config.refresh_token }}' } },
    // Scopes that an app registers (developers.asana.com/docs/oauth-scopes). An app with full permissions requests `default`.
    scopes: ['workspaces:read', 'users:read', 'projects:read'],
    tokenResponse: { keep: { user_gid: ['data', 'gid'], email: ['data', 'email'] } },
    rotation: 'none',
  },
  testRequest: { path: '/users/me' },
  streams: [
    {
      name: 'workspaces',
      path: '/workspaces',
      query: { limit: '100' },
      recordsPath: ['data'],
      primaryKey: [['gid']],
      pagination: { type: 'cursor', path: ['next_page', 'offset'], param: 'offset' },
    },
    {
      name: 'users',
      path: '/users',
      query: { limit: '100', opt_fields: 'name,email,workspaces' },
      recordsPath: ['data'],
      primaryKey: [['gid']],
      pagination: { type: 'cursor', path: ['next_page', 'offset'], param: 'offset' },
    },
    {
      name: 'projects',
      parent: { stream: 'workspaces' },
      path: '/workspaces/{{ parent.gid }}/projects',
      query: { limit: '100', opt_fields: 'name,archived,completed,owner,team,created_at,modified_at' },
      recordsPath: ['data'],
      primaryKey: [['gid']],
      pagination: { type: 'cursor', path: ['next_page', 'offset'], param: 'offset' },
    },
  ],
  actions: asanaActions,
}
