import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial, StreamTrial } from '../providers/trial.ts'

// developers.google.com/webmaster-tools/limits
const exceeded: Answer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: 'Search Analytics QPS quota exceeded.',
      errors: [{ domain: 'usageLimits', reason: 'quotaExceeded', message: 'Search Analytics QPS quota exceeded.' }],
    },
  },
}

const row = (...keys: string[]) => ({ keys, clicks: 12, impressions: 340, ctr: 0.035, position: 8.2 })

const performance = (name: string, ...of: string[]): StreamTrial => ({
  name,
  parent: { siteUrl: 'https://www.example.com/' },
  pages: [
    { body: { rows: [row('2026-06-01', ...of), row('2026-06-02', ...of)], responseAggregationType: 'byProperty' } },
    { body: { responseAggregationType: 'byProperty' } },
  ],
  keys: ['2026-06-01', '2026-06-02'].map((date) => ['parent', date, ...of].join('/')),
  asksFor: '"startRow":2',
  limited: exceeded,
})

const actions: ActionExample[] = [
  {
    action: 'list_sites',
    arguments: {},
    request: 'GET https://searchconsole.googleapis.com/webmasters/v3/sites',
    answer: { body: { siteEntry: [{ siteUrl: 'sc-domain:example.com', permissionLevel: 'siteOwner' }] } },
    output: { siteEntry: [{ siteUrl: 'sc-domain:example.com', permissionLevel: 'siteOwner' }] },
  },
  {
    action: 'query_search_analytics',
    arguments: {
      site_url: 'https://www.example.com/',
      start_date: '2015-04-01',
      end_date: '2015-05-01',
      dimensions: ['country', 'device'],
      type: 'image',
      limit: 10,
      offset: 10,
    },
    request:
      'POST https://searchconsole.googleapis.com/webmasters/v3/sites/https%3A%2F%2Fwww.example.com%2F/searchAnalytics/query',
    body: {
      startDate: '2015-04-01',
      endDate: '2015-05-01',
      dimensions: ['country', 'device'],
      type: 'image',
      rowLimit: 10,
      startRow: 10,
    },
    answer: { body: { rows: [row('deu', 'MOBILE')], responseAggregationType: 'byProperty' } },
    output: { rows: [row('deu', 'MOBILE')], responseAggregationType: 'byProperty' },
    readsWithPost: true,
  },
  {
    action: 'inspect_url',
    arguments: { site_url: 'sc-domain:example.com', url: 'https://www.example.com/a', language: 'de-CH' },
    request: 'POST https://searchconsole.googleapis.com/v1/urlInspection/index:inspect',
    body: { inspectionUrl: 'https://www.example.com/a', siteUrl: 'sc-domain:example.com', languageCode: 'de-CH' },
    answer: { body: { inspectionResult: { indexStatusResult: { verdict: 'PASS' } } } },
    output: { inspectionResult: { indexStatusResult: { verdict: 'PASS' } } },
    readsWithPost: true,
  },
  {
    action: 'submit_sitemap',
    arguments: { site_url: 'sc-domain:example.com', sitemap_url: 'https://www.example.com/sitemap.xml' },
    request:
      'PUT https://searchconsole.googleapis.com/webmasters/v3/sites/sc-domain%3Aexample.com/sitemaps/https%3A%2F%2Fwww.example.com%2Fsitemap.xml',
    answer: { status: 204 },
    output: null,
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/webmasters.readonly'),
  test: {
    asks: 'GET searchconsole.googleapis.com/webmasters/v3/sites',
    headers: googleHeaders,
    good: { body: { siteEntry: [{ siteUrl: 'https://www.example.com/', permissionLevel: 'siteOwner' }] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'sites',
      pages: [
        {
          body: {
            siteEntry: [
              { siteUrl: 'https://www.example.com/', permissionLevel: 'siteOwner' },
              { siteUrl: 'http://www.example.org/', permissionLevel: 'siteUnverifiedUser' },
              { siteUrl: 'sc-domain:example.com', permissionLevel: 'siteRestrictedUser' },
            ],
          },
        },
      ],
      keys: ['https://www.example.com/', 'sc-domain:example.com'],
      asksFor: '/webmasters/v3/sites',
      limited: exceeded,
    },
    {
      name: 'sitemaps',
      parent: { siteUrl: 'https://www.example.com/' },
      pages: [{ body: { sitemap: [{ path: 'https://www.example.com/sitemap.xml', warnings: '0', errors: '0' }] } }],
      keys: ['parent/https://www.example.com/sitemap.xml'],
      asksFor: '/sitemaps',
      limited: exceeded,
    },
    performance('performance_by_date'),
    performance('performance_by_query', 'blue shoes'),
    performance('performance_by_page', 'https://www.example.com/a'),
  ],
  actions,
}
