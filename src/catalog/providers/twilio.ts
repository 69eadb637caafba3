import { input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://www.twilio.com/docs'

const number = (description: string) =>
  text(description, { pattern: '^(?:\\+[0-9]{5,15}|[a-z]+:[^\\s]+|[A-Za-z0-9 ]+)$' })

const actions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send a message',
    description:
      'Sends an SMS, an MMS or a WhatsApp message. Returns it with its sid and its status, which changes until it is delivered.',
    docsUrl: `${docs}/messaging/api/message-resource`,
    input: input(
      {
        to: number('Number of the recipient, such as +15558675310 or whatsapp:+15558675310.'),
        from: number('Number of the account that sends, or the sender id.'),
        body: text('Text of the message.', { maxLength: 1_600 }),
      },
      { media_url: text('Address of a picture or file to send.', { format: 'uri' }) },
    ),
    request: {
      method: 'POST',
      path: '/Messages.json',
      form: {
        To: '{{ args.to }}',
        From: '{{ args.from }}',
        Body: '{{ args.body }}',
        MediaUrl: '{{ args.media_url }}',
      },
    },
  },
  {
    name: 'get_message',
    title: 'Get a message',
    description: 'Returns a message with its status and, if it failed, its error_code.',
    docsUrl: `${docs}/messaging/api/message-resource`,
    readOnly: true,
    input: input({ sid: text('Sid of the message.', { pattern: '^(?:SM|MM)[0-9a-fA-F]{32}$' }) }),
    request: { method: 'GET', path: '/Messages/{{ args.sid }}.json' },
  },
  {
    name: 'list_messages',
    title: 'List messages',
    description: 'Lists messages. Returns messages and next_page_uri.',
    docsUrl: `${docs}/messaging/api/message-resource`,
    readOnly: true,
    input: input(
      {},
      { to: number('Number of the recipient.'), from: number('Number of the sender.'), limit: limit(1_000, 50) },
    ),
    request: {
      method: 'GET',
      path: '/Messages.json',
      query: { To: '{{ args.to }}', From: '{{ args.from }}', PageSize: '{{ args.limit | default(50) }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['twilio sms', 'programmable messaging', 'programmable voice', 'sms gateway'],
  logo: null,
  color: '#f22f46',
  sources: [
    { url: 'https://twilio.com/docs/iam/api', read: '2026-11-29' },
    { url: 'https://www.twilio.com/docs/api/rest/data-types', read: '2026-11-29' },
    { url: 'https://twilio.com/docs/usage/twilios-response', read: '2026-11-29' },
    { url: 'https://twilio.com/docs/iam/api-keys/keys-in-console', read: '2026-11-29' },
    {
      url: 'https://support.twilio.com/hc/en-us/articles/9318455807771-API-Keys-and-How-to-Change-Them',
      read: '2026-11-29',
    },
    { url: 'https://www.npmjs.com/package/twilio', read: '2026-11-29' },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/twilio/refs/heads/main/conventions/twilio-conventions.yml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://rdrr.io/github/workingamerica/twilio/man/tw.messages.list.html', read: '2026-11-29', second: true },
  ],
  // The limits were not found.
  unverified: ['rateLimit'],
  definition: {
    displayName: 'Twilio',
    docsUrl: `${docs}/iam/api`,
    categories: ['telephony', 'communication', 'developer tools'],
    baseUrl: 'https://api.twilio.com/2010-04-01/Accounts/{{ input.account_sid }}',
    inputFields: [
      {
        name: 'account_sid',
        label: 'Account SID',
        description: 'The Twilio Console shows it with the account. It begins with AC.',
        required: true,
        pattern: 'AC[0-9a-fA-F]{32}',
        example: 'AC00000000000000000000000000000000',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'basic',
            fields: [
              { name: 'key_sid', label: 'API key SID', required: true, pattern: 'SK[0-9a-fA-F]{32}' },
              { name: 'key_secret', label: 'API key secret', secret: true, required: true },
            ],
            username: '{{ config.key_sid }}',
            password: '{{ config.key_secret }}',
          },
        },
        {
          key: 'auth_token',
          label: 'Auth token',
          auth: {
            type: 'basic',
            fields: [{ name: 'auth_token', label: 'Auth token', secret: true, required: true }],
            username: '{{ input.account_sid }}',
            password: '{{ config.auth_token }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['code'],
      })),
    ],
    // A standard API key may not read the account itself.
    testRequest: { path: '/Messages.json?PageSize=1' },
    streams: [
      since('messages', '/Messages.json', 'date_sent', 'DateSent>'),
      since('calls', '/Calls.json', 'start_time', 'StartTime>'),
      since('recordings', '/Recordings.json', 'date_created', 'DateCreated>'),
      records('incoming_phone_numbers', '/IncomingPhoneNumbers.json'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://console.twilio.com/',
      steps: [
        {
          en: 'In the Twilio Console, copy the **Account SID** of the account.',
          de: 'Kopieren Sie in der Twilio Console die **Account SID** des Kontos.',
        },
        {
          en: 'Open **Settings**, **Account settings** and **API keys & auth tokens** (in the Legacy Console **Account management** and **API keys & tokens**). Choose the region United States and select **Create API key**.',
          de: 'Öffnen Sie **Settings**, **Account settings** und **API keys & auth tokens** (in der Legacy Console **Account management** und **API keys & tokens**). Wählen Sie die Region United States und dann **Create API key**.',
        },
        {
          en: 'Enter a name, select the type **Standard**, and create the key. Copy its SID and its secret. Twilio shows the secret only now.',
          de: 'Geben Sie einen Namen ein, wählen Sie den Typ **Standard** und erstellen Sie den Schlüssel. Kopieren Sie seine SID und sein Secret. Twilio zeigt das Secret nur jetzt.',
        },
        {
          en: 'Or copy the **Auth Token** of the account. It has all rights of the account, so an API key is better.',
          de: 'Oder kopieren Sie das **Auth Token** des Kontos. Es hat alle Rechte des Kontos, deshalb ist ein API-Schlüssel besser.',
        },
      ],
    },
    fields: {
      account_sid: {
        label: 'Account SID',
        description: 'Die Twilio Console zeigt sie beim Konto an. Sie beginnt mit AC.',
      },
      key_sid: { label: 'SID des API-Schlüssels' },
      key_secret: { label: 'Secret des API-Schlüssels' },
      auth_token: { label: 'Auth-Token' },
    },
    options: { api_key: 'API-Schlüssel', auth_token: 'Auth-Token' },
    scopes: {},
    tokens: {
      en: 'An API key and the auth token live until they are deleted or replaced.',
      de: 'Ein API-Schlüssel und das Auth-Token gelten, bis sie gelöscht oder ersetzt werden.',
    },
    traps: [
      {
        en: 'The status of a message changes after it was sent. A reading begins two days before the newest message.',
        de: 'Der Status einer Nachricht ändert sich nach dem Senden. Ein Lesen beginnt zwei Tage vor der neuesten Nachricht.',
      },
      {
        en: 'A subaccount has an account SID of its own, and needs a connection of its own.',
        de: 'Ein Subaccount hat eine eigene Account SID und braucht eine eigene Verbindung.',
      },
    ],
    rateLimit: null,
    hints: [
      {
        at: 'request',
        messages: ['20003'],
        statuses: [401],
        cause: {
          en: 'The account SID, the API key or the auth token is wrong, or was deleted.',
          de: 'Die Account SID, der API-Schlüssel oder das Auth-Token ist falsch oder wurde gelöscht.',
        },
        operator: {
          en: 'Let the account be connected with an API key of this account.',
          de: 'Lassen Sie das Konto mit einem API-Schlüssel dieses Kontos verbinden.',
        },
        person: {
          en: 'Copy the account SID again, and create a new API key.',
          de: 'Kopieren Sie die Account SID erneut und erstellen Sie einen neuen API-Schlüssel.',
        },
        url: 'https://www.twilio.com/docs/errors/20003',
      },
    ],
  },
}

/** The next page is a path at the same host. */
function records(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    query: { PageSize: '1000' },
    recordsPath: [name],
    primaryKey: [['sid']],
    pagination: { type: 'next_url', path: ['next_page_uri'] },
  }
}

/** The parameter has the sign of the comparison in its name, and takes days. */
function since(name: string, path: string, field: string, param: string): StreamDefinition {
  return {
    ...records(name, path),
    incremental: { cursorField: [field], param, format: '%Y-%m-%d', lookback: 'P2D' },
  }
}
