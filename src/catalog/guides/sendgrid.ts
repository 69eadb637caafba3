import type { ProviderGuide } from '../guide.ts'

export const sendgridGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys',
    'https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions',
    'https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits',
    'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity',
  ],
  logo: null,
  color: '#1a82e2',
  key: {
    url: 'https://app.sendgrid.com/settings/api_keys',
    steps: [
      {
        en: 'Open **Settings** and **API Keys**, and select **Create API Key**.',
        de: 'Öffnen Sie **Settings** und **API Keys** und wählen Sie **Create API Key**.',
      },
      {
        en: 'Enter a name and choose **Custom Access**.',
        de: 'Geben Sie einen Namen ein und wählen Sie **Custom Access**.',
      },
      {
        en: 'Choose **Read Access** for **Suppressions** and **Marketing**. Choose **Full Access** for **Mail Send** if emails are to be sent, and for **Marketing** if contacts are to be changed. Leave the rest at **No Access**.',
        de: 'Wählen Sie **Read Access** für **Suppressions** und **Marketing**. Wählen Sie **Full Access** für **Mail Send**, wenn E-Mails gesendet, und für **Marketing**, wenn Kontakte geändert werden sollen. Lassen Sie alles andere auf **No Access**.',
      },
      {
        en: 'Create the key and copy it at once. SendGrid shows it only once. It begins with SG. and has 69 characters.',
        de: 'Erstellen Sie den Schlüssel und kopieren Sie ihn sofort. SendGrid zeigt ihn nur einmal. Er beginnt mit SG. und hat 69 Zeichen.',
      },
    ],
  },
  fields: { api_key: { label: 'API-Schlüssel' } },
  scopes: {
    'Mail Send': { en: 'send emails in your name', de: 'in Ihrem Namen E-Mails senden' },
    Marketing: {
      en: 'see, add, change and delete your marketing contacts and lists',
      de: 'Ihre Marketing-Kontakte und -Listen sehen, anlegen, ändern und löschen',
    },
  },
  // The documentation names the headers of the limit and no numbers.
  rateLimit: null,
  hints: [
    {
      at: 'request',
      messages: ['authorization grant is invalid, expired, or revoked'],
      cause: {
        en: 'The key is incomplete or was deleted.',
        de: 'Der Schlüssel ist unvollständig oder wurde gelöscht.',
      },
      operator: {
        en: 'Let the key be entered again, or a new one be created.',
        de: 'Lassen Sie den Schlüssel noch einmal eingeben oder einen neuen erstellen.',
      },
      person: {
        en: 'Create a new key under **Settings** and **API Keys**. What the list shows there is the id of a key and not the key.',
        de: 'Erstellen Sie unter **Settings** und **API Keys** einen neuen Schlüssel. Die Liste dort zeigt die ID eines Schlüssels und nicht den Schlüssel.',
      },
      url: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys',
    },
    {
      at: 'request',
      messages: ['access forbidden'],
      cause: {
        en: 'The key lacks a permission that this request needs.',
        de: 'Dem Schlüssel fehlt eine Berechtigung, die diese Anfrage braucht.',
      },
      operator: {
        en: 'The permission has to be added to the key, such as **Suppressions**, **Marketing** or **Mail Send**.',
        de: 'Die Berechtigung muss beim Schlüssel ergänzt werden, etwa **Suppressions**, **Marketing** oder **Mail Send**.',
      },
      person: {
        en: 'Edit the key under **Settings** and **API Keys** and allow what is missing.',
        de: 'Bearbeiten Sie den Schlüssel unter **Settings** und **API Keys** und erlauben Sie, was fehlt.',
      },
      url: 'https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions',
    },
    {
      at: 'request',
      messages: ['does not match a verified Sender Identity'],
      cause: {
        en: 'The sender of the email is not verified in the SendGrid account.',
        de: 'Der Absender der E-Mail ist im SendGrid-Konto nicht verifiziert.',
      },
      operator: {
        en: 'Use an address that the account has verified under **Sender Authentication**.',
        de: 'Verwenden Sie eine Adresse, die das Konto unter **Sender Authentication** verifiziert hat.',
      },
      person: {
        en: 'Verify the sender under **Settings** and **Sender Authentication**.',
        de: 'Verifizieren Sie den Absender unter **Settings** und **Sender Authentication**.',
      },
      url: 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity',
    },
    {
      at: 'request',
      messages: ['IP Address is not whitelisted'],
      cause: {
        en: 'The account accepts requests from certain IP addresses only, and this server is not among them.',
        de: 'Das Konto nimmt nur Anfragen von bestimmten IP-Adressen an, zu denen dieser Server nicht gehört.',
      },
      operator: {
        en: 'Tell the person the address from which your server sends requests.',
        de: 'Nennen Sie der Person die Adresse, von der Ihr Server Anfragen sendet.',
      },
      person: {
        en: 'Add the address of the service under **Settings** and **IP Access Management**.',
        de: 'Ergänzen Sie die Adresse des Dienstes unter **Settings** und **IP Access Management**.',
      },
      url: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/ip-access-management',
    },
  ],
}
