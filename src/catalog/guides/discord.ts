import type { ProviderGuide } from '../guide.ts'

export const discordGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.discord.com/developers/topics/oauth2',
    'https://docs.discord.com/developers/topics/rate-limits',
    'https://docs.discord.com/developers/topics/opcodes-and-status-codes',
    'https://docs.discord.com/developers/resources/user',
  ],
  logo: 'discord',
  color: '#5865f2',
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
}
