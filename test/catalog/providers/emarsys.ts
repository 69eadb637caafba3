import type { ProviderTrial } from './trial.ts'

const unauthorized = { status: 401, body: { replyCode: 1, replyText: 'Unauthorized', data: '' } }

export const trial: ProviderTrial = {
  credential: { fields: { username: 'customer001', secret: 'abc123def456' } },
  hints: [{ what: 'request', answer: unauthorized, says: 'Unauthorized', cause: 'user name or the secret' }],
  test: {
    asks: 'GET api.emarsys.net/api/v2/settings',
    headers: {},
    good: { body: { replyCode: 0, replyText: 'OK', data: { id: '12345', name: 'acme' } } },
    refused: { answer: unauthorized, says: 'Unauthorized' },
  },
  streams: [
    {
      name: 'contact_lists',
      pages: [
        {
          body: {
            replyCode: 0,
            replyText: 'OK',
            data: [{ id: '123456789', name: 'asgard_protectors', created: '2026-04-08 11:20:08', type: 0 }],
          },
        },
      ],
      keys: ['123456789'],
      asksFor: '/contactlist',
      limited: {
        status: 429,
        headers: { 'retry-after': '5' },
        body: {
          replyCode: 7003,
          replyText: 'Too many requests for this account and resource within the last minute.',
          data: '',
        },
      },
    },
  ],
}
