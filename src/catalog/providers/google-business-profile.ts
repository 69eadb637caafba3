import { choice, cursor, day, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleApp, googleProduct, VERIFIED_IF_ASKED } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developers.google.com/my-business'

const MANAGE = 'https://www.googleapis.com/auth/business.manage'

const INFORMATION = 'https://mybusinessbusinessinformation.googleapis.com/v1'

/** Reviews are only in the last API that was not divided. */
const REVIEWS = 'https://mybusiness.googleapis.com/v4'

const PERFORMANCE = 'https://businessprofileperformance.googleapis.com/v1'

const METRICS = [
  'BUSINESS_IMPRESSIONS_DESKTOP_MAPS',
  'BUSINESS_IMPRESSIONS_DESKTOP_SEARCH',
  'BUSINESS_IMPRESSIONS_MOBILE_MAPS',
  'BUSINESS_IMPRESSIONS_MOBILE_SEARCH',
  'BUSINESS_CONVERSATIONS',
  'BUSINESS_DIRECTION_REQUESTS',
  'CALL_CLICKS',
  'WEBSITE_CLICKS',
  'BUSINESS_BOOKINGS',
  'BUSINESS_FOOD_ORDERS',
  'BUSINESS_FOOD_MENU_CLICKS',
]

const account = {
  account_id: text('Id of the account, the part of its name after accounts/.', { pattern: '^\\d+$' }),
}

const location = {
  location_id: text('Id of the location, the part of its name after locations/.', { pattern: '^\\d+$' }),
}

