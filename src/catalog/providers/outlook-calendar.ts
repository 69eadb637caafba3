import { input, text } from '../action-input.ts'
import {
  graphPages,
  graphScope,
  graphSources,
  mailboxHint,
  mailboxRateLimit,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import { calendarActions } from '../families/microsoft-calendar.ts'
import type { ProviderFile } from '../provider-file.ts'

const READ = graphScope('Calendars.Read')
const WRITE = graphScope('Calendars.ReadWrite')

export const provider: ProviderFile = microsoftProduct({
  aliases: [
    'outlook kalender',
    'office 365 calendar',
    'o365 calendar',
    'microsoft 365 calendar',
    'microsoft calendar',
    'exchange calendar',
    'ms graph calendar',
  ],
  color: '#0078d4',
  sources: [
    ...graphSources('api/user-list-events', 'api/event-delta', 'api/user-post-events', 'api/event-delete'),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/throttling-limits.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs:
        'It also requests Calendars.Read.Shared. It is left out: the streams read the calendars of the account itself.',
    },
  ],
  requested: [READ],
  definition: {
    displayName: 'Outlook Calendar',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/calendar',
    categories: ['calendar'],
    headers: { Prefer: 'IdType="ImmutableId"' },
    webhook: microsoftWebhook([
      { where: "item.lifecycleEvent == 'missed' or '/events' in (item.resource | lower)", streams: ['events'] },
    ]),
    testRequest: { path: '/me/calendars?$top=1' },
    streams: [
      {
        name: 'calendars',
        path: '/me/calendars',
        query: { $top: '100' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        // Single events and the masters of series. The delta function needs a range of days, and its state is a URL.
        name: 'events',
        parent: { stream: 'calendars' },
        path: '/me/calendars/{{ parent.id }}/events',
        query: { $top: '100' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
        incremental: {
          cursorField: ['lastModifiedDateTime'],
          param: '$filter',
          format: 'lastModifiedDateTime ge %Y-%m-%dT%H:%M:%SZ',
          per: 'parent',
        },
      },
    ],
    actions: [
      ...calendarActions,
      {
        name: 'delete_event',
        title: 'Delete an event',
        description: 'Deletes an event of the account. Returns nothing.',
        docsUrl: 'https://learn.microsoft.com/graph/api/event-delete',
        scopes: [WRITE],
        destructive: true,
        input: input({ event_id: text('Id of the event. list_events returns it.') }),
        request: { method: 'DELETE', path: '/me/events/{{ args.event_id }}' },
      },
    ],
  },
  guide: {
    webhook: microsoftWebhookSteps({
      resource: 'me/events',
      changes: 'created,updated,deleted',
      urls: {
        en: '**notificationUrl** and **lifecycleNotificationUrl** are',
        de: '**notificationUrl** und **lifecycleNotificationUrl** sind',
      },
      lifetime: { en: 'less than three days ahead', de: 'weniger als drei Tage entfernt' },
    }),
    events: ['created', 'updated', 'deleted', 'missed'],
    scopes: {
      [READ]: { en: 'read your calendars and events', de: 'Ihre Kalender und Termine lesen' },
      [WRITE]: {
        en: 'read, create, change and delete events in your calendars',
        de: 'Termine in Ihren Kalendern lesen, anlegen, ändern und löschen',
      },
    },
    rateLimit: mailboxRateLimit,
    traps: [
      {
        en: 'The stream of events has a recurring event once, as the master of its series. list_events returns each occurrence.',
        de: 'Der Stream der Termine enthält einen Serientermin einmal, als Vorlage der Serie. list_events liefert jedes Vorkommen.',
      },
      {
        en: 'Deleted events are found by a full refresh only. A list of changes does not name them.',
        de: 'Gelöschte Termine findet nur eine vollständige Synchronisierung. Eine Liste der Änderungen nennt sie nicht.',
      },
    ],
    hints: [mailboxHint],
  },
})
