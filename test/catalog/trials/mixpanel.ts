import type { ProviderTrial } from '../providers/trial.ts'

export const trial: ProviderTrial = {
  credential: { fields: { username: 'latchkey.a1b2c3.mp-service-account', secret: 's3cret' } },
  test: {
    asks: 'GET mixpanel.com/api/app/me?project_id=12345',
    headers: { authorization: `Basic ${btoa('latchkey.a1b2c3.mp-service-account:s3cret')}` },
    good: { body: { status: 'ok', results: { user_id: 1 } } },
    refused: {
      answer: { status: 401, body: { status: 'error', error: 'Invalid service account credentials' } },
      says: 'Invalid service account credentials',
    },
  },
  streams: [
    {
      name: 'cohorts',
      pages: [
        {
          body: [
            {
              count: 150,
              is_visible: 1,
              description: 'This cohort is visible, has an id = 1000, and currently has 150 users.',
              created: '2019-03-19 23:49:51',
              project_id: 1,
              id: 1000,
              name: 'Cohort One',
            },
          ],
        },
      ],
      keys: ['1000'],
      asksFor: '/api/query/cohorts/list?project_id=12345',
      limited: { status: 429, headers: { 'retry-after': '60' }, body: { error: 'Query rate limit exceeded' } },
    },
    {
      name: 'funnels',
      pages: [
        {
          body: [
            { funnel_id: 7509, name: 'Signup funnel' },
            { funnel_id: 9070, name: 'Funnel tutorial' },
          ],
        },
      ],
      keys: ['7509', '9070'],
      asksFor: '/api/query/funnels/list?project_id=12345',
    },
  ],
  actions: [
    {
      action: 'get_insights_report',
      arguments: { report_id: 12345 },
      request: 'GET https://mixpanel.com/api/query/insights?bookmark_id=12345&project_id=12345',
      answer: { body: { headers: ['$event'], series: { 'Logged in': { '2020-08-31T00:00:00-07:00': 9852 } } } },
      output: { headers: ['$event'], series: { 'Logged in': { '2020-08-31T00:00:00-07:00': 9852 } } },
    },
    {
      action: 'get_funnel',
      arguments: { funnel_id: 7509, from_date: '2016-09-12', to_date: '2016-09-26', interval: 7 },
      request:
        'GET https://mixpanel.com/api/query/funnels?funnel_id=7509&from_date=2016-09-12&to_date=2016-09-26&interval=7&project_id=12345',
      answer: { body: { meta: { dates: ['2016-09-12'] }, data: {} } },
      output: { meta: { dates: ['2016-09-12'] }, data: {} },
    },
  ],
}
