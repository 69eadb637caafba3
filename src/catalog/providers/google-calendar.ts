import { choice, cursor, EMAIL, input, instant, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  googleApp,
  googleHints,
  googleOAuth,
  googleResponseErrors,
  googleSources,
  googleWebhook,
  nangoSource,
} from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/calendar/api/v3/reference/events'

const READ = 'https://www.googleapis.com/auth/calendar.readonly'

const WRITE = 'https://www.googleapis.com/auth/calendar.events'

const calendar = {
  calendar_id: text('Id of the calendar: an email address, or primary. Default: primary.', { default: 'primary' }),
}

const event = { event_id: text('Id of the event. list_events returns it.', { pattern: '^[a-zA-Z0-9_]+$' }) }

const path = "/calendars/{{ args.calendar_id | default('primary') }}/events"

const notify = {
  send_updates: choice('Which attendees Google notifies by email. Default: none.', ['all', 'externalOnly', 'none']),
}

const sendUpdates = '{{ args.send_updates }}'

const api = 'Google Calendar API'

const actions: ActionDefinition[] = [
  {
    name: 'create_event',
    title: 'Create an event',
    description:
      'Creates an event in a calendar and returns it with its id and htmlLink. Attendees are invited by email only with send_updates.',
    docsUrl: `${reference}/insert`,
    scopes: [WRITE],
    input: input(
      {
        summary: text('Title.'),
        start: instant('When it begins, with offset, such as 2026-07-01T09:00:00+02:00.'),
        end: instant('When it ends, with offset.'),
      },
      {
        ...calendar,
        time_zone: text('Time zone in which it is shown, such as Europe/Berlin. Default: that of the calendar.'),
        description: text('Description, may contain HTML.', { maxLength: 8192 }),
        location: text('Place, as free text.'),
        attendees: list('Email addresses of the attendees.', EMAIL, { maxItems: 200 }),
        ...notify,
      },
    ),
    request: {
      method: 'POST',
      path,
      query: { sendUpdates },
      json: {
        summary: '{{ args.summary }}',
        description: '{{ args.description }}',
        location: '{{ args.location }}',
        start: { dateTime: '{{ args.start }}', timeZone: '{{ args.time_zone }}' },
        end: { dateTime: '{{ args.end }}', timeZone: '{{ args.time_zone }}' },
        attendees: "{{ args.attendees | wrap('email') }}",
      },
    },
  },
  {
    name: 'list_events',
    title: 'List events',
    description:
      'Lists events in order of time; recurring events once for each occurrence. Returns items; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/list`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {},
      {
        ...calendar,
        from: instant('Only events that end after this instant, such as 2026-07-01T00:00:00Z.'),
        to: instant('Only events that begin before this instant.'),
        query: text('Only events with these words in title, description, place or attendees.'),
        limit: limit(2500, 50),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path,
      query: {
        singleEvents: 'true',
        orderBy: 'startTime',
        timeMin: '{{ args.from }}',
        timeMax: '{{ args.to }}',
        q: '{{ args.query }}',
        maxResults: '{{ args.limit | default(50) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_event',
    title: 'Get an event',
    description: 'Returns one event with attendees, their answers, and conference data.',
    docsUrl: `${reference}/get`,
    scopes: [READ],
    readOnly: true,
    input: input(event, calendar),
    request: { method: 'GET', path: `${path}/{{ args.event_id }}` },
  },
  {
    name: 'delete_event',
    title: 'Delete an event',
    description: 'Deletes an event. Returns nothing.',
    docsUrl: `${reference}/delete`,
    scopes: [WRITE],
    destructive: true,
    input: input(event, { ...calendar, ...notify }),
    request: { method: 'DELETE', path: `${path}/{{ args.event_id }}`, query: { sendUpdates } },
  },
]

export const provider: ProviderFile = {
  aliases: ['gcal', 'gcalendar', 'google kalender', 'google workspace calendar', 'gsuite calendar'],
  logo: 'googlecalendar',
  color: '#4285f4',
  sources: [
    ...googleSources,
    { url: 'https://developers.google.com/workspace/calendar/api/auth', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/calendar/api/guides/quota', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/calendar/api/guides/push', read: '2026-11-29' },
    nangoSource,
  ],
  definition: {
    displayName: 'Google Calendar',
    docsUrl: 'https://developers.google.com/workspace/calendar/api/v3/reference',
    categories: ['calendar'],
    baseUrl: 'https://www.googleapis.com/calendar/v3',
    auth: googleOAuth(['https://www.googleapis.com/auth/calendar.readonly']),
    responseErrors: googleResponseErrors,
    webhook: googleWebhook([
      { where: "'/events' in headers['x-goog-resource-uri']", streams: ['events'] },
      { where: "'/calendarList' in headers['x-goog-resource-uri']", streams: ['calendars'] },
    ]),
    testRequest: { path: '/users/me/calendarList?maxResults=1' },
    streams: [
      {
        name: 'calendars',
        path: '/users/me/calendarList',
        query: { maxResults: '250', showHidden: 'true' },
        recordsPath: ['items'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'events',
        path: '/calendars/primary/events',
        query: { maxResults: '2500', orderBy: 'updated', showDeleted: 'true' },
        recordsPath: ['items'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        incremental: { cursorField: ['updated'], param: 'updatedMin', format: 'iso8601' },
      },
    ],
    actions,
  },
  guide: {
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
    events: ['exists'],
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
  },
}
