import type { ProviderGuide } from '../guide.ts'

export const airtableGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://airtable.com/developers/web/guides/oauth-integrations',
    'https://airtable.com/developers/web/api/oauth-reference',
    'https://airtable.com/developers/web/api/scopes',
    'https://airtable.com/developers/web/api/rate-limits',
    'https://airtable.com/developers/web/api/errors',
  ],
  logo: 'airtable',
  color: '#18bfff',
  app: {
    url: 'https://airtable.com/create/oauth',
    steps: [
      {
        en: 'Select **Register new OAuth integration**. Enter a name, paste the callback URL as **OAuth redirect URL**, and select **Register integration**.',
        de: 'Wählen Sie **Register new OAuth integration**. Geben Sie einen Namen ein, fügen Sie die Callback-URL als **OAuth redirect URL** ein und wählen Sie **Register integration**.',
      },
      {
        en: 'Copy the **Client ID**. Select **Generate client secret** and copy the secret at once, because Airtable shows it only once.',
        de: 'Kopieren Sie die **Client ID**. Wählen Sie **Generate client secret** und kopieren Sie das Secret sofort, denn Airtable zeigt es nur einmal.',
      },
      {
        en: 'Under **Scopes**, select each scope that is listed here.',
        de: 'Wählen Sie unter **Scopes** jeden hier genannten Scope aus.',
      },
      {
        en: 'Enter a support email address, the URL of your privacy policy, and that of your terms of service. Without them, only you can connect. Select **Save changes**.',
        de: 'Geben Sie eine Support-E-Mail-Adresse sowie die URLs Ihrer Datenschutzerklärung und Ihrer Nutzungsbedingungen ein. Ohne diese Angaben können nur Sie sich verbinden. Wählen Sie **Save changes**.',
      },
    ],
  },
  scopes: {
    'data.records:read': {
      en: 'read the records in the bases that you select',
      de: 'die Datensätze in den von Ihnen ausgewählten Bases lesen',
    },
    'data.records:write': {
      en: 'create, change and delete records in the bases that you select',
      de: 'Datensätze in den von Ihnen ausgewählten Bases anlegen, ändern und löschen',
    },
    'schema.bases:read': {
      en: 'see the structure of the bases that you select, with tables and fields',
      de: 'den Aufbau der von Ihnen ausgewählten Bases mit Tabellen und Feldern sehen',
    },
  },
  rateLimit: {
    words: {
      en: '5 requests a second for each base. After a refusal, Airtable accepts no request for 30 seconds.',
      de: '5 Anfragen pro Sekunde je Base. Nach einer Ablehnung nimmt Airtable 30 Sekunden lang keine Anfrage an.',
    },
    url: 'https://airtable.com/developers/web/api/rate-limits',
  },
  hints: [
    {
      at: 'provider_page',
      cause: {
        en: 'The callback URL is not registered in the Airtable integration.',
        de: 'Die Callback-URL ist in der Airtable-Integration nicht eingetragen.',
      },
      operator: {
        en: 'Paste the callback URL exactly into **OAuth redirect URL**.',
        de: 'Fügen Sie die Callback-URL genau so bei **OAuth redirect URL** ein.',
      },
      url: 'https://airtable.com/developers/web/api/oauth-reference',
    },
    {
      at: 'provider_page',
      cause: {
        en: 'The integration has no support email address, privacy policy or terms of service, so that only its owner can connect.',
        de: 'Der Integration fehlen Support-E-Mail-Adresse, Datenschutzerklärung oder Nutzungsbedingungen, deshalb kann sich nur die Person verbinden, der sie gehört.',
      },
      operator: {
        en: 'Complete these entries in the settings of the integration at Airtable.',
        de: 'Ergänzen Sie diese Angaben in den Einstellungen der Integration bei Airtable.',
      },
      url: 'https://airtable.com/developers/web/guides/oauth-integrations',
    },
    {
      at: 'consent',
      errors: ['invalid_scope'],
      cause: {
        en: 'The integration requests a scope that is not selected at Airtable.',
        de: 'Die Integration fordert einen Scope an, der bei Airtable nicht ausgewählt ist.',
      },
      operator: {
        en: 'Select each scope under **Scopes** of the integration at Airtable.',
        de: 'Wählen Sie bei Airtable unter **Scopes** der Integration jeden Scope aus.',
      },
      url: 'https://airtable.com/developers/web/api/oauth-reference',
    },
    {
      at: 'request',
      messages: ['Invalid permissions, or the requested model was not found'],
      cause: {
        en: 'The base, table or record does not exist, was not selected when the account was connected, or the token lacks a scope.',
        de: 'Base, Tabelle oder Datensatz existieren nicht oder wurden beim Verbinden nicht ausgewählt, oder dem Token fehlt ein Scope.',
      },
      operator: {
        en: 'Check the ids and the scopes of the integration, and have the account reconnected with the base.',
        de: 'Prüfen Sie die IDs und die Scopes der Integration und lassen Sie das Konto mit der Base neu verbinden.',
      },
      person: {
        en: 'Connect again and select the base.',
        de: 'Verbinden Sie das Konto erneut und wählen Sie die Base aus.',
      },
      url: 'https://airtable.com/developers/web/api/errors',
    },
  ],
}
