import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'sk_test_26PHem9AhJZvU623DfE1x4sd' } },
  test: {
    asks: 'GET api.stripe.com/v1/balance',
    headers: { authorization: 'Bearer sk_test_26PHem9AhJZvU623DfE1x4sd', 'stripe-version': '2024-06-20' },
    good: { body: { object: 'balance', livemode: false } },
    refused: {
      answer: {
        status: 401,
        body: { error: { message: 'Invalid API Key provided: sk_test_****x4sd', type: 'invalid_request_error' } },
      },
      says: 'Invalid API Key provided: sk_test_****x4sd',
    },
  },
  streams: [
    {
      // The last object's id requests the next page.
      name: 'customers',
      pages: [
        { body: { object: 'list', url: '/v1/customers', has_more: true, data: [{ id: 'cus_3' }, { id: 'cus_2' }] } },
        { body: { object: 'list', url: '/v1/customers', has_more: false, data: [{ id: 'cus_1' }] } },
      ],
      keys: ['cus_3', 'cus_2', 'cus_1'],
      asksFor: 'starting_after=cus_2',
      limited: {
        status: 429,
        body: { error: { code: 'rate_limit', message: 'Too many requests hit the API too quickly.' } },
      },
    },
  ],
}
