import { gmailActions } from '../actions/gmail.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import { googleOAuth, googleResponseErrors } from '../families/google-oauth.ts'

/** Lists of messages and threads contain only ids; the API has no list of complete messages. */
export const gmail: IntegrationDefinition = {
  displayName: 'Gmail',
  docsUrl: 'https://developers.google.com/workspace/gmail/api/reference/rest',
  categories: ['email'],
  baseUrl: 'https://gmail.googleapis.com/gmail/v1',
  auth: googleOAuth(['https://www.googleapis.com/auth/gmail.readonly']),
  responseErrors: googleResponseErrors,
  testRequest: { path: '/users/me/profile' },
  streams: [
    { name: 'labels', path: '/users/me/labels', recordsPath: ['labels'], primaryKey: [['id']] },
    {
      name: 'messages',
      path: '/users/me/messages',
      query: { maxResults: '500' },
      recordsPath: ['messages'],
      omitsEmptyList: true,
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
    },
    {
      name: 'threads',
      path: '/users/me/threads',
      query: { maxResults: '500' },
      recordsPath: ['threads'],
      omitsEmptyList: true,
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
    },
  ],
  actions: gmailActions,
}
