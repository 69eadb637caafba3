import type { ProviderGuide } from '../guide.ts'

export const intercomGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth',
    'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/oauth-scopes',
    'https://developers.intercom.com/docs/publish-to-the-app-store/review-publish-your-app',
    'https://developers.intercom.com/docs/webhooks/setting-up-webhooks',
    'https://developers.intercom.com/docs/references/rest-api/errors/error-codes',
    'https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting',
  ],
  // The codes are documented. Their messages, which the hints match, are those in reports about Intercom's clients.
  unverified: ['hints'],
  logo: 'intercom',
  color: '#6afdef',
  app: {
    url: 'https://app.intercom.com/a/apps/_/developer-hub',
    steps: [
      {
        en: 'Select **New app**, enter a name, choose a workspace of your own, and select **Create app**.',
        de: 'Wählen Sie **New app**, geben Sie einen Namen ein, wählen Sie einen eigenen Workspace und dann **Create app**.',
      },
      {
        en: 'Open **Configure** and **Authentication**, select **Edit**, tick **Use OAuth**, and paste the callback URL under **Redirect URLs**. It has to begin with https.',
        de: 'Öffnen Sie **Configure** und **Authentication**, wählen Sie **Edit**, setzen Sie das Häkchen bei **Use OAuth** und fügen Sie die Callback-URL unter **Redirect URLs** ein. Sie muss mit https beginnen.',
      },
      {
        en: 'On the same page, tick the permissions: **Read admins**, **Read and list users and companies**, **Read conversations**, and those of the actions that you use. Select **Save**.',
        de: 'Setzen Sie auf derselben Seite die Häkchen der Berechtigungen: **Read admins**, **Read and list users and companies**, **Read conversations** und die der Aktionen, die Sie verwenden. Wählen Sie **Save**.',
      },
      {
        en: 'Open **Basic information** and copy **Client ID** and **Client secret**.',
        de: 'Öffnen Sie **Basic information** und kopieren Sie **Client ID** und **Client secret**.',
      },
      {
        en: 'Submit the app for review. Until Intercom has approved it, only your own workspaces can connect. Intercom reviews the permissions, so tick no more than you need; a later change needs a new review.',
        de: 'Reichen Sie die App zur Prüfung ein. Bis Intercom sie freigegeben hat, können sich nur Ihre eigenen Workspaces verbinden. Intercom prüft die Berechtigungen, wählen Sie also nur die nötigen aus; eine spätere Änderung braucht eine neue Prüfung.',
      },
    ],
  },
  webhook: {
    url: 'https://app.intercom.com/a/apps/_/developer-hub',
    steps: [
      {
        en: 'Open your app, then **Configure** and **Webhooks**. Intercom signs with the client secret, so no other secret has to be saved.',
        de: 'Öffnen Sie Ihre App und darin **Configure** und **Webhooks**. Intercom signiert mit dem Client-Secret, daher ist kein weiteres Secret zu speichern.',
      },
      {
        en: 'Paste the webhook URL as the endpoint URL, choose the topics, and save. A topic can be chosen only if the app has its permission.',
        de: 'Fügen Sie die Webhook-URL als Endpoint-URL ein, wählen Sie die Topics und speichern Sie. Ein Topic lässt sich nur wählen, wenn die App dessen Berechtigung hat.',
      },
    ],
  },
  scopes: {
    'Read admins': { en: 'see the teammates of the workspace', de: 'die Teammitglieder des Workspace sehen' },
    'Read and list users and companies': {
      en: 'read your contacts and companies',
      de: 'Ihre Kontakte und Unternehmen lesen',
    },
    'Write users and companies': {
      en: 'create and change contacts and companies',
      de: 'Kontakte und Unternehmen anlegen und ändern',
    },
    'Read conversations': { en: 'read your conversations', de: 'Ihre Konversationen lesen' },
    'Write conversations': {
      en: 'reply to conversations and change them',
      de: 'Konversationen beantworten und ändern',
    },
  },
  rateLimit: {
    words: {
      en: '10,000 requests a minute for each app and 25,000 for each workspace, spread over windows of 10 seconds.',
      de: '10.000 Anfragen pro Minute je App und 25.000 je Workspace, verteilt auf Fenster von 10 Sekunden.',
    },
    url: 'https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting',
  },
  hints: [
    {
      at: 'provider_page',
      cause: {
        en: 'The callback URL is not registered in the Intercom app, or does not begin with https.',
        de: 'Die Callback-URL ist in der Intercom-App nicht eingetragen oder beginnt nicht mit https.',
      },
      operator: {
        en: 'Add the callback URL under **Authentication** and **Redirect URLs**, to the character.',
        de: 'Tragen Sie die Callback-URL unter **Authentication** bei **Redirect URLs** zeichengenau ein.',
      },
      url: 'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth',
    },
    {
      at: 'token',
      messages: ['Client authentication failed'],
      cause: {
        en: 'The client id or the client secret is wrong.',
        de: 'Die Client-ID oder das Client-Secret ist falsch.',
      },
      operator: {
        en: 'Copy both again from **Basic information**.',
        de: 'Kopieren Sie beide erneut aus **Basic information**.',
      },
    },
    {
      at: 'request',
      errors: ['token_unauthorized'],
      cause: {
        en: 'The app lacks a permission that this request needs.',
        de: 'Der App fehlt eine Berechtigung, die diese Anfrage braucht.',
      },
      operator: {
        en: 'Tick the permission under **Authentication** in the Intercom app, then let the workspace be reconnected.',
        de: 'Setzen Sie in der Intercom-App unter **Authentication** das Häkchen der Berechtigung und lassen Sie den Workspace dann neu verbinden.',
      },
      url: 'https://developers.intercom.com/docs/references/rest-api/errors/error-codes',
    },
    {
      at: 'request',
      errors: ['api_plan_restricted'],
      cause: {
        en: 'The Intercom workspace has no plan that contains the API.',
        de: 'Der Intercom-Workspace hat keinen Tarif, der die API enthält.',
      },
      operator: {
        en: 'Ask the person to change the plan of the workspace.',
        de: 'Bitten Sie die Person, den Tarif des Workspace zu wechseln.',
      },
      url: 'https://developers.intercom.com/docs/references/rest-api/errors/error-codes',
    },
    {
      at: 'request',
      errors: ['token_revoked', 'token_not_found', 'token_blocked', 'token_expired', 'unauthorized'],
      cause: {
        en: 'Intercom no longer accepts the token, usually because the app was removed from the workspace.',
        de: 'Intercom akzeptiert das Token nicht mehr, meist weil die App aus dem Workspace entfernt wurde.',
      },
      operator: {
        en: 'Let the workspace be reconnected.',
        de: 'Lassen Sie den Workspace neu verbinden.',
      },
      person: { en: 'Connect your Intercom workspace again.', de: 'Verbinden Sie Ihren Intercom-Workspace neu.' },
      url: 'https://developers.intercom.com/docs/references/rest-api/errors/error-codes',
    },
  ],
}
