import { choice, day, input, integer, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import { discovery, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/webmaster-tools/v1'

const READ = 'https://www.googleapis.com/auth/webmasters.readonly'

const WRITE = 'https://www.googleapis.com/auth/webmasters'

const site = {
  site_url: text('The property as list_sites returns it: https://www.example.com/ or sc-domain:example.com.'),
}

const actions: ActionDefinition[] = [
  {
    name: 'list_sites',
    title: 'List sites',
    description: 'Lists the properties of the connected person with their permissionLevel. Returns siteEntry.',
    docsUrl: `${reference}/sites/list`,
    scopes: [READ],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/sites' },
  },
  {
    name: 'query_search_analytics',
    title: 'Query search traffic',
    description:
      'Returns clicks, impressions, ctr and position, grouped by dimensions whose values are in keys, the rows with the most clicks first.',
    docsUrl: `${reference}/searchanalytics/query`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {
        ...site,
        start_date: day('First day, such as 2026-07-01, in Pacific time.'),
        end_date: day('Last day.'),
      },
      {
        dimensions: list('What the rows are grouped by. Default: not grouped.', {
          type: 'string',
          enum: ['date', 'query', 'page', 'country', 'device', 'searchAppearance'],
        }),
        type: choice('Which search results are counted. Default: web.', [
          'web',
          'image',
          'video',
          'news',
          'discover',
          'googleNews',
        ]),
        limit: integer('How many rows to return at most. Default: 1000.', {
          minimum: 1,
          maximum: 25_000,
          default: 1000,
        }),
        offset: integer('Number of the first row, from 0.', { minimum: 0 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/sites/{{ args.site_url }}/searchAnalytics/query',
      json: {
        startDate: '{{ args.start_date }}',
        endDate: '{{ args.end_date }}',
        dimensions: '{{ args.dimensions }}',
        type: '{{ args.type }}',
        rowLimit: '{{ args.limit | default(1000) }}',
        startRow: '{{ args.offset }}',
      },
    },
  },
  {
    name: 'inspect_url',
    title: 'Inspect a page',
    description: 'Returns whether and how a page is in the index of Google, in inspectionResult.',
    docsUrl: `${reference}/urlInspection.index/inspect`,
    scopes: [READ],
    readOnly: true,
    input: input(
      { ...site, url: text('Address of the page, which belongs to the property.') },
      { language: text('Language of the messages, such as de-CH. Default: en-US.') },
    ),
    request: {
      method: 'POST',
      baseUrl: 'https://searchconsole.googleapis.com/v1',
      path: '/urlInspection/index:inspect',
      json: {
        inspectionUrl: '{{ args.url }}',
        siteUrl: '{{ args.site_url }}',
        languageCode: '{{ args.language }}',
      },
    },
  },
  {
    name: 'submit_sitemap',
    title: 'Submit a sitemap',
    description: 'Submits a sitemap of a property to Google. Returns nothing.',
    docsUrl: `${reference}/sitemaps/submit`,
    scopes: [WRITE],
    input: input({
      ...site,
      sitemap_url: text('Address of the sitemap, such as https://www.example.com/sitemap.xml.'),
    }),
    request: { method: 'PUT', path: '/sites/{{ args.site_url }}/sitemaps/{{ args.sitemap_url }}' },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['gsc', 'google webmaster tools', 'webmaster tools', 'search console', 'google seo'],
  logo: 'googlesearchconsole',
  color: '#458cf5',
  sources: [
    discovery('searchconsole.v1'),
    { url: 'https://developers.google.com/webmaster-tools/v1/searchanalytics/query', read: '2026-11-29' },
    { url: 'https://developers.google.com/webmaster-tools/limits', read: '2026-11-29' },
    { url: 'https://developers.google.cn/webmaster-tools/limits?authuser=0', read: '2026-11-29' },
    {
      ...nangoSource,
      differs:
        'Nango has the older host www.googleapis.com; the discovery document of Google names searchconsole.googleapis.com.',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-google-search-console/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  api: 'Google Search Console API',
  requested: [READ],
  definition: {
    displayName: 'Google Search Console',
    docsUrl: reference,
    categories: ['analytics', 'marketing'],
    baseUrl: 'https://searchconsole.googleapis.com/webmasters/v3',
    // 200 requests a minute for each user, besides search analytics (developers.google.com/webmaster-tools/limits).
    rateLimit: { requestsPerSecond: 3 },
    // Load quotas are reported like this too. They are measured over 10 minutes and over a day.
    responseErrors: [
      { status: 403, path: ['error', 'errors', 0, 'reason'], equals: 'quotaExceeded', as: 'rate_limit' },
    ],
    testRequest: { path: '/sites' },
    streams: [
      {
        name: 'sites',
        path: '/sites',
        // Who is not verified for a site has no access to its data.
        records: {
          path: ['siteEntry'],
          where: "record.permissionLevel != 'siteUnverifiedUser' and record.permissionLevel != 'SITE_UNVERIFIED_USER'",
        },
        omitsEmptyList: true,
        primaryKey: [['siteUrl']],
      },
      {
        name: 'sitemaps',
        parent: { stream: 'sites' },
        path: '/sites/{{ parent.siteUrl }}/sitemaps',
        recordsPath: ['sitemap'],
        omitsEmptyList: true,
        primaryKey: [['path']],
      },
      performance('performance_by_date', []),
      performance('performance_by_query', ['query']),
      performance('performance_by_page', ['page']),
    ],
    actions,
  },
  guide: {
    traps: [
      {
        en: 'Google returns the rows with the most clicks, not all of them, so sums of queries and pages are lower than the totals.',
        de: 'Google gibt die Zeilen mit den meisten Klicks zurück, nicht alle, deshalb sind die Summen von Suchanfragen und Seiten niedriger als die Gesamtwerte.',
      },
      {
        en: 'Days are days in Pacific time, and only final numbers are read, so the last days are missing.',
        de: 'Tage sind Tage in pazifischer Zeit, und nur endgültige Zahlen werden gelesen, deshalb fehlen die letzten Tage.',
      },
      {
        en: 'Grouping by page or query over many days is expensive. After a quota error, wait 15 minutes.',
        de: 'Eine Gruppierung nach Seite oder Suchanfrage über viele Tage ist aufwendig. Warten Sie nach einem Kontingentfehler 15 Minuten.',
      },
    ],
    scopes: {
      [READ]: {
        en: 'see the Search Console data of your verified sites',
        de: 'die Search-Console-Daten Ihrer bestätigten Websites sehen',
      },
      [WRITE]: {
        en: 'see and manage the Search Console data of your verified sites',
        de: 'die Search-Console-Daten Ihrer bestätigten Websites sehen und verwalten',
      },
    },
    rateLimit: {
      words: {
        en: 'Search analytics 1,200 requests a minute for each site and for each user, and limits of load over 10 minutes and a day; inspections 600 a minute and 2,000 a day for each site; other requests 20 a second and 200 a minute for each user.',
        de: 'Suchanalyse 1.200 Anfragen pro Minute je Website und je Person sowie Lastgrenzen über 10 Minuten und einen Tag; URL-Prüfungen 600 pro Minute und 2.000 pro Tag je Website; andere Anfragen 20 pro Sekunde und 200 pro Minute je Person.',
      },
      url: 'https://developers.google.com/webmaster-tools/limits',
    },
  },
})

/** Search traffic of each day, grouped by further dimensions. */
function performance(name: string, dimensions: string[]): StreamDefinition {
  return {
    name,
    parent: { stream: 'sites', concurrency: 2 },
    path: '/sites/{{ parent.siteUrl }}/searchAnalytics/query',
    json: { dimensions: ['date', ...dimensions], dataState: 'final' },
    records: {
      path: ['rows'],
      set: {
        siteUrl: '{{ parent.siteUrl }}',
        date: '{{ record.keys[0] }}',
        ...Object.fromEntries(dimensions.map((dimension, index) => [dimension, `{{ record.keys[${index + 1}] }}`])),
      },
      drop: [['keys']],
    },
    omitsEmptyList: true,
    primaryKey: [['date'], ...dimensions.map((dimension) => [dimension])],
    pagination: { type: 'offset', in: 'json', param: 'startRow', limitParam: 'rowLimit', size: 25_000 },
    incremental: {
      cursorField: ['date'],
      param: 'startDate',
      in: 'json',
      format: '%Y-%m-%d',
      start: "{{ date(now, '%Y-%m-%d', '-P365D') }}",
      until: { param: 'endDate', in: 'json' },
      // A query over many days costs much more.
      window: 'P30D',
      per: 'parent',
    },
    deletes: 'never',
  }
}
