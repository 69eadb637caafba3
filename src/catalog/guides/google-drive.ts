import type { ProviderGuide } from '../guide.ts'
import { googleApp, googleHints, googleSources } from './google.ts'

const api = 'Google Drive API'

export const googleDriveGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    ...googleSources,
    'https://developers.google.com/workspace/drive/api/guides/api-specific-auth',
    'https://developers.google.com/workspace/drive/api/guides/limits',
    'https://developers.google.com/workspace/drive/api/guides/push',
    'https://support.google.com/cloud/answer/13464325',
  ],
  logo: 'googledrive',
  color: '#4285f4',
  app: googleApp(api, {
    en: 'Open **Verification Center** and submit the app. Reading all files is a restricted scope, which also needs a security assessment every year. Until then, people see a warning, and at most 100 can connect.',
    de: 'Öffnen Sie **Verification Center** und reichen Sie die App ein. Alle Dateien zu lesen ist ein eingeschränkter Scope (restricted), für den auch jedes Jahr eine Sicherheitsprüfung nötig ist. Bis dahin erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
  }),
  webhook: {
    url: 'https://developers.google.com/workspace/drive/api/guides/push',
    steps: [
      {
        en: 'Generate a long random text and save it here as the webhook secret.',
        de: 'Erzeugen Sie einen langen zufälligen Text und speichern Sie ihn hier als Webhook-Secret.',
      },
      {
        en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
        de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
      },
      {
        en: 'With the token of the connection, read the **startPageToken** from GET /changes/startPageToken.',
        de: 'Lesen Sie mit dem Token der Verbindung das **startPageToken** aus GET /changes/startPageToken.',
      },
      {
        en: 'Send POST /changes/watch?pageToken=… with it: **id** is a new UUID, **type** is web_hook, **address** is the URL from above, and **token** is the webhook secret.',
        de: 'Senden Sie damit POST /changes/watch?pageToken=…: **id** ist eine neue UUID, **type** ist web_hook, **address** ist die URL von oben und **token** das Webhook-Secret.',
      },
      {
        en: 'Repeat this for each connection, and with a new id before the **expiration** that Google returns.',
        de: 'Wiederholen Sie das für jede Verbindung und mit einer neuen ID vor der **expiration**, die Google zurückgibt.',
      },
    ],
  },
  scopes: {
    'https://www.googleapis.com/auth/drive.readonly': {
      en: 'read all files in your Google Drive',
      de: 'alle Dateien in Ihrem Google Drive lesen',
    },
    'https://www.googleapis.com/auth/drive.file': {
      en: 'create files in your Google Drive, and read, change and delete those that it created or that you open with it',
      de: 'Dateien in Ihrem Google Drive anlegen sowie selbst angelegte und von Ihnen damit geöffnete Dateien lesen, ändern und löschen',
    },
  },
  rateLimit: {
    words: {
      en: '1,000,000 quota units a minute for a project and 325,000 for each user; projects from before May 2026 may have other limits.',
      de: '1.000.000 Kontingenteinheiten pro Minute je Projekt und 325.000 je Person; Projekte aus der Zeit vor Mai 2026 können andere Grenzen haben.',
    },
    url: 'https://developers.google.com/workspace/drive/api/guides/limits',
  },
  hints: googleHints(api),
}
