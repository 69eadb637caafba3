import {
  googleHeaders,
  googleLimited,
  googleRefused,
  googleTokens,
  googleWebhook,
} from '../providers/google-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_event',
    arguments: {
      summary: 'Google I/O',
      start: '2026-05-28T09:00:00-07:00',
      end: '2026-05-28T17:00:00-07:00',
      calendar_id: 'team#group@example.com',
      time_zone: 'America/Los_Angeles',
      description: 'A chance to hear more.',
      location: '800 Howard St., San Francisco',
      attendees: ['lpage@example.com', 'sbrin@example.com'],
      send_updates: 'all',
    },
    request: 'POST https://www.googleapis.com/calendar/v3/calendars/team%23group%40example.com/events?sendUpdates=all',
    body: {
      summary: 'Google I/O',
      description: 'A chance to hear more.',
      location: '800 Howard St., San Francisco',
      start: { dateTime: '2026-05-28T09:00:00-07:00', timeZone: 'America/Los_Angeles' },
      end: { dateTime: '2026-05-28T17:00:00-07:00', timeZone: 'America/Los_Angeles' },
      attendees: [{ email: 'lpage@example.com' }, { email: 'sbrin@example.com' }],
    },
    answer: { body: { id: 'abc123', status: 'confirmed' } },
    output: { id: 'abc123', status: 'confirmed' },
  },
  {
    action: 'list_events',
    arguments: {
      calendar_id: 'ada@example.com',
      from: '2026-07-01T00:00:00Z',
      to: '2026-07-08T00:00:00Z',
      query: 'stand-up',
      limit: 5,
      cursor: 'CigKGm',
    },
    request:
      'GET https://www.googleapis.com/calendar/v3/calendars/ada%40example.com/events?singleEvents=true&orderBy=startTime&timeMin=2026-07-01T00%3A00%3A00Z&timeMax=2026-07-08T00%3A00%3A00Z&q=stand-up&maxResults=5&pageToken=CigKGm',
    answer: { body: { kind: 'calendar#events', items: [{ id: 'abc123' }] } },
    output: { kind: 'calendar#events', items: [{ id: 'abc123' }] },
  },
  {
    action: 'get_event',
    arguments: { event_id: 'abc123', calendar_id: 'ada@example.com' },
    request: 'GET https://www.googleapis.com/calendar/v3/calendars/ada%40example.com/events/abc123',
    answer: { body: { id: 'abc123', summary: 'Google I/O' } },
    output: { id: 'abc123', summary: 'Google I/O' },
  },
  {
    action: 'delete_event',
    arguments: { event_id: 'abc123', calendar_id: 'ada@example.com', send_updates: 'none' },
    request: 'DELETE https://www.googleapis.com/calendar/v3/calendars/ada%40example.com/events/abc123?sendUpdates=none',
    answer: { status: 204 },
    output: null,
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/calendar.readonly'),
  test: {
    asks: 'GET www.googleapis.com/calendar/v3/users/me/calendarList?maxResults=1',
    headers: googleHeaders,
    good: { body: { kind: 'calendar#calendarList', items: [] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'events',
      pages: [
        {
          body: {
            nextPageToken: 'p2',
            items: [{ id: 'e1', status: 'confirmed', updated: '2026-06-01T10:00:00.000Z' }],
          },
        },
        {
          body: { nextSyncToken: 's', items: [{ id: 'e2', status: 'cancelled', updated: '2026-06-02T10:00:00.000Z' }] },
        },
      ],
      keys: ['e1', 'e2'],
      asksFor: 'pageToken=p2',
      since: { cursor: '2026-06-02T10:00:00.000Z', value: '2026-06-02T10:00:00.000Z' },
      limited: googleLimited,
    },
  ],
  // developers.google.com/workspace/calendar/api/guides/push
  webhook: googleWebhook([
    {
      query: 'external_id=crm-1',
      headers: {
        'X-Goog-Channel-ID': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
        'X-Goog-Resource-ID': 'ret08u3rv24htgh289g',
        'X-Goog-Resource-URI': 'https://www.googleapis.com/calendar/v3/calendars/my_calendar@gmail.com/events?alt=json',
        'X-Goog-Resource-State': 'exists',
        'X-Goog-Message-Number': '10',
      },
      events: [
        {
          id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66:10',
          type: 'exists',
          account: 'crm-1',
          streams: ['events'],
        },
      ],
    },
  ]),
  actions,
}
