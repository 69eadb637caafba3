import { googleHeaders, googleLimited, googleRefused, googleTokens, googleWebhook } from './google-answers.ts'
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
  // developers.google.com/workspace/drive/api/guides/push
  webhook: googleWebhook([
    {
      query: 'external_id=crm-1',
      headers: {
        'X-Goog-Channel-ID': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
        'X-Goog-Resource-ID': 'ret987df98743md8g',
        'X-Goog-Resource-URI': 'https://www.googleapis.com/drive/v3/changes?pageToken=1&alt=json',
        'X-Goog-Resource-State': 'change',
        'X-Goog-Message-Number': '23',
      },
      events: [{ id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66:23', type: 'change', account: 'crm-1', streams: ['files'] }],
    },
  ]),
}
