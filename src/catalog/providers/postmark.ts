import { email, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://postmarkapp.com/developer/api'

const actions: ActionDefinition[] = [
  {
    name: 'send_email',
    title: 'Send an email',
    description: 'Sends an email from a confirmed sender. Returns its MessageID.',
    docsUrl: `${docs}/email-api`,
    input: input(
      {
        from: email('Email address of the sender.'),
        to: email('Email address of the recipient.'),
        subject: text('Subject.'),
        text_body: text('Text of the message.'),
      },
      {
        html_body: text('Message as HTML.'),
        reply_to: email('Where answers go.'),
        tag: text('Tag for statistics.'),
        message_stream: text('Id of the message stream. Default: outbound.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/email',
      json: {
        From: '{{ args.from }}',
        To: '{{ args.to }}',
        Subject: '{{ args.subject }}',
        TextBody: '{{ args.text_body }}',
        HtmlBody: '{{ args.html_body }}',
        ReplyTo: '{{ args.reply_to }}',
        Tag: '{{ args.tag }}',
        MessageStream: '{{ args.message_stream }}',
      },
    },
  },
  {
    name: 'search_messages',
    title: 'Search sent messages',
    description: 'Lists sent messages. Returns TotalCount and Messages.',
    docsUrl: `${docs}/messages-api`,
    readOnly: true,
    input: input(
      {},
      {
        recipient: email('Email address of the recipient.'),
        tag: text('Tag of the message.'),
        subject: text('Subject of the message.'),
        limit: limit(500, 50),
        offset: integer('How many messages to skip. Default: 0.', { minimum: 0, default: 0 }),
      },
    ),
    request: {
      method: 'GET',
      path: '/messages/outbound',
      query: {
        recipient: '{{ args.recipient }}',
        tag: '{{ args.tag }}',
        subject: '{{ args.subject }}',
        count: '{{ args.limit | default(50) }}',
        offset: '{{ args.offset | default(0) }}',
      },
    },
  },
  {
    name: 'activate_bounce',
    title: 'Activate a bounced address',
    description: 'Lets emails be sent again to the address of a bounce. Returns the bounce.',
    docsUrl: `${docs}/bounce-api`,
    input: input({ bounce_id: integer('ID of the bounce.', { minimum: 1 }) }),
    request: { method: 'PUT', path: '/bounces/{{ args.bounce_id }}/activate' },
    output: ['Bounce'],
  },
]

export const provider: ProviderFile = {
  aliases: ['postmarkapp', 'postmark app', 'wildbit'],
  logo: null,
  color: '#ffde00',
  sources: [
    { url: 'https://postmarkapp.com/developer/api/overview', read: '2026-11-29' },
    { url: 'https://postmarkapp.com/blog/announcing-the-postmark-messages-api', read: '2026-11-29' },
    { url: 'https://github.com/ActiveCampaign/postmark.js/wiki/Bounces', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/postmark', read: '2026-11-29' },
    { url: 'https://openapi.city/providers/postmark', read: '2026-11-29', second: true },
    {
      url: 'https://www.withone.ai/knowledge/postmark/conn_mod_def%3A%3AGJ6JwhPgcBA%3A%3AdzTQVDldQUyjyius5eTpew',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/postmark/refs/heads/main/rate-limits/postmark-rate-limits.yml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.hookbase.app/receive/integrations/postmark', read: '2026-11-29', second: true },
  ],
  unverified: ['tokens'],
  definition: {
    displayName: 'Postmark',
    docsUrl: `${docs}/overview`,
    categories: ['email', 'developer tools'],
    baseUrl: 'https://api.postmarkapp.com',
    auth: {
      type: 'api_key',
      fields: [{ name: 'server_token', label: 'Server API token', secret: true, required: true }],
      value: '{{ config.server_token }}',
      placement: { in: 'header', name: 'X-Postmark-Server-Token' },
    },
    responseErrors: [
      { status: 401, path: ['Message'], as: 'auth', message: ['Message'], code: ['ErrorCode'] },
      { status: 422, path: ['Message'], as: 'fail', message: ['Message'], code: ['ErrorCode'] },
    ],
    // Postmark signs nothing. It sends a header that is entered with the webhook.
    webhook: {
      verify: { method: 'token', place: { in: 'header', name: 'X-Postmark-Token' } },
      // Only bounces and spam complaints have an id of their own. A message to several recipients has one id, and may be delivered at one time.
      id: "body.RecordType ~ ' ' ~ (body.ID if body.ID else body.MessageID ~ ' ' ~ body.Recipient ~ ' ' ~ (body.DeliveredAt or body.ReceivedAt or body.ChangedAt) ~ (' ' ~ body.OriginalLink if body.OriginalLink else ''))",
      type: 'body.RecordType',
      // Opens and clicks do not name the server. The webhook's URL has to.
      connection: { value: 'body.ServerID or query.external_id', equals: 'externalId' },
      sync: [
        { where: "body.RecordType in ['Bounce', 'SpamComplaint']", streams: ['bounces'] },
        { where: "body.RecordType == 'Delivery'", streams: ['outbound_messages'] },
      ],
    },
    testRequest: { path: '/server' },
    streams: [
      {
        ...records('outbound_messages', '/messages/outbound', ['Messages'], 'MessageID'),
        incremental: {
          cursorField: ['ReceivedAt'],
          param: 'fromdate',
          format: '%Y-%m-%d',
          // Postmark keeps messages for 45 days by default. Its days may be those of another time zone, therefore a day is read again.
          start: "{{ date(now, 'iso8601', '-P45D') }}",
          until: { param: 'todate' },
          // A search returns at most 10,000 messages.
          window: 'P1D',
          lookback: 'P1D',
        },
        deletes: 'never',
      },
      {
        ...records('bounces', '/bounces', ['Bounces'], 'ID'),
        incremental: { cursorField: ['BouncedAt'], param: 'fromdate', format: '%Y-%m-%d', lookback: 'P1D' },
        deletes: 'never',
      },
      records('templates', '/templates', ['Templates'], 'TemplateId'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://account.postmarkapp.com/servers',
      steps: [
        {
          en: 'In Postmark, open the server and the tab **API Tokens**. You have to be owner, account admin or admin of the server.',
          de: 'Öffnen Sie in Postmark den Server und die Registerkarte **API Tokens**. Dafür müssen Sie Owner, Account-Admin oder Admin des Servers sein.',
        },
        {
          en: 'Copy the **Server API token**. An account API token does not work here.',
          de: 'Kopieren Sie das **Server API token**. Ein Account-API-Token funktioniert hier nicht.',
        },
      ],
    },
    webhook: {
      url: 'https://account.postmarkapp.com/servers',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'In Postmark, open the server, a message stream and **Webhooks**, and select **Add webhook**. Paste the webhook URL and select the events.',
          de: 'Öffnen Sie in Postmark den Server, einen Message-Stream und **Webhooks** und wählen Sie **Add webhook**. Fügen Sie die Webhook-URL ein und wählen Sie die Events.',
        },
        {
          en: 'Add a custom header with the name X-Postmark-Token and the secret as its value, and save.',
          de: 'Ergänzen Sie einen eigenen Header mit dem Namen X-Postmark-Token und dem Secret als Wert und speichern Sie.',
        },
        {
          en: 'With an API key of the workspace, give the connection the ID of the server as its external ID. It is **ServerID** in events. Opens and clicks do not have it: for them, paste the webhook URL with ?external_id= and this ID behind it.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace die ID des Servers als externe ID. Sie steht in Events als **ServerID**. Bei Öffnungen und Klicks fehlt sie: Hängen Sie für diese ?external_id= und diese ID an die Webhook-URL an.',
        },
      ],
    },
    fields: { server_token: { label: 'Server-API-Token' } },
    events: ['Delivery', 'Bounce', 'SpamComplaint', 'Open', 'Click', 'SubscriptionChange'],
    scopes: {},
    tokens: {
      en: 'A server API token belongs to one server and lives until it is deleted.',
      de: 'Ein Server-API-Token gehört zu einem Server und gilt, bis es gelöscht wird.',
    },
    traps: [
      {
        en: 'A connection is one server. Products with several servers need a connection for each.',
        de: 'Eine Verbindung ist ein Server. Produkte mit mehreren Servern brauchen eine Verbindung für jeden.',
      },
    ],
    rateLimit: null,
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The server API token is wrong or was deleted, or it is an account API token.',
          de: 'Das Server-API-Token ist falsch oder wurde gelöscht, oder es ist ein Account-API-Token.',
        },
        operator: {
          en: 'Let the server be connected with its current token.',
          de: 'Lassen Sie den Server mit seinem aktuellen Token verbinden.',
        },
        person: {
          en: 'Copy the **Server API token** on the tab **API Tokens** of the server.',
          de: 'Kopieren Sie das **Server API token** auf der Registerkarte **API Tokens** des Servers.',
        },
        url: `${docs}/overview`,
      },
    ],
  },
}

function records(name: string, path: string, recordsPath: string[], key: string): StreamDefinition {
  return {
    name,
    path,
    recordsPath,
    primaryKey: [[key]],
    pagination: { type: 'offset', param: 'offset', limitParam: 'count', size: 500, total: ['TotalCount'] },
  }
}
