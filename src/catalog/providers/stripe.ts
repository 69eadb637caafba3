import { stripeActions } from '../actions/stripe.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const stripe: IntegrationDefinition = {
  displayName: 'Stripe',
  docsUrl: 'https://docs.stripe.com/api/authentication',
  categories: ['payments', 'billing'],
  baseUrl: 'https://api.stripe.com/v1',
  auth: {
    type: 'bearer',
    fields: [
      {
        name: 'api_key',
        label: 'API key',
        description: 'A secret key (sk_…) or, better, a restricted one (rk_…) that may only read.',
        secret: true,
        required: true,
        pattern: '(sk|rk)_(test|live)_[A-Za-z0-9]+',
      },
    ],
    token: '{{ config.api_key }}',
  },
  headers: { 'Stripe-Version': '2024-06-20' },
  // docs.stripe.com/webhooks/signature, docs.stripe.com/api/events/object
  webhook: {
    verify: {
      method: 'hmac',
      header: 'Stripe-Signature',
      hash: 'sha256',
      encoding: 'hex',
      prefix: 'v1=',
      message: '{{ timestamp }}.{{ body }}',
      timestamp: { header: 'Stripe-Signature', prefix: 't=', tolerance: 'PT5M' },
    },
    id: 'body.id',
    type: 'body.type',
    // The account of an event of Connect. A key tells nothing of its account, so the externalId of the connection has to.
    connection: { value: 'body.account', equals: 'externalId' },
    sync: ['customer', 'product', 'subscription', 'invoice', 'charge'].map((kind) => ({
      where: `body.data.object.object == '${kind}'`,
      streams: kind === 'charge' ? ['charges', 'balance_transactions'] : [`${kind}s`],
    })),
  },
  testRequest: { path: '/balance' },
  streams: ['customers', 'products', 'subscriptions', 'invoices', 'charges', 'balance_transactions'].map(objects),
  actions: stripeActions,
}

/** Lists begin with the newest object. The id of the last object of a page requests older ones. */
function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100', ...(name === 'subscriptions' ? { status: 'all' } : {}) },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', from: 'last_record', path: ['id'], param: 'starting_after', hasMore: ['has_more'] },
  }
}
