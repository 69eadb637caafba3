import { googleCalendarActions } from '../actions/google-calendar.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import { googleOAuth, googleResponseErrors, googleWebhook } from '../families/google-oauth.ts'

export const googleCalendar: IntegrationDefinition = {
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
  actions: googleCalendarActions,
}
