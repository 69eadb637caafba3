import type { ActionDefinition } from '../definition/action.ts'
import { choice, cursor, EMAIL, input, instant, limit, list, text } from './input.ts'

const reference = 'https://developers.google.com/workspace/calendar/api/v3/reference/events'
const READ = 'https://www.googleapis.com/auth/calendar.readonly'
const WRITE = 'https://www.googleapis.com/auth/calendar.events'

const calendar = {
  calendar_id: text('Id of the calendar: an email address, or primary. Default: primary.', { default: 'primary' }),
}
const event = { event_id: text('Id of the event. list_events returns it.', { pattern: '^[a-zA-Z0-9_]+$' }) }
const path = "/calendars/{{ args.calendar_id | default('primary') }}/events"
const notify = {
  send_updates: choice('Which attendees Google notifies by email. Default: none.', ['all', 'externalOnly', 'none']),
}
const sendUpdates = '{{ args.send_updates }}'

export const googleCalendarActions: ActionDefinition[] = [
  {
    name: 'create_event',
    title: 'Create an event',
    description:
      'Creates an event in a calendar and returns it with its id and htmlLink. Attendees are invited by email only with send_updates.',
    docsUrl: `${reference}/insert`,
    scopes: [WRITE],
    input: input(
      {
        summary: text('Title.'),
        start: instant('When it begins, with offset, such as 2026-07-01T09:00:00+02:00.'),
        end: instant('When it ends, with offset.'),
      },
      {
        ...calendar,
        time_zone: text('Time zone in which it is shown, such as Europe/Berlin. Default: that of the calendar.'),
        description: text('Description, may contain HTML.', { maxLength: 8192 }),
        location: text('Place, as free text.'),
        attendees: list('Email addresses of the attendees.', EMAIL, { maxItems: 200 }),
        ...notify,
      },
    ),
    request: {
      method: 'POST',
      path,
      query: { sendUpdates },
      json: {
        summary: '{{ args.summary }}',
        description: '{{ args.description }}',
        location: '{{ args.location }}',
        start: { dateTime: '{{ args.start }}', timeZone: '{{ args.time_zone }}' },
        end: { dateTime: '{{ args.end }}', timeZone: '{{ args.time_zone }}' },
        attendees: "{{ args.attendees | wrap('email') }}",
      },
    },
  },
  {
    name: 'list_events',
    title: 'List events',
    description:
      'Lists events in order of time; recurring events once for each occurrence. Returns items; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/list`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {},
      {
        ...calendar,
        from: instant('Only events that end after this instant, such as 2026-07-01T00:00:00Z.'),
        to: instant('Only events that begin before this instant.'),
        query: text('Only events with these words in title, description, place or attendees.'),
        limit: limit(2500, 50),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path,
      query: {
        singleEvents: 'true',
        orderBy: 'startTime',
        timeMin: '{{ args.from }}',
        timeMax: '{{ args.to }}',
        q: '{{ args.query }}',
        maxResults: '{{ args.limit | default(50) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_event',
    title: 'Get an event',
    description: 'Returns one event with attendees, their answers, and conference data.',
    docsUrl: `${reference}/get`,
    scopes: [READ],
    readOnly: true,
    input: input(event, calendar),
    request: { method: 'GET', path: `${path}/{{ args.event_id }}` },
  },
  {
    name: 'delete_event',
    title: 'Delete an event',
    description: 'Deletes an event. Returns nothing.',
    docsUrl: `${reference}/delete`,
    scopes: [WRITE],
    destructive: true,
    input: input(event, { ...calendar, ...notify }),
    request: { method: 'DELETE', path: `${path}/{{ args.event_id }}`, query: { sendUpdates } },
  },
]
