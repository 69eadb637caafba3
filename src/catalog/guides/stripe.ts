import type { ProviderGuide } from '../guide.ts'

export const stripeGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.stripe.com/keys',
    'https://docs.stripe.com/keys/restricted-api-keys',
    'https://docs.stripe.com/workbench/webhooks',
    'https://docs.stripe.com/rate-limits',
    'https://docs.stripe.com/error-codes',
  ],
  // The question about the purpose of a key is taken from guides of others.
  unverified: ['key'],
  logo: 'stripe',
  color: '#635bff',
  webhook: {
    url: 'https://dashboard.stripe.com/webhooks',
    steps: [
      {
        en: 'Open the **Webhooks** tab in Workbench and select **Create new destination**. Paste the webhook URL as the **Endpoint URL** when you are asked for it.',
        de: 'Öffnen Sie in Workbench die Registerkarte **Webhooks** und wählen Sie **Create new destination**. Fügen Sie die Webhook-URL als **Endpoint URL** ein, sobald danach gefragt wird.',
      },
      {
        en: 'Choose the events of connected accounts as the source, because events of your own account belong to no connection, and select the events that you want.',
        de: 'Wählen Sie als Quelle die Events verbundener Konten, denn Events Ihres eigenen Kontos gehören zu keiner Verbindung, und wählen Sie die gewünschten Events.',
      },
      {
        en: 'Select **Create destination**. Reveal the signing secret (whsec_…) of the destination and save it here as the webhook secret.',
        de: 'Wählen Sie **Create destination**. Blenden Sie das Signing Secret (whsec_…) des Ziels ein und speichern Sie es hier als Webhook-Secret.',
      },
      {
        en: 'Give each connection the id of its Stripe account (acct_…) as externalId, with an API key of the workspace.',
        de: 'Geben Sie jeder Verbindung mit einem API-Schlüssel des Workspace die ID ihres Stripe-Kontos (acct_…) als externalId.',
      },
    ],
  },
  key: {
    url: 'https://dashboard.stripe.com/apikeys',
    steps: [
      {
        en: 'Open **API keys** in the Stripe Dashboard. Check that it shows your live account and not a sandbox.',
        de: 'Öffnen Sie **API keys** im Stripe-Dashboard. Achten Sie darauf, dass Ihr Live-Konto angezeigt wird und keine Sandbox.',
      },
      {
        en: 'Select **Create restricted key**. If Stripe asks what the key is for, choose **Providing this key to another website**, enter a name and the address of the website, and select **Customize permissions for this key**. Otherwise enter a name.',
        de: 'Wählen Sie **Create restricted key**. Falls Stripe nach dem Zweck des Schlüssels fragt, wählen Sie **Providing this key to another website**, geben Sie einen Namen und die Adresse der Website ein und wählen Sie **Customize permissions for this key**. Sonst geben Sie einen Namen ein.',
      },
      {
        en: 'Choose **Read** for balance, customers, products, subscriptions, invoices and charges, **Write** only where data is to be changed, and **None** for the rest.',
        de: 'Wählen Sie **Read** für Guthaben, Kunden, Produkte, Abonnements, Rechnungen und Zahlungen, **Write** nur dort, wo Daten geändert werden sollen, und **None** für alles andere.',
      },
      {
        en: 'Create the key and copy it at once (rk_live_…). Stripe shows it only once.',
        de: 'Erstellen Sie den Schlüssel und kopieren Sie ihn sofort (rk_live_…). Stripe zeigt ihn nur einmal.',
      },
    ],
  },
  fields: {
    api_key: {
      label: 'API-Schlüssel',
      description: 'Ein geheimer Schlüssel (sk_…) oder besser ein eingeschränkter (rk_…), der nur lesen darf.',
    },
  },
  scopes: {
    'customers: read': { en: 'see your customers', de: 'Ihre Kundinnen und Kunden sehen' },
    'customers: write': {
      en: 'see, add, change and delete your customers',
      de: 'Ihre Kundinnen und Kunden sehen, anlegen, ändern und löschen',
    },
    'invoices: read': { en: 'see your invoices', de: 'Ihre Rechnungen sehen' },
  },
  rateLimit: {
    words: {
      en: 'Per account: 100 requests a second in live mode and 25 in a sandbox. Each endpoint allows 25 a second.',
      de: 'Je Konto: 100 Anfragen pro Sekunde im Live-Modus und 25 in einer Sandbox. Jeder Endpunkt erlaubt 25 pro Sekunde.',
    },
    url: 'https://docs.stripe.com/rate-limits',
  },
  hints: [
    {
      at: 'request',
      messages: ['Invalid API Key provided'],
      cause: {
        en: 'Stripe does not know the key: it is incomplete or was deleted.',
        de: 'Stripe kennt den Schlüssel nicht: Er ist unvollständig oder wurde gelöscht.',
      },
      operator: {
        en: 'Let the key be entered again, or a new one be created.',
        de: 'Lassen Sie den Schlüssel noch einmal eingeben oder einen neuen erstellen.',
      },
      person: {
        en: 'Copy the key again from **API keys** in the Stripe Dashboard, or create a new one.',
        de: 'Kopieren Sie den Schlüssel noch einmal aus **API keys** im Stripe-Dashboard oder erstellen Sie einen neuen.',
      },
      url: 'https://docs.stripe.com/keys',
    },
    {
      at: 'request',
      messages: ['Expired API Key provided'],
      cause: {
        en: 'The key has expired or was replaced.',
        de: 'Der Schlüssel ist abgelaufen oder wurde ersetzt.',
      },
      operator: {
        en: 'Let a new key be created and entered.',
        de: 'Lassen Sie einen neuen Schlüssel erstellen und eingeben.',
      },
      person: {
        en: 'Create a new key in the Stripe Dashboard and enter it.',
        de: 'Erstellen Sie im Stripe-Dashboard einen neuen Schlüssel und geben Sie ihn ein.',
      },
      url: 'https://docs.stripe.com/error-codes#api-key-expired',
    },
    {
      at: 'request',
      messages: ['does not have the required permissions for this endpoint'],
      cause: {
        en: 'The restricted key lacks a permission that this request needs.',
        de: 'Dem eingeschränkten Schlüssel fehlt eine Berechtigung, die diese Anfrage braucht.',
      },
      operator: {
        en: 'The message names the permission, such as rak_balance_read. It has to be added to the key in the Stripe Dashboard.',
        de: 'Die Meldung nennt die Berechtigung, etwa rak_balance_read. Sie muss im Stripe-Dashboard beim Schlüssel ergänzt werden.',
      },
      person: {
        en: 'Edit the key under **API keys** and allow what the message names.',
        de: 'Bearbeiten Sie den Schlüssel unter **API keys** und erlauben Sie, was die Meldung nennt.',
      },
      url: 'https://docs.stripe.com/keys/restricted-api-keys',
    },
    {
      at: 'request',
      messages: ['does not allow requests from your IP address'],
      cause: {
        en: 'The key is limited to IP addresses that do not include this server.',
        de: 'Der Schlüssel ist auf IP-Adressen beschränkt, zu denen dieser Server nicht gehört.',
      },
      operator: {
        en: 'Tell the person the address from which your server sends requests, so that they can allow it for the key.',
        de: 'Nennen Sie der Person die Adresse, von der Ihr Server Anfragen sendet, damit sie diese beim Schlüssel erlaubt.',
      },
      person: {
        en: 'Remove the limit of IP addresses from the key, or allow the address of the service.',
        de: 'Entfernen Sie die Beschränkung auf IP-Adressen vom Schlüssel, oder erlauben Sie die Adresse des Dienstes.',
      },
    },
  ],
}
