import type { ProviderGuide } from '../guide.ts'

export const quickbooksGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developer.intuit.com/app/developer/qbo/docs/get-started/app-settings',
    'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/set-redirect-uri',
    'https://developer.intuit.com/app/developer/qbo/docs/get-started/get-client-id-and-client-secret',
    'https://developer.intuit.com/app/developer/qbo/docs/go-live/publish-app',
    'https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks/configure-webhooks',
    'https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/oauth-errors',
    'https://developer.intuit.com/app/developer/qbo/docs/learn/scopes',
    'https://developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles',
  ],
  logo: 'quickbooks',
  color: '#2ca01c',
  app: {
    url: 'https://developer.intuit.com/dashboard',
    steps: [
      {
        en: 'Open **My Hub** and **App dashboard**, and add an app for **QuickBooks Online and Payments**. Enter a name and select the permission **com.intuit.quickbooks.accounting**.',
        de: 'Öffnen Sie **My Hub** und **App dashboard** und legen Sie eine App für **QuickBooks Online and Payments** an. Geben Sie einen Namen ein und wählen Sie die Berechtigung **com.intuit.quickbooks.accounting**.',
      },
      {
        en: 'Open the app, **Settings** and the tab **Redirect URIs**. Choose **Production**, select **Add URI**, paste the callback URL, and save it.',
        de: 'Öffnen Sie die App, **Settings** und die Registerkarte **Redirect URIs**. Wählen Sie **Production** und **Add URI**, fügen Sie die Callback-URL ein und speichern Sie.',
      },
      {
        en: 'Open **Keys and credentials**, choose **Production**, and fill in **App Details**: licence agreement, privacy policy, host domain, launch URL, categories and regions.',
        de: 'Öffnen Sie **Keys and credentials**, wählen Sie **Production** und füllen Sie **App Details** aus: Lizenzvertrag, Datenschutzerklärung, Host-Domain, Launch-URL, Kategorien und Regionen.',
      },
      {
        en: 'Select **Compliance**, then **Start Questionnaire**. Intuit approves the app by your answers.',
        de: 'Wählen Sie **Compliance** und dann **Start Questionnaire**. Anhand Ihrer Antworten gibt Intuit die App frei.',
      },
      {
        en: 'After the approval, turn on **Show Credentials** under **Production** and copy **Client ID** and **Client secret**. Those under **Development** work with sandbox companies only: for them, use an integration of its own and connect with the environment sandbox.',
        de: 'Schalten Sie nach der Freigabe unter **Production** **Show Credentials** ein und kopieren Sie **Client ID** und **Client secret**. Die Werte unter **Development** gelten nur für Sandbox-Unternehmen: Verwenden Sie für diese eine eigene Integration und verbinden Sie mit der Umgebung sandbox.',
      },
    ],
  },
  webhook: {
    url: 'https://developer.intuit.com/dashboard',
    steps: [
      {
        en: 'Open the app under **My Hub** and **App dashboard**, then **Webhooks**, and choose **Production**.',
        de: 'Öffnen Sie die App unter **My Hub** und **App dashboard**, dann **Webhooks**, und wählen Sie **Production**.',
      },
      {
        en: 'Paste the webhook URL as the endpoint URL, select the events that you want, and save. It can take up to five minutes until the first event arrives.',
        de: 'Fügen Sie die Webhook-URL als Endpunkt-URL ein, wählen Sie die gewünschten Events und speichern Sie. Bis zum ersten Event kann es fünf Minuten dauern.',
      },
      {
        en: 'If the page asks for the format of the payload, choose **CloudEvents**.',
        de: 'Wenn die Seite nach dem Format der Nutzdaten fragt, wählen Sie **CloudEvents**.',
      },
      {
        en: 'Show the verifier token, copy it, and save it here as the webhook secret. It is not the client secret.',
        de: 'Blenden Sie das Verifier Token ein, kopieren Sie es und speichern Sie es hier als Webhook-Secret. Es ist nicht das Client-Secret.',
      },
    ],
  },
  fields: {
    environment: {
      label: 'Umgebung',
      description: 'production, oder sandbox für die Testunternehmen eines Entwicklerkontos. Standard: production.',
    },
  },
  scopes: {
    'com.intuit.quickbooks.accounting': {
      en: 'read, create, change and delete the accounting data of your QuickBooks company',
      de: 'die Buchhaltungsdaten Ihres QuickBooks-Unternehmens lesen, anlegen, ändern und löschen',
    },
  },
  rateLimit: {
    words: {
      en: 'Per company: 500 requests a minute. Per company and app: 10 a second. Apps in the Builder tier have 500,000 CorePlus calls a month.',
      de: 'Je Unternehmen: 500 Anfragen pro Minute. Je Unternehmen und App: 10 pro Sekunde. Apps der Stufe Builder haben 500.000 CorePlus-Aufrufe im Monat.',
    },
    url: 'https://developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles',
  },
  hints: [
    {
      at: 'provider_page',
      messages: ['The redirect_uri query parameter value is invalid'],
      cause: {
        en: 'The callback URL is not registered for the keys of this client ID.',
        de: 'Die Callback-URL ist für die Schlüssel dieser Client-ID nicht eingetragen.',
      },
      operator: {
        en: 'Add the callback URL under **Settings** and **Redirect URIs**, for **Production**, exactly as it is.',
        de: 'Tragen Sie die Callback-URL zeichengenau unter **Settings** bei **Redirect URIs** für **Production** ein.',
      },
      url: 'https://developer.intuit.com/app/developer/qbo/docs/get-started/app-settings',
    },
    {
      at: 'provider_page',
      cause: {
        en: 'The list of companies is empty: the app has another permission, or the subscription of the company has expired.',
        de: 'Die Liste der Unternehmen ist leer: Die App hat eine andere Berechtigung, oder das Abonnement des Unternehmens ist abgelaufen.',
      },
      operator: {
        en: 'Open **Permissions** of the app and select **com.intuit.quickbooks.accounting**. Ask the person to check their subscription.',
        de: 'Öffnen Sie **Permissions** der App und wählen Sie **com.intuit.quickbooks.accounting**. Bitten Sie die Person, ihr Abonnement zu prüfen.',
      },
      person: {
        en: 'Sign in to QuickBooks Online and check that the subscription of your company has not expired.',
        de: 'Melden Sie sich bei QuickBooks Online an und prüfen Sie, ob das Abonnement Ihres Unternehmens noch läuft.',
      },
      url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/oauth-errors',
    },
    {
      at: 'token',
      errors: ['invalid_client'],
      cause: {
        en: 'The client ID or the client secret is wrong.',
        de: 'Client-ID oder Client-Secret ist falsch.',
      },
      operator: {
        en: 'Copy both again from **Keys and credentials** of the app, under **Production**.',
        de: 'Kopieren Sie beide noch einmal aus **Keys and credentials** der App, unter **Production**.',
      },
    },
    {
      at: 'token',
      errors: ['invalid_grant'],
      cause: {
        en: 'The access was revoked in QuickBooks, or the refresh token has expired.',
        de: 'Der Zugriff wurde in QuickBooks widerrufen, oder das Refresh-Token ist abgelaufen.',
      },
      operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
      person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
      url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq',
    },
    {
      at: 'request',
      messages: ['AuthorizationFailed'],
      cause: {
        en: 'The token does not give access to this company: it belongs to the other environment (production or sandbox), or the app was disconnected there.',
        de: 'Das Token gibt keinen Zugriff auf dieses Unternehmen: Es gehört zur anderen Umgebung (Produktion oder Sandbox), oder die App wurde dort getrennt.',
      },
      operator: {
        en: 'Use the client of **Production** for companies, and that of **Development** for sandbox companies, which are connected with the environment sandbox. Then let the account be reconnected.',
        de: 'Verwenden Sie für Unternehmen den Client aus **Production** und für Sandbox-Unternehmen, die mit der Umgebung sandbox verbunden werden, den aus **Development**. Lassen Sie das Konto dann neu verbinden.',
      },
      person: {
        en: 'Connect the account again and choose your company.',
        de: 'Verbinden Sie das Konto neu und wählen Sie Ihr Unternehmen.',
      },
    },
  ],
}
