import { encodeEventCursor } from '../../../src/events/event-cursor.ts'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { canary } from '../../support/canaries.ts'
import { type CanaryWorkspace, RETURN_URL } from './canary-workspace.ts'

type Input = Record<string, unknown>

/** Inputs for every mutation, in an order in which nothing is deleted before it is used. */
export function mutationsOf(
  workspace: CanaryWorkspace,
  fresh: Readonly<Record<string, string>>,
  origin: string,
): [name: string, input: Input][] {
  const workspaceId = workspace.id
  const { name, connectionId, syncJobId, integrationId, endUserId, authProviderId, oidcIssuerId, webhookEndpointId } =
    fresh
  const slug = `${name}-made`.replaceAll(' ', '-')
  const secret = () => `whsec_${Buffer.from(canary(`${name}-secret`)).toString('base64')}`
  const definition = { displayName: slug, baseUrl: origin, auth: { type: 'bearer' }, testRequest: { path: '/me' } }
  const credential = { secretText: canary(`${name}-text`) }
  const hooked = { ...definition, webhook: { verify: { method: 'token', place: { in: 'header', name: 'X-Token' } } } }
  const oauthClient = { clientId: 'c', clientSecret: canary(`${name}-client`) }
  const begun = { workspaceId, integration: 'consent', redirectUrl: RETURN_URL, endUserExternalId: 'ada' }
  return [
    ['createWorkspace', { name: slug }],
    ['updateWorkspace', { workspaceId, name: 'Acme' }],
    ['createApiKey', { workspaceId, name: slug, role: 'READER' }],
    ['createOidcIssuer', { workspaceId, issuer: origin, audience: slug }],
    ['updateOidcIssuer', { oidcIssuerId, createEndUsers: true }],
    ['verifyOidcIssuer', { oidcIssuerId, token: fresh['issuerToken'] }],
    ['approveOidcIssuer', { oidcIssuerId }],
    ['createAuthProvider', { workspaceId, name: slug, kind: 'COMPOSIO', secret: canary(`${name}-composio`) }],
    ['updateAuthProvider', { authProviderId, secret: secret() }],
    [
      'createWebhookEndpoint',
      { workspaceId, url: `${origin}/busy`, headers: { 'X-Secret': canary(`${name}-webhook`) } },
    ],
    ['updateWebhookEndpoint', { webhookEndpointId, headers: { 'X-Secret': canary(`${name}-webhook-2`) } }],
    ['rotateWebhookSecret', { webhookEndpointId }],
    ['testWebhookEndpoint', { webhookEndpointId }],
    ['redeliverWebhook', { deliveryId: fresh['webhookDeliveryId'] }],
    ['redeliverWebhook', { webhookEndpointId, after: encodeEventCursor(parseGlobalId(workspaceId)?.id ?? '', 0n) }],
    ['createIntegration', { workspaceId, slug, definition, oauthClient: null }],
    [
      'createIntegration',
      { workspaceId, slug: `${slug}-hook`, definition: hooked, webhookSecret: canary(`${name}-hook`) },
    ],
    ['updateIntegration', { integrationId, displayName: slug }],
    [
      'importDefinition',
      { format: 'NANGO', document: 'acme: { auth_mode: NONE, proxy: { base_url: https://a.example } }' },
    ],
    [
      'importDefinition',
      {
        format: 'OPENAPI',
        document: 'openapi: 3.1.0\nservers: [{ url: https://a.example }]\npaths: { /a: { delete: {} } }',
      },
    ],
    ['upsertEndUser', { workspaceId, externalId: slug }],
    ['createConnectSession', { workspaceId, endUserExternalId: 'ada', redirectUrl: RETURN_URL }],
    ['createToolSession', { workspaceId, endUserExternalId: 'ada' }],
    [
      'createConnection',
      { workspaceId, integration: 'bearer', endUserExternalId: 'ada', credential, syncImmediately: true },
    ],
    ['startOAuth', begun],
    ['completeOAuth', { state: fresh['state'], code: canary(`${name}-code`), endUserExternalId: 'ada' }],
    ['confirmConnection', { handle: fresh['handle'], endUserExternalId: 'ada' }],
    ['executeRequest', { connectionId, method: 'GET', path: '/me' }],
    ['executeRequest', { connectionId, method: 'GET', path: '/text' }],
    ['executeRequest', { connectionId: workspace.lostConnectionId, method: 'GET', path: '/me' }],
    [
      'executeRequest',
      { resolve: { workspaceId, integration: 'held', endUserExternalId: 'ada' }, method: 'GET', path: '/' },
    ],
    [
      'runAction',
      {
        connectionId,
        action: 'note',
        arguments: { note: canary(`${name}-argument`) },
        idempotencyKey: canary(`${name}-idempotency`),
      },
    ],
    ['testConnection', { connectionId }],
    ['refreshConnection', { connectionId, force: true }],
    ['testIntegration', { workspaceId, integration: 'bearer', credential }],
    // The list fails once.
    ['testIntegration', { workspaceId, integration: 'hooked', credential, stream: 'items' }],
    ['testIntegration', { workspaceId, integration: 'hooked', credential, stream: 'items' }],
    ['triggerSync', { connectionId: fresh['heldConnectionId'], accessToken: canary(`${name}-job-access`) }],
    ['cancelSync', { syncJobId }],
    ['updateConnection', { connectionId, displayName: slug }],
    ['replaceCredential', { connectionId, credential: { oauthToken: { accessToken: canary(`${name}-replaced`) } } }],
    ['refreshConnection', { connectionId: workspace.plainConnectionId, force: true }],
    ['createIntegration', { workspaceId, slug: 'renews', definition }],
    [
      'completeOAuth',
      {
        state: fresh['refusedState'],
        code: canary(`${name}-refused`),
        endUserExternalId: 'ada',
        params: { error: 'access_denied', error_description: 'No.' },
      },
    ],
    ['confirmConnection', { handle: fresh['strangeHandle'], endUserExternalId: 'bob' }],
    // Errors about an input must not contain the input.
    ['createIntegration', { workspaceId, slug: `${slug}-2`, definition, oauthClient }],
    ['updateIntegration', { integrationId, webhookSecret: canary(`${name}-no-hook`) }],
    ['createAuthProvider', { workspaceId, name: slug, kind: 'TOKEN_CALLBACK', secret: canary(`${name}-no-key`) }],
    ['replaceCredential', { connectionId, credential: { fields: { token: { a: canary(`${name}-misplaced`) } } } }],
    ['replaceCredential', { connectionId, credential: { secretText: { a: canary(`${name}-no-text`) } } }],
    ['verifyOidcIssuer', { oidcIssuerId, token: canary(`${name}-no-token`) }],
    ['completeOAuth', { state: canary(`${name}-no-state`), code: canary(`${name}-no-code`) }],
    ['confirmConnection', { handle: canary(`${name}-no-handle`) }],
    ['createWebhookEndpoint', { workspaceId, url: origin, headers: { 'Webhook-Id': canary(`${name}-no-header`) } }],
    ['importDefinition', { format: 'NANGO', document: `{"a": "${canary(`${name}-no-json`)}": 1}` }],
    ['importDefinition', { format: 'AIRBYTE', document: `a: *${canary(`${name}-no-alias`)}` }],
    ['importDefinition', { format: 'OPENAPI', document: `a: "b"${canary(`${name}-no-yaml`)}` }],
    ['deleteWebhookEndpoint', { webhookEndpointId }],
    ['revokeConnectSession', { sessionId: fresh['sessionId'] }],
    ['revokeToolSession', { toolSessionId: fresh['toolSessionId'] }],
    ['revokeApiKey', { apiKeyId: fresh['apiKeyId'] }],
    ['deleteConnection', { connectionId: fresh['deletedConnectionId'] }],
    ['deleteEndUser', { endUserId }],
    ['deleteIntegration', { integrationId }],
    ['deleteAuthProvider', { authProviderId }],
    ['deleteOidcIssuer', { oidcIssuerId }],
    ['deleteWorkspace', { workspaceId: fresh['workspaceId'] }],
  ]
}
