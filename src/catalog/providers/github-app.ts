import { githubRateLimits, githubWebhook } from '../families/github.ts'
import type { ProviderFile } from '../provider-file.ts'

/** Acts as the app itself, in one installation, and not for a person. */
export const provider: ProviderFile = {
  aliases: ['gh app', 'github installation', 'github bot'],
  logo: 'github',
  color: '#181717',
  sources: [
    {
      url: 'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/using-webhooks-with-github-apps',
      read: '2026-11-29',
    },
    { url: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango knows github.com only. The same endpoints are at the URL of a GitHub Enterprise Server.',
    },
    { url: 'https://github.com/octokit/webhooks-methods.js', read: '2026-11-29', second: true },
  ],
  // The words of these errors are not in the documentation.
  unverified: ['hints'],
  definition: {
    displayName: 'GitHub App',
    docsUrl:
      'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation',
    categories: ['developer tools'],
    baseUrl: '{{ input.url }}',
    inputFields: [
      {
        name: 'installation_id',
        label: 'Installation ID',
        description: 'The number at the end of the address of the installation.',
        required: true,
        pattern: '[0-9]{1,18}',
        example: '42',
      },
      {
        name: 'url',
        label: 'API URL',
        description: 'Of github.com, or of a GitHub Enterprise Server, such as https://github.example.com/api/v3.',
        required: true,
        pattern: 'https?://.+',
        example: 'https://api.github.com',
      },
    ],
    auth: {
      type: 'session_token',
      fields: [
        { name: 'app_id', label: 'Client ID or App ID', required: true, example: 'Iv23liABCDEF' },
        { name: 'private_key', label: 'Private key', secret: true, required: true },
      ],
      login: {
        url: '{{ input.url }}/app/installations/{{ input.installation_id }}/access_tokens',
        method: 'POST',
        headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
        // `iat` 60 seconds in the past against differing clocks, and `exp` at most ten minutes from now (docs.github.com/en/apps/creating-github-apps/
        // authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app). Ten minutes apart, for a clock that is behind.
        auth: {
          type: 'jwt',
          algorithm: 'RS256',
          key: '{{ config.private_key }}',
          lifetime: 'PT9M',
          claims: { iss: '{{ config.app_id }}', iat: '{{ now - 60 }}' },
          fields: [],
        },
      },
      tokenPath: ['token'],
      // After one hour.
      expiry: { path: ['expires_at'], format: 'iso8601' },
      placement: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
    },
    headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
    responseErrors: githubRateLimits,
    // docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, docs.github.com/webhooks/webhook-events-and-payloads
    webhook: { ...githubWebhook, connection: { value: 'body.installation.id', equals: 'input.installation_id' } },
    testRequest: { path: '/installation/repositories?per_page=1' },
    streams: [
      {
        name: 'repositories',
        path: '/installation/repositories',
        query: { per_page: '100' },
        recordsPath: ['repositories'],
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'issues',
        parent: { stream: 'repositories' },
        path: '/repos/{{ parent.owner.login }}/{{ parent.name }}/issues',
        query: { per_page: '100', state: 'all' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
    ],
  },
  guide: {
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
    events: ['issues', 'issue_comment', 'pull_request', 'repository', 'installation', 'installation_repositories'],
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
  },
}