const actions: ActionDefinition[] = [
  {
    name: 'list_reviews',
    title: 'List reviews',
    description:
      'Lists the reviews of a verified location, the last changed first. Returns reviews, averageRating and totalReviewCount; nextPageToken is the cursor of the next page.',
    docsUrl: `${docs}/reference/rest/v4/accounts.locations.reviews/list`,
    scopes: [MANAGE],
    readOnly: true,
    input: input(
      { ...account, ...location },
      {
        order: choice('Order of the results. Default: updateTime desc.', ['updateTime desc', 'rating', 'rating desc']),
        limit: limit(50, 50),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      baseUrl: REVIEWS,
      path: '/accounts/{{ args.account_id }}/locations/{{ args.location_id }}/reviews',
      query: {
        orderBy: '{{ args.order }}',
        pageSize: '{{ args.limit | default(50) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'reply_to_review',
    title: 'Reply to a review',
    description:
      'Publishes the reply of the business to a review, or replaces the one that is there. Returns the reply.',
    docsUrl: `${docs}/reference/rest/v4/accounts.locations.reviews/updateReply`,
    scopes: [MANAGE],
    destructive: true,
    input: input({
      ...account,
      ...location,
      review_id: text('Id of the review, the part of its name after reviews/.', { pattern: '^[\\w-]+$' }),
      comment: text('The reply, at most 4096 bytes.', { maxLength: 4096 }),
    }),
    request: {
      method: 'PUT',
      baseUrl: REVIEWS,
      path: '/accounts/{{ args.account_id }}/locations/{{ args.location_id }}/reviews/{{ args.review_id }}/reply',
      json: { comment: '{{ args.comment }}' },
    },
  },
  {
    name: 'get_daily_metrics',
    title: 'Get daily numbers of a location',
    description: 'Returns for each day how often a location was seen, called and so on, in multiDailyMetricTimeSeries.',
    docsUrl: `${docs}/reference/performance/rest/v1/locations/fetchMultiDailyMetricsTimeSeries`,
    scopes: [MANAGE],
    readOnly: true,
    input: input({
      ...location,
      metrics: list('Which numbers are returned.', { type: 'string', enum: METRICS }),
      start_date: day('First day, such as 2026-07-01.'),
      end_date: day('Last day.'),
    }),
    request: {
      method: 'GET',
      baseUrl: PERFORMANCE,
      path: '/locations/{{ args.location_id }}:fetchMultiDailyMetricsTimeSeries',
      query: {
        dailyMetrics: '{{ args.metrics }}',
        'dailyRange.startDate.year': '{{ args.start_date[:4] | int }}',
        'dailyRange.startDate.month': '{{ args.start_date[5:7] | int }}',
        'dailyRange.startDate.day': '{{ args.start_date[8:10] | int }}',
        'dailyRange.endDate.year': '{{ args.end_date[:4] | int }}',
        'dailyRange.endDate.month': '{{ args.end_date[5:7] | int }}',
        'dailyRange.endDate.day': '{{ args.end_date[8:10] | int }}',
      },
    },
  },
]

const api = 'My Business Account Management API'

const moreApis = ['My Business Business Information API', 'Google My Business API', 'Business Profile Performance API']

const app = googleApp(api, VERIFIED_IF_ASKED, moreApis)

export const provider: ProviderFile = googleProduct({
  aliases: ['google my business', 'gmb', 'gbp', 'google business', 'google reviews', 'google unternehmensprofil'],
  logo: 'google',
  color: '#4285f4',
  sources: [
    discovery('mybusinessaccountmanagement.v1'),
    discovery('mybusinessbusinessinformation.v1'),
    discovery('businessprofileperformance.v1'),
    { url: `${docs}/reference/rest/v4/accounts.locations.reviews/list.md.txt`, read: '2026-11-29' },
    { url: `${docs}/reference/rest/v4/accounts.locations.reviews/updateReply.md.txt`, read: '2026-11-29' },
    { url: 'https://developers.google.cn/my-business/content/basic-setup.md.txt', read: '2026-11-29' },
    { url: 'https://developers.google.com/my-business/content/limits?authuser=1&hl=en', read: '2026-11-29' },
    {
      url: 'https://docs.unified.to/skills/google-business-profile-oauth-app/SKILL.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://byron.github.io/google-apis-rs/google_mybusiness4_cli/accounts_locations-reviews-update-reply',
      read: '2026-11-29',
      second: true,
    },
  ],
  api,
  moreApis,
  requested: [MANAGE],
  definition: {
    displayName: 'Google Business Profile',
    docsUrl: `${docs}/ref_overview`,
    categories: ['marketing', 'support'],
    baseUrl: 'https://mybusinessaccountmanagement.googleapis.com/v1',
    hosts: [
      'mybusinessbusinessinformation.googleapis.com',
      'mybusiness.googleapis.com',
      'businessprofileperformance.googleapis.com',
    ],
    // 300 requests a minute for each API (developers.google.com/my-business/content/limits).
    rateLimit: { requestsPerSecond: 5 },
    testRequest: { path: '/accounts?pageSize=1' },
    streams: [
      {
        name: 'accounts',
        path: '/accounts',
        query: { pageSize: '20' },
        recordsPath: ['accounts'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'locations',
        parent: { stream: 'accounts' },
        baseUrl: INFORMATION,
        path: "/accounts/{{ parent.name | split('/') | last }}/locations",
        query: {
          readMask:
            'name,title,storeCode,languageCode,categories,phoneNumbers,storefrontAddress,websiteUri,regularHours,specialHours,openInfo,labels,latlng,profile,metadata',
          pageSize: '100',
        },
        // Reviews are named after the account too.
        records: { path: ['locations'], set: { account: '{{ parent.name }}' } },
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'reviews',
        parent: { stream: 'locations' },
        baseUrl: REVIEWS,
        path: "/accounts/{{ parent.account | split('/') | last }}/locations/{{ parent.name | split('/') | last }}/reviews",
        query: { pageSize: '50', orderBy: 'updateTime desc' },
        recordsPath: ['reviews'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        incremental: { cursorField: ['updateTime'], by: 'newest_first', per: 'parent' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: app.url,
      steps: [
        ...app.steps.slice(0, 3),
        {
          en: 'Submit **Application For Basic API Access** at https://support.google.com/business/contact/api_default. Until Google has approved your project, the limit of the APIs is 0, and the **Google My Business API** is not in the library.',
          de: 'Reichen Sie **Application For Basic API Access** unter https://support.google.com/business/contact/api_default ein. Bis Google Ihr Projekt freigegeben hat, ist die Grenze der APIs 0, und die **Google My Business API** steht nicht in der Bibliothek.',
        },
        ...app.steps.slice(3),
      ],
    },
    traps: [
      {
        en: 'Reviews are returned only for verified locations.',
        de: 'Bewertungen werden nur für bestätigte Standorte zurückgegeben.',
      },
      {
        en: 'If every request is refused with 429 from the beginning, Google has not approved the project yet: do not ask for a higher limit, but apply for access.',
        de: 'Wird von Anfang an jede Anfrage mit 429 abgelehnt, hat Google das Projekt noch nicht freigegeben: Beantragen Sie dann nicht eine höhere Grenze, sondern den Zugang.',
      },
      {
        en: 'There is one scope, which allows reading and changing.',
        de: 'Es gibt nur einen Scope, der das Lesen und das Ändern erlaubt.',
      },
    ],
    scopes: {
      [MANAGE]: {
        en: 'see, change, create and delete your Google business listings',
        de: 'Ihre Unternehmensprofile bei Google sehen, ändern, anlegen und löschen',
      },
    },
    rateLimit: {
      words: {
        en: '300 requests a minute for each API and project, and 10 changes a minute for each profile.',
        de: '300 Anfragen pro Minute je API und Projekt und 10 Änderungen pro Minute je Profil.',
      },
      url: 'https://developers.google.com/my-business/content/limits',
    },
  },
})
