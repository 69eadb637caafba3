import { googleHeaders, googleLimited, googleRefused, googleTokens } from './google-answers.ts'
import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/drive.readonly'),
  test: {
    asks: 'GET www.googleapis.com/drive/v3/about?fields=user',
    headers: googleHeaders,
    good: { body: { user: { kind: 'drive#user', displayName: 'Ada', emailAddress: 'ada@example.com' } } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'files',
      pages: [
        {
          body: {
            nextPageToken: '~!!~AI9',
            files: [{ id: '1a', name: 'Notes', mimeType: 'text/plain', modifiedTime: '2026-06-01T10:00:00.000Z' }],
          },
        },
        {
          body: {
            files: [{ id: '1b', name: 'Plan', mimeType: 'text/plain', modifiedTime: '2026-06-02T10:00:00.000Z' }],
          },
        },
      ],
      keys: ['1a', '1b'],
      asksFor: 'pageToken=~!!~AI9',
      since: { cursor: '2026-06-02T10:00:00.000Z', value: "modifiedTime >= '2026-06-02T10:00:00'" },
      limited: googleLimited,
    },
  ],
}
