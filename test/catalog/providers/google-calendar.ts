import { googleHeaders, googleLimited, googleRefused, googleTokens, googleWebhook } from './google-answers.ts'
import type { ProviderTrial } from './trial.ts'

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
}
