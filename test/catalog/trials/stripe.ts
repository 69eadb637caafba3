import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac, seconds } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_customer',
    keyed: true,
    arguments: {
      email: 'jennyrosen@example.com',
      name: 'Jenny Rosen',
      phone: '+15555550100',
      description: 'First customer',
    },
    request: 'POST https://api.stripe.com/v1/customers',
    headers: { 'stripe-version': '2024-06-20' },
    body: 'email=jennyrosen%40example.com&name=Jenny+Rosen&phone=%2B15555550100&description=First+customer',
    answer: { body: { id: 'cus_NffrFeUfNV2Hib', object: 'customer', name: 'Jenny Rosen' } },
    output: { id: 'cus_NffrFeUfNV2Hib', object: 'customer', name: 'Jenny Rosen' },
  },
  {
    action: 'get_customer',
    arguments: { customer_id: 'cus_NffrFeUfNV2Hib' },
    request: 'GET https://api.stripe.com/v1/customers/cus_NffrFeUfNV2Hib',
    answer: { body: { id: 'cus_NffrFeUfNV2Hib', object: 'customer' } },
    output: { id: 'cus_NffrFeUfNV2Hib', object: 'customer' },
  },
  {
    action: 'list_customers',
    arguments: { email: 'jennyrosen@example.com', limit: 3, starting_after: 'cus_NffrFeUfNV2Hib' },
    request:
      'GET https://api.stripe.com/v1/customers?email=jennyrosen%40example.com&limit=3&starting_after=cus_NffrFeUfNV2Hib',
    answer: { body: { object: 'list', data: [{ id: 'cus_NffrFeUfNV2Hic' }], has_more: false } },
    output: { object: 'list', data: [{ id: 'cus_NffrFeUfNV2Hic' }], has_more: false },
  },
  {
    action: 'list_invoices',
    arguments: {
      customer_id: 'cus_NffrFeUfNV2Hib',
      status: 'open',
      limit: 3,
      starting_after: 'in_1MtHbELkdIwHu7ixl4OzzPMv',
    },
    request:
      'GET https://api.stripe.com/v1/invoices?customer=cus_NffrFeUfNV2Hib&status=open&limit=3&starting_after=in_1MtHbELkdIwHu7ixl4OzzPMv',
    answer: { body: { object: 'list', data: [{ id: 'in_1MtHbELkdIwHu7ixl4OzzPMw' }], has_more: false } },
    output: { object: 'list', data: [{ id: 'in_1MtHbELkdIwHu7ixl4OzzPMw' }], has_more: false },
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'sk_test_26PHem9AhJZvU623DfE1x4sd' } },
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: {
          error: {
            message:
              "The provided key 'rk_test_*****' does not have the required permissions for this endpoint on account 'acct_1'. Having the 'rak_balance_read' permission would allow this request to continue.",
            type: 'invalid_request_error',
          },
        },
      },
      says: "The provided key 'rk_test_*****' does not have the required permissions for this endpoint on account 'acct_1'. Having the 'rak_balance_read' permission would allow this request to continue.",
      cause: 'lacks a permission',
    },
  ],
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
  // docs.stripe.com/webhooks/signature, docs.stripe.com/api/events/object
  webhook: {
    // While a secret is rolled there are two signatures. v0 is a signature with a test key.
    sign: ({ secret, body, at }) => ({
      'Stripe-Signature': [
        `t=${seconds(at)}`,
        `v1=${'0'.repeat(64)}`,
        `v1=${hmac('sha256', secret, `${seconds(at)}.${body}`, 'hex')}`,
        'v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39',
      ].join(','),
    }),
    toleranceSeconds: 300,
    connection: { externalId: 'acct_1032D82eZvKYlo2C' },
    requests: [
      {
        body: {
          id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
          object: 'event',
          account: 'acct_1032D82eZvKYlo2C',
          api_version: '2024-06-20',
          created: 1686089970,
          data: { object: { id: 'cus_NffrFeUfNV2Hib', object: 'customer', email: 'jennyrosen@example.com' } },
          livemode: false,
          type: 'customer.created',
        },
        events: [
          {
            id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
            type: 'customer.created',
            account: 'acct_1032D82eZvKYlo2C',
            streams: ['customers'],
          },
        ],
      },
      {
        // An event of the account itself.
        body: {
          id: 'evt_2',
          object: 'event',
          data: { object: { id: 'ch_1', object: 'charge' } },
          type: 'charge.succeeded',
        },
        events: [{ id: 'evt_2', type: 'charge.succeeded', streams: ['charges', 'balance_transactions'] }],
      },
    ],
  },
  actions,
}
