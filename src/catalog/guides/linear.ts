import type { ProviderGuide } from '../guide.ts'

export const linearGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://linear.app/developers/oauth-2-0-authentication',
    'https://linear.app/developers/oauth-app-manifests',
    'https://linear.app/developers/webhooks',
    'https://linear.app/developers/rate-limiting',
  ],
  // The labels of the form are taken from guides of others, which differ.
  unverified: ['app'],
  logo: 'linear',
  color: '#5e6ad2',
  app: {
    url: 'https://linear.app/settings/api/applications/new',
    steps: [
      {
        en: 'Sign in as an admin of the workspace that will own the application. Linear recommends a workspace of its own, because every admin of the workspace has access to the application.',
        de: 'Melden Sie sich als Admin des Workspace an, dem die Anwendung gehören soll. Linear empfiehlt einen eigenen Workspace, weil alle Admins des Workspace Zugriff auf die Anwendung haben.',
      },
      {
        en: 'Enter a name and the developer, and paste the callback URL into **Redirect URIs**, which Linear called **Callback URLs** before.',
        de: 'Geben Sie einen Namen und den Entwickler ein und fügen Sie die Callback-URL bei **Redirect URIs** ein, was bei Linear früher **Callback URLs** hieß.',
      },
      {
        en: 'Turn on **Public**, so that workspaces other than yours can install the application, and select **Create**.',
        de: 'Schalten Sie **Public** ein, damit auch andere Workspaces die Anwendung installieren können, und wählen Sie **Create**.',
      },
      {
        en: 'Copy the **Client ID** and the **Client secret**. Scopes are not set in the application; the integration requests them.',
        de: 'Kopieren Sie die **Client ID** und das **Client secret**. Scopes werden nicht in der Anwendung eingestellt, die Integration fordert sie an.',
      },
    ],
  },
  webhook: {
    url: 'https://linear.app/settings/api/applications',
    steps: [
      {
        en: 'Open your application, turn on **Webhooks**, and paste the webhook URL.',
        de: 'Öffnen Sie Ihre Anwendung, schalten Sie **Webhooks** ein und fügen Sie die Webhook-URL ein.',
      },
      {
        en: 'Select the events that you want, such as those of issues, projects and users, and save the application.',
        de: 'Wählen Sie die gewünschten Events aus, zum Beispiel die von Issues, Projekten und Benutzern, und speichern Sie die Anwendung.',
      },
      {
        en: 'Copy the **Signing secret** and save it here as the webhook secret.',
        de: 'Kopieren Sie das **Signing secret** und speichern Sie es hier als Webhook-Secret.',
      },
      {
        en: 'Linear sends the events of a workspace that authorizes the application after this. Have accounts that are connected already reconnected.',
        de: 'Linear sendet die Events eines Workspace, der die Anwendung danach autorisiert. Lassen Sie bereits verbundene Konten neu verbinden.',
      },
    ],
  },
  scopes: {
    read: {
      en: 'read everything that you can see in the workspace, such as issues, projects, teams and people',
      de: 'alles lesen, was Sie im Workspace sehen, zum Beispiel Issues, Projekte, Teams und Personen',
    },
    write: {
      en: 'create and change issues, comments, projects and everything else that you can edit',
      de: 'Issues, Kommentare, Projekte und alles andere, was Sie bearbeiten können, anlegen und ändern',
    },
  },
  rateLimit: {
    words: {
      en: '5,000 requests and 2,000,000 points of complexity an hour for each person. A single query may have 10,000 points.',
      de: '5.000 Anfragen und 2.000.000 Komplexitätspunkte pro Stunde für jede Person. Eine einzelne Abfrage darf 10.000 Punkte haben.',
    },
    url: 'https://linear.app/developers/rate-limiting',
  },
  hints: [
    {
      at: 'provider_page',
      messages: ['Invalid redirect_uri parameter for the application'],
      cause: {
        en: 'The callback URL is not registered in the Linear application.',
        de: 'Die Callback-URL ist in der Linear-Anwendung nicht eingetragen.',
      },
      operator: {
        en: 'Paste the callback URL exactly into **Redirect URIs** of the application.',
        de: 'Fügen Sie die Callback-URL genau so bei **Redirect URIs** der Anwendung ein.',
      },
      url: 'https://linear.app/developers/oauth-2-0-authentication',
    },
    {
      at: 'provider_page',
      cause: {
        en: 'The application is private, so that only the workspace that owns it can install it.',
        de: 'Die Anwendung ist privat, deshalb kann nur der Workspace sie installieren, dem sie gehört.',
      },
      operator: {
        en: 'Turn on **Public** in the settings of the application.',
        de: 'Schalten Sie in den Einstellungen der Anwendung **Public** ein.',
      },
      url: 'https://linear.app/developers/oauth-app-manifests',
    },
    {
      at: 'request',
      messages: ['Invalid scope: `'],
      cause: {
        en: 'The token lacks a scope that this request needs.',
        de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
      },
      operator: {
        en: 'Add the scope that the message names to the integration, then have the account reconnected.',
        de: 'Ergänzen Sie den in der Meldung genannten Scope in der Integration und lassen Sie das Konto dann neu verbinden.',
      },
      url: 'https://linear.app/developers/oauth-2-0-authentication',
    },
  ],
}
