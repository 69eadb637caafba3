import type { ProviderGuide } from '../guide.ts'
import { googleApp, googleHints, googleSources } from './google.ts'

const api = 'Google Calendar API'

export const googleCalendarGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    ...googleSources,
    'https://developers.google.com/workspace/calendar/api/auth',
    'https://developers.google.com/workspace/calendar/api/guides/quota',
    'https://developers.google.com/workspace/calendar/api/guides/push',
  ],
  logo: 'googlecalendar',
  color: '#4285f4',
  app: googleApp(api, {
    en: 'Open **Verification Center** and submit the app, because the calendar scopes are sensitive. Until Google has verified it, people see a warning, and at most 100 can connect.',
    de: 'Öffnen Sie **Verification Center** und reichen Sie die App ein, weil die Kalender-Scopes vertraulich (sensitive) sind. Bis Google sie geprüft hat, erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
  }),
  webhook: {
    url: 'https://developers.google.com/workspace/calendar/api/guides/push',
    steps: [
      {
        en: 'Make up a long random text of at most 256 characters and save it here as the webhook secret.',
        de: 'Denken Sie sich einen langen zufälligen Text mit höchstens 256 Zeichen aus und speichern Sie ihn hier als Webhook-Secret.',
      },
      {
        en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
        de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
      },
      {
        en: 'Send POST /calendars/primary/events/watch with the token of the connection: **id** is a new UUID, **type** is web_hook, **address** is that URL, and **token** is the webhook secret.',
        de: 'Senden Sie POST /calendars/primary/events/watch mit dem Token der Verbindung: **id** ist eine neue UUID, **type** ist web_hook, **address** ist diese URL und **token** das Webhook-Secret.',
      },
      {
        en: 'Repeat this for each connection, and with a new id before the **expiration** that Google returns. Changes of the list of calendars are reported after POST /users/me/calendarList/watch.',
        de: 'Wiederholen Sie das für jede Verbindung und mit einer neuen ID vor der **expiration**, die Google zurückgibt. Änderungen an der Liste der Kalender meldet Google nach POST /users/me/calendarList/watch.',
      },
    ],
  },
  scopes: {
    'https://www.googleapis.com/auth/calendar.readonly': {
      en: 'read all calendars that you have access to, with their events',
      de: 'alle Kalender, auf die Sie Zugriff haben, mit ihren Terminen lesen',
    },
    'https://www.googleapis.com/auth/calendar.events': {
      en: 'read, create, change and delete events in all your calendars',
      de: 'Termine in allen Ihren Kalendern lesen, anlegen, ändern und löschen',
    },
  },
  rateLimit: {
    words: {
      en: '10,000 requests a minute for a project and 600 for each user; projects from before May 2026 may have other limits.',
      de: '10.000 Anfragen pro Minute je Projekt und 600 je Person; Projekte aus der Zeit vor Mai 2026 können andere Grenzen haben.',
    },
    url: 'https://developers.google.com/workspace/calendar/api/guides/quota',
  },
  hints: googleHints(api),
}
