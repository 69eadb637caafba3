import type { ProviderGuide } from '../guide.ts'

export const squareGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developer.squareup.com/docs/oauth-api/create-urls-for-square-authorization',
    'https://developer.squareup.com/docs/oauth-api/movetoprod',
    'https://developer.squareup.com/docs/oauth-api/square-permissions',
    'https://developer.squareup.com/reference/square/oauth-api/authorize',
    'https://developer.squareup.com/docs/webhooks/step2subscribe',
    'https://developer.squareup.com/docs/webhooks/movetoprod',
    'https://developer.squareup.com/docs/build-basics/handling-errors',
  ],
  logo: 'square',
  color: '#3e4348',
  app: {
    url: 'https://developer.squareup.com/apps',
    steps: [
      {
        en: 'Sign in to the Developer Console and select **+** to create an application. Enter a name and finish the dialog.',
        de: 'Melden Sie sich bei der Developer Console an und wählen Sie **+**, um eine Anwendung anzulegen. Geben Sie einen Namen ein und schließen Sie den Dialog ab.',
      },
      {
        en: 'Open the application and **OAuth**. At the top, switch from **Sandbox** to **Production**. Paste the callback URL as **Production Redirect URL** and save it.',
        de: 'Öffnen Sie die Anwendung und dort **OAuth**. Schalten Sie oben von **Sandbox** auf **Production** um. Fügen Sie die Callback-URL als **Production Redirect URL** ein und speichern Sie.',
      },
      {
        en: 'On the same page, copy **Production Application ID**, which is the client ID, and **Production Application Secret**, which is the client secret. Those of the sandbox do not work here.',
        de: 'Kopieren Sie auf derselben Seite die **Production Application ID**, das ist die Client-ID, und das **Production Application Secret**, das ist das Client-Secret. Die Werte der Sandbox funktionieren hier nicht.',
      },
    ],
  },
  webhook: {
    url: 'https://developer.squareup.com/apps',
    steps: [
      {
        en: 'Open the application and choose **Production** at the top. Under **Webhooks**, select **Subscriptions** and then **Add subscription**.',
        de: 'Öffnen Sie die Anwendung und schalten Sie oben auf **Production** um. Wählen Sie unter **Webhooks** den Punkt **Subscriptions** und dann **Add subscription**.',
      },
      {
        en: 'Enter a name and the webhook URL, choose an API version and the events that you want, such as customer.updated and payment.updated, and select **Save**.',
        de: 'Geben Sie einen Namen und die Webhook-URL ein, wählen Sie eine API-Version und die gewünschten Events, etwa customer.updated und payment.updated, und wählen Sie **Save**.',
      },
      {
        en: 'Open the new subscription, select **Show** beside **Signature Key**, copy the key, and save it here as the webhook secret.',
        de: 'Öffnen Sie das neue Abonnement, wählen Sie neben **Signature Key** **Show**, kopieren Sie den Schlüssel und speichern Sie ihn hier als Webhook-Secret.',
      },
    ],
  },
  scopes: {
    MERCHANT_PROFILE_READ: {
      en: 'see your business profile and your locations',
      de: 'Ihr Unternehmensprofil und Ihre Standorte sehen',
    },
    CUSTOMERS_READ: {
      en: 'see your customers and their contact details',
      de: 'Ihre Kundinnen und Kunden mit ihren Kontaktdaten sehen',
    },
    CUSTOMERS_WRITE: {
      en: 'add, change and delete your customers',
      de: 'Ihre Kundinnen und Kunden anlegen, ändern und löschen',
    },
    PAYMENTS_READ: {
      en: 'see your payments and refunds',
      de: 'Ihre Zahlungen und Erstattungen sehen',
    },
  },
  rateLimit: null,
  hints: [
    {
      at: 'provider_page',
      cause: {
        en: 'Square shows an error instead of the permissions, because the callback URL or the application ID is not that of the production application.',
        de: 'Square zeigt einen Fehler statt der Berechtigungen, weil Callback-URL oder Application ID nicht zur produktiven Anwendung passen.',
      },
      operator: {
        en: 'Check **Production Redirect URL** character by character, and that the client ID is the **Production Application ID**.',
        de: 'Prüfen Sie zeichengenau die **Production Redirect URL** und dass die Client-ID die **Production Application ID** ist.',
      },
      url: 'https://developer.squareup.com/docs/oauth-api/create-urls-for-square-authorization',
    },
    {
      at: 'consent',
      messages: ['user_denied'],
      cause: {
        en: 'The seller declined the permissions at Square.',
        de: 'Die Berechtigungen wurden bei Square abgelehnt.',
      },
      operator: {
        en: 'Let the account be connected again.',
        de: 'Lassen Sie das Konto noch einmal verbinden.',
      },
      person: {
        en: 'Connect again and select **Allow** at Square.',
        de: 'Verbinden Sie noch einmal und wählen Sie bei Square **Allow**.',
      },
      url: 'https://developer.squareup.com/reference/square/oauth-api/authorize',
    },
    {
      at: 'request',
      messages: ['has not given your application sufficient permissions'],
      cause: {
        en: 'The seller did not grant a permission that this request needs.',
        de: 'Eine Berechtigung, die diese Anfrage braucht, wurde nicht erteilt.',
      },
      operator: {
        en: 'Add the permission to the scopes of the integration, then let the account be reconnected.',
        de: 'Ergänzen Sie die Berechtigung bei den Scopes der Integration und lassen Sie das Konto dann neu verbinden.',
      },
      person: {
        en: 'Connect the account again and allow all permissions.',
        de: 'Verbinden Sie das Konto neu und erlauben Sie alle Berechtigungen.',
      },
    },
    {
      at: 'request',
      messages: ['This request could not be authorized'],
      cause: {
        en: 'Square does not accept the access token: it is revoked, expired, or one of the sandbox.',
        de: 'Square nimmt das Zugriffstoken nicht an: Es ist widerrufen, abgelaufen oder stammt aus der Sandbox.',
      },
      operator: {
        en: 'Let the account be reconnected. A token that you supply yourself has to be one of production.',
        de: 'Lassen Sie das Konto neu verbinden. Ein Token, das Sie selbst übergeben, muss aus der Produktion stammen.',
      },
      person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
      url: 'https://developer.squareup.com/docs/build-basics/handling-errors',
    },
  ],
}
