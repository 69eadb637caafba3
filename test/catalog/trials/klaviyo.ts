import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const profile = {
  type: 'profile',
  id: '01GDDKASAP8TKDDA2GRZDSVP4H',
  attributes: { email: 'sarah.mason@klaviyo-demo.com', updated: '2022-11-08T00:00:00+00:00' },
}

const actions: ActionExample[] = [
  {
    action: 'create_profile',
    arguments: {
      email: 'sarah.mason@klaviyo-demo.com',
      first_name: 'Sarah',
      last_name: 'Mason',
      phone_number: '+15005550006',
    },
    request: 'POST https://a.klaviyo.com/api/profiles',
    headers: { revision: '2026-04-15', 'content-type': 'application/vnd.api+json' },
    body: JSON.stringify({
      data: {
        type: 'profile',
        attributes: {
          email: 'sarah.mason@klaviyo-demo.com',
          first_name: 'Sarah',
          last_name: 'Mason',
          phone_number: '+15005550006',
        },
      },
    }),
    answer: { status: 201, body: { data: profile } },
    output: profile,
  },
  {
    action: 'find_profile',
    arguments: { email: 'sarah.mason@klaviyo-demo.com' },
    request: 'GET https://a.klaviyo.com/api/profiles?filter=equals(email%2C%22sarah.mason%40klaviyo-demo.com%22)',
    answer: { body: { data: [profile], links: { next: null } } },
    output: [profile],
  },
  {
    action: 'add_profile_to_list',
    arguments: { list_id: 'Y6nRLr', profile_id: '01GDDKASAP8TKDDA2GRZDSVP4H' },
    request: 'POST https://a.klaviyo.com/api/lists/Y6nRLr/relationships/profiles',
    headers: { 'content-type': 'application/vnd.api+json' },
    body: JSON.stringify({ data: [{ type: 'profile', id: '01GDDKASAP8TKDDA2GRZDSVP4H' }] }),
    answer: { status: 204 },
    output: null,
  },
]

const pages = (name: string, first: string, second: string, attributes: object = {}): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        data: [{ type: name, id: first, attributes }],
        links: { self: '', next: `https://a.klaviyo.com/api/${name}?page%5Bcursor%5D=bmV4dDo6aWQ` },
      },
    },
    { body: { data: [{ type: name, id: second, attributes }], links: { self: '', next: null } } },
  ],
  keys: [first, second],
  asksFor: 'page[cursor]=bmV4dDo6aWQ',
})

const invalidKey = {
  status: 401,
  body: {
    errors: [
      {
        id: '67ed6dbf-1653-499b-a11d-30310aa01ff7',
        status: 401,
        code: 'not_authenticated',
        title: 'Authentication credentials were not provided.',
        detail: 'Missing or invalid private key.',
        source: { pointer: '/data/' },
      },
    ],
  },
}

const tokens = {
  access_token: 'first',
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: 'refresh-first',
  scope: 'accounts:read profiles:read lists:read segments:read metrics:read',
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'first',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 3600,
    scopes: ['accounts:read', 'profiles:read', 'lists:read', 'segments:read', 'metrics:read'],
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second' } },
    accessToken: 'second',
    refreshToken: 'refresh-first',
    lifetimeSeconds: 3600,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  hints: [
    {
      what: 'code',
      answer: { status: 401, body: { error: 'invalid_client' } },
      cause: 'client secret is wrong',
    },
    { what: 'request', answer: invalidKey, says: 'Missing or invalid private key.', cause: 'is missing or invalid' },
  ],
  revocation: ['POST a.klaviyo.com/oauth/revoke token=refresh-first', 'POST a.klaviyo.com/oauth/revoke token=first'],
  test: {
    asks: 'GET a.klaviyo.com/api/accounts',
    headers: { authorization: 'Bearer first', accept: 'application/vnd.api+json', revision: '2026-04-15' },
    good: { body: { data: [{ type: 'account', id: 'AbC123', attributes: {} }] } },
    refused: {
      answer: invalidKey,
      says: 'Missing or invalid private key.',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'pk_0123456789' } },
      asks: 'GET a.klaviyo.com/api/accounts',
      headers: { authorization: 'Klaviyo-API-Key pk_0123456789' },
    },
  ],
  streams: [
    {
      ...pages('profiles', '01GDDKASAP8TKDDA2GRZDSVP4H', '01GDDKASAP8TKDDA2GRZDSVP4I', {
        updated: '2022-11-08T00:00:00+00:00',
      }),
      since: { cursor: '2022-11-08T00:00:00+00:00', value: 'greater-than(updated,2022-11-07T23:59:59Z)' },
      limited: {
        status: 429,
        headers: { 'retry-after': '12' },
        body: { errors: [{ id: '1', code: 'throttled', title: 'Request was throttled.', detail: 'Wait.' }] },
      },
    },
    pages('lists', 'Y6nRLr', 'Y6nRLs'),
    pages('segments', 'S6nRLr', 'S6nRLs'),
    pages('metrics', 'M6nRLr', 'M6nRLs'),
  ],
  actions,
}
