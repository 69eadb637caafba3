import { googleHeaders, googleLimited, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'send_message',
    arguments: {
      to: ['ada@example.com', 'bob@example.com'],
      subject: 'Grüße',
      body: 'Hello,\nhow are you?',
      cc: ['carol@example.com'],
      bcc: ['dan@example.com'],
      thread_id: '18c1f3a1b2c3d4e5',
      in_reply_to: '<abc@mail.example.com>',
    },
    request: 'POST https://gmail.googleapis.com/gmail/v1/users/me/messages/send',
    body: {
      raw: base64url(
        [
          'To: ada@example.com, bob@example.com',
          'Cc: carol@example.com',
          'Bcc: dan@example.com',
          `Subject: =?UTF-8?B?${Buffer.from('Grüße').toString('base64')}?=`,
          'In-Reply-To: <abc@mail.example.com>',
          'References: <abc@mail.example.com>',
          'MIME-Version: 1.0',
          'Content-Type: text/plain; charset=UTF-8',
          'Content-Transfer-Encoding: 8bit',
          '',
          'Hello,',
          'how are you?',
        ].join('\r\n'),
      ),
      threadId: '18c1f3a1b2c3d4e5',
    },
    answer: { body: { id: '18c1f3a1b2c3d4e6', threadId: '18c1f3a1b2c3d4e5', labelIds: ['SENT'] } },
    output: { id: '18c1f3a1b2c3d4e6', threadId: '18c1f3a1b2c3d4e5', labelIds: ['SENT'] },
  },
  {
    action: 'list_messages',
    arguments: { query: 'from:ada@example.com is:unread', label_id: 'INBOX', limit: 10, cursor: '0932' },
    request:
      'GET https://gmail.googleapis.com/gmail/v1/users/me/messages?q=from%3Aada%40example.com%20is%3Aunread&labelIds=INBOX&maxResults=10&pageToken=0932',
    answer: { body: { messages: [{ id: '18c1', threadId: '18c1' }], resultSizeEstimate: 1 } },
    output: { messages: [{ id: '18c1', threadId: '18c1' }], resultSizeEstimate: 1 },
  },
  {
    action: 'get_message',
    arguments: { message_id: '18c1f3a1b2c3d4e6', format: 'metadata' },
    request: 'GET https://gmail.googleapis.com/gmail/v1/users/me/messages/18c1f3a1b2c3d4e6?format=metadata',
    answer: { body: { id: '18c1f3a1b2c3d4e6', snippet: 'Hello' } },
    output: { id: '18c1f3a1b2c3d4e6', snippet: 'Hello' },
  },
]

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
  actions,
}

/** Base64 of RFC 4648 section 5, with padding. */
function base64url(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
