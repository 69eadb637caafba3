import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_payment',
    arguments: { payment_id: 'tr_7UhSN1zuXS' },
    request: 'GET https://api.mollie.com/v2/payments/tr_7UhSN1zuXS',
    answer: { body: { resource: 'payment', id: 'tr_7UhSN1zuXS', status: 'paid' } },
    output: { resource: 'payment', id: 'tr_7UhSN1zuXS', status: 'paid' },
  },
  {
    action: 'create_payment',
    arguments: {
      profile_id: 'pfl_QkEhN94Ba',
      amount: '10.00',
      currency: 'EUR',
      description: 'Order #12345',
      redirect_url: 'https://shop.example.com/thanks',
      customer_id: 'cst_8wmqcHMN4U',
    },
    request: 'POST https://api.mollie.com/v2/payments',
    body: {
      profileId: 'pfl_QkEhN94Ba',
      amount: { currency: 'EUR', value: '10.00' },
      description: 'Order #12345',
      redirectUrl: 'https://shop.example.com/thanks',
      customerId: 'cst_8wmqcHMN4U',
    },
    answer: { status: 201, body: { resource: 'payment', id: 'tr_5B8cwPMGnU', status: 'open' } },
    output: { resource: 'payment', id: 'tr_5B8cwPMGnU', status: 'open' },
    keyed: true,
  },
]

const list = (name: string, first: string, second: string, parent?: Record<string, unknown>): StreamTrial => ({
  name,
  ...(parent === undefined ? {} : { parent }),
  pages: [
    {
      body: {
        count: 1,
        _embedded: { [name]: [{ id: first }] },
        _links: { next: { href: `https://api.mollie.com/v2/${name}?from=${second}&limit=250` }, previous: null },
      },
    },
    { body: { count: 1, _embedded: { [name]: [{ id: second }] }, _links: { next: null, previous: null } } },
  ],
  keys: [first, second].map((id) => (parent === undefined ? id : `parent/${id}`)),
  asksFor: `from=${second}`,
})

const tokens = {
  access_token: 'access_46EUJ6x8jFJZZeAvhNH4JVey6qVpqR',
  refresh_token: 'refresh_FS4xc3Mgci2xQ5s5DzaLXh3HhaTZOP',
  expires_in: 3600,
  token_type: 'bearer',
  scope: 'payments.read organizations.read',
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'access_46EUJ6x8jFJZZeAvhNH4JVey6qVpqR',
    refreshToken: 'refresh_FS4xc3Mgci2xQ5s5DzaLXh3HhaTZOP',
    lifetimeSeconds: 3600,
    scopes: ['payments.read', 'organizations.read'],
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'access_second' } },
    accessToken: 'access_second',
    refreshToken: 'refresh_FS4xc3Mgci2xQ5s5DzaLXh3HhaTZOP',
    lifetimeSeconds: 3600,
    scopes: ['payments.read', 'organizations.read'],
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: "Refresh token doesn't exist" } },
      reason: 'INVALID_GRANT',
      says: "Refresh token doesn't exist",
    },
  ],
  revocation: ['DELETE api.mollie.com/oauth2/tokens token=refresh_FS4xc3Mgci2xQ5s5DzaLXh3HhaTZOP'],
  test: {
    asks: 'GET api.mollie.com/v2/organizations/me',
    headers: { authorization: 'Bearer access_46EUJ6x8jFJZZeAvhNH4JVey6qVpqR' },
    good: { body: { resource: 'organization', id: 'org_12345678', name: 'Mollie B.V.' } },
    refused: {
      answer: {
        status: 401,
        body: {
          status: 401,
          title: 'Unauthorized Request',
          detail: 'Missing authentication, or failed to authenticate',
        },
      },
      says: 'Missing authentication, or failed to authenticate',
    },
  },
  streams: [
    {
      ...list('profiles', 'pfl_QkEhN94Ba', 'pfl_v9hTwCvYqw'),
      limited: { status: 429, body: { status: 429, title: 'Too Many Requests', detail: 'Too many requests' } },
    },
    list('payments', 'tr_7UhSN1zuXS', 'tr_WDqYK6vllg', { id: 'pfl_QkEhN94Ba' }),
    list('customers', 'cst_8wmqcHMN4U', 'cst_kEn1PlbGa'),
    list('settlements', 'stl_jDk30akdN', 'stl_BkEjN2eBb'),
  ],
  actions,
}
