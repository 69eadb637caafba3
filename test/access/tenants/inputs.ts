import { encodeEventCursor } from '../../../src/events/event-cursor.ts'
import { globalId, type Tenant, thingsOf } from './two-tenants.ts'

/** The parts of an input that cannot be derived from the schema. */
export type Specific = (own: Tenant, path: readonly string[]) => Record<string, unknown>

const none: Specific = () => ({})
const credential = { secretText: 'a-token' }
const integrationOf = ({ slug }: Tenant) => `${slug}-crm`

/**
 * Every field with an input argument, and so every mutation. A missing one fails the tests. An entry contains what the input
 * needs, beyond the fields that the schema requires, so that the ids in it are looked up. `path` is the place under test.
 */
export const INPUTS: Readonly<Record<string, Specific>> = {
  approveOidcIssuer: none,
  cancelSync: none,
  completeOAuth: none,
  confirmConnection: none,
  createAuthProvider: () => ({ name: 'p', kind: 'COMPOSIO', secret: 'a-secret-key' }),
  createApiKey: ({ workspaceId: Workspace }) => ({ role: 'READER', workspaceId: globalId('Workspace', { Workspace }) }),
  createConnectSession: (_own, path) => ({
    allowedOrigins: ['https://app.example'],
    ...(path.includes('endUserId') ? {} : { endUserExternalId: 'somebody' }),
  }),
  createConnection: (own) => ({ integration: integrationOf(own), credential }),
  createIntegration: () => ({ provider: 'sandbox' }),
  createOidcIssuer: () => ({ issuer: 'https://issuer.example', allowedAlgorithms: ['RS256'] }),
  createToolSession: (_own, path) => (path.includes('endUserId') ? {} : { endUserExternalId: 'somebody' }),
  createWebhookEndpoint: () => ({ url: 'https://receiver.example/webhooks' }),
  createWorkspace: none,
  deleteAuthProvider: none,
  deleteConnection: none,
  deleteEndUser: none,
  deleteIntegration: none,
  deleteOidcIssuer: none,
  deleteWebhookEndpoint: none,
  deleteWorkspace: none,
  executeRequest: (own, path) =>
    path.includes('resolve')
      ? {
          path: '/contacts',
          resolve: { workspaceId: globalId('Workspace', thingsOf(own)), integration: integrationOf(own) },
        }
      : { path: '/contacts' },
  runAction: (own, path) =>
    path.includes('resolve')
      ? { resolve: { workspaceId: globalId('Workspace', thingsOf(own)), integration: integrationOf(own) } }
      : {},
  importDefinition: () => ({ format: 'OPENAPI', document: '' }),
  redeliverWebhook: (own, path) =>
    path.includes('deliveryId')
      ? {}
      : path.includes('webhookEndpointId')
        ? { after: encodeEventCursor(own.workspaceId, 1n) }
        : { webhookEndpointId: globalId('WebhookEndpoint', { WebhookEndpoint: own.webhookEndpointId }) },
  refreshConnection: none,
  replaceCredential: () => ({ credential }),
  resolveConnection: (own) => ({ integration: integrationOf(own), externalId: null }),
  revokeApiKey: none,
  rotateWebhookSecret: none,
  startOAuth: ({ slug }) => ({ integration: `${slug}-consent`, redirectUrl: `https://${slug}.example/done` }),
  revokeConnectSession: none,
  revokeToolSession: none,
  testConnection: none,
  testWebhookEndpoint: none,
  testIntegration: (own) => ({ integration: integrationOf(own), credential }),
  triggerSync: none,
  updateAuthProvider: none,
  updateConnection: none,
  updateIntegration: none,
  updateOidcIssuer: none,
  updateWebhookEndpoint: none,
  updateWorkspace: none,
  upsertEndUser: none,
  verifyOidcIssuer: () => ({ token: 'not-a-token' }),
}
