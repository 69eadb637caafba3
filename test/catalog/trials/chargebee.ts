import type { ProviderTrial } from '../providers/trial.ts'

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'test_U2dkR8c' } },
  test: {
    asks: 'GET acme-test.chargebee.com/api/v2/customers?limit=1',
    // The key is the user name, and the password is empty.
    headers: { authorization: `Basic ${btoa('test_U2dkR8c:')}` },
    good: { body: { list: [] } },
    refused: {
      answer: {
        status: 401,
        body: {
          message: 'Sorry, authentication failed. Invalid api key',
          api_error_code: 'api_authentication_failed',
          error_code: 'api_authentication_invalid_key',
          http_status_code: 401,
        },
      },
      says: 'Sorry, authentication failed. Invalid api key',
    },
  },
  streams: [
    {
      name: 'customers',
      pages: [
        {
          body: {
            list: [{ customer: { id: '__test__KyVnHhSBWlC1T2cj', updated_at: 1517505747 } }],
            next_offset: '["1517505747000","231000000071"]',
          },
        },
        { body: { list: [{ customer: { id: '__test__KyVnHhSBWlC1T2ck', updated_at: 1517505800 } }] } },
      ],
      keys: ['__test__KyVnHhSBWlC1T2cj', '__test__KyVnHhSBWlC1T2ck'],
      asksFor: 'offset=["1517505747000","231000000071"]',
      since: { cursor: 1517505800, value: '1517505740' },
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { message: 'Sorry, too many requests.', api_error_code: 'api_request_limit_exceeded' },
      },
    },
  ],
}
