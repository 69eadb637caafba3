import type { ProviderGuide } from '../guide.ts'

export const jiraGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
    'https://developer.atlassian.com/cloud/oauth/getting-started/managing-oauth-apps/',
    'https://developer.atlassian.com/cloud/jira/platform/scopes-for-oauth-2-3LO-and-forge-apps/',
    'https://developer.atlassian.com/cloud/jira/platform/rate-limiting/',
  ],
  logo: 'jira',
  color: '#0052cc',
  app: {
    url: 'https://developer.atlassian.com/console/myapps/',
    steps: [
      {
        en: 'Select **Create** and **OAuth 2.0 integration**. Enter a name. If Atlassian asks for the access, choose **Resource-level**: people then pick one site. Agree to the terms and select **Create**.',
        de: 'Wählen Sie **Create** und **OAuth 2.0 integration**. Geben Sie einen Namen ein. Falls Atlassian nach dem Zugriff fragt, wählen Sie **Resource-level**: Personen wählen dann eine Site aus. Stimmen Sie den Bedingungen zu und wählen Sie **Create**.',
      },
      {
        en: 'Open **Authorization**. Next to **OAuth 2.0 (3LO)**, select **Add**, paste the callback URL as **Callback URL**, and select **Save changes**.',
        de: 'Öffnen Sie **Authorization**. Wählen Sie neben **OAuth 2.0 (3LO)** die Schaltfläche **Add**, fügen Sie die Callback-URL als **Callback URL** ein und wählen Sie **Save changes**.',
      },
      {
        en: 'Open **Permissions**. Next to **Jira API**, select **Add**, then **Configure** and **Edit Scopes**. Select each scope that is listed here, and save. The scope offline_access is not in the list and needs no entry.',
        de: 'Öffnen Sie **Permissions**. Wählen Sie neben **Jira API** die Schaltfläche **Add**, dann **Configure** und **Edit Scopes**. Wählen Sie jeden hier genannten Scope aus und speichern Sie. Der Scope offline_access steht nicht in der Liste und braucht keinen Eintrag.',
      },
      {
        en: 'Open **Distribution**, select **Edit**, choose **Sharing**, fill in the details of the vendor, and save. Until then, only you can use the app.',
        de: 'Öffnen Sie **Distribution**, wählen Sie **Edit** und **Sharing**, füllen Sie die Angaben zum Anbieter aus und speichern Sie. Bis dahin können nur Sie die App verwenden.',
      },
      {
        en: 'Open **Settings** and copy **Client ID** and **Secret**, which is the client secret.',
        de: 'Öffnen Sie **Settings** und kopieren Sie **Client ID** und **Secret**, das Client-Secret.',
      },
    ],
  },
  scopes: {
    'read:jira-work': {
      en: 'read your Jira projects and issues, search issues, and read attachments and worklogs',
      de: 'Ihre Jira-Projekte und Vorgänge lesen und durchsuchen sowie Anhänge und Arbeitsprotokolle lesen',
    },
    'read:jira-user': {
      en: 'see people in Jira, with names, email addresses and avatars that you can see',
      de: 'Personen in Jira sehen, mit den Namen, E-Mail-Adressen und Avataren, die Sie sehen können',
    },
    'write:jira-work': {
      en: 'create, change and delete Jira issues, comment as you, and log work',
      de: 'Jira-Vorgänge anlegen, ändern und löschen, in Ihrem Namen kommentieren und Arbeitszeit erfassen',
    },
    offline_access: {
      en: 'keep this access while you are not using the app',
      de: 'diesen Zugriff behalten, auch wenn Sie die App gerade nicht verwenden',
    },
  },
  rateLimit: {
    words: {
      en: '65,000 points an hour for the app, shared by all Jira sites unless Atlassian grants the app more. Each request costs at least one point. Further limits apply per second.',
      de: '65.000 Punkte pro Stunde für die App, gemeinsam für alle Jira-Sites, sofern Atlassian der App nicht mehr gewährt. Jede Anfrage kostet mindestens einen Punkt. Zusätzlich gelten Grenzen pro Sekunde.',
    },
    url: 'https://developer.atlassian.com/cloud/jira/platform/rate-limiting/',
  },
  hints: [
    {
      at: 'provider_page',
      messages: ['redirect_uri is not registered for client'],
      cause: {
        en: 'The callback URL is not registered in the Atlassian app.',
        de: 'Die Callback-URL ist in der Atlassian-App nicht eingetragen.',
      },
      operator: {
        en: 'Paste the callback URL exactly under **Authorization** and **OAuth 2.0 (3LO)**.',
        de: 'Fügen Sie die Callback-URL genau so unter **Authorization** bei **OAuth 2.0 (3LO)** ein.',
      },
      url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
    },
    {
      at: 'provider_page',
      cause: {
        en: 'The app is not shared, so that only the person who made it can connect.',
        de: 'Die App ist nicht freigegeben, deshalb kann sich nur die Person verbinden, die sie angelegt hat.',
      },
      operator: {
        en: 'Open **Distribution** in the developer console and choose **Sharing**.',
        de: 'Öffnen Sie in der Entwicklerkonsole **Distribution** und wählen Sie **Sharing**.',
      },
      url: 'https://developer.atlassian.com/cloud/oauth/getting-started/managing-oauth-apps/',
    },
    {
      at: 'provider_page',
      messages: ['Your site admin must authorize this app'],
      cause: {
        en: 'The Atlassian site lets only its administrators install apps.',
        de: 'Auf der Atlassian-Site dürfen nur Administratoren Apps installieren.',
      },
      operator: {
        en: 'Ask an administrator of the site to connect once. Others can connect after that.',
        de: 'Bitten Sie die Administration der Site, sich einmal zu verbinden. Danach können es auch andere.',
      },
      person: {
        en: 'Ask an administrator of your Atlassian site to authorize the app, then connect again.',
        de: 'Bitten Sie die Administration Ihrer Atlassian-Site, die App zu autorisieren, und verbinden Sie das Konto danach erneut.',
      },
    },
    {
      at: 'token',
      messages: ['Unknown or invalid refresh token', 'refresh_token is invalid'],
      cause: {
        en: 'The refresh token is no longer valid. It expires after 90 days without use, and when the person changes the password.',
        de: 'Das Refresh-Token gilt nicht mehr. Es läuft nach 90 Tagen ohne Verwendung ab und wenn die Person das Passwort ändert.',
      },
      operator: {
        en: 'Have the account reconnected.',
        de: 'Lassen Sie das Konto neu verbinden.',
      },
      person: {
        en: 'Connect the account again.',
        de: 'Verbinden Sie das Konto erneut.',
      },
      url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
    },
    {
      at: 'request',
      messages: ['scope does not match'],
      cause: {
        en: 'The token lacks a scope that this request needs.',
        de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
      },
      operator: {
        en: 'Add the scope in **Permissions** of the app and to the integration, then have the account reconnected.',
        de: 'Ergänzen Sie den Scope unter **Permissions** der App und in der Integration und lassen Sie das Konto dann neu verbinden.',
      },
    },
  ],
}
