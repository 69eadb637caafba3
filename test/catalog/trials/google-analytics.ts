import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

const exhausted: Answer = {
  status: 429,
  body: {
    error: { code: 429, message: 'Exhausted property tokens per hour.', status: 'RESOURCE_EXHAUSTED' },
  },
}

const row = (date: string, source: string) => ({
  dimensionValues: [{ value: date }, { value: source }, { value: 'organic' }],
  metricValues: ['12', '9', '10', '4', '31', '88', '19.5'].map((value) => ({ value })),
})

const actions: ActionExample[] = [
  {
    action: 'list_properties',
    arguments: { page_token: 'p2' },
    request: 'GET https://analyticsadmin.googleapis.com/v1beta/accountSummaries?pageSize=200&pageToken=p2',
    answer: { body: { accountSummaries: [{ account: 'accounts/1000' }] } },
    output: { accountSummaries: [{ account: 'accounts/1000' }] },
  },
  {
    action: 'run_report',
    arguments: {
      property_id: '1234',
      metrics: ['eventCount'],
      start_date: '28daysAgo',
      end_date: 'yesterday',
      dimensions: ['eventName', 'countryId'],
      dimension_filter: { filter: { fieldName: 'countryId', stringFilter: { value: 'JP' } } },
      limit: 10,
      offset: 20,
    },
    request: 'POST https://analyticsdata.googleapis.com/v1beta/properties/1234:runReport',
    body: {
      dateRanges: [{ startDate: '28daysAgo', endDate: 'yesterday' }],
      dimensions: [{ name: 'eventName' }, { name: 'countryId' }],
      metrics: [{ name: 'eventCount' }],
      dimensionFilter: { filter: { fieldName: 'countryId', stringFilter: { value: 'JP' } } },
      limit: 10,
      offset: 20,
    },
    answer: {
      body: {
        rows: [{ dimensionValues: [{ value: 'in_app_purchase' }, { value: 'JP' }], metricValues: [{ value: '15' }] }],
        rowCount: 21,
        kind: 'analyticsData#runReport',
      },
    },
    output: {
      rows: [{ dimensionValues: [{ value: 'in_app_purchase' }, { value: 'JP' }], metricValues: [{ value: '15' }] }],
      rowCount: 21,
      kind: 'analyticsData#runReport',
    },
    readsWithPost: true,
  },
  {
    action: 'run_realtime_report',
    arguments: {
      property_id: '1234',
      metrics: ['activeUsers'],
      dimensions: ['country'],
      order: 'highest_first',
    },
    request: 'POST https://analyticsdata.googleapis.com/v1beta/properties/1234:runRealtimeReport',
    body: {
      dimensions: [{ name: 'country' }],
      metrics: [{ name: 'activeUsers' }],
      orderBys: [{ metric: { metricName: 'activeUsers' }, desc: true }],
    },
    answer: { body: { rowCount: 0, kind: 'analyticsData#runRealtimeReport' } },
    output: { rowCount: 0, kind: 'analyticsData#runRealtimeReport' },
    readsWithPost: true,
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/analytics.readonly'),
  test: {
    asks: 'GET analyticsadmin.googleapis.com/v1beta/accountSummaries?pageSize=1',
    headers: googleHeaders,
    good: { body: { accountSummaries: [{ name: 'accountSummaries/1000', account: 'accounts/1000' }] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'accounts',
      pages: [
        { body: { accountSummaries: [{ account: 'accounts/1000', displayName: 'Shop' }], nextPageToken: 'p2' } },
        { body: { accountSummaries: [{ account: 'accounts/1001', displayName: 'Blog' }] } },
      ],
      keys: ['accounts/1000', 'accounts/1001'],
      asksFor: 'pageToken=p2',
      limited: exhausted,
    },
    {
      name: 'properties',
      parent: { account: 'accounts/1000' },
      pages: [
        { body: { properties: [{ name: 'properties/1234', timeZone: 'Europe/Berlin' }], nextPageToken: 'p2' } },
        { body: { properties: [{ name: 'properties/1235', timeZone: 'Europe/Berlin' }] } },
      ],
      keys: ['parent/properties/1234', 'parent/properties/1235'],
      asksFor: 'filter=parent:accounts/1000&pageSize=200&pageToken=p2',
      limited: exhausted,
    },
    {
      name: 'data_streams',
      parent: { name: 'properties/1234' },
      pages: [
        {
          body: {
            dataStreams: [{ name: 'properties/1234/dataStreams/1', type: 'WEB_DATA_STREAM' }],
            nextPageToken: 'p2',
          },
        },
        { body: { dataStreams: [{ name: 'properties/1234/dataStreams/2', type: 'IOS_APP_DATA_STREAM' }] } },
      ],
      keys: ['parent/properties/1234/dataStreams/1', 'parent/properties/1234/dataStreams/2'],
      asksFor: '/v1beta/properties/1234/dataStreams?pageSize=200&pageToken=p2',
      limited: exhausted,
    },
    {
      name: 'daily_traffic',
      parent: { name: 'properties/1234' },
      pages: [
        { body: { rows: [row('20260601', 'google'), row('20260602', 'google')], rowCount: 3 } },
        { body: { rows: [row('20260602', 'bing')], rowCount: 3 } },
      ],
      keys: ['parent/20260601/google/organic', 'parent/20260602/google/organic', 'parent/20260602/bing/organic'],
      asksFor: '"offset":2',
      limited: exhausted,
    },
  ],
  actions,
}
