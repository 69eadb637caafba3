import { googleDriveActions } from '../actions/google-drive.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import { googleOAuth, googleResponseErrors, googleWebhook } from '../families/google-oauth.ts'

export const googleDrive: IntegrationDefinition = {
  displayName: 'Google Drive',
  docsUrl: 'https://developers.google.com/workspace/drive/api/reference/rest/v3',
  categories: ['storage'],
  baseUrl: 'https://www.googleapis.com/drive/v3',
  auth: googleOAuth(['https://www.googleapis.com/auth/drive.readonly']),
  responseErrors: googleResponseErrors,
  // 1,000,000 quota units a minute for a project, and listing costs 100. Projects that used the API before May 2026 keep their older limit
  // of 12,000 requests a minute (developers.google.com/workspace/drive/api/guides/limits).
  rateLimit: { requestsPerSecond: 160 },
  webhook: googleWebhook([{ streams: ['files'] }]),
  testRequest: { path: '/about?fields=user' },
  streams: [
    {
      name: 'files',
      path: '/files',
      query: {
        pageSize: '1000',
        orderBy: 'modifiedTime',
        supportsAllDrives: 'true',
        includeItemsFromAllDrives: 'true',
        fields:
          'nextPageToken,files(id,name,mimeType,size,md5Checksum,parents,owners(emailAddress),trashed,webViewLink,createdTime,modifiedTime)',
      },
      recordsPath: ['files'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      incremental: { cursorField: ['modifiedTime'], param: 'q', format: "modifiedTime >= '%Y-%m-%dT%H:%M:%S'" },
    },
    {
      name: 'drives',
      path: '/drives',
      query: { pageSize: '100' },
      recordsPath: ['drives'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
    },
  ],
  actions: googleDriveActions,
}
