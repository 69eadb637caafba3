import { squareActions } from '../actions/square.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const square: IntegrationDefinition = {
  displayName: 'Square',
  docsUrl: 'https://developer.squareup.com/docs/oauth-api/overview',
  categories: ['payments', 'e-commerce'],
  baseUrl: 'https://connect.squareup.com/v2',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://connect.squareup.com/oauth2/authorize',
    // Required in production; the seller signs in again.
    authorizationParams: { session: 'false' },
    tokenUrl: 'https://connect.squareup.com/oauth2/token',
    scopes: ['MERCHANT_PROFILE_READ', 'CUSTOMERS_READ', 'PAYMENTS_READ'],
    // PKCE is a separate flow without a client secret, whose refresh tokens work once within 90 days.
    pkce: 'none',
    tokenRequest: { format: 'json' },
    tokenResponse: {
      expiry: { path: ['expires_at'], format: 'iso8601' },
      error: ['type'],
      keep: { merchant_id: ['merchant_id'] },
    },
    permanentErrors: ['service.not_authorized'],
    rotation: 'none',
  },
  headers: { 'Square-Version': '2025-10-16' },
  responseErrors: [
    { status: 401, path: ['errors', 0, 'detail'], as: 'auth', message: ['errors', 0, 'detail'] },
    ...[400, 403, 404].map((status) => ({
      status,
      path: ['errors', 0, 'detail'],
      as: 'fail' as const,
      message: ['errors', 0, 'detail'],
    })),
  ],
  // developer.squareup.com/docs/webhooks/step3validate, developer.squareup.com/docs/webhooks/overview
  webhook: {
    verify: {
      method: 'hmac',
      header: 'x-square-hmacsha256-signature',
      hash: 'sha256',
      encoding: 'base64',
      message: '{{ url }}{{ body }}',
    },
    id: 'body.event_id',
    type: 'body.type',
    connection: { value: 'body.merchant_id', equals: 'kept.merchant_id' },
    sync: ['location', 'customer', 'payment'].map((kind) => ({
      where: `'${kind}.' in body.type`,
      streams: [`${kind}s`],
    })),
  },
  testRequest: { path: '/merchants/me' },
  streams: [
    { name: 'locations', path: '/locations', recordsPath: ['locations'], primaryKey: [['id']] },
    objects('customers', {}),
    {
      ...objects('payments', { sort_field: 'UPDATED_AT', sort_order: 'ASC' }),
      incremental: { cursorField: ['updated_at'], param: 'updated_at_begin_time', format: 'iso8601' },
    },
  ],
  actions: squareActions,
}

function objects(name: string, query: Record<string, string>): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100', ...query },
    recordsPath: [name],
    omitsEmptyList: true,
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['cursor'], param: 'cursor' },
  }
}
