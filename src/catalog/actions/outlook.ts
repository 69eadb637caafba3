import type { ActionDefinition } from '../definition/action.ts'
import { choice, EMAIL, flag, input, instant, integer, limit, list, onlyWith, text } from './input.ts'

const recipients = (description: string) => list(description, EMAIL, { maxItems: 500 })
const skip = integer('How many results to skip. Default: 0.', { minimum: 0, default: 0 })
const wrapped = (argument: string) => `{{ args.${argument} | wrap('address') | wrap('emailAddress') }}`

export const outlookActions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send an email',
    description:
      'Sends an email from the connected mailbox and keeps it in Sent Items. Returns nothing: Microsoft accepts the message (202) and delivers it later.',
    docsUrl: 'https://learn.microsoft.com/graph/api/user-sendmail',
    scopes: ['https://graph.microsoft.com/Mail.Send'],
    input: input(
      {
        to: recipients('Email addresses of the recipients.'),
        subject: text('Subject.', { maxLength: 255 }),
        body: { type: 'string', description: 'Text of the email, in the format that body_type says.' },
      },
      {
        body_type: choice('Default: Text.', ['Text', 'HTML']),
        cc: recipients('Email addresses that get a copy.'),
        bcc: recipients('Email addresses that get a copy and that the others do not see.'),
        save_to_sent_items: flag('Whether the message is kept in Sent Items. Default: true.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/me/sendMail',
      json: {
        message: {
          subject: '{{ args.subject }}',
          body: { contentType: "{{ args.body_type | default('Text') }}", content: '{{ args.body }}' },
          toRecipients: wrapped('to'),
          ccRecipients: wrapped('cc'),
          bccRecipients: wrapped('bcc'),
        },
        saveToSentItems: '{{ args.save_to_sent_items }}',
      },
    },
  },
  {
    name: 'list_messages',
    title: 'List emails',
    description:
      'Lists messages with sender, subject, time and preview, the newest first. get_message returns the whole body. With search the most relevant messages come first and skip must be left out.',
    docsUrl: 'https://learn.microsoft.com/graph/api/user-list-messages',
    scopes: ['https://graph.microsoft.com/Mail.Read'],
    readOnly: true,
    input: input(
      {},
      {
        search: text('Words to search for in sender, subject and body.', { pattern: '^[^"\\\\]+$' }),
        limit: limit(100, 25),
        skip: integer('How many results to leave out, to get the next page. Not together with search. Default: 0.', {
          minimum: 0,
        }),
      },
    ),
    request: {
      method: 'GET',
      path: '/me/messages',
      query: {
        $select: 'id,subject,from,toRecipients,receivedDateTime,isRead,hasAttachments,bodyPreview,webLink',
        $search: '"{{ args.search }}"',
        $top: '{{ args.limit | default(25) }}',
        $skip: '{{ args.skip }}',
      },
    },
    output: ['value'],
  },
  {
    name: 'get_message',
    title: 'Get an email',
    description: 'Returns one message with its recipients and its whole body.',
    docsUrl: 'https://learn.microsoft.com/graph/api/message-get',
    scopes: ['https://graph.microsoft.com/Mail.Read'],
    readOnly: true,
    input: input({ message_id: text('Id of the message. list_messages returns it.') }),
    request: { method: 'GET', path: '/me/messages/{{ args.message_id }}' },
  },
  {
    name: 'create_event',
    title: 'Create an event',
    description:
      'Creates an event in the default calendar and sends invitations to its attendees. Returns the event with its id and webLink.',
    docsUrl: 'https://learn.microsoft.com/graph/api/user-post-events',
    scopes: ['https://graph.microsoft.com/Calendars.ReadWrite'],
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
    scopes: ['https://graph.microsoft.com/Calendars.Read'],
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
