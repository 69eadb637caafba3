import type { ProviderGuide } from '../guide.ts'

export const gitlabGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.gitlab.com/integration/oauth_provider/',
    'https://docs.gitlab.com/api/oauth2/',
    'https://docs.gitlab.com/user/project/integrations/webhooks/',
    'https://docs.gitlab.com/user/gitlab_com/rate_limits/',
  ],
  logo: 'gitlab',
  color: '#fc6d26',
  app: {
    url: 'https://gitlab.com/-/user_settings/applications',
    steps: [
      {
        en: 'For a server of your own, open the same page there: your avatar, **Edit profile**, **Applications**. An application of gitlab.com does not work on other servers.',
        de: 'Öffnen Sie für einen eigenen Server dieselbe Seite dort: Ihr Avatar, **Edit profile**, **Applications**. Eine Anwendung von gitlab.com gilt nicht für andere Server.',
      },
      {
        en: 'Select **Add new application**. Enter a **Name** and paste the callback URL as **Redirect URI**. Leave **Confidential** selected.',
        de: 'Wählen Sie **Add new application**. Geben Sie einen **Name** ein und fügen Sie die Callback-URL als **Redirect URI** ein. Lassen Sie **Confidential** ausgewählt.',
      },
      {
        en: 'Under **Scopes**, select each scope that is listed here. GitLab refuses a scope that is not selected in the application, even if a wider one is.',
        de: 'Wählen Sie unter **Scopes** jeden hier genannten Scope aus. GitLab lehnt einen Scope ab, der in der Anwendung nicht ausgewählt ist, auch wenn ein umfassenderer es ist.',
      },
      {
        en: 'Select **Save application**. Copy the **Application ID**, which is the client ID, and the **Secret**, which is the client secret. GitLab shows the secret only now.',
        de: 'Wählen Sie **Save application**. Kopieren Sie die **Application ID** (die Client-ID) und das **Secret** (das Client-Secret). GitLab zeigt das Secret nur jetzt.',
      },
    ],
  },
  webhook: {
    url: 'https://gitlab.com/dashboard/projects',
    steps: [
      {
        en: 'Open the project (as Maintainer) or the group (as Owner, with GitLab Premium). Select **Settings**, **Webhooks**, **Add new webhook**.',
        de: 'Öffnen Sie das Projekt (als Maintainer) oder die Gruppe (als Owner, mit GitLab Premium). Wählen Sie **Settings**, **Webhooks**, **Add new webhook**.',
      },
      {
        en: 'In **URL**, paste the webhook URL and append ?external_id= with the external ID of the connection, because events do not name the account.',
        de: 'Fügen Sie in **URL** die Webhook-URL ein und hängen Sie ?external_id= mit der externen ID der Verbindung an, weil die Events das Konto nicht nennen.',
      },
      {
        en: 'In **Secret token**, enter a long random text. Save the same text here as the webhook secret, and use it for all webhooks of this integration.',
        de: 'Geben Sie in **Secret token** einen langen zufälligen Text ein. Speichern Sie denselben Text hier als Webhook-Secret und verwenden Sie ihn für alle Webhooks dieser Integration.',
      },
      {
        en: 'Under **Trigger**, select the events, such as those of issues and comments. Leave **Enable SSL verification** selected, and select **Add webhook**.',
        de: 'Wählen Sie unter **Trigger** die Events, zum Beispiel die von Issues und Kommentaren. Lassen Sie **Enable SSL verification** ausgewählt und wählen Sie **Add webhook**.',
      },
    ],
  },
  fields: {
    host: { label: 'Hostname', description: 'Ihres eigenen Servers. Standard: gitlab.com.' },
  },
  scopes: {
    read_api: {
      en: 'read all your groups and projects, including issues, container images and packages',
      de: 'alle Ihre Gruppen und Projekte lesen, einschließlich Issues, Container-Images und Paketen',
    },
    read_user: {
      en: 'read your profile, and the profiles of other people that you can see',
      de: 'Ihr Profil lesen sowie die Profile anderer Personen, die Sie sehen können',
    },
    api: {
      en: 'read, change and delete everything that you can in your groups and projects, including container images and packages',
      de: 'in Ihren Gruppen und Projekten alles lesen, ändern und löschen, was Sie selbst können, einschließlich Container-Images und Paketen',
    },
  },
  rateLimit: {
    words: {
      en: '2,000 requests a minute for each person at gitlab.com. Servers of your own have limits that their operator sets.',
      de: '2.000 Anfragen pro Minute für jede Person bei gitlab.com. Auf eigenen Servern legt deren Betreiber die Grenzen fest.',
    },
    url: 'https://docs.gitlab.com/user/gitlab_com/rate_limits/',
  },
  hints: [
    {
      at: 'provider_page',
      messages: ['The redirect URI included is not valid'],
      cause: {
        en: 'The callback URL is not registered in the GitLab application.',
        de: 'Die Callback-URL ist in der GitLab-Anwendung nicht eingetragen.',
      },
      operator: {
        en: 'Paste the callback URL exactly into **Redirect URI** of the application.',
        de: 'Fügen Sie die Callback-URL genau so bei **Redirect URI** der Anwendung ein.',
      },
      url: 'https://docs.gitlab.com/api/oauth2/',
    },
    {
      at: 'provider_page',
      messages: ['The requested scope is invalid, unknown, or malformed'],
      cause: {
        en: 'The integration requests a scope that is not selected in the GitLab application.',
        de: 'Die Integration fordert einen Scope an, der in der GitLab-Anwendung nicht ausgewählt ist.',
      },
      operator: {
        en: 'Edit the application and select each scope of the integration under **Scopes**.',
        de: 'Bearbeiten Sie die Anwendung und wählen Sie unter **Scopes** jeden Scope der Integration aus.',
      },
      url: 'https://docs.gitlab.com/integration/oauth_provider/',
    },
    {
      at: 'provider_page',
      messages: ['Client authentication failed due to unknown client'],
      cause: {
        en: 'The GitLab server does not know the client ID. Usually the application is registered on another server.',
        de: 'Der GitLab-Server kennt die Client-ID nicht. Meist ist die Anwendung auf einem anderen Server eingetragen.',
      },
      operator: {
        en: 'Register the application on the server that people connect to, and enter its **Application ID** in the integration.',
        de: 'Tragen Sie die Anwendung auf dem Server ein, mit dem sich die Personen verbinden, und geben Sie deren **Application ID** in der Integration an.',
      },
    },
    {
      at: 'token',
      errors: ['invalid_client'],
      cause: {
        en: 'The client ID or the client secret is wrong, or the secret was renewed.',
        de: 'Die Client-ID oder das Client-Secret ist falsch, oder das Secret wurde erneuert.',
      },
      operator: {
        en: 'Select **Renew secret** in the application and enter the new secret in the integration.',
        de: 'Wählen Sie in der Anwendung **Renew secret** und tragen Sie das neue Secret in der Integration ein.',
      },
      url: 'https://docs.gitlab.com/integration/oauth_provider/',
    },
    {
      at: 'request',
      messages: ['requires higher privileges than provided by the access token'],
      cause: {
        en: 'The token lacks a scope that this request needs.',
        de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
      },
      operator: {
        en: 'Add the scope in the GitLab application and to the integration, then have the account reconnected. Requests that change something need api.',
        de: 'Ergänzen Sie den Scope in der GitLab-Anwendung und in der Integration und lassen Sie das Konto dann neu verbinden. Anfragen, die etwas ändern, brauchen api.',
      },
      url: 'https://docs.gitlab.com/integration/oauth_provider/',
    },
  ],
}
