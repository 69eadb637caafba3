import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const booking = { id: 123, uid: 'booking_uid_123', title: 'Consultation', status: 'accepted' }

const tokens = {
  access_token: 'eyJhbGciOiJIUzI1NiIs.first',
  refresh_token: 'eyJhbGciOiJIUzI1NiIs.refresh',
  token_type: 'bearer',
  expires_in: 1800,
  scope: 'PROFILE_READ BOOKING_READ EVENT_TYPE_READ SCHEDULE_READ',
}

const scopes = tokens.scope.split(' ')

const actions: ActionExample[] = [
  {
    action: 'list_bookings',
    arguments: {
      status: 'upcoming',
      attendee_email: 'ada@example.com',
      after_start: '2026-07-01T00:00:00Z',
      before_end: '2026-08-01T00:00:00Z',
      limit: 10,
      skip: 20,
    },
    request:
      'GET https://api.cal.com/v2/bookings?status=upcoming&attendeeEmail=ada%40example.com&afterStart=2026-07-01T00%3A00%3A00Z&beforeEnd=2026-08-01T00%3A00%3A00Z&take=10&skip=20',
    headers: { 'cal-api-version': '2024-08-13' },
    answer: { body: { status: 'success', data: [booking], pagination: { totalItems: 21, hasNextPage: false } } },
    output: { status: 'success', data: [booking], pagination: { totalItems: 21, hasNextPage: false } },
  },
  {
    action: 'create_booking',
    arguments: {
      event_type_id: 50,
      start: '2026-08-13T09:00:00Z',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      time_zone: 'Europe/Berlin',
      language: 'de',
    },
    request: 'POST https://api.cal.com/v2/bookings',
    headers: { 'cal-api-version': '2024-08-13' },
    body: {
      eventTypeId: 50,
      start: '2026-08-13T09:00:00Z',
      attendee: { name: 'Ada Lovelace', email: 'ada@example.com', timeZone: 'Europe/Berlin', language: 'de' },
    },
    answer: { status: 201, body: { status: 'success', data: booking } },
    output: booking,
  },
  {
    action: 'cancel_booking',
    arguments: { uid: 'booking_uid_123', reason: 'User requested cancellation' },
    request: 'POST https://api.cal.com/v2/bookings/booking_uid_123/cancel',
    headers: { 'cal-api-version': '2024-08-13' },
    body: { cancellationReason: 'User requested cancellation' },
    answer: { body: { status: 'success', data: { ...booking, status: 'cancelled' } } },
    output: { ...booking, status: 'cancelled' },
    overwrites: true,
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'api_key', api_key: 'cal_live_0123456789abcdef' } },
  withoutPkce: true,
  exchange: {
    answer: { body: tokens },
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    lifetimeSeconds: 1800,
    scopes,
  },
  renewal: {
    answer: {
      body: {
        ...tokens,
        access_token: 'eyJhbGciOiJIUzI1NiIs.second',
        refresh_token: 'eyJhbGciOiJIUzI1NiIs.refresh2',
      },
    },
    accessToken: 'eyJhbGciOiJIUzI1NiIs.second',
    refreshToken: 'eyJhbGciOiJIUzI1NiIs.refresh2',
    lifetimeSeconds: 1800,
    scopes,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'invalid_refresh_token' } },
      reason: 'INVALID_GRANT',
      says: 'invalid_refresh_token',
    },
    {
      what: 'code',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'invalid_client_credentials' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'invalid_refresh_token' } },
      says: 'invalid_refresh_token',
      cause: 'invalid or has expired',
    },
    {
      what: 'code',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'client_not_found' } },
      says: 'client_not_found',
      cause: 'does not exist',
    },
  ],
  test: {
    asks: 'GET api.cal.com/v2/me',
    headers: { authorization: `Bearer ${tokens.access_token}` },
    good: { body: { status: 'success', data: { id: 1, username: 'ada', email: 'ada@example.com' } } },
    refused: {
      answer: {
        status: 401,
        body: { status: 'error', error: { code: 'UnauthorizedException', message: 'Invalid access token' } },
      },
      says: 'Invalid access token',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'cal_live_0123456789abcdef' } },
      asks: 'GET api.cal.com/v2/me',
      headers: { authorization: 'Bearer cal_live_0123456789abcdef' },
    },
  ],
  streams: [
    {
      name: 'bookings',
      pages: [
        {
          body: {
            status: 'success',
            data: [{ uid: 'booking_uid_123', updatedAt: '2024-08-13T15:30:00Z' }],
            pagination: { totalItems: 2, remainingItems: 1, hasNextPage: true, hasPreviousPage: false },
          },
        },
        {
          body: {
            status: 'success',
            data: [{ uid: 'booking_uid_456', updatedAt: '2024-08-14T15:30:00Z' }],
            pagination: { totalItems: 2, remainingItems: 0, hasNextPage: false, hasPreviousPage: true },
          },
        },
      ],
      keys: ['booking_uid_123', 'booking_uid_456'],
      asksFor: 'skip=1',
      since: { cursor: '2024-08-13T15:30:00Z', value: '2024-08-13T15:29:59.000Z' },
      limited: { status: 429, headers: { 'retry-after': '60' }, body: { status: 'error' } },
    },
    {
      name: 'event_types',
      pages: [{ body: { status: 'success', data: [{ id: 50, slug: 'some-event' }] } }],
      keys: ['50'],
      asksFor: '/event-types',
    },
    {
      name: 'schedules',
      pages: [{ body: { status: 'success', data: [{ id: 254, name: 'Working hours', isDefault: true }] } }],
      keys: ['254'],
      asksFor: '/schedules',
    },
  ],
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Cal-Signature-256': hmac('sha256', secret, body, 'hex') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          triggerEvent: 'BOOKING_CREATED',
          createdAt: '2024-08-13T15:30:00.538Z',
          payload: { uid: 'booking_uid_123', title: 'Consultation', status: 'ACCEPTED' },
        },
        events: [
          {
            id: 'BOOKING_CREATED booking_uid_123 2024-08-13T15:30:00.538Z',
            type: 'BOOKING_CREATED',
            account: 'crm-1',
            streams: ['bookings'],
          },
        ],
      },
    ],
  },
  actions,
}
