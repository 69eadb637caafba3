import { onedriveActions } from '../actions/onedrive.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import { microsoftOAuth, microsoftTenant, microsoftWebhook } from '../families/microsoft-oauth.ts'

export const onedrive: IntegrationDefinition = {
  displayName: 'OneDrive',
  docsUrl: 'https://learn.microsoft.com/onedrive/developer/rest-api/',
  categories: ['storage'],
  baseUrl: 'https://graph.microsoft.com/v1.0',
  inputFields: [microsoftTenant],
  auth: microsoftOAuth(['https://graph.microsoft.com/User.Read', 'https://graph.microsoft.com/Files.Read.All']),
  webhook: microsoftWebhook([{ streams: ['items'] }]),
  testRequest: { path: '/me/drive' },
  streams: [
    {
      // The first delta run lists everything below the root. Its last page has a deltaLink and no nextLink.
      name: 'items',
      path: '/me/drive/root/delta',
      recordsPath: ['value'],
      primaryKey: [['id']],
      pagination: { type: 'next_url', path: ['@odata.nextLink'] },
    },
  ],
  actions: onedriveActions,
}
