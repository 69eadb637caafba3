import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_balances',
    arguments: { currency: 'EUR' },
    request: 'GET https://api-m.sandbox.paypal.com/v1/reporting/balances?currency_code=EUR',
    answer: { body: { balances: [{ currency: 'EUR', total_balance: { currency_code: 'EUR', value: '64.31' } }] } },
    output: { balances: [{ currency: 'EUR', total_balance: { currency_code: 'EUR', value: '64.31' } }] },
  },
  {
    action: 'create_invoice',
    arguments: {
      recipient: 'bill-me@example.com',
      item: 'Yoga Mat',
      quantity: '1',
      unit_amount: '50.00',
      currency: 'USD',
      invoice_number: '#123',
      invoice_date: '2026-11-12',
      note: 'Thank you for your business.',
    },
    request: 'POST https://api-m.sandbox.paypal.com/v2/invoicing/invoices',
    headers: { prefer: 'return=representation' },
    body: {
      detail: {
        currency_code: 'USD',
        invoice_number: '#123',
        invoice_date: '2026-11-12',
        note: 'Thank you for your business.',
      },
      primary_recipients: [{ billing_info: { email_address: 'bill-me@example.com' } }],
      items: [{ name: 'Yoga Mat', quantity: '1', unit_amount: { currency_code: 'USD', value: '50.00' } }],
    },
    answer: { status: 201, body: { id: 'INV2-Z56S-5LLA-Q52L-CPZ5', status: 'DRAFT' } },
    output: { id: 'INV2-Z56S-5LLA-Q52L-CPZ5', status: 'DRAFT' },
  },
  {
    action: 'send_invoice',
    arguments: { invoice_id: 'INV2-EHNV-LJ5S-A7DZ-V6NJ', send_to_invoicer: true },
    request: 'POST https://api-m.sandbox.paypal.com/v2/invoicing/invoices/INV2-EHNV-LJ5S-A7DZ-V6NJ/send',
    body: { send_to_invoicer: true },
    answer: { body: { rel: 'payer-view', method: 'GET' } },
    output: { rel: 'payer-view', method: 'GET' },
  },
]

const transaction = (id: string, at: string) => ({
  transaction_info: {
    transaction_id: id,
    transaction_initiation_date: at,
    transaction_updated_date: at,
    transaction_status: 'S',
  },
})

export const trial: ProviderTrial = {
  // Two days are one window.
  input: { environment: 'sandbox', since: new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10) },
  credential: { fields: { client_id: 'client-id', client_secret: 'cl1ent-s3cret' } },
  renewal: {
    answer: {
      body: {
        scope: 'https://uri.paypal.com/services/reporting/search/read https://uri.paypal.com/services/invoicing',
        access_token: 'A21AAFEpH4PsADK7qSS7pSRsgz',
        token_type: 'Bearer',
        app_id: 'APP-80W284485P519543T',
        expires_in: 31668,
        nonce: '2020-04-03T15:35:36ZaYZlGvEkV4yVSz8g6bAKFoGSEzuy3CQcz3ljhibkOHg',
      },
    },
    accessToken: 'A21AAFEpH4PsADK7qSS7pSRsgz',
    lifetimeSeconds: 31668,
    scopes: ['https://uri.paypal.com/services/reporting/search/read', 'https://uri.paypal.com/services/invoicing'],
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Client Authentication failed' } },
      reason: 'INVALID_CLIENT',
      says: 'Client Authentication failed',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Client Authentication failed' } },
      says: 'Client Authentication failed',
      cause: 'belong to the other environment',
    },
    {
      what: 'request',
      answer: {
        status: 403,
        body: { name: 'NOT_AUTHORIZED', message: 'Authorization failed due to insufficient permissions.' },
      },
      says: 'Authorization failed due to insufficient permissions.',
      cause: 'may not use this API',
    },
  ],
  test: {
    asks: 'GET api-m.sandbox.paypal.com/v1/reporting/balances',
    headers: { authorization: 'Bearer A21AAFEpH4PsADK7qSS7pSRsgz' },
    good: { body: { balances: [], account_id: 'MTNAQHTA8NZA8', as_of_time: '2026-10-01T00:00:00Z' } },
    refused: {
      answer: {
        status: 401,
        body: { error: 'invalid_token', error_description: 'Token signature verification failed' },
      },
      says: 'invalid_token: Token signature verification failed',
    },
  },
  streams: [
    {
      name: 'transactions',
      pages: [
        {
          body: {
            transaction_details: [transaction('5TY05013RG002845M', '2014-07-11T04:03:52+0000')],
            page: 1,
            total_items: 2,
            total_pages: 2,
          },
        },
        {
          body: {
            transaction_details: [transaction('4GS95084HG543020W', '2014-07-12T04:03:52+0000')],
            page: 2,
            total_items: 2,
            total_pages: 2,
          },
        },
      ],
      keys: ['5TY05013RG002845M', '4GS95084HG543020W'],
      asksFor: 'page=2',
      since: { cursor: '2026-06-01T10:00:00+0000', value: '2026-06-01T07:00:00Z' },
    },
    {
      name: 'invoices',
      pages: [
        { body: { total_items: 2, total_pages: 2, items: [{ id: 'INV2-2XFK-GCWN-6V6E-BVXL', status: 'SENT' }] } },
        { body: { total_items: 2, total_pages: 2, items: [{ id: 'INV2-C82X-JNN9-Y6S5-CNXW', status: 'DRAFT' }] } },
      ],
      keys: ['INV2-2XFK-GCWN-6V6E-BVXL', 'INV2-C82X-JNN9-Y6S5-CNXW'],
      asksFor: 'page=2',
      limited: {
        status: 429,
        body: { name: 'RATE_LIMIT_REACHED', message: 'Too many requests. Blocked due to rate limiting.' },
      },
    },
  ],
  actions,
}
