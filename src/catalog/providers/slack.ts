import { cursor, email, flag, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

/** Error codes with status 200 for an invalid token (docs.slack.dev/reference/methods/auth.test). */
const refusals = ['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired']

const channelEvents = "['channel_created', 'channel_rename', 'channel_archive', 'channel_unarchive', 'channel_deleted']"

const channel = text('Id of the channel, such as C012AB3CD. list_channels returns it.', { pattern: '^[A-Z0-9]+$' })

/** Failures have status 200 and `ok: false`; `responseErrors` of the definition makes them errors. */
const actions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send a message',
    description:
      'Posts a message to a channel, a thread or a direct message, as the app. The app must be a member of the channel. Returns the channel and ts, which identify the message.',
    docsUrl: 'https://docs.slack.dev/reference/methods/chat.postMessage',
    scopes: ['chat:write'],
    input: input(
      {
        channel: text('Id of a channel (C…), or of a user (U…) to send a direct message.', { pattern: '^[A-Z0-9]+$' }),
        text: text('Text of the message in Slack’s mrkdwn: *bold*, _italic_, <https://example.com|link>.', {
          maxLength: 40_000,
        }),
      },
      {
        thread_ts: text('ts of the message to reply to. Leave it out to start a new thread.', {
          pattern: '^[0-9]+\\.[0-9]+$',
        }),
        reply_broadcast: flag('Whether a reply is shown in the channel too. Default: false.'),
        unfurl_links: flag('Whether links are shown with a preview.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/chat.postMessage',
      json: {
        channel: '{{ args.channel }}',
        text: '{{ args.text }}',
        thread_ts: '{{ args.thread_ts }}',
        reply_broadcast: '{{ args.reply_broadcast }}',
        unfurl_links: '{{ args.unfurl_links }}',
      },
    },
  },
  {
    name: 'list_channels',
    title: 'List channels',
    description:
      'Lists the public channels of the workspace with id, name, topic and number of members. response_metadata.next_cursor is the cursor of the next page, and empty on the last one.',
    docsUrl: 'https://docs.slack.dev/reference/methods/conversations.list',
    scopes: ['channels:read'],
    readOnly: true,
    input: input(
      {},
      {
        limit: limit(999, 100),
        cursor: cursor('response_metadata.next_cursor'),
        exclude_archived: flag('Whether archived channels are left out. Default: true.'),
      },
    ),
    request: {
      method: 'GET',
      path: '/conversations.list',
      query: {
        types: 'public_channel',
        exclude_archived: '{{ args.exclude_archived | default(true) }}',
        limit: '{{ args.limit | default(100) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_channel',
    title: 'Get a channel',
    description: 'Returns one channel: name, topic, purpose, whether it is archived, and who created it.',
    docsUrl: 'https://docs.slack.dev/reference/methods/conversations.info',
    scopes: ['channels:read'],
    readOnly: true,
    input: input({ channel }),
    request: { method: 'GET', path: '/conversations.info', query: { channel: '{{ args.channel }}' } },
    output: ['channel'],
  },
  {
    name: 'list_messages',
    title: 'List messages of a channel',
    description:
      'Lists the messages of a public channel, the newest first, without the replies in threads. The app must be a member of the channel. response_metadata.next_cursor is the cursor of the next page.',
    docsUrl: 'https://docs.slack.dev/reference/methods/conversations.history',
    scopes: ['channels:history'],
    readOnly: true,
    input: input(
      { channel },
      {
        oldest: text('Only messages after this time: seconds since 1970, such as 1503435956.000247.', {
          pattern: '^[0-9]+(\\.[0-9]+)?$',
        }),
        limit: limit(999, 100),
        cursor: cursor('response_metadata.next_cursor'),
      },
    ),
    request: {
      method: 'GET',
      path: '/conversations.history',
      query: {
        channel: '{{ args.channel }}',
        oldest: '{{ args.oldest }}',
        limit: '{{ args.limit | default(100) }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'find_user',
    title: 'Find a user by email address',
    description: 'Returns the user of the workspace who has this email address, with the id that send_message takes.',
    docsUrl: 'https://docs.slack.dev/reference/methods/users.lookupByEmail',
    scopes: ['users:read', 'users:read.email'],
    readOnly: true,
    input: input({ email: email('Email address of the user.') }),
    request: { method: 'GET', path: '/users.lookupByEmail', query: { email: '{{ args.email }}' } },
    output: ['user'],
  },
]

export const provider: ProviderFile = {
  aliases: ['slack bot', 'slack workspace'],
  logo: null,
  color: '#4a154b',
  sources: [
    { url: 'https://docs.slack.dev/authentication/installing-with-oauth', read: '2026-11-29' },
    { url: 'https://docs.slack.dev/app-management/distribution', read: '2026-11-29' },
    { url: 'https://docs.slack.dev/apis/events-api', read: '2026-11-29' },
    { url: 'https://docs.slack.dev/authentication/verifying-requests-from-slack', read: '2026-11-29' },
    { url: 'https://docs.slack.dev/apis/web-api/rate-limits', read: '2026-11-29' },
    { url: 'https://docs.slack.dev/reference/methods/oauth.v2.access', read: '2026-11-29' },
    { url: 'https://docs.slack.dev/reference/scopes', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'Slack',
    docsUrl: 'https://docs.slack.dev/authentication/installing-with-oauth',
    categories: ['communication'],
    baseUrl: 'https://slack.com/api',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://slack.com/oauth/v2/authorize',
      tokenUrl: 'https://slack.com/api/oauth.v2.access',
      revocation: { url: 'https://slack.com/api/auth.revoke', auth: 'token', form: {} },
      scopes: ['channels:read', 'channels:history', 'users:read', 'team:read'],
      scopeSeparator: ',',
      // PKCE is only for apps that were irrevocably changed to public clients (docs.slack.dev/authentication/using-pkce).
      pkce: 'none',
      clientAuth: 'client_secret_basic',
      tokenResponse: {
        error: ['error'],
        errorWhen: { path: ['ok'], equals: false },
        keep: {
          team_id: ['team', 'id'],
          team_name: ['team', 'name'],
          enterprise_id: ['enterprise', 'id'],
          bot_user_id: ['bot_user_id'],
        },
      },
      permanentErrors: ['invalid_refresh_token', 'invalid_code', 'code_already_used', 'bad_redirect_uri'],
      // For apps with token rotation. Otherwise tokens do not expire (docs.slack.dev/authentication/using-token-rotation).
      rotation: 'strict',
    },
    responseErrors: [
      ...refusals.map((error) => ({ path: ['error'], equals: error, as: 'auth' as const, message: ['error'] })),
      { path: ['error'], equals: 'ratelimited', as: 'rate_limit', message: ['error'] },
      { status: 200, path: ['ok'], equals: false, as: 'fail', message: ['error'] },
    ],
    // docs.slack.dev/authentication/verifying-requests-from-slack, docs.slack.dev/apis/events-api
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Slack-Signature',
        hash: 'sha256',
        encoding: 'hex',
        prefix: 'v0=',
        message: 'v0:{{ timestamp }}:{{ body }}',
        timestamp: { header: 'X-Slack-Request-Timestamp', tolerance: 'PT5M' },
      },
      handshake: [{ where: "body.type == 'url_verification'", answer: '{{ body.challenge }}' }],
      id: 'body.event_id',
      type: 'body.event.type if body.event else body.type',
      // In a channel that workspaces share, team_id is the workspace of the author, and authorizations has one that installed the app.
      connection: {
        value: 'body.authorizations[0].team_id if body.authorizations else body.team_id',
        equals: 'kept.team_id',
      },
      // A deprecated secret.
      drop: [['token']],
      sync: [
        { where: `body.event.type in ${channelEvents}`, streams: ['channels'] },
        { where: "body.event.type in ['team_join', 'user_change']", streams: ['users'] },
      ],
    },
    testRequest: { method: 'POST', path: '/auth.test' },
    streams: [
      {
        name: 'channels',
        path: '/conversations.list',
        query: { limit: '200', types: 'public_channel' },
        recordsPath: ['channels'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['response_metadata', 'next_cursor'], param: 'cursor' },
      },
      {
        name: 'users',
        path: '/users.list',
        query: { limit: '200' },
        recordsPath: ['members'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['response_metadata', 'next_cursor'], param: 'cursor' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://api.slack.com/apps',
      steps: [
        {
          en: 'Select **Create New App**, then **From scratch**. Enter a name, choose a workspace of your own for development, and select **Create App**.',
          de: 'Wählen Sie **Create New App** und dann **From scratch**. Geben Sie einen Namen ein, wählen Sie einen eigenen Workspace für die Entwicklung und dann **Create App**.',
        },
        {
          en: 'Open **OAuth & Permissions**. Under **Redirect URLs**, select **Add New Redirect URL**, paste the callback URL, and select **Add**, then **Save URLs**. The URL has to begin with https.',
          de: 'Öffnen Sie **OAuth & Permissions**. Wählen Sie unter **Redirect URLs** die Schaltfläche **Add New Redirect URL**, fügen Sie die Callback-URL ein und wählen Sie **Add**, dann **Save URLs**. Die URL muss mit https beginnen.',
        },
        {
          en: 'On the same page, under **Scopes** and **Bot Token Scopes**, select **Add an OAuth Scope** for each scope that is listed here.',
          de: 'Wählen Sie auf derselben Seite unter **Scopes** bei **Bot Token Scopes** für jeden hier genannten Scope **Add an OAuth Scope**.',
        },
        {
          en: 'Open **Manage Distribution**. Under **Remove Hard Coded Information**, tick the box, and select **Activate Public Distribution**, so that workspaces other than yours can install the app.',
          de: 'Öffnen Sie **Manage Distribution**. Setzen Sie unter **Remove Hard Coded Information** das Häkchen und wählen Sie **Activate Public Distribution**, damit auch andere Workspaces die App installieren können.',
        },
        {
          en: 'Open **Basic Information**. Under **App Credentials**, copy **Client ID** and **Client Secret**.',
          de: 'Öffnen Sie **Basic Information**. Kopieren Sie unter **App Credentials** die **Client ID** und das **Client Secret**.',
        },
      ],
    },
    webhook: {
      url: 'https://api.slack.com/apps',
      steps: [
        {
          en: 'Open your app. Under **Basic Information** and **App Credentials**, copy the **Signing Secret** and save it here as the webhook secret.',
          de: 'Öffnen Sie Ihre App. Kopieren Sie unter **Basic Information** bei **App Credentials** das **Signing Secret** und speichern Sie es hier als Webhook-Secret.',
        },
        {
          en: 'Open **Event Subscriptions**, turn on **Enable Events**, and paste the webhook URL as the **Request URL**. Slack checks it at once.',
          de: 'Öffnen Sie **Event Subscriptions**, schalten Sie **Enable Events** ein und fügen Sie die Webhook-URL als **Request URL** ein. Slack prüft sie sofort.',
        },
        {
          en: 'Under **Subscribe to bot events**, add the events that you want, such as channel_created, channel_rename, team_join and user_change. Select **Save Changes**.',
          de: 'Fügen Sie unter **Subscribe to bot events** die gewünschten Events hinzu, zum Beispiel channel_created, channel_rename, team_join und user_change. Wählen Sie **Save Changes**.',
        },
      ],
    },
    events: [
      'channel_created',
      'channel_rename',
      'channel_archive',
      'channel_unarchive',
      'channel_deleted',
      'team_join',
      'user_change',
    ],
    traps: [
      {
        en: 'Errors have status 200 and ok: false. Latchkey reports them as errors.',
        de: 'Fehler haben den Status 200 und ok: false. Latchkey meldet sie als Fehler.',
      },
      {
        en: 'Tokens expire only in apps with token rotation. Otherwise they stay valid until they are revoked.',
        de: 'Tokens laufen nur bei Apps mit Token-Rotation ab. Sonst gelten sie, bis sie widerrufen werden.',
      },
    ],
    scopes: {
      'channels:read': {
        en: 'see the public channels and their basic information',
        de: 'die öffentlichen Kanäle und ihre Basisinformationen sehen',
      },
      'channels:history': {
        en: 'read messages and other content in the public channels that the app was added to',
        de: 'Nachrichten und andere Inhalte in den öffentlichen Kanälen lesen, zu denen die App hinzugefügt wurde',
      },
      'users:read': { en: 'see the people in the workspace', de: 'die Personen im Workspace sehen' },
      'users:read.email': {
        en: 'see the email addresses of the people in the workspace',
        de: 'die E-Mail-Adressen der Personen im Workspace sehen',
      },
      'team:read': {
        en: 'see the name, email domain and icon of the workspace',
        de: 'Namen, E-Mail-Domain und Symbol des Workspace sehen',
      },
      'chat:write': {
        en: 'send messages as the app in the channels that it was added to',
        de: 'in den Kanälen, zu denen die App hinzugefügt wurde, als App Nachrichten senden',
      },
    },
    rateLimit: {
      words: {
        en: 'Per method and workspace: from 1 request a minute (tier 1) to more than 100 a minute (tier 4), with 20 a minute for most lists. Commercial apps outside the Slack Marketplace may request messages once a minute.',
        de: 'Je Methode und Workspace: von 1 Anfrage pro Minute (Stufe 1) bis über 100 pro Minute (Stufe 4), bei den meisten Listen 20 pro Minute. Kommerzielle Apps außerhalb des Slack Marketplace dürfen Nachrichten einmal pro Minute abrufen.',
      },
      url: 'https://docs.slack.dev/apis/web-api/rate-limits',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['redirect_uri did not match any configured URIs'],
        cause: {
          en: 'The callback URL is not registered in the Slack app.',
          de: 'Die Callback-URL ist in der Slack-App nicht eingetragen.',
        },
        operator: {
          en: 'Add the callback URL exactly under **OAuth & Permissions** and **Redirect URLs**, and select **Save URLs**.',
          de: 'Tragen Sie die Callback-URL genau so unter **OAuth & Permissions** bei **Redirect URLs** ein und wählen Sie **Save URLs**.',
        },
        url: 'https://docs.slack.dev/authentication/installing-with-oauth',
      },
      {
        at: 'consent',
        errors: ['invalid_team_for_non_distributed_app'],
        cause: {
          en: 'The app is not distributed, so that only its own workspace can install it.',
          de: 'Die App ist nicht für andere freigegeben, deshalb kann nur ihr eigener Workspace sie installieren.',
        },
        operator: {
          en: 'Open **Manage Distribution** in the Slack app and select **Activate Public Distribution**.',
          de: 'Öffnen Sie in der Slack-App **Manage Distribution** und wählen Sie **Activate Public Distribution**.',
        },
        url: 'https://docs.slack.dev/app-management/distribution',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The workspace allows only apps that an administrator has approved.',
          de: 'Der Workspace lässt nur Apps zu, die eine Administratorin oder ein Administrator genehmigt hat.',
        },
        operator: {
          en: 'Ask an administrator of the Slack workspace to approve the app.',
          de: 'Bitten Sie die Administration des Slack-Workspace, die App zu genehmigen.',
        },
        person: {
          en: 'Request the approval on the page that Slack shows, and connect the account again when it is given.',
          de: 'Beantragen Sie die Genehmigung auf der Seite, die Slack anzeigt, und verbinden Sie das Konto erneut, sobald sie erteilt ist.',
        },
        url: 'https://docs.slack.dev/app-management/distribution',
      },
      {
        at: 'token',
        errors: ['bad_client_secret', 'invalid_client_id'],
        cause: {
          en: 'The client ID or the client secret is not that of the Slack app.',
          de: 'Die Client-ID oder das Client-Secret gehört nicht zur Slack-App.',
        },
        operator: {
          en: 'Copy **Client ID** and **Client Secret** again from **Basic Information**. The **Signing Secret** is a different value.',
          de: 'Kopieren Sie **Client ID** und **Client Secret** noch einmal aus **Basic Information**. Das **Signing Secret** ist ein anderer Wert.',
        },
        url: 'https://docs.slack.dev/reference/methods/oauth.v2.access',
      },
      {
        at: 'request',
        messages: ['missing_scope'],
        cause: {
          en: 'The token lacks a scope that this request needs.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope in the Slack app and to the integration, then have the account reconnected.',
          de: 'Ergänzen Sie den Scope in der Slack-App und in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
      },
      {
        at: 'request',
        messages: ['not_in_channel'],
        cause: {
          en: 'The app is not a member of the channel.',
          de: 'Die App ist kein Mitglied des Kanals.',
        },
        operator: {
          en: 'Have a member of the channel add the app with the command /invite.',
          de: 'Lassen Sie die App von einem Mitglied des Kanals mit dem Befehl /invite hinzufügen.',
        },
        person: {
          en: 'Add the app to the channel in Slack with the command /invite.',
          de: 'Fügen Sie die App in Slack mit dem Befehl /invite zum Kanal hinzu.',
        },
      },
    ],
  },
}
