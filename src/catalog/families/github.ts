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

/**
 * Webhooks of an app. Each provider adds `connection`: a connection of a person keeps the installation, and a connection of the app itself
 * has it as an input.
 */
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
