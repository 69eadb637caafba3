import type { ProviderGuide } from '../guide.ts'

export const greenhouseGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://harvestdocs.greenhouse.io/docs/authentication',
    'https://harvestdocs.greenhouse.io/docs/api-rate-limiting',
    'https://support.greenhouse.io/hc/en-us/articles/115000521723-Manage-Harvest-API-key-permissions',
  ],
  unverified: ['rateLimit'],
  logo: 'greenhouse',
  color: '#24a47f',
  key: {
    url: 'https://app.greenhouse.io/',
    steps: [
      {
        en: 'As a site admin, select the **Configure** icon, then **Dev Center** and **API Credential Management**.',
        de: 'Wählen Sie als Site Admin das Symbol **Configure**, dann **Dev Center** und **API Credential Management**.',
      },
      {
        en: 'Select **Create new API credentials**. As the API type, choose **Harvest V3 (OAuth)**, as the partner the service that you connect, or else **unlisted vendor**, and enter a description.',
        de: 'Wählen Sie **Create new API credentials**. Wählen Sie als API-Typ **Harvest V3 (OAuth)**, als Partner den Dienst, den Sie verbinden, sonst **unlisted vendor**, und geben Sie eine Beschreibung ein.',
      },
      {
        en: 'Select **View and store credentials**, copy the client ID and the client secret, and confirm with **I have stored the client credentials**. The secret is shown only once.',
        de: 'Wählen Sie **View and store credentials**, kopieren Sie die Client-ID und das Client-Secret und bestätigen Sie mit **I have stored the client credentials**. Das Secret wird nur einmal angezeigt.',
      },
      {
        en: 'Allow the lists of candidates, applications, jobs and users, and select **Save**.',
        de: 'Erlauben Sie die Listen der Kandidaten, Bewerbungen, Stellen und Benutzer und wählen Sie **Save**.',
      },
      {
        en: 'Do not create a key of the type **Harvest**: Greenhouse announced the end of its versions 1 and 2 for 31 August 2026.',
        de: 'Legen Sie keinen Schlüssel vom Typ **Harvest** an: Für dessen Versionen 1 und 2 hat Greenhouse das Ende zum 31. August 2026 angekündigt.',
      },
    ],
  },
  fields: {
    client_id: { label: 'Client-ID' },
    client_secret: { label: 'Client-Secret' },
    api_key: { label: 'API-Schlüssel' },
  },
  options: {
    client: 'Client der Harvest API Version 3',
    api_key: 'Schlüssel der Harvest API Version 1, Ende angekündigt zum 31. August 2026',
  },
  scopes: {
    'harvest:candidates:list': {
      en: 'see the candidates of your organization',
      de: 'die Kandidatinnen und Kandidaten Ihrer Organisation sehen',
    },
    'harvest:applications:list': {
      en: 'see the applications to your jobs',
      de: 'die Bewerbungen auf Ihre Stellen sehen',
    },
    'harvest:jobs:list': { en: 'see your jobs', de: 'Ihre Stellen sehen' },
  },
  rateLimit: null,
  hints: [
    {
      at: 'token',
      errors: ['invalid_client'],
      cause: {
        en: 'The client ID or the client secret is wrong, or the credential was revoked.',
        de: 'Client-ID oder Client-Secret ist falsch, oder die Zugangsdaten wurden widerrufen.',
      },
      operator: {
        en: 'Let new credentials of the type **Harvest V3 (OAuth)** be created and entered.',
        de: 'Lassen Sie neue Zugangsdaten vom Typ **Harvest V3 (OAuth)** anlegen und eingeben.',
      },
      person: {
        en: 'Copy both values again. The secret is shown only once: create new credentials if you no longer have it.',
        de: 'Kopieren Sie beide Werte noch einmal. Das Secret wird nur einmal angezeigt: Legen Sie neue Zugangsdaten an, wenn Sie es nicht mehr haben.',
      },
      url: 'https://harvestdocs.greenhouse.io/docs/authentication',
    },
    {
      at: 'request',
      statuses: [403],
      cause: {
        en: 'The credential lacks the permission for this request, or the IP address of this server is not allowed.',
        de: 'Den Zugangsdaten fehlt die Berechtigung für diese Anfrage, oder die IP-Adresse dieses Servers ist nicht erlaubt.',
      },
      operator: {
        en: 'A site admin has to add the permission under **API Credential Management**.',
        de: 'Ein Site Admin muss die Berechtigung unter **API Credential Management** ergänzen.',
      },
      person: {
        en: 'Edit the credential under **Dev Center** and **API Credential Management** and allow the list that is missing.',
        de: 'Bearbeiten Sie die Zugangsdaten unter **Dev Center** und **API Credential Management** und erlauben Sie die Liste, die fehlt.',
      },
      url: 'https://support.greenhouse.io/hc/en-us/articles/115000521723-Manage-Harvest-API-key-permissions',
    },
  ],
}
