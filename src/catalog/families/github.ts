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
