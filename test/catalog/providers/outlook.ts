import { microsoftHeaders, microsoftLimited, microsoftRefused, microsoftTokens } from './microsoft-answers.ts'
import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/mailFolders?$top=1',
    headers: { ...microsoftHeaders, prefer: 'IdType="ImmutableId"' },
    good: { body: { value: [{ id: 'AQMk', displayName: 'Inbox' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'messages',
      pages: [
        {
          body: {
            '@odata.nextLink': 'https://graph.microsoft.com/v1.0/me/messages?$top=100&$skip=100',
            value: [{ id: 'AAMk1', subject: 'Hello', lastModifiedDateTime: '2026-06-01T10:00:00Z' }],
          },
        },
        { body: { value: [{ id: 'AAMk2', subject: 'Re: Hello', lastModifiedDateTime: '2026-06-02T10:00:00Z' }] } },
      ],
      keys: ['AAMk1', 'AAMk2'],
      asksFor: '$skip=100',
      since: { cursor: '2026-06-02T10:00:00Z', value: 'lastModifiedDateTime ge 2026-06-02T10:00:00Z' },
      limited: microsoftLimited,
    },
  ],
}
