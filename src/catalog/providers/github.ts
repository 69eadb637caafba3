import { githubActions } from '../actions/github.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

/** GitHub reports rate limits with 403 and one of these links (docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api). */
const aboutLimits = [
  'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api',
  'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api',
  'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
  'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits',
]

export const githubRateLimits: IntegrationDefinition['responseErrors'] = aboutLimits.map((url) => ({
  status: 403,
  path: ['documentation_url'],
  equals: url,
  as: 'rate_limit' as const,
}))

/** Without the connection: a GitHub App that acts for people keeps the installation, one that acts for itself is told it. */
export const githubWebhook = {
  verify: { method: 'hmac', header: 'X-Hub-Signature-256', hash: 'sha256', encoding: 'hex', prefix: 'sha256=' },
  id: "headers['x-github-delivery']",
  type: "headers['x-github-event']",
  sync: [
    {
      where: "headers['x-github-event'] in ['issues', 'issue_comment', 'pull_request']",
      streams: ['issues'],
    },
    {
      where: "headers['x-github-event'] in ['repository', 'installation', 'installation_repositories']",
      streams: ['repositories'],
    },
  ],
} satisfies IntegrationDefinition['webhook']

export const github: IntegrationDefinition = {
  displayName: 'GitHub',
  docsUrl: 'https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
  categories: ['developer tools'],
  baseUrl: 'https://api.github.com',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://github.com/login/oauth/authorize',
    tokenUrl: 'https://github.com/login/oauth/access_token',
    // Public data needs no scope. Private repositories need `repo`, which also lets the app change them: GitHub has no scope that only reads.
    scopes: ['read:user'],
    // GitHub Apps that ask for the user's authorization during installation.
    callbackKeep: { installation_id: 'installation_id' },
    // Errors have status 200. Tokens expire if the app is set so, which is the default of new OAuth apps and GitHub Apps.
    tokenResponse: {
      refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' },
      keep: { expires_in: ['expires_in'], scope: ['scope'] },
    },
    // Revokes this token only. `/grant` would revoke the user's other tokens too (docs.github.com/rest/apps/oauth-applications).
    revocation: {
      url: 'https://api.github.com/applications/{{ config.client_id }}/token',
      method: 'DELETE',
      clientAuth: 'client_secret_basic',
      json: { access_token: '{{ config.access_token }}' },
    },
    permanentErrors: ['bad_refresh_token', 'bad_verification_code', 'redirect_uri_mismatch'],
    rotation: 'strict',
  },
  headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
  responseErrors: githubRateLimits,
  afterConnect: [
    // A browser brings the installation of the callback, so this request has to prove that the user has access to it.
    {
      where: 'kept.installation_id',
      path: '/user/installations/{{ kept.installation_id }}/repositories?per_page=1',
      keep: {},
    },
    // Tokens of GitHub Apps expire by default and have no scope. Others may not send this request.
    {
      where: 'kept.expires_in and not kept.scope and kept.installation_id is undefined',
      path: '/user/installations?per_page=1',
      keep: { installation_id: ['installations', 0, 'id'] },
    },
  ],
  // docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, docs.github.com/webhooks/webhook-events-and-payloads
  webhook: { ...githubWebhook, connection: { value: 'body.installation.id', equals: 'kept.installation_id' } },
  testRequest: { path: '/user' },
  streams: [
    {
      name: 'repositories',
      path: '/user/repos',
      query: { per_page: '100', sort: 'full_name' },
      primaryKey: [['id']],
      pagination: { type: 'link_header' },
    },
    {
      name: 'issues',
      path: '/issues',
      query: { per_page: '100', filter: 'all', state: 'all', sort: 'updated', direction: 'asc' },
      primaryKey: [['id']],
      pagination: { type: 'link_header' },
      incremental: { cursorField: ['updated_at'], param: 'since', format: '%Y-%m-%dT%H:%M:%SZ' },
    },
  ],
  actions: githubActions,
}
