import type { ProviderGuide } from '../guide.ts'

export const asanaGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developers.asana.com/docs/oauth',
    'https://developers.asana.com/docs/oauth-scopes',
    'https://developers.asana.com/docs/manage-distribution',
    'https://developers.asana.com/docs/rate-limits',
  ],
  logo: 'asana',
  color: '#f06a6a',
  app: {
    url: 'https://app.asana.com/0/my-apps',
    steps: [
      {
        en: 'Select **Create new app**, enter a name, and select **Create app**. If Asana asks for the type, do not choose **MCP app**: its tokens are not accepted by the API.',
        de: 'Wählen Sie **Create new app**, geben Sie einen Namen ein und wählen Sie **Create app**. Falls Asana nach dem Typ fragt, wählen Sie nicht **MCP app**: Die API akzeptiert deren Tokens nicht.',
      },
      {
        en: 'Open **OAuth**. Under **Redirect URLs**, select **Add redirect URL**, and paste the callback URL. It has to begin with https.',
        de: 'Öffnen Sie **OAuth**. Wählen Sie unter **Redirect URLs** die Schaltfläche **Add redirect URL** und fügen Sie die Callback-URL ein. Sie muss mit https beginnen.',
      },
      {
        en: 'On the same page, under **Permission scopes**, select each scope that is listed here, and leave **Full permissions** off. Save the changes.',
        de: 'Wählen Sie auf derselben Seite unter **Permission scopes** jeden hier genannten Scope aus und lassen Sie **Full permissions** ausgeschaltet. Speichern Sie die Änderungen.',
      },
      {
        en: 'Open **Manage distribution**, choose **Any workspace**, and select **Save changes**. With **Specific workspaces**, only those that you add can be connected.',
        de: 'Öffnen Sie **Manage distribution**, wählen Sie **Any workspace** und dann **Save changes**. Mit **Specific workspaces** lassen sich nur die dort eingetragenen Workspaces verbinden.',
      },
      {
        en: 'Under **OAuth**, copy **Client ID** and **Client secret**.',
        de: 'Kopieren Sie unter **OAuth** die **Client ID** und das **Client secret**.',
      },
    ],
  },
  scopes: {
    'workspaces:read': {
      en: 'see the names and details of your workspaces and organizations',
      de: 'Namen und Details Ihrer Workspaces und Organisationen sehen',
    },
    'users:read': {
      en: 'see the people in your workspaces, with their email addresses and pictures',
      de: 'die Personen in Ihren Workspaces mit E-Mail-Adressen und Bildern sehen',
    },
    'projects:read': { en: 'read your projects', de: 'Ihre Projekte lesen' },
    'tasks:read': { en: 'read your tasks', de: 'Ihre Aufgaben lesen' },
    'tasks:write': { en: 'create and change tasks', de: 'Aufgaben anlegen und ändern' },
    default: {
      en: 'read, change and delete everything that you can in Asana',
      de: 'in Asana alles lesen, ändern und löschen, was Sie selbst können',
    },
  },
  rateLimit: {
    words: {
      en: '150 requests a minute for workspaces without a paid plan, 1,500 with one. At most 50 requests that read and 15 that write at the same time.',
      de: '150 Anfragen pro Minute bei Workspaces ohne bezahlten Tarif, 1.500 mit einem solchen. Gleichzeitig höchstens 50 lesende und 15 schreibende Anfragen.',
    },
    url: 'https://developers.asana.com/docs/rate-limits',
  },
  hints: [
    {
      at: 'provider_page',
      messages: ['does not match a valid url for the application'],
      cause: {
        en: 'The callback URL is not registered in the Asana app.',
        de: 'Die Callback-URL ist in der Asana-App nicht eingetragen.',
      },
      operator: {
        en: 'Add the callback URL exactly under **OAuth** and **Redirect URLs**.',
        de: 'Tragen Sie die Callback-URL genau so unter **OAuth** bei **Redirect URLs** ein.',
      },
      url: 'https://developers.asana.com/docs/oauth',
    },
    {
      at: 'consent',
      messages: ['This app is not available to your Asana workspace or organization'],
      cause: {
        en: 'The app is not distributed to the workspace of the person.',
        de: 'Die App ist für den Workspace der Person nicht freigegeben.',
      },
      operator: {
        en: 'Open **Manage distribution** in the developer console and choose **Any workspace**, or add the workspace.',
        de: 'Öffnen Sie in der Entwicklerkonsole **Manage distribution** und wählen Sie **Any workspace**, oder fügen Sie den Workspace hinzu.',
      },
      url: 'https://developers.asana.com/docs/manage-distribution',
    },
    {
      at: 'consent',
      errors: ['forbidden_scopes'],
      cause: {
        en: 'The integration requests a scope that is not selected in the app, or scopes from an app with full permissions.',
        de: 'Die Integration fordert einen Scope an, der in der App nicht ausgewählt ist, oder Scopes von einer App mit vollen Berechtigungen.',
      },
      operator: {
        en: 'Select each scope under **OAuth** and **Permission scopes** with **Full permissions** off. For an app with full permissions, request only the scope default.',
        de: 'Wählen Sie jeden Scope unter **OAuth** bei **Permission scopes** aus, mit ausgeschalteten **Full permissions**. Fordern Sie für eine App mit vollen Berechtigungen nur den Scope default an.',
      },
      url: 'https://developers.asana.com/docs/oauth',
    },
    {
      at: 'provider_page',
      cause: {
        en: 'The organization blocks apps that its super admin has not approved.',
        de: 'Die Organisation sperrt Apps, die ihr Super Admin nicht genehmigt hat.',
      },
      operator: {
        en: 'Ask a super admin of the Asana organization to allow the app.',
        de: 'Bitten Sie einen Super Admin der Asana-Organisation, die App zuzulassen.',
      },
      person: {
        en: 'Send the request that Asana offers, and connect the account again when the app is allowed.',
        de: 'Senden Sie die Anfrage, die Asana anbietet, und verbinden Sie das Konto erneut, sobald die App zugelassen ist.',
      },
    },
  ],
}
