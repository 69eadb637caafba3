import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_payments',
    arguments: { customer_id: 'CU123', mandate_id: 'MD123', limit: 2, cursor: 'PM124' },
    request: 'GET https://api.gocardless.com/payments?customer=CU123&mandate=MD123&limit=2&after=PM124',
    answer: {
      body: { payments: [{ id: 'PM123', amount: 1000 }], meta: { cursors: { before: null, after: null }, limit: 2 } },
    },
    output: { payments: [{ id: 'PM123', amount: 1000 }], meta: { cursors: { before: null, after: null }, limit: 2 } },
  },
  {
    action: 'create_customer',
    arguments: { email: 'user@example.com', given_name: 'Frank', family_name: 'Osborne', company_name: 'Acme' },
    request: 'POST https://api.gocardless.com/customers',
    body: {
      customers: { email: 'user@example.com', given_name: 'Frank', family_name: 'Osborne', company_name: 'Acme' },
    },
    answer: { status: 201, body: { customers: { id: 'CU123', email: 'user@example.com' } } },
    output: { id: 'CU123', email: 'user@example.com' },
    keyed: true,
  },
  {
    action: 'create_payment',
    arguments: {
      mandate_id: 'MD123',
      amount: 1000,
      currency: 'GBP',
      description: 'WINEBOX001',
      charge_date: '2026-12-19',
    },
    request: 'POST https://api.gocardless.com/payments',
    body: {
      payments: {
        amount: 1000,
        currency: 'GBP',
        description: 'WINEBOX001',
        charge_date: '2026-12-19',
        links: { mandate: 'MD123' },
      },
    },
    answer: { status: 201, body: { payments: { id: 'PM123', status: 'pending_submission' } } },
    output: { id: 'PM123', status: 'pending_submission' },
    keyed: true,
  },
]

const list = (name: string, first: string, second: string): StreamTrial => ({
  name,
  pages: [
    { body: { [name]: [{ id: first }], meta: { cursors: { before: null, after: first }, limit: 500 } } },
    { body: { [name]: [{ id: second }], meta: { cursors: { before: second, after: null }, limit: 500 } } },
  ],
  keys: [first, second],
  asksFor: `after=${first}`,
})

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'oauth' } },
  exchange: {
    answer: {
      body: {
        access_token: 'e72e16c7e42f292c6912e7710c838347ae178b4a',
        scope: 'read_write',
        token_type: 'bearer',
        organisation_id: 'OR123',
      },
    },
    accessToken: 'e72e16c7e42f292c6912e7710c838347ae178b4a',
    scopes: ['read_write'],
    kept: { organisation_id: 'OR123' },
  },
  refusals: [
    {
      what: 'code',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'The authorization code is invalid or has expired' },
      },
      reason: 'INVALID_GRANT',
      says: 'The authorization code is invalid',
    },
  ],
  test: {
    asks: 'GET api.gocardless.com/creditors?limit=1',
    headers: {
      authorization: 'Bearer e72e16c7e42f292c6912e7710c838347ae178b4a',
      'gocardless-version': '2015-07-06',
    },
    good: { body: { creditors: [{ id: 'CR123', name: 'Acme' }], meta: { cursors: { before: null, after: null } } } },
    refused: {
      answer: {
        status: 401,
        body: {
          error: {
            message: 'The access token you have used has been revoked',
            errors: [{ reason: 'access_token_revoked', message: 'The access token you have used has been revoked' }],
            type: 'invalid_api_usage',
            code: 401,
          },
        },
      },
      says: 'The access token you have used has been revoked',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'live_0123' } },
      asks: 'GET api.gocardless.com/creditors?limit=1',
      headers: { authorization: 'Bearer live_0123' },
    },
  ],
  streams: [
    {
      ...list('customers', 'CU123', 'CU124'),
      limited: { status: 429, body: { error: { message: 'Rate limit exceeded', code: 429 } } },
    },
    list('mandates', 'MD123', 'MD124'),
    list('payments', 'PM123', 'PM124'),
    list('payouts', 'PO123', 'PO124'),
  ],
  webhook: {
    sign: ({ secret, body }) => ({ 'Webhook-Signature': hmac('sha256', secret, body, 'hex') }),
    connection: { kept: { organisation_id: 'OR123' } },
    requests: [
      {
        body: {
          events: [
            {
              id: 'EV123',
              created_at: '2026-08-03T12:00:00.000Z',
              resource_type: 'payments',
              action: 'confirmed',
              links: { payment: 'PM123', organisation: 'OR123' },
            },
            {
              id: 'EV456',
              created_at: '2026-08-03T12:00:00.000Z',
              resource_type: 'mandates',
              action: 'cancelled',
              links: { mandate: 'MD456', organisation: 'OR456' },
            },
          ],
        },
        events: [
          { id: 'EV123', type: 'payments.confirmed', account: 'OR123', streams: ['payments'] },
          { id: 'EV456', type: 'mandates.cancelled', account: 'OR456', streams: ['mandates'] },
        ],
      },
    ],
  },
  actions,
}
