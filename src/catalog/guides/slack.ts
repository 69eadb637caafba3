import type { ProviderGuide } from '../guide.ts'

export const slackGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.slack.dev/authentication/installing-with-oauth',
    'https://docs.slack.dev/apis/web-api/rate-limits',
    'https://docs.slack.dev/reference/methods/oauth.v2.access',
  ],
  logo: null,
  color: '#4a154b',
  app: {
    url: 'https://api.slack.com/apps',
    steps: [
      {
        en: 'Select **Create New App**, then **From scratch**. Enter a name and choose a workspace of your own for development.',
        de: 'Wählen Sie **Create New App** und dann **From scratch**. Geben Sie einen Namen ein und wählen Sie einen eigenen Workspace für die Entwicklung.',
      },
      {
        en: 'Open **OAuth & Permissions**. Under **Redirect URLs**, select **Add New Redirect URL**, paste the callback URL, and select **Save URLs**.',
        de: 'Öffnen Sie **OAuth & Permissions**. Wählen Sie unter **Redirect URLs** die Schaltfläche **Add New Redirect URL**, fügen Sie die Callback-URL ein und wählen Sie **Save URLs**.',
      },
      {
        en: 'On the same page, under **Bot Token Scopes**, add each scope that is listed here.',
        de: 'Fügen Sie auf derselben Seite unter **Bot Token Scopes** jeden hier genannten Scope hinzu.',
      },
      {
        en: 'Open **Manage Distribution** and select **Activate Public Distribution**, so that workspaces other than yours can install the app.',
        de: 'Öffnen Sie **Manage Distribution** und wählen Sie **Activate Public Distribution**, damit auch andere Workspaces die App installieren können.',
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
        en: 'Under **Basic Information**, copy the **Signing Secret** and save it here as the webhook secret.',
        de: 'Kopieren Sie unter **Basic Information** das **Signing Secret** und speichern Sie es hier als Webhook-Secret.',
      },
      {
        en: 'Open **Event Subscriptions**, turn on **Enable Events**, and paste the webhook URL as the **Request URL**.',
        de: 'Öffnen Sie **Event Subscriptions**, schalten Sie **Enable Events** ein und fügen Sie die Webhook-URL als **Request URL** ein.',
      },
      {
        en: 'Under **Subscribe to bot events**, add the events that you want, then select **Save Changes**.',
        de: 'Fügen Sie unter **Subscribe to bot events** die gewünschten Events hinzu und wählen Sie **Save Changes**.',
      },
    ],
  },
  scopes: {
    'channels:read': { en: 'see the public channels', de: 'die öffentlichen Kanäle sehen' },
    'channels:history': {
      en: 'read messages in the public channels that the app was added to',
      de: 'Nachrichten in den öffentlichen Kanälen lesen, zu denen die App hinzugefügt wurde',
    },
    'users:read': { en: 'see the people in the workspace', de: 'die Personen im Workspace sehen' },
    'team:read': { en: 'see the name and domain of the workspace', de: 'Namen und Domain des Workspace sehen' },
    'chat:write': { en: 'send messages as the app', de: 'als App Nachrichten senden' },
  },
  rateLimit: {
    words: {
      en: 'Per method and workspace: from 1 request a minute (tier 1) to more than 100 a minute (tier 4). Most lists are in tier 2, with 20 a minute.',
      de: 'Je Methode und Workspace: von 1 Anfrage pro Minute (Stufe 1) bis über 100 pro Minute (Stufe 4). Die meisten Listen haben Stufe 2 mit 20 pro Minute.',
    },
    url: 'https://docs.slack.dev/apis/web-api/rate-limits',
  },
  hints: [
    {
      at: 'token',
      errors: ['bad_redirect_uri'],
      cause: {
        en: 'The callback URL is not registered in the Slack app.',
        de: 'Die Callback-URL ist in der Slack-App nicht eingetragen.',
      },
      operator: {
        en: 'Add the callback URL under **OAuth & Permissions** and **Redirect URLs**, to the character.',
        de: 'Tragen Sie die Callback-URL zeichengenau unter **OAuth & Permissions** bei **Redirect URLs** ein.',
      },
      url: 'https://docs.slack.dev/reference/methods/oauth.v2.access',
    },
    {
      at: 'request',
      errors: ['missing_scope'],
      cause: {
        en: 'The token lacks a scope that this request needs.',
        de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
      },
      operator: {
        en: 'Add the scope in the Slack app and to the integration, then let the account be reconnected.',
        de: 'Ergänzen Sie den Scope in der Slack-App und in der Integration und lassen Sie das Konto dann neu verbinden.',
      },
    },
  ],
}
