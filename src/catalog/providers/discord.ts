import { input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

/** Messages cannot be sent with the token of a user: they need a bot (docs.discord.com/developers/resources/message). */
const actions: ActionDefinition[] = [
  {
    name: 'get_current_user',
    title: 'Get the connected user',
    description: 'Returns id, username, global name and avatar of the user who connected the account.',
    docsUrl: 'https://docs.discord.com/developers/resources/user#get-current-user',
    scopes: ['identify'],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/users/@me' },
  },
  {
    name: 'list_guilds',
    title: 'List servers',
    description: 'Lists the servers (guilds) that the user is a member of, with id, name and the user’s permissions.',
    docsUrl: 'https://docs.discord.com/developers/resources/user#get-current-user-guilds',
    scopes: ['guilds'],
    readOnly: true,
    input: input(
      {},
      {
        limit: limit(200, 200),
        after: text('Id of the last server of the previous page.', { pattern: '^[0-9]+$' }),
      },
    ),
    request: {
      method: 'GET',
      path: '/users/@me/guilds',
      query: { limit: '{{ args.limit | default(200) }}', after: '{{ args.after }}' },
    },
  },
  {
    name: 'get_guild_member',
    title: 'Get the user’s membership of a server',
    description: 'Returns nickname, roles and joining time of the connected user in one server.',
    docsUrl: 'https://docs.discord.com/developers/resources/user#get-current-user-guild-member',
    scopes: ['guilds.members.read'],
    readOnly: true,
    input: input({ guild_id: text('Id of the server. list_guilds returns it.', { pattern: '^[0-9]+$' }) }),
    request: { method: 'GET', path: '/users/@me/guilds/{{ args.guild_id }}/member' },
  },
]

export const provider: ProviderFile = {
  aliases: ['discord server', 'discord chat'],
  logo: 'discord',
  color: '#5865f2',
  sources: [
    { url: 'https://docs.discord.com/developers/topics/oauth2', read: '2026-11-29' },
    { url: 'https://docs.discord.com/developers/topics/rate-limits', read: '2026-11-29' },
    { url: 'https://docs.discord.com/developers/topics/opcodes-and-status-codes', read: '2026-11-29' },
    { url: 'https://docs.discord.com/developers/resources/user', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango has the consent page at discord.com/api/oauth2/authorize. The documentation has it at discord.com/oauth2/authorize.',
    },
  ],
  definition: {
    displayName: 'Discord',
    docsUrl: 'https://docs.discord.com/developers/topics/oauth2',
    categories: ['communication'],
    baseUrl: 'https://discord.com/api/v10',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://discord.com/oauth2/authorize',
      tokenUrl: 'https://discord.com/api/oauth2/token',
      revocation: { url: 'https://discord.com/api/oauth2/token/revoke' },
      scopes: ['identify', 'guilds'],
    },
    testRequest: { path: '/users/@me' },
    // One page has room for more guilds than a user can join.
    streams: [{ name: 'guilds', path: '/users/@me/guilds', query: { limit: '200' }, primaryKey: [['id']] }],
    actions,
  },
  guide: {
    app: {
      url: 'https://discord.com/developers/applications',
      steps: [
        {
          en: 'Select **New Application**, enter a name, accept the terms, and select **Create**.',
          de: 'Wählen Sie **New Application**, geben Sie einen Namen ein, stimmen Sie den Bedingungen zu und wählen Sie **Create**.',
        },
        {
          en: 'Open **OAuth2**. Under **Redirects**, select **Add Redirect**, paste the callback URL, and select **Save Changes**.',
          de: 'Öffnen Sie **OAuth2**. Wählen Sie unter **Redirects** die Schaltfläche **Add Redirect**, fügen Sie die Callback-URL ein und wählen Sie **Save Changes**.',
        },
        {
          en: 'On the same page, copy the **Client ID**. Select **Reset Secret** and copy the **Client Secret** at once, because Discord shows it only once.',
          de: 'Kopieren Sie auf derselben Seite die **Client ID**. Wählen Sie **Reset Secret** und kopieren Sie das **Client Secret** sofort, denn Discord zeigt es nur einmal.',
        },
        {
          en: 'Leave **Public Client** off. A bot and the URL generator are not needed; the integration requests the scopes.',
          de: 'Lassen Sie **Public Client** ausgeschaltet. Ein Bot und der URL-Generator sind nicht nötig, die Integration fordert die Scopes an.',
        },
      ],
    },
    traps: [
      {
        en: 'The API accepts messages from bots only, and a connection holds the token of a user.',
        de: 'Die API nimmt Nachrichten nur von Bots an, und eine Verbindung hat das Token einer Person.',
      },
    ],
    scopes: {
      identify: {
        en: 'see your user name and avatar, without your email address',
        de: 'Ihren Benutzernamen und Avatar sehen, ohne Ihre E-Mail-Adresse',
      },
      guilds: {
        en: 'see which servers you are in, and their basic information',
        de: 'sehen, auf welchen Servern Sie sind, und deren Basisinformationen',
      },
      'guilds.members.read': {
        en: 'read your membership of a server, such as your nickname and roles there',
        de: 'Ihre Mitgliedschaft auf einem Server lesen, etwa Ihren Nickname und Ihre Rollen dort',
      },
    },
    rateLimit: {
      words: {
        en: 'For each person, in total and for each endpoint. Discord states the limits in its responses and publishes a number only for bots: 50 requests a second.',
        de: 'Je Person, insgesamt und für jeden Endpunkt. Discord nennt die Grenzen in seinen Antworten und veröffentlicht eine Zahl nur für Bots: 50 Anfragen pro Sekunde.',
      },
      url: 'https://docs.discord.com/developers/topics/rate-limits',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['Invalid OAuth2 redirect_uri'],
        cause: {
          en: 'The callback URL is not registered in the Discord application.',
          de: 'Die Callback-URL ist in der Discord-Anwendung nicht eingetragen.',
        },
        operator: {
          en: 'Add the callback URL exactly under **OAuth2** and **Redirects**, and select **Save Changes**.',
          de: 'Tragen Sie die Callback-URL genau so unter **OAuth2** bei **Redirects** ein und wählen Sie **Save Changes**.',
        },
        url: 'https://docs.discord.com/developers/topics/oauth2',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong, or the secret was reset.',
          de: 'Die Client-ID oder das Client-Secret ist falsch, oder das Secret wurde zurückgesetzt.',
        },
        operator: {
          en: 'Copy the **Client ID** under **OAuth2** again, or select **Reset Secret** and enter the new secret. The public key and the token of a bot are different values.',
          de: 'Kopieren Sie die **Client ID** unter **OAuth2** noch einmal, oder wählen Sie **Reset Secret** und tragen Sie das neue Secret ein. Der Public Key und das Token eines Bots sind andere Werte.',
        },
        url: 'https://docs.discord.com/developers/topics/oauth2',
      },
      {
        at: 'request',
        messages: ['Missing required OAuth2 scope'],
        cause: {
          en: 'The token lacks a scope that this request needs.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope to the integration, then have the account reconnected.',
          de: 'Ergänzen Sie den Scope in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
        url: 'https://docs.discord.com/developers/topics/opcodes-and-status-codes',
      },
      {
        at: 'request',
        messages: ['Unknown Guild'],
        cause: {
          en: 'The server does not exist, or the person is not a member of it.',
          de: 'Der Server existiert nicht, oder die Person ist dort nicht Mitglied.',
        },
        operator: {
          en: 'Check the id of the server with the list of servers of the account.',
          de: 'Prüfen Sie die ID des Servers mit der Liste der Server des Kontos.',
        },
        person: {
          en: 'Join the server with the account that you connected.',
          de: 'Treten Sie dem Server mit dem verbundenen Konto bei.',
        },
        url: 'https://docs.discord.com/developers/topics/opcodes-and-status-codes',
      },
    ],
  },
}
