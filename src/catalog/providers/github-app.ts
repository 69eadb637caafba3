import type { IntegrationDefinition } from '../definition/definition.ts'
import { githubRateLimits, githubWebhook } from './github.ts'

/** Acts as the app itself, in one installation, and not for a person. */
export const githubApp: IntegrationDefinition = {
  displayName: 'GitHub App',
  docsUrl:
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation',
  categories: ['developer tools'],
  baseUrl: '{{ input.url }}',
  inputFields: [
    {
      name: 'installation_id',
      label: 'Installation ID',
      description: 'The number at the end of the address of the installation.',
      required: true,
      pattern: '[0-9]{1,18}',
      example: '42',
    },
    {
      name: 'url',
      label: 'API URL',
      description: 'Of github.com, or of a GitHub Enterprise Server, such as https://github.example.com/api/v3.',
      required: true,
      pattern: 'https?://.+',
      example: 'https://api.github.com',
    },
  ],
  auth: {
    type: 'session_token',
    fields: [
      { name: 'app_id', label: 'Client ID or App ID', required: true, example: 'Iv23liABCDEF' },
      { name: 'private_key', label: 'Private key', secret: true, required: true },
    ],
    login: {
      url: '{{ input.url }}/app/installations/{{ input.installation_id }}/access_tokens',
      method: 'POST',
      headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
      // `iat` 60 seconds in the past against differing clocks, and `exp` at most ten minutes from now (docs.github.com/en/apps/creating-github-apps/
      // authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app). Ten minutes apart, for a clock that is behind.
      auth: {
        type: 'jwt',
        algorithm: 'RS256',
        key: '{{ config.private_key }}',
        lifetime: 'PT9M',
        claims: { iss: '{{ config.app_id }}', iat: '{{ now - 60 }}' },
        fields: [],
      },
    },
    tokenPath: ['token'],
    // After one hour.
    expiry: { path: ['expires_at'], format: 'iso8601' },
    placement: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
  },
  headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
  responseErrors: githubRateLimits,
  // docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, docs.github.com/webhooks/webhook-events-and-payloads
  webhook: {
    ...githubWebhook,
    connection: { value: 'body.installation.id', equals: 'input.installation_id' },
  },
  testRequest: { path: '/installation/repositories?per_page=1' },
  streams: [
    {
      name: 'repositories',
      path: '/installation/repositories',
      query: { per_page: '100' },
      recordsPath: ['repositories'],
      primaryKey: [['id']],
      pagination: { type: 'link_header' },
    },
    {
      name: 'issues',
      parent: { stream: 'repositories' },
      path: '/repos/{{ parent.owner.login }}/{{ parent.name }}/issues',
      query: { per_page: '100', state: 'all' },
      primaryKey: [['id']],
      pagination: { type: 'link_header' },
    },
  ],
}
