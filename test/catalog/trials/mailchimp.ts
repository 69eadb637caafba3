import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'add_member',
    arguments: {
      list_id: '9e67587f52',
      email: 'urist.mcvankab@freddiesjokes.com',
      status: 'pending',
      first_name: 'Urist',
      last_name: 'McVankab',
      tags: ['new'],
    },
    request: 'POST https://us6.api.mailchimp.com/3.0/lists/9e67587f52/members',
    body: {
      email_address: 'urist.mcvankab@freddiesjokes.com',
      status: 'pending',
      merge_fields: { FNAME: 'Urist', LNAME: 'McVankab' },
      tags: ['new'],
    },
    answer: { body: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'pending' } },
    output: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'pending' },
  },
  {
    action: 'get_member',
    arguments: { list_id: '9e67587f52', email: 'urist.mcvankab@freddiesjokes.com' },
    request: 'GET https://us6.api.mailchimp.com/3.0/lists/9e67587f52/members/urist.mcvankab%40freddiesjokes.com',
    answer: { body: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'subscribed' } },
    output: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'subscribed' },
  },
  {
    action: 'list_members',
    arguments: { list_id: '9e67587f52', status: 'subscribed', limit: 5, offset: 5 },
    request:
      'GET https://us6.api.mailchimp.com/3.0/lists/9e67587f52/members?status=subscribed&exclude_fields=members._links%2C_links&count=5&offset=5',
    answer: { body: { members: [{ id: '62ee' }], total_items: 6 } },
    output: { members: [{ id: '62ee' }], total_items: 6 },
  },
  {
    action: 'list_lists',
    arguments: { limit: 5, offset: 5 },
    request: 'GET https://us6.api.mailchimp.com/3.0/lists?exclude_fields=lists._links%2C_links&count=5&offset=5',
    answer: { body: { lists: [{ id: '9e67587f52' }], total_items: 6 } },
    output: { lists: [{ id: '9e67587f52' }], total_items: 6 },
  },
]

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
  actions,
}
