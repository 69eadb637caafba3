import type { ProviderGuide } from '../guide.ts'

export const githubAppGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation',
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app',
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps',
    'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps',
    'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/using-webhooks-with-github-apps',
    'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  ],
  // The words of these errors are not in the documentation.
  unverified: ['hints'],
  logo: 'github',
  color: '#181717',
  key: {
    url: 'https://github.com/settings/apps',
    steps: [
      {
        en: 'The page is **Settings**, **Developer settings**, **GitHub Apps**. Open the app, or create one with the **Permissions** that it needs, such as **Metadata** and **Issues** to read.',
        de: 'Die Seite ist **Settings**, **Developer settings**, **GitHub Apps**. Öffnen Sie die App oder legen Sie eine mit den nötigen **Permissions** an, zum Beispiel **Metadata** und **Issues** zum Lesen.',
      },
      {
        en: 'Copy the **Client ID**. Under **Private keys**, select **Generate a private key**: GitHub downloads a file, whose whole content is the private key.',
        de: 'Kopieren Sie die **Client ID**. Wählen Sie unter **Private keys** die Option **Generate a private key**: GitHub lädt eine Datei herunter, deren ganzer Inhalt der private Schlüssel ist.',
      },
      {
        en: 'Install the app with **Install App** for an account or an organization. The address of the page that follows ends with the number of the installation.',
        de: 'Installieren Sie die App mit **Install App** für ein Konto oder eine Organisation. Die Adresse der folgenden Seite endet mit der Nummer der Installation.',
      },
    ],
  },
  webhook: {
    url: 'https://github.com/settings/apps',
    steps: [
      {
        en: 'Open the app. Under **Webhook**, select **Active**, paste the webhook URL as **Webhook URL**, and enter a long random text as **Webhook secret**. Save the same text here as the webhook secret.',
        de: 'Öffnen Sie die App. Wählen Sie unter **Webhook** die Option **Active**, fügen Sie die Webhook-URL als **Webhook URL** ein und geben Sie einen langen zufälligen Text als **Webhook secret** ein. Speichern Sie denselben Text hier als Webhook-Secret.',
      },
      {
        en: 'Under **Permissions & events**, **Subscribe to events**, select the events, such as **Issues**, **Issue comment**, **Pull request** and **Repository**. The permissions decide which events there are.',
        de: 'Wählen Sie unter **Permissions & events**, **Subscribe to events** die Events, zum Beispiel **Issues**, **Issue comment**, **Pull request** und **Repository**. Von den Berechtigungen hängt ab, welche Events es gibt.',
      },
    ],
  },
  fields: {
    installation_id: {
      label: 'Installations-ID',
      description: 'Die Zahl am Ende der Adresse der Installation.',
    },
    url: {
      label: 'API-URL',
      description: 'Von github.com oder eines GitHub Enterprise Servers, etwa https://github.example.com/api/v3.',
    },
    app_id: { label: 'Client-ID oder App-ID' },
    private_key: { label: 'Privater Schlüssel' },
  },
  scopes: {},
  rateLimit: {
    words: {
      en: '5,000 requests an hour for each installation, more for those with many repositories or people, up to 12,500. 15,000 for organizations with GitHub Enterprise Cloud.',
      de: '5.000 Anfragen pro Stunde für jede Installation, mehr bei vielen Repositorys oder Personen, bis zu 12.500. 15.000 bei Organisationen mit GitHub Enterprise Cloud.',
    },
    url: 'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps',
  },
  hints: [
    {
      at: 'token',
      messages: ['A JSON web token could not be decoded'],
      cause: {
        en: 'The private key does not belong to the app, or the ID of the app is wrong.',
        de: 'Der private Schlüssel gehört nicht zur App, oder die ID der App ist falsch.',
      },
      operator: {
        en: 'Compare the **Client ID** with that of the app, and generate a new private key there if need be.',
        de: 'Vergleichen Sie die **Client ID** mit der der App und erzeugen Sie dort bei Bedarf einen neuen privaten Schlüssel.',
      },
    },
    {
      at: 'token',
      messages: ['This installation has been suspended'],
      cause: { en: 'The installation of the app is suspended.', de: 'Die Installation der App ist ausgesetzt.' },
      operator: {
        en: 'Ask an owner of the account to unsuspend the app in its settings.',
        de: 'Bitten Sie eine Person mit der Rolle Owner, die App in den Einstellungen des Kontos wieder zuzulassen.',
      },
    },
    {
      at: 'request',
      messages: ['Resource not accessible by integration'],
      cause: {
        en: 'The GitHub App lacks a permission that this request needs.',
        de: 'Der GitHub App fehlt eine Berechtigung, die diese Anfrage braucht.',
      },
      operator: {
        en: 'Add the permission in the settings of the GitHub App. The accounts that installed it have to approve the change.',
        de: 'Ergänzen Sie die Berechtigung in den Einstellungen der GitHub App. Die Konten, die sie installiert haben, müssen der Änderung zustimmen.',
      },
      url: 'https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api',
    },
  ],
}
