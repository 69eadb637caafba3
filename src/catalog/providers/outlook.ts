import { choice, EMAIL, flag, input, instant, integer, limit, list, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  graphPages,
  graphScope,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const recipients = (description: string) => list(description, EMAIL, { maxItems: 500 })

const skip = integer('How many results to skip. Default: 0.', { minimum: 0, default: 0 })

const wrapped = (argument: string) => `{{ args.${argument} | wrap('address') | wrap('emailAddress') }}`

const actions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send an email',
    description:
      'Sends an email from the connected mailbox and keeps it in Sent Items. Returns nothing: Microsoft accepts the message (202) and delivers it later.',
    docsUrl: 'https://learn.microsoft.com/graph/api/user-sendmail',
    scopes: [graphScope('Mail.Send')],
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
    scopes: [graphScope('Mail.Read')],
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
    scopes: [graphScope('Mail.Read')],
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

export const provider: ProviderFile = microsoftProduct({
  aliases: [
    'office 365 mail',
    'o365 mail',
    'microsoft 365 mail',
    'm365 mail',
    'exchange online',
    'outlook.com',
    'hotmail',
    'microsoft outlook',
    'ms graph mail',
  ],
  color: '#0078d4',
  sources: [
    { url: 'https://learn.microsoft.com/graph/api/resources/subscription', read: '2026-11-29' },
    { url: 'https://learn.microsoft.com/graph/throttling-limits', read: '2026-11-29' },
  ],
  requested: [graphScope('Mail.Read')],
  definition: {
    displayName: 'Outlook',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/mail-api-overview',
    categories: ['email'],
    // Immutable ids stay the same when a message is moved to another folder.
    headers: { Prefer: 'IdType="ImmutableId"' },
    webhook: microsoftWebhook([
      { where: "item.lifecycleEvent == 'missed' or '/messages' in (item.resource | lower)", streams: ['messages'] },
    ]),
    testRequest: { path: '/me/mailFolders?$top=1' },
    streams: [
      {
        name: 'mail_folders',
        path: '/me/mailFolders',
        query: { $top: '100', includeHiddenFolders: 'true' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'messages',
        path: '/me/messages',
        query: { $top: '100' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
        incremental: {
          cursorField: ['lastModifiedDateTime'],
          param: '$filter',
          format: 'lastModifiedDateTime ge %Y-%m-%dT%H:%M:%SZ',
        },
      },
    ],
    actions,
  },
  guide: {
    webhook: microsoftWebhookSteps({
      resource: 'me/messages',
      changes: 'created,updated,deleted',
      urls: {
        en: '**notificationUrl** and **lifecycleNotificationUrl** are',
        de: '**notificationUrl** und **lifecycleNotificationUrl** sind',
      },
      lifetime: {
        en: 'less than seven days ahead',
        de: 'weniger als sieben Tage entfernt',
      },
    }),
    events: ['created', 'updated', 'deleted', 'missed'],
    scopes: {
      [graphScope('Mail.Read')]: { en: 'read your emails', de: 'Ihre E-Mails lesen' },
      [graphScope('Mail.Send')]: {
        en: 'send emails on your behalf',
        de: 'in Ihrem Namen E-Mails senden',
      },
      [graphScope('Calendars.Read')]: {
        en: 'read your calendars and events',
        de: 'Ihre Kalender und Termine lesen',
      },
      [graphScope('Calendars.ReadWrite')]: {
        en: 'read, create, change and delete events in your calendars',
        de: 'Termine in Ihren Kalendern lesen, anlegen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: '10,000 requests in 10 minutes and 4 requests at a time, for each app and mailbox.',
        de: '10.000 Anfragen in 10 Minuten und 4 gleichzeitige Anfragen, je App und Postfach.',
      },
      url: 'https://learn.microsoft.com/graph/throttling-limits',
    },
    hints: [
      {
        at: 'request',
        messages: ['mailbox is either inactive, soft-deleted, or is hosted on-premise'],
        cause: {
          en: 'The account has no mailbox at Microsoft: it is switched off, deleted, or on a server of the organization.',
          de: 'Das Konto hat kein Postfach bei Microsoft: Es ist abgeschaltet, gelöscht oder liegt auf einem Server der Organisation.',
        },
        operator: {
          en: 'Let an account be connected whose mailbox is in Exchange Online or Outlook.com.',
          de: 'Lassen Sie ein Konto verbinden, dessen Postfach in Exchange Online oder Outlook.com liegt.',
        },
        person: {
          en: 'Connect the Microsoft account that you read your email with.',
          de: 'Verbinden Sie das Microsoft-Konto, mit dem Sie Ihre E-Mails lesen.',
        },
      },
    ],
  },
})
