import type { ProviderGuide } from '../guide.ts'

export const emarsysGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://dev.emarsys.com/docs/emarsys-core-api-guides/b3c3a1eba8515-authentication',
    'https://dev.emarsys.com/docs/emarsys-core-api-guides/ef41493bd7812-endpoint-permission-settings',
    'https://dev.emarsys.com/docs/core-api-reference/nbbfe7hec1tzh-http-401-errors',
  ],
  unverified: ['key', 'hints'],
  logo: null,
  color: '#28303d',
  key: {
    url: 'https://suite.emarsys.net',
    steps: [
      {
        en: 'An administrator opens **Management**, **Security Settings** and the tab **API Users**, and selects **Create user** with WSSE.',
        de: 'Die Administration öffnet **Management**, **Security Settings** und den Reiter **API Users** und wählt **Create user** mit WSSE.',
      },
      {
        en: 'Allow the endpoints that are to be used: settings, contact lists, fields, segments, email campaigns and events, as needed.',
        de: 'Erlauben Sie die Endpunkte, die genutzt werden sollen: Einstellungen, Kontaktlisten, Felder, Segmente, E-Mail-Kampagnen und Events, je nach Bedarf.',
      },
      {
        en: 'Copy the user name and the secret of the API user.',
        de: 'Kopieren Sie Benutzername und Secret des API-Benutzers.',
      },
    ],
  },
  fields: {
    username: { label: 'Benutzername des API-Benutzers' },
    secret: { label: 'Secret des API-Benutzers' },
  },
  scopes: {},
  rateLimit: null,
  hints: [
    {
      at: 'request',
      statuses: [401],
      cause: {
        en: 'The user name or the secret of the API user is wrong, or the API user may not use this endpoint.',
        de: 'Benutzername oder Secret des API-Benutzers ist falsch, oder der API-Benutzer darf diesen Endpunkt nicht nutzen.',
      },
      operator: {
        en: 'Let the API user and its endpoint permissions be checked. The clock of the server may differ by five minutes at most.',
        de: 'Lassen Sie den API-Benutzer und seine Endpunkt-Berechtigungen prüfen. Die Uhr des Servers darf höchstens fünf Minuten abweichen.',
      },
      person: {
        en: 'Copy user name and secret again, and check the permissions of the API user in **Security Settings**.',
        de: 'Kopieren Sie Benutzername und Secret noch einmal und prüfen Sie die Berechtigungen des API-Benutzers in **Security Settings**.',
      },
    },
  ],
}
