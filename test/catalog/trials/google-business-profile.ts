import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

// developers.google.com/my-business/content/limits
const exhausted: Answer = {
  status: 429,
  body: {
    error: {
      code: 429,
      message:
        "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service 'mybusinessaccountmanagement.googleapis.com' for consumer 'project_number:1'.",
      status: 'RESOURCE_EXHAUSTED',
    },
  },
}

const review = (id: string, updateTime: string) => ({
  name: `accounts/101/locations/202/reviews/${id}`,
  reviewId: id,
  starRating: 'FIVE',
  updateTime,
})

const reply = { comment: 'Thank you!', updateTime: '2026-06-03T08:00:00Z' }

const series = { multiDailyMetricTimeSeries: [{ dailyMetricTimeSeries: [{ dailyMetric: 'WEBSITE_CLICKS' }] }] }

const actions: ActionExample[] = [
  {
    action: 'list_reviews',
    arguments: { account_id: '101', location_id: '202', order: 'rating', limit: 5, cursor: 'p2' },
    request:
      'GET https://mybusiness.googleapis.com/v4/accounts/101/locations/202/reviews?orderBy=rating&pageSize=5&pageToken=p2',
    answer: { body: { reviews: [review('AbF', '2026-06-01T10:00:00Z')], averageRating: 5, totalReviewCount: 1 } },
    output: { reviews: [review('AbF', '2026-06-01T10:00:00Z')], averageRating: 5, totalReviewCount: 1 },
  },
  {
    action: 'reply_to_review',
    arguments: { account_id: '101', location_id: '202', review_id: 'AbF', comment: 'Thank you!' },
    request: 'PUT https://mybusiness.googleapis.com/v4/accounts/101/locations/202/reviews/AbF/reply',
    body: { comment: 'Thank you!' },
    answer: { body: reply },
    output: reply,
    overwrites: true,
  },
  {
    action: 'get_daily_metrics',
    arguments: {
      location_id: '12345',
      metrics: ['WEBSITE_CLICKS', 'CALL_CLICKS'],
      start_date: '2022-01-01',
      end_date: '2022-03-31',
    },
    request:
      'GET https://businessprofileperformance.googleapis.com/v1/locations/12345:fetchMultiDailyMetricsTimeSeries?dailyMetrics=WEBSITE_CLICKS&dailyMetrics=CALL_CLICKS&dailyRange.startDate.year=2022&dailyRange.startDate.month=1&dailyRange.startDate.day=1&dailyRange.endDate.year=2022&dailyRange.endDate.month=3&dailyRange.endDate.day=31',
    answer: { body: series },
    output: series,
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/business.manage'),
  test: {
    asks: 'GET mybusinessaccountmanagement.googleapis.com/v1/accounts?pageSize=1',
    headers: googleHeaders,
    good: { body: { accounts: [{ name: 'accounts/101', accountName: 'Ada Lovelace', type: 'PERSONAL' }] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'accounts',
      pages: [
        { body: { accounts: [{ name: 'accounts/101', type: 'PERSONAL' }], nextPageToken: 'p2' } },
        { body: { accounts: [{ name: 'accounts/102', type: 'LOCATION_GROUP' }] } },
      ],
      keys: ['accounts/101', 'accounts/102'],
      asksFor: 'pageToken=p2',
      limited: exhausted,
    },
    {
      name: 'locations',
      parent: { name: 'accounts/101' },
      pages: [
        { body: { locations: [{ name: 'locations/202', title: 'Café Ada' }], nextPageToken: 'p2' } },
        { body: { locations: [{ name: 'locations/203', title: 'Café Ada 2' }] } },
      ],
      keys: ['parent/locations/202', 'parent/locations/203'],
      asksFor: 'pageToken=p2',
      limited: exhausted,
    },
    {
      name: 'reviews',
      parent: { name: 'locations/202', account: 'accounts/101' },
      pages: [
        { body: { reviews: [review('AbG', '2026-06-02T10:00:00Z')], totalReviewCount: 2, nextPageToken: 'p2' } },
        { body: { reviews: [review('AbF', '2026-06-01T10:00:00Z')], totalReviewCount: 2 } },
      ],
      keys: ['parent/accounts/101/locations/202/reviews/AbG', 'parent/accounts/101/locations/202/reviews/AbF'],
      asksFor: '/v4/accounts/101/locations/202/reviews?pageSize=50&orderBy=updateTime desc&pageToken=p2',
      limited: exhausted,
    },
  ],
  actions,
}
