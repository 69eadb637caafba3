import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['sap engagement cloud', 'sap marketing'],
  logo: null,
  color: '#28303d',
  sources: [
    { url: 'https://dev.emarsys.com/docs/emarsys-core-api-guides/b3c3a1eba8515-authentication', read: '2026-11-29' },
    {
      url: 'https://dev.emarsys.com/docs/emarsys-core-api-guides/ef41493bd7812-endpoint-permission-settings',
      read: '2026-11-29',
    },
    { url: 'https://dev.emarsys.com/docs/core-api-reference/nbbfe7hec1tzh-http-401-errors', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['key', 'hints'],
  definition: {
    displayName: 'SAP Emarsys',
    docsUrl: 'https://dev.emarsys.com/docs/emarsys-core-api-guides/b3c3a1eba8515-authentication',
    categories: ['marketing', 'email'],
    baseUrl: 'https://api.emarsys.net/api/v2',
    auth: {
      type: 'signature',
      method: 'wsse',
      fields: [
        { name: 'username', label: 'User name of the API user', required: true, example: 'customer001' },
        { name: 'secret', label: 'Secret of the API user', secret: true, required: true },
      ],
      username: '{{ config.username }}',
      password: '{{ config.secret }}',
      hash: 'sha1',
      // The hexadecimal digits of the hash are encoded, and the nonce is sent as it is.
      digest: 'hex',
      nonceEncoding: 'text',
    },
    responseErrors: [{ status: 401, as: 'auth', message: ['replyText'] }],
    testRequest: { path: '/settings' },
    streams: [
      list('contact_lists', '/contactlist'),
      list('fields', '/field'),
      list('segments', '/filter'),
      list('email_campaigns', '/email'),
      list('events', '/event'),
    ],
  },
  guide: {
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
  },
}

/** A list that the API returns as a whole. */
function list(name: string, path: string): StreamDefinition {
  return { name, path, recordsPath: ['data'], primaryKey: [['id']] }
}
