import { choice, flag, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  graphPages,
  graphScope,
  mailboxHint,
  mailboxRateLimit,
  microsoftNango,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import { calendarActions, recipients, wrapped } from '../families/microsoft-calendar.ts'
import type { ProviderFile } from '../provider-file.ts'

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
  ...calendarActions,
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
    microsoftNango,
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs: 'It also requests MailboxFolder.Read. The streams need only Mail.Read.',
    },
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
    rateLimit: mailboxRateLimit,
    hints: [mailboxHint],
  },
})
