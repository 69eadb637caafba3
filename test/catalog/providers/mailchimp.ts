import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  exchange: {
    // `expires_in: 0` means no expiry.
    answer: { body: { access_token: '5c6ccc561059aa386da9d112215bae55', expires_in: 0, scope: null } },
    accessToken: '5c6ccc561059aa386da9d112215bae55',
  },
  refusals: [
    {
      what: 'code',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid code' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid code',
    },
  ],
  afterConnect: {
    answers: [
      {
        body: {
          dc: 'us6',
          role: 'owner',
          accountname: 'Freddie',
          user_id: 15772331,
          login_url: 'https://login.mailchimp.com',
          api_endpoint: 'https://us6.api.mailchimp.com',
        },
      },
    ],
    kept: { dc: 'us6', account_name: 'Freddie' },
  },
  test: {
    asks: 'GET us6.api.mailchimp.com/3.0/ping',
    headers: { authorization: 'Bearer 5c6ccc561059aa386da9d112215bae55' },
    good: { body: { health_status: "Everything's Chimpy!" } },
    refused: {
      answer: {
        status: 401,
        headers: { 'content-type': 'application/problem+json' },
        body: {
          type: 'https://mailchimp.com/developer/marketing/docs/errors/',
          title: 'API Key Invalid',
          status: 401,
          detail: 'Your API key may be invalid, or you have attempted to access the wrong datacenter.',
          instance: '9d4ea2ea',
        },
      },
      says: 'Your API key may be invalid, or you have attempted to access the wrong datacenter.',
    },
  },
  streams: [
    {
      // A full page has 1,000 lists.
      name: 'lists',
      pages: [
        { body: { lists: Array.from({ length: 1000 }, (_, index) => ({ id: `l${index}` })), total_items: 1001 } },
        { body: { lists: [{ id: 'last' }], total_items: 1001 } },
      ],
      keys: [...Array.from({ length: 1000 }, (_, index) => `l${index}`), 'last'],
      asksFor: 'offset=1000',
      limited: {
        status: 429,
        body: {
          title: 'Too Many Requests',
          status: 429,
          detail: 'You have exceeded the limit of 10 simultaneous connections.',
        },
      },
    },
  ],
}
