import { choice, input, integer, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties'

const READ = 'https://www.googleapis.com/auth/analytics.readonly'

/** Reports. Accounts and properties are at the host of the Admin API. */
const DATA = 'https://analyticsdata.googleapis.com/v1beta'

const METRICS = [
  'sessions',
  'engagedSessions',
  'totalUsers',
  'newUsers',
  'screenPageViews',
  'eventCount',
  'totalRevenue',
]

/** Names of properties are paths: `properties/1000`. */
const ofProperty = "/properties/{{ parent.name | split('/') | last }}"

const property = {
  property_id: text('Id of the property, a number. list_properties returns it as properties/1000.', {
    pattern: '^\\d+$',
  }),
}

const metrics = list('Names of the metrics, such as sessions and totalUsers.', { type: 'string' }, { maxItems: 10 })

const dimensions = list(
  'Names of the dimensions, such as date, country and sessionSource.',
  { type: 'string' },
  { maxItems: 9 },
)

const filter = { type: 'object', description: 'FilterExpression of the Data API that rows must match.' } as const

const actions: ActionDefinition[] = [
  {
    name: 'list_properties',
    title: 'List properties',
    description:
      'Lists the accounts with their properties. Returns accountSummaries; property is properties/ and the id.',
    docsUrl: 'https://developers.google.com/analytics/devguides/config/admin/v1/rest/v1beta/accountSummaries/list',
    scopes: [READ],
    readOnly: true,
    input: input({}, { page_token: text('nextPageToken of the previous result, to get the next page.') }),
    request: {
      method: 'GET',
      path: '/accountSummaries',
      query: { pageSize: '200', pageToken: '{{ args.page_token }}' },
    },
  },
  {
    name: 'run_report',
    title: 'Run a report',
    description:
      'Returns rows with dimensionValues and metricValues in the order of the request, and rowCount, the number of all rows.',
    docsUrl: `${reference}/runReport`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {
        ...property,
        metrics,
        start_date: text('First day: 2026-07-01, today, yesterday, or NdaysAgo such as 28daysAgo.'),
        end_date: text('Last day, in the same forms.'),
      },
      {
        dimensions,
        dimension_filter: filter,
        limit: integer('How many rows to return at most. Default: 1000.', {
          minimum: 1,
          maximum: 250_000,
          default: 1000,
        }),
        offset: integer('Number of the first row, from 0.', { minimum: 0 }),
      },
    ),
    request: {
      method: 'POST',
      baseUrl: DATA,
      path: '/properties/{{ args.property_id }}:runReport',
      json: {
        dateRanges: [{ startDate: '{{ args.start_date }}', endDate: '{{ args.end_date }}' }],
        dimensions: "{{ args.dimensions | wrap('name') }}",
        metrics: "{{ args.metrics | wrap('name') }}",
        dimensionFilter: '{{ args.dimension_filter }}',
        limit: '{{ args.limit | default(1000) }}',
        offset: '{{ args.offset }}',
      },
    },
  },
  {
    name: 'run_realtime_report',
    title: 'Run a realtime report',
    description: 'Returns what happened in the last 30 minutes, as rows with dimensionValues and metricValues.',
    docsUrl: `${reference}/runRealtimeReport`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {
        ...property,
        metrics: list('Names of the metrics, such as activeUsers.', { type: 'string' }, { maxItems: 10 }),
      },
      {
        dimensions: list('Names of the dimensions, such as country.', { type: 'string' }, { maxItems: 9 }),
        order: choice('Whether rows with the highest first metric come first.', ['highest_first']),
      },
    ),
    request: {
      method: 'POST',
      baseUrl: DATA,
      path: '/properties/{{ args.property_id }}:runRealtimeReport',
      json: {
        dimensions: "{{ args.dimensions | wrap('name') }}",
        metrics: "{{ args.metrics | wrap('name') }}",
        orderBys: [
          {
            metric: { metricName: '{{ args.metrics[0] if args.order is defined else args.order }}' },
            desc: '{{ true if args.order is defined else args.order }}',
          },
        ],
      },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['ga4', 'ga', 'google analytics 4', 'universal analytics', 'web analytics', 'ganalytics'],
  logo: 'googleanalytics',
  color: '#e37400',
  sources: [
    discovery('analyticsadmin.v1beta'),
    discovery('analyticsdata.v1beta'),
    { url: 'https://developers.google.com/analytics/devguides/limits-and-quotas', read: '2026-11-29' },
    nangoSource,
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-google-analytics-data-api/source_google_analytics_data_api/defaults/default_reports.json',
      read: '2026-11-29',
      second: true,
    },
  ],
  api: 'Google Analytics Admin API',
  moreApis: ['Google Analytics Data API'],
  requested: [READ],
  definition: {
    displayName: 'Google Analytics',
    docsUrl: 'https://developers.google.com/analytics/devguides/reporting/data/v1',
    categories: ['analytics', 'marketing'],
    baseUrl: 'https://analyticsadmin.googleapis.com/v1beta',
    hosts: ['analyticsdata.googleapis.com'],
    inputFields: [
      {
        name: 'report_start',
        label: 'First day of the reports',
        description: 'A day such as 2026-01-01, or a number of days such as 90daysAgo. Default: 90daysAgo.',
        pattern: '[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,4}daysAgo',
        example: '90daysAgo',
      },
    ],
    // 10 requests a second for each user (developers.google.com/analytics/devguides/limits-and-quotas).
    rateLimit: { requestsPerSecond: 10 },
    testRequest: { path: '/accountSummaries?pageSize=1' },
    streams: [
      {
        name: 'accounts',
        path: '/accountSummaries',
        query: { pageSize: '200' },
        recordsPath: ['accountSummaries'],
        omitsEmptyList: true,
        primaryKey: [['account']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'properties',
        parent: { stream: 'accounts' },
        path: '/properties',
        query: { filter: 'parent:{{ parent.account }}', pageSize: '200' },
        recordsPath: ['properties'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'data_streams',
        parent: { stream: 'properties' },
        path: `${ofProperty}/dataStreams`,
        query: { pageSize: '200' },
        recordsPath: ['dataStreams'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'daily_traffic',
        parent: { stream: 'properties', concurrency: 2 },
        baseUrl: DATA,
        path: `${ofProperty}:runReport`,
        json: {
          dateRanges: [{ startDate: "{{ input.report_start | default('90daysAgo') }}", endDate: 'today' }],
          dimensions: [{ name: 'date' }, { name: 'sessionSource' }, { name: 'sessionMedium' }],
          metrics: METRICS.map((name) => ({ name })),
        },
        records: {
          path: ['rows'],
          set: {
            date: '{{ record.dimensionValues[0].value }}',
            sessionSource: '{{ record.dimensionValues[1].value }}',
            sessionMedium: '{{ record.dimensionValues[2].value }}',
            ...Object.fromEntries(METRICS.map((name, index) => [name, `{{ record.metricValues[${index}].value }}`])),
          },
          drop: [['dimensionValues'], ['metricValues']],
        },
        omitsEmptyList: true,
        primaryKey: [['date'], ['sessionSource'], ['sessionMedium']],
        pagination: {
          type: 'offset',
          in: 'json',
          param: 'offset',
          limitParam: 'limit',
          size: 10_000,
          total: ['rowCount'],
        },
        // Each reading has the days since the start, and earlier ones stay. The days are in a list, where no cursor can be put.
        deletes: 'never',
      },
    ],
    actions,
  },
  guide: {
    fields: {
      report_start: {
        label: 'Erster Tag der Berichte',
        description: 'Ein Tag wie 2026-01-01 oder eine Anzahl von Tagen wie 90daysAgo. Standard: 90daysAgo.',
      },
    },
    traps: [
      {
        en: 'Google Analytics has two APIs: the Admin API lists accounts and properties, and the Data API has the reports. Both must be enabled.',
        de: 'Google Analytics hat zwei APIs: Die Admin API listet Konten und Properties auf, und die Data API hat die Berichte. Beide müssen aktiviert sein.',
      },
      {
        en: 'The stream daily_traffic reads all days since its start with each sync, because the numbers of the last days still change.',
        de: 'Der Stream daily_traffic liest bei jedem Lauf alle Tage seit seinem Beginn, weil sich die Zahlen der letzten Tage noch ändern.',
      },
      {
        en: 'Numbers in reports are texts, and dates are written 20260701.',
        de: 'Zahlen in Berichten sind Texte, und ein Datum ist in der Form 20260701 geschrieben.',
      },
    ],
    scopes: {
      [READ]: { en: 'see your Google Analytics data', de: 'Ihre Google-Analytics-Daten sehen' },
    },
    rateLimit: {
      words: {
        en: 'For reports 40,000 tokens an hour and 200,000 a day for a property, of which a project may use 35 % an hour, and 10 requests at the same time; most requests cost fewer than 10 tokens. Analytics 360 has higher limits. Other requests: 50,000 a day for a project.',
        de: 'Für Berichte 40.000 Tokens pro Stunde und 200.000 pro Tag je Property, von denen ein Projekt 35 % pro Stunde nutzen darf, und 10 Anfragen gleichzeitig; die meisten Anfragen kosten weniger als 10 Tokens. Für Analytics 360 gelten höhere Grenzen. Andere Anfragen: 50.000 pro Tag je Projekt.',
      },
      url: 'https://developers.google.com/analytics/devguides/reporting/data/v1/quotas',
    },
  },
})
