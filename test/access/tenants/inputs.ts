import { globalId, type Tenant, thingsOf } from './two-tenants.ts'

/** What of an input the schema alone does not tell how to fill in. */
export type Specific = (own: Tenant, path: readonly string[]) => Record<string, unknown>

const none: Specific = () => ({})
const credential = { secretText: 'a-token' }
const integrationOf = ({ slug }: Tenant) => `${slug}-crm`

/**
 * Every field that takes an input, and so every mutation. One that is not here fails the tests: an entry says, besides what
 * the schema requires, what the input needs so that it is looked at as far as the ids in it. `path` is the place that is tried.
 */
export const INPUTS: Readonly<Record<string, Specific>> = {
  cancelSync: none,
  completeOAuth: none,
  confirmConnection: none,
  createAuthProvider: () => ({ name: 'p', kind: 'COMPOSIO', secret: 'a-secret-key' }),
  createApiKey: () => ({ role: 'READER' }),
  createConnectSession: (_own, path) => (path.includes('endUserId') ? {} : { endUserExternalId: 'somebody' }),
  createConnection: (own) => ({ integration: integrationOf(own), credential }),
  createIntegration: () => ({ provider: 'sandbox' }),
  createOidcIssuer: () => ({ issuer: 'https://issuer.example', allowedAlgorithms: ['RS256'] }),
  createWorkspace: none,
  deleteAuthProvider: none,
  deleteConnection: none,
  deleteEndUser: none,
  deleteIntegration: none,
  deleteOidcIssuer: none,
  deleteWorkspace: none,
  executeRequest: (own, path) =>
    path.includes('resolve')
      ? {
          path: '/contacts',
          resolve: { workspaceId: globalId('Workspace', thingsOf(own)), integration: integrationOf(own) },
        }
      : { path: '/contacts' },
  refreshConnection: none,
  replaceCredential: () => ({ credential }),
  resolveConnection: (own) => ({ integration: integrationOf(own), externalId: null }),
  revokeApiKey: none,
  startOAuth: ({ slug }) => ({ integration: `${slug}-consent`, redirectUrl: `https://${slug}.example/done` }),
  revokeConnectSession: none,
  testConnection: none,
  testIntegration: (own) => ({ integration: integrationOf(own), credential }),
  triggerSync: none,
  updateAuthProvider: none,
  updateConnection: none,
  updateIntegration: none,
  updateOidcIssuer: none,
  updateWorkspace: none,
  upsertEndUser: none,
}
