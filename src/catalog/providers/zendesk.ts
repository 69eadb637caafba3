import { zendeskActions } from '../actions/zendesk.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

const host = 'https://{{ input.subdomain }}.zendesk.com'

export const zendesk: IntegrationDefinition = {
  displayName: 'Zendesk',
  docsUrl: 'https://developer.zendesk.com/api-reference/introduction/security-and-auth/',
  categories: ['support', 'ticketing'],
  baseUrl: `${host}/api/v2`,
  inputFields: [
    {
      name: 'subdomain',
      label: 'Subdomain',
      description: 'What stands before .zendesk.com.',
      required: true,
      pattern: '[A-Za-z0-9-]+',
      example: 'acme',
    },
  ],
  auth: {
    type: 'selective',
    options: [
      {
        key: 'oauth',
        label: 'Sign in with Zendesk',
        auth: {
          type: 'oauth2',
          grant: 'authorization_code',
          authorizationUrl: `${host}/oauth/authorizations/new`,
          tokenUrl: `${host}/oauth/tokens`,
          revocation: { url: `${host}/api/v2/oauth/tokens/current.json`, method: 'DELETE', auth: 'token' },
          scopes: ['read'],
          // Tokens of a client from before 2026 do not expire, and have no refresh token, unless the request asks for an expiry. These
          // are the longest ones: 48 hours and 90 days. A refresh deletes the previous access token and refresh token
          // (support.zendesk.com/hc/articles/9182123625370, support.zendesk.com/hc/articles/10212201463962).
          tokenRequest: { format: 'json', params: { expires_in: '172800', refresh_token_expires_in: '7776000' } },
          tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
          rotation: 'strict',
        },
      },
      {
        // API tokens cannot be created since 27 October 2026, and existing ones end on 30 April 2027
        // (developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/).
        key: 'api_token',
        label: 'API token',
        auth: {
          type: 'basic',
          fields: [
            { name: 'email', label: 'Email address', required: true, example: 'ada@example.com' },
            { name: 'api_token', label: 'API token', secret: true, required: true },
          ],
          username: '{{ config.email }}/token',
          password: '{{ config.api_token }}',
        },
      },
    ],
  },
  // developer.zendesk.com/api-reference/introduction/requests/#error-responses. A missing scope is reported like this too.
  responseErrors: [400, 403, 404, 422].map((status) => ({
    status,
    path: ['description'],
    as: 'fail',
    message: ['description'],
  })),
  // developer.zendesk.com/documentation/webhooks/verifying, developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types
  webhook: {
    verify: {
      method: 'hmac',
      header: 'X-Zendesk-Webhook-Signature',
      hash: 'sha256',
      encoding: 'base64',
      message: '{{ timestamp }}{{ body }}',
      timestamp: { header: 'X-Zendesk-Webhook-Signature-Timestamp', format: 'iso8601', tolerance: 'PT5M' },
    },
    // The body of a webhook that a trigger calls is written in Zendesk, so its id may be that of a ticket.
    id: "body.id if body.zendesk_event_version else headers['x-zendesk-webhook-invocation-id']",
    type: 'body.type',
    // The API does not tell the id of the account, so the externalId of the connection has to.
    connection: { value: 'body.account_id', equals: 'externalId' },
    sync: ['ticket', 'user', 'organization'].map((kind) => ({
      where: `'zen:event-type:${kind}.' in body.type`,
      streams: [`${kind}s`],
    })),
  },
  testRequest: { path: '/users/me.json' },
  streams: ['tickets', 'users', 'organizations'].map(objects),
  actions: zendeskActions,
}

/** Cursor pagination (developer.zendesk.com/api-reference/introduction/pagination). `links.next` is null on the last page. */
function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}.json`,
    query: { 'page[size]': '100' },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['links', 'next'] },
  }
}
