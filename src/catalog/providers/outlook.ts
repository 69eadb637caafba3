import { outlookActions } from '../actions/outlook.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import { microsoftOAuth, microsoftTenant, microsoftWebhook } from '../families/microsoft-oauth.ts'

export const outlook: IntegrationDefinition = {
  displayName: 'Outlook',
  docsUrl: 'https://learn.microsoft.com/graph/api/resources/mail-api-overview',
  categories: ['email'],
  baseUrl: 'https://graph.microsoft.com/v1.0',
  inputFields: [microsoftTenant],
  auth: microsoftOAuth(['https://graph.microsoft.com/User.Read', 'https://graph.microsoft.com/Mail.Read']),
  // Immutable ids stay the same when a message is moved to another folder.
  headers: { Prefer: 'IdType="ImmutableId"' },
  webhook: microsoftWebhook([
    { where: "item.lifecycleEvent == 'missed' or '/messages' in (item.resource | lower)", streams: ['messages'] },
  ]),
  testRequest: { path: '/me/mailFolders?$top=1' },
  streams: [
    {
      name: 'mail_folders',
      path: '/me/mailFolders',
      query: { $top: '100', includeHiddenFolders: 'true' },
      recordsPath: ['value'],
      primaryKey: [['id']],
      pagination: { type: 'next_url', path: ['@odata.nextLink'] },
    },
    {
      name: 'messages',
      path: '/me/messages',
      query: { $top: '100' },
      recordsPath: ['value'],
      primaryKey: [['id']],
      pagination: { type: 'next_url', path: ['@odata.nextLink'] },
      incremental: {
        cursorField: ['lastModifiedDateTime'],
        param: '$filter',
        format: 'lastModifiedDateTime ge %Y-%m-%dT%H:%M:%SZ',
      },
    },
  ],
  actions: outlookActions,
}
