import { googleHeaders, googleLimited, googleRefused, googleTokens } from './google-answers.ts'
import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/gmail.readonly'),
  test: {
    asks: 'GET gmail.googleapis.com/gmail/v1/users/me/profile',
    headers: googleHeaders,
    good: { body: { emailAddress: 'ada@example.com', messagesTotal: 2, historyId: '1' } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'messages',
      pages: [
        { body: { messages: [{ id: '18f', threadId: '18f' }], nextPageToken: '0987', resultSizeEstimate: 1 } },
        // A page without messages has no list of them.
        { body: { resultSizeEstimate: 0 } },
      ],
      keys: ['18f'],
      asksFor: 'pageToken=0987',
      limited: googleLimited,
    },
  ],
}
