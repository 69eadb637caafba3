import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  credential: { secretText: 'SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf' },
  test: {
    asks: 'GET api.sendgrid.com/v3/scopes',
    headers: { authorization: 'Bearer SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf' },
    good: { body: { scopes: ['mail.send'] } },
    refused: {
      answer: {
        status: 401,
        body: {
          errors: [
            { message: 'The provided authorization grant is invalid, expired, or revoked', field: null, help: null },
          ],
        },
      },
      says: 'The provided authorization grant is invalid, expired, or revoked',
    },
  },
  streams: [
    {
      name: 'lists',
      pages: [
        {
          body: {
            result: [{ id: 'ca1b2c3d', name: 'Newsletter', contact_count: 2 }],
            _metadata: {
              next: 'https://api.sendgrid.com/v3/marketing/lists?page_size=1000&page_token=dGhpcyBpcw',
              count: 2,
            },
          },
        },
        { body: { result: [{ id: 'ca1b2c3e', name: 'Beta', contact_count: 0 }], _metadata: { count: 2 } } },
      ],
      keys: ['ca1b2c3d', 'ca1b2c3e'],
      asksFor: 'page_token=dGhpcyBpcw',
      limited: { status: 429, body: { errors: [{ message: 'too many requests', field: null }] } },
    },
    {
      // A full page has 500 addresses.
      name: 'bounces',
      pages: [
        {
          body: Array.from({ length: 500 }, (_, index) => ({
            email: `a${index}@example.com`,
            created: 1780000000 + index,
          })),
        },
        { body: [{ email: 'last@example.com', created: 1780001000 }] },
        // The response does not say that this was the last page.
        { body: [] },
      ],
      keys: [...Array.from({ length: 500 }, (_, index) => `a${index}@example.com`), 'last@example.com'],
      asksFor: 'offset=501',
      since: { cursor: 1780001000, value: '1780001000' },
    },
  ],
}
