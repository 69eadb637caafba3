import type { ProviderGuide } from '../guide.ts'

export const slackGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.slack.dev/authentication/installing-with-oauth',
    'https://docs.slack.dev/app-management/distribution',
    'https://docs.slack.dev/apis/events-api',
    'https://docs.slack.dev/authentication/verifying-requests-from-slack',
    'https://docs.slack.dev/apis/web-api/rate-limits',
    'https://docs.slack.dev/reference/methods/oauth.v2.access',
    'https://docs.slack.dev/reference/scopes',
  ],
  logo: null,
  color: '#4a154b',
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
}
