import { choice, cursor, EMAIL, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  googleApp,
  googleHints,
  googleOAuth,
  googleResponseErrors,
  googleSources,
  nangoSource,
} from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const addresses = (description: string) => list(description, EMAIL, { maxItems: 100 })

/** A header of the message, only if the argument is there. An email address and a subject have no line breaks. */
const header = (name: string, argument: string) =>
  `(('${name}: ' ~ (args.${argument} | join(', ')) ~ '\\r\\n') if args.${argument} else '')`

/**
 * The message as RFC 5322 text. The subject is an encoded word (RFC 2047); Gmail accepts long ones, and Google's own client sends them
 * (github.com/googleapis/google-api-nodejs-client, samples/gmail/send.js).
 */
const message = [
  header('To', 'to'),
  header('Cc', 'cc'),
  header('Bcc', 'bcc'),
  `'Subject: =?UTF-8?B?' ~ (args.subject | b64encode) ~ '?=\\r\\n'`,
  `(('In-Reply-To: ' ~ args.in_reply_to ~ '\\r\\nReferences: ' ~ args.in_reply_to ~ '\\r\\n') if args.in_reply_to else '')`,
  `'MIME-Version: 1.0\\r\\nContent-Type: text/plain; charset=UTF-8\\r\\nContent-Transfer-Encoding: 8bit\\r\\n\\r\\n'`,
  `(args.body | replace('\\r\\n', '\\n') | replace('\\n', '\\r\\n'))`,
].join(' ~ ')

const api = 'Gmail API'

const actions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send an email',
    description:
      'Sends an email as plain text from the connected account. To reply within a thread, give thread_id and in_reply_to, and the same subject. Returns the id and threadId of the sent message.',
    docsUrl: 'https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send',
    scopes: ['https://www.googleapis.com/auth/gmail.send'],
    input: input(
      {
        to: addresses('Email addresses of the recipients.'),
        subject: text('Subject, on one line.', { maxLength: 500, pattern: '^[^\\r\\n]+$' }),
        body: { type: 'string', maxLength: 100_000, description: 'Text of the email.' },
      },
      {
        cc: addresses('Email addresses that get a copy.'),
        bcc: addresses('Email addresses that get a copy and that the others do not see.'),
        thread_id: text('threadId of the thread to add the email to.', { pattern: '^[0-9a-f]+$' }),
        in_reply_to: text(
          'The header Message-ID of the message that this is a reply to, such as <abc@mail.example.com>.',
          {
            maxLength: 998,
            pattern: '^<[^\\s<>]+>$',
          },
        ),
      },
    ),
    request: {
      method: 'POST',
      path: '/users/me/messages/send',
      json: {
        raw: `{{ (${message}) | b64encode | replace('+', '-') | replace('/', '_') }}`,
        threadId: '{{ args.thread_id }}',
      },
    },
  },
  {
    name: 'list_messages',
    title: 'Search emails',
    description:
      'Lists the ids of messages, the newest first; get_message returns one of them. query is what the search box of Gmail accepts. nextPageToken is the cursor of the next page.',
    docsUrl: 'https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list',
    scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
    readOnly: true,
    input: input(
      {},
      {
        query: text('Search query, such as: from:ada@example.com is:unread newer_than:7d.'),
        label_id: text('Only messages with this label, such as INBOX or UNREAD.'),
        limit: limit(500, 25),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/users/me/messages',
      query: {
        q: '{{ args.query }}',
        labelIds: '{{ args.label_id }}',
        maxResults: '{{ args.limit | default(25) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_message',
    title: 'Get an email',
    description:
      'Returns one message with labels, snippet, headers and, with the format full, its parts. The body data of a part is base64url.',
    docsUrl: 'https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get',
    scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
    readOnly: true,
    input: input(
      { message_id: text('Id of the message. list_messages returns it.', { pattern: '^[0-9a-f]+$' }) },
      { format: choice('metadata returns the headers only. Default: full.', ['full', 'metadata', 'minimal']) },
    ),
    request: {
      method: 'GET',
      path: '/users/me/messages/{{ args.message_id }}',
      query: { format: "{{ args.format | default('full') }}" },
    },
  },
]

/** Lists of messages and threads contain only ids; the API has no list of complete messages. */
export const provider: ProviderFile = {
  aliases: ['google mail', 'googlemail', 'google workspace mail', 'gsuite mail', 'g suite mail'],
  logo: 'gmail',
  color: '#ea4335',
  sources: [
    ...googleSources,
    { url: 'https://developers.google.com/workspace/gmail/api/auth/scopes', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/gmail/api/reference/quota', read: '2026-11-29' },
    { url: 'https://support.google.com/cloud/answer/13464325', read: '2026-11-29' },
    nangoSource,
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs:
        'It has the older consent page at accounts.google.com/o/oauth2/auth. The documentation has o/oauth2/v2/auth.',
    },
  ],
  definition: {
    displayName: 'Gmail',
    docsUrl: 'https://developers.google.com/workspace/gmail/api/reference/rest',
    categories: ['email'],
    baseUrl: 'https://gmail.googleapis.com/gmail/v1',
    auth: googleOAuth(['https://www.googleapis.com/auth/gmail.readonly']),
    responseErrors: googleResponseErrors,
    testRequest: { path: '/users/me/profile' },
    streams: [
      { name: 'labels', path: '/users/me/labels', recordsPath: ['labels'], primaryKey: [['id']] },
      {
        name: 'messages',
        path: '/users/me/messages',
        query: { maxResults: '500' },
        recordsPath: ['messages'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'threads',
        path: '/users/me/threads',
        query: { maxResults: '500' },
        recordsPath: ['threads'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
    ],
    actions,
  },
  guide: {
    app: googleApp(api, {
      en: 'Open **Verification Center** and submit the app. Reading email is a restricted scope, which also needs a security assessment every year; sending email is a sensitive scope. Until then, people see a warning, and at most 100 can connect.',
      de: 'Öffnen Sie **Verification Center** und reichen Sie die App ein. E-Mails zu lesen ist ein eingeschränkter Scope (restricted), für den auch jedes Jahr eine Sicherheitsprüfung nötig ist; E-Mails zu senden ist ein vertraulicher Scope (sensitive). Bis dahin erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
    }),
    traps: [
      {
        en: 'Lists of messages and threads contain only ids.',
        de: 'Listen von E-Mails und Konversationen enthalten nur Ids.',
      },
    ],
    scopes: {
      'https://www.googleapis.com/auth/gmail.readonly': {
        en: 'read your emails, labels and settings',
        de: 'Ihre E-Mails, Labels und Einstellungen lesen',
      },
      'https://www.googleapis.com/auth/gmail.send': {
        en: 'send emails on your behalf',
        de: 'in Ihrem Namen E-Mails senden',
      },
    },
    rateLimit: {
      words: {
        en: '1,200,000 quota units a minute for a project and 6,000 for each user, where listing emails costs 5 units, reading one 20 and sending one 100; projects from before May 2026 may have other limits.',
        de: '1.200.000 Kontingenteinheiten pro Minute je Projekt und 6.000 je Person, wobei eine Liste von E-Mails 5 Einheiten kostet, das Lesen einer E-Mail 20 und das Senden 100; Projekte aus der Zeit vor Mai 2026 können andere Grenzen haben.',
      },
      url: 'https://developers.google.com/workspace/gmail/api/reference/quota',
    },
    hints: googleHints(api),
  },
}
