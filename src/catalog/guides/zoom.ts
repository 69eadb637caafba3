import type { ProviderGuide } from '../guide.ts'

export const zoomGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developers.zoom.us/docs/build-flow/create-oauth-apps/',
    'https://developers.zoom.us/docs/build-flow/basic-info/app-credentials/',
    'https://developers.zoom.us/docs/platform/key-concepts/',
    'https://developers.zoom.us/docs/api/webhooks/',
    'https://developers.zoom.us/docs/api/rate-limits/',
    'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
  ],
  logo: 'zoom',
  color: '#0b5cff',
  app: {
    url: 'https://marketplace.zoom.us/',
    steps: [
      {
        en: 'Sign in, select **Develop** and **Build App**, choose **General app**, and select **Create**. Your role in the Zoom account needs the right **Zoom for developers**.',
        de: 'Melden Sie sich an, wählen Sie **Develop** und **Build App**, dann **General app** und **Create**. Ihre Rolle im Zoom-Konto muss das Recht **Zoom for developers** haben.',
      },
      {
        en: 'On the page **Basic Information**, paste the callback URL as the **OAuth Redirect URL**, and add it to the **OAuth Allow Lists** too.',
        de: 'Fügen Sie auf der Seite **Basic Information** die Callback-URL als **OAuth Redirect URL** ein und tragen Sie sie auch in die **OAuth Allow Lists** ein.',
      },
      {
        en: 'Under **Select how the app is managed**, choose **Admin-managed** if the list of all users of an account is to be read, which only its administrators can allow; otherwise choose **User-managed**.',
        de: 'Wählen Sie unter **Select how the app is managed** die Option **Admin-managed**, wenn die Liste aller Nutzer eines Kontos gelesen werden soll, was nur dessen Administration erlauben kann; sonst **User-managed**.',
      },
      {
        en: 'Open **Scopes**, select **Add Scopes**, and add each scope that is listed here. People are asked for all scopes of the app. An admin-managed app has them with **:admin** at the end, such as user:read:list_users:admin.',
        de: 'Öffnen Sie **Scopes**, wählen Sie **Add Scopes** und fügen Sie jeden hier genannten Scope hinzu. Personen müssen allen Scopes der App zustimmen. In einer App mit **Admin-managed** enden sie auf **:admin**, wie user:read:list_users:admin.',
      },
      {
        en: 'On **Basic Information**, copy **Client ID** and **Client Secret**. There is one pair for **Development**, which works for users of your own Zoom account only, and one for **Production**.',
        de: 'Kopieren Sie auf **Basic Information** die **Client ID** und das **Client Secret**. Es gibt ein Paar für **Development**, das nur bei Nutzern Ihres eigenen Zoom-Kontos funktioniert, und eines für **Production**.',
      },
      {
        en: 'To connect other Zoom accounts, submit the app for review, publish it, also unlisted, and enter the credentials of **Production**. Before that, a beta app can be shared with a limited number of users.',
        de: 'Um andere Zoom-Konten zu verbinden, reichen Sie die App zur Prüfung ein, veröffentlichen sie, auch ungelistet, und tragen die Zugangsdaten von **Production** ein. Vorher kann eine Beta-App mit einer begrenzten Zahl von Nutzern geteilt werden.',
      },
    ],
  },
  webhook: {
    url: 'https://marketplace.zoom.us/',
    steps: [
      {
        en: 'Select **Manage**, open your app, and open **Features** and **Access**. Copy the **Secret Token** and save it here as the webhook secret.',
        de: 'Wählen Sie **Manage**, öffnen Sie Ihre App und darin **Features** und **Access**. Kopieren Sie den **Secret Token** und speichern Sie ihn hier als Webhook-Secret.',
      },
      {
        en: 'Turn on **Event Subscriptions**, select **Add New Event Subscription**, choose the events, and select **Done**.',
        de: 'Schalten Sie **Event Subscriptions** ein, wählen Sie **Add New Event Subscription**, wählen Sie die Events und dann **Done**.',
      },
      {
        en: 'Paste the webhook URL as the **Event notification endpoint URL**, validate it, and select **Save**.',
        de: 'Fügen Sie die Webhook-URL als **Event notification endpoint URL** ein, lassen Sie sie prüfen und wählen Sie **Save**.',
      },
    ],
  },
  scopes: {
    'user:read:user': { en: 'read your profile', de: 'Ihr Profil lesen' },
    'user:read:list_users:admin': {
      en: 'read the list of all users of the Zoom account',
      de: 'die Liste aller Nutzer des Zoom-Kontos lesen',
    },
    'meeting:read:list_meetings': { en: 'see the list of your meetings', de: 'die Liste Ihrer Meetings sehen' },
    'meeting:read:meeting': { en: 'read the details of your meetings', de: 'die Einzelheiten Ihrer Meetings lesen' },
    'meeting:write:meeting': { en: 'create meetings for you', de: 'Meetings für Sie anlegen' },
    'meeting:delete:meeting': { en: 'delete your meetings', de: 'Ihre Meetings löschen' },
  },
  rateLimit: {
    words: {
      en: 'A Zoom account has, for light, medium and heavy requests of all its apps together, 4, 2 and 1 a second on the free plan, 30, 20 and 10 on Pro, and 80, 60 and 40 on Business and above.',
      de: 'Ein Zoom-Konto hat für leichte, mittlere und schwere Anfragen aller seiner Apps zusammen 4, 2 und 1 pro Sekunde im kostenlosen Tarif, 30, 20 und 10 in Pro und 80, 60 und 40 ab Business.',
    },
    url: 'https://developers.zoom.us/docs/api/rate-limits/',
  },
  hints: [
    {
      at: 'provider_page',
      messages: ['Invalid redirect'],
      cause: {
        en: 'The callback URL is not that of the Zoom app, or is missing in its allow list.',
        de: 'Die Callback-URL ist nicht die der Zoom-App oder fehlt in deren Allow List.',
      },
      operator: {
        en: 'On **Basic Information**, enter the callback URL under **OAuth Redirect URL** and **OAuth Allow Lists**, to the character and for the same environment as the client id.',
        de: 'Tragen Sie die Callback-URL auf **Basic Information** unter **OAuth Redirect URL** und **OAuth Allow Lists** zeichengenau und für dieselbe Umgebung wie die Client-ID ein.',
      },
    },
    {
      at: 'token',
      messages: ['Redirect URI mismatch'],
      cause: {
        en: 'The callback URL is not the one that is registered in the Zoom app.',
        de: 'Die Callback-URL ist nicht die, die in der Zoom-App eingetragen ist.',
      },
      operator: {
        en: 'On **Basic Information**, enter the callback URL under **OAuth Redirect URL** and **OAuth Allow Lists**, to the character.',
        de: 'Tragen Sie die Callback-URL auf **Basic Information** zeichengenau unter **OAuth Redirect URL** und **OAuth Allow Lists** ein.',
      },
      url: 'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
    },
    {
      at: 'token',
      errors: ['invalid_client'],
      cause: {
        en: 'The client id or the client secret is wrong, or one is of Development and the other of Production.',
        de: 'Die Client-ID oder das Client-Secret ist falsch, oder eines gehört zu Development und das andere zu Production.',
      },
      operator: {
        en: 'Copy both from the same tab of **Basic Information**.',
        de: 'Kopieren Sie beide aus demselben Reiter von **Basic Information**.',
      },
      url: 'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
    },
    {
      at: 'token',
      messages: ['app has been disabled'],
      cause: { en: 'The Zoom app is disabled.', de: 'Die Zoom-App ist deaktiviert.' },
      operator: {
        en: 'Look in the Zoom App Marketplace why the app is disabled, and enable it again.',
        de: 'Sehen Sie im Zoom App Marketplace nach, warum die App deaktiviert ist, und aktivieren Sie sie wieder.',
      },
      url: 'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
    },
    {
      at: 'token',
      errors: ['invalid_grant'],
      messages: ['Invalid Token'],
      cause: {
        en: 'The access has ended: the app was removed from the Zoom account, or the access was not used for 90 days.',
        de: 'Der Zugriff ist beendet: Die App wurde aus dem Zoom-Konto entfernt, oder der Zugriff wurde 90 Tage nicht genutzt.',
      },
      operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
      person: { en: 'Connect your Zoom account again.', de: 'Verbinden Sie Ihr Zoom-Konto neu.' },
    },
    {
      at: 'request',
      messages: ['does not contain scopes'],
      cause: {
        en: 'When the account was connected, the app did not have a scope that this request needs.',
        de: 'Als das Konto verbunden wurde, hatte die App einen Scope nicht, den diese Anfrage braucht.',
      },
      operator: {
        en: 'Add the scope under **Scopes** in the Zoom app, then let the account be reconnected. Only an admin-managed app has the scope for the list of users; leave that stream out of others.',
        de: 'Ergänzen Sie den Scope in der Zoom-App unter **Scopes** und lassen Sie das Konto dann neu verbinden. Den Scope für die Liste der Nutzer hat nur eine App mit **Admin-managed**; lassen Sie diesen Stream bei anderen weg.',
      },
    },
  ],
}
