import { EMAIL, flag, input, instant, integer, limit, list, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { graphScope } from './microsoft.ts'

/** Email addresses. */
export const recipients = (description: string) => list(description, EMAIL, { maxItems: 500 })

const skip = integer('How many results to skip. Default: 0.', { minimum: 0, default: 0 })

/** The email addresses of an argument, as recipients or attendees of Microsoft Graph. */
export const wrapped = (argument: string) => `{{ args.${argument} | wrap('address') | wrap('emailAddress') }}`

/** What Outlook and Outlook Calendar do with the default calendar. */
export const calendarActions: ActionDefinition[] = [
  {
    name: 'create_event',
    title: 'Create an event',
    description:
      'Creates an event in the default calendar and sends invitations to its attendees. Returns the event with its id and webLink.',
    docsUrl: 'https://learn.microsoft.com/graph/api/user-post-events',
    scopes: [graphScope('Calendars.ReadWrite')],
    input: input(
      {
        subject: text('Title of the event.', { maxLength: 255 }),
        start: text('When it begins, as local time without offset, such as 2026-07-01T09:00:00.', {
          pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2})?$',
        }),
        end: text('When it ends, written as start.', { pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2})?$' }),
      },
      {
        time_zone: text('Time zone of start and end, such as Europe/Berlin. Default: UTC.', { default: 'UTC' }),
        body: text('Description, as plain text.'),
        location: text('Name of the place.'),
        attendees: recipients('Email addresses of the attendees, who get an invitation.'),
        is_online_meeting: flag('Whether an online meeting is created with it. Default: false.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/me/events',
      json: {
        subject: '{{ args.subject }}',
        start: { dateTime: '{{ args.start }}', timeZone: "{{ args.time_zone | default('UTC') }}" },
        end: { dateTime: '{{ args.end }}', timeZone: "{{ args.time_zone | default('UTC') }}" },
        body: onlyWith('body', { contentType: 'Text', content: '{{ args.body }}' }),
        location: { displayName: '{{ args.location }}' },
        attendees: wrapped('attendees'),
        isOnlineMeeting: '{{ args.is_online_meeting }}',
      },
    },
  },
  {
    name: 'list_events',
    title: 'List events',
    description:
      'Lists the events of the default calendar between two instants, in order of time. Recurring events are listed once for each occurrence. Times are in UTC.',
    docsUrl: 'https://learn.microsoft.com/graph/api/user-list-calendarview',
    scopes: [graphScope('Calendars.Read')],
    readOnly: true,
    input: input(
      {
        from: instant('Beginning of the period, such as 2026-07-01T00:00:00Z.'),
        to: instant('End of the period, such as 2026-07-08T00:00:00Z.'),
      },
      { limit: limit(1000, 50), skip },
    ),
    request: {
      method: 'GET',
      path: '/me/calendarView',
      query: {
        startDateTime: '{{ args.from }}',
        endDateTime: '{{ args.to }}',
        $orderby: 'start/dateTime',
        $select: 'id,subject,start,end,location,organizer,attendees,isAllDay,isCancelled,webLink',
        $top: '{{ args.limit | default(50) }}',
        $skip: '{{ args.skip }}',
      },
    },
    output: ['value'],
  },
]
