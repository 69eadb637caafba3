import type { ProviderGuide } from '../guide.ts'

export const hubspotGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/create-an-app',
    'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/app-configuration',
    'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/manage-apps-in-hubspot',
    'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
    'https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks',
    'https://developers.hubspot.com/changelog/legacy-public-app-creation-sunset',
    'https://developers.hubspot.com/docs/apps/legacy-apps/public-apps/overview',
    'https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines',
  ],
  logo: 'hubspot',
  color: '#ff7a59',
  app: {
    url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/create-an-app',
    steps: [
      {
        en: 'Install HubSpot’s command line with npm install -g @hubspot/cli, sign in with hs account auth, and run hs project create --project-base app. Choose the distribution **marketplace** and the authentication **oauth**. HubSpot creates apps only this way since June 2026; in a legacy public app, use the tab **Auth**.',
        de: 'Installieren Sie die Befehlszeile von HubSpot mit npm install -g @hubspot/cli, melden Sie sich mit hs account auth an und führen Sie hs project create --project-base app aus. Wählen Sie die Verteilung **marketplace** und die Authentifizierung **oauth**. HubSpot erstellt Apps seit Juni 2026 nur noch so; in einer älteren öffentlichen App verwenden Sie den Reiter **Auth**.',
      },
      {
        en: 'In src/app/app-hsmeta.json, enter the callback URL under **redirectUrls**, and each scope that is listed here under **requiredScopes**.',
        de: 'Tragen Sie in src/app/app-hsmeta.json die Callback-URL unter **redirectUrls** und jeden hier genannten Scope unter **requiredScopes** ein.',
      },
      {
        en: 'Run hs project upload, and wait until the build is deployed.',
        de: 'Führen Sie hs project upload aus und warten Sie, bis der Build bereitgestellt ist.',
      },
      {
        en: 'In HubSpot, open **Development** and **Projects**, your project, the app under **Project Components**, and its tab **Auth**. Copy the client id and the client secret.',
        de: 'Öffnen Sie in HubSpot **Development** und **Projects**, Ihr Projekt, die App unter **Project Components** und deren Reiter **Auth**. Kopieren Sie die Client-ID und das Client-Secret.',
      },
      {
        en: 'At most 25 HubSpot accounts can connect to an app that is not listed in the HubSpot Marketplace. Apply for the listing before you need more.',
        de: 'Mit einer App, die nicht im HubSpot Marketplace gelistet ist, können sich höchstens 25 HubSpot-Konten verbinden. Beantragen Sie die Aufnahme in den Marketplace, bevor Sie mehr brauchen.',
      },
    ],
  },
  webhook: {
    url: 'https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks',
    steps: [
      {
        en: 'In the project of the app, create src/app/webhooks/webhooks-hsmeta.json with the type **webhooks**, and enter the webhook URL there as **targetUrl** of the **settings**, with **maxConcurrentRequests**, such as 10. HubSpot signs with the client secret, so no other secret has to be saved.',
        de: 'Legen Sie im Projekt der App src/app/webhooks/webhooks-hsmeta.json mit dem Typ **webhooks** an und tragen Sie dort unter **settings** die Webhook-URL als **targetUrl** ein sowie **maxConcurrentRequests**, zum Beispiel 10. HubSpot signiert mit dem Client-Secret, daher ist kein weiteres Secret zu speichern.',
      },
      {
        en: 'Under **subscriptions** and **crmObjects**, list the events, each with a **subscriptionType** such as object.creation, an **objectType** (contact, company or deal), and **active** set to true.',
        de: 'Führen Sie unter **subscriptions** und **crmObjects** die Events auf, jeweils mit einem **subscriptionType** wie object.creation, einem **objectType** (contact, company oder deal) und **active** gleich true.',
      },
      {
        en: 'Run hs project upload. In a legacy public app, enter the URL on the tab **Webhooks** as the **Target URL** instead.',
        de: 'Führen Sie hs project upload aus. In einer älteren öffentlichen App tragen Sie die URL stattdessen auf dem Reiter **Webhooks** als **Target URL** ein.',
      },
    ],
  },
  scopes: {
    oauth: {
      en: 'connect to your HubSpot account and see its basic details',
      de: 'sich mit Ihrem HubSpot-Konto verbinden und dessen Grunddaten sehen',
    },
    'crm.objects.contacts.read': { en: 'read your contacts', de: 'Ihre Kontakte lesen' },
    'crm.objects.contacts.write': {
      en: 'create, change and delete contacts',
      de: 'Kontakte anlegen, ändern und löschen',
    },
    'crm.objects.companies.read': { en: 'read your companies', de: 'Ihre Unternehmen lesen' },
    'crm.objects.deals.read': { en: 'read your deals', de: 'Ihre Deals lesen' },
  },
  rateLimit: {
    words: {
      en: '110 requests in 10 seconds for each HubSpot account that is connected, and 5 searches a second.',
      de: '110 Anfragen in 10 Sekunden je verbundenem HubSpot-Konto und 5 Suchen pro Sekunde.',
    },
    url: 'https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines',
  },
  hints: [
    {
      at: 'provider_page',
      cause: {
        en: 'The callback URL is not among the redirect URLs of the app.',
        de: 'Die Callback-URL gehört nicht zu den Redirect-URLs der App.',
      },
      operator: {
        en: 'Add the callback URL to **redirectUrls** in app-hsmeta.json, to the character, and run hs project upload.',
        de: 'Fügen Sie die Callback-URL in app-hsmeta.json zeichengenau zu **redirectUrls** hinzu und führen Sie hs project upload aus.',
      },
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/app-configuration',
    },
    {
      at: 'provider_page',
      messages: ['mismatch between the scopes'],
      cause: {
        en: 'The scopes of the integration and those of the HubSpot app differ.',
        de: 'Die Scopes der Integration und die der HubSpot-App unterscheiden sich.',
      },
      operator: {
        en: 'Request every scope of **requiredScopes**, and no scope that the app does not have. Then run hs project upload.',
        de: 'Fordern Sie jeden Scope aus **requiredScopes** an und keinen, den die App nicht hat. Führen Sie dann hs project upload aus.',
      },
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
    },
    {
      at: 'provider_page',
      cause: {
        en: 'The person may not install apps in this HubSpot account.',
        de: 'Die Person darf in diesem HubSpot-Konto keine Apps installieren.',
      },
      operator: {
        en: 'The account has to be connected by a Super Admin, or by a user with the permission **HubSpot Marketplace Access**.',
        de: 'Das Konto muss ein Super Admin verbinden oder jemand mit der Berechtigung **HubSpot Marketplace Access**.',
      },
      person: {
        en: 'Ask a Super Admin of your HubSpot account to connect it, or to give you the permission **HubSpot Marketplace Access**.',
        de: 'Bitten Sie einen Super Admin Ihres HubSpot-Kontos, es zu verbinden oder Ihnen die Berechtigung **HubSpot Marketplace Access** zu geben.',
      },
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
    },
    {
      at: 'token',
      errors: ['BAD_CLIENT_ID', 'BAD_CLIENT_SECRET', 'invalid_client'],
      cause: {
        en: 'The client id or the client secret is wrong.',
        de: 'Die Client-ID oder das Client-Secret ist falsch.',
      },
      operator: {
        en: 'Copy both again from the tab **Auth** of the app.',
        de: 'Kopieren Sie beide erneut vom Reiter **Auth** der App.',
      },
    },
    {
      at: 'token',
      errors: ['BAD_REFRESH_TOKEN'],
      cause: {
        en: 'The app was uninstalled from the HubSpot account, or its access was revoked.',
        de: 'Die App wurde aus dem HubSpot-Konto entfernt, oder ihr Zugriff wurde widerrufen.',
      },
      operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
      person: { en: 'Connect your HubSpot account again.', de: 'Verbinden Sie Ihr HubSpot-Konto neu.' },
    },
    {
      at: 'request',
      statuses: [403],
      messages: ["hasn't been granted all required scopes"],
      cause: {
        en: 'The account was connected without a scope that this request needs.',
        de: 'Das Konto wurde ohne einen Scope verbunden, den diese Anfrage braucht.',
      },
      operator: {
        en: 'Add the scope to the HubSpot app and to the integration, then let the account be reconnected.',
        de: 'Ergänzen Sie den Scope in der HubSpot-App und in der Integration und lassen Sie das Konto dann neu verbinden.',
      },
    },
  ],
}
