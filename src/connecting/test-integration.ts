import { type Caller, notFound } from '../access/caller.ts'
import { checkInput as checkConnectionInput } from '../auth/check-input.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import type { Authenticator, OAuthClient, Renewal } from '../auth/strategy.ts'
import { findOffered } from '../catalog/catalog.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { definitionOf } from '../catalog/definition-of.ts'
import { findWritableWorkspace } from '../connections/lookups.ts'
import { checkAuthProvider, checkNewCredential, type NewStoredCredential } from '../connections/new-credential.ts'
import { parseOwnDefinition } from '../connections/own-definition.ts'
import type { OpenedConnection } from '../credentials/credential-row.ts'
import { type OAuthClientRow, oauthClientOf } from '../credentials/credential-row.ts'
import { askForCredential, asStored } from '../credentials/provided-account.ts'
import type { Database } from '../db/database.ts'
import type { Egress } from '../egress/egress.ts'
import { checkInput } from '../kit/input.ts'
import type { AuthenticatedRequests, ConnectionSource } from '../requests/send.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialInput } from '../wire/credential-input.ts'
import { scopeOf } from '../wire/template-scope.ts'
import type { IssuerMetadata } from './oauth/issuer-metadata.ts'
import { remarkOnIssuer } from './remark-on-issuer.ts'
import { sendTestRequest, type TestResult } from './test-request.ts'

export interface TestingValues {
  workspaceId: string
  /** Exactly one of the three: a slug of the workspace's integrations, of the catalogue, or a definition. */
  integration: string | null
  provider: string | null
  definition: unknown
  credential: CredentialInput
  input: unknown
}

export interface TestIntegrationDeps {
  database: Database
  vault: Vault
  egress: Egress
  requests: AuthenticatedRequests
  issuerMetadata: IssuerMetadata
  /** The sandbox runs. Default: false. */
  sandbox?: boolean
  customStrategies: CustomStrategies
}

/** What the values are tried on. */
export interface Target {
  id: string
  /** Of the workspace's own; null: it is not stored. */
  integrationId: string | null
  definition: IntegrationDefinition
  oauthClient?: OAuthClient
}

/**
 * Tries values on a definition. Nothing is stored, of them or of what comes of them: an access token that was obtained
 * with them is forgotten, and a refresh token that its provider replaces with every use is used up.
 *
 * @throws InvalidInputError with everything that is wrong; NotFoundError, ForbiddenError; CredentialRefreshError when the
 * values do not make a credential; ProviderError when the provider cannot be reached
 */
export async function testIntegration(
  deps: TestIntegrationDeps,
  caller: Caller,
  values: TestingValues,
): Promise<TestResult> {
  const { workspaceId, integration, provider, definition } = values
  const check = checkInput()
  if ([integration, provider, definition ?? null].filter((each) => each !== null).length !== 1) {
    check.wrong(['input', 'integration'], 'Give exactly one of integration, provider and definition.')
    check.done()
  }
  await findWritableWorkspace(deps.database, caller, workspaceId)
  const target = await findTarget(deps, values)
  const { auth } = target.definition
  const options = { hasOAuthClient: target.oauthClient !== undefined, customStrategies: deps.customStrategies }
  await checkAuthProvider(deps.database, caller, workspaceId, values.credential, check)
  const given = check.part(() => checkNewCredential(auth, values.credential, options))
  const input = check.part(() => checkConnectionInput(target.definition, values.input ?? {}))
  check.done()
  if (given === undefined || input === undefined) throw new Error('A check that fails must say why.')
  const stored = given.type === 'auth_provider' ? await fromAuthProvider(deps, target, workspaceId, given) : given
  const result = await sendTestRequest(deps.requests, forgetfulSource(deps, target, workspaceId, stored, input))
  const remark = await remarkOnIssuer(deps.issuerMetadata, target.definition)
  return remark === null ? result : { ...result, message: `${result.message} ${remark}` }
}

async function findTarget(deps: TestIntegrationDeps, values: TestingValues): Promise<Target> {
  const { database, vault } = deps
  const { workspaceId, integration, provider, definition } = values
  if (definition != null) {
    return { id: 'inline', integrationId: null, definition: parseOwnDefinition(deps, definition) }
  }
  if (provider !== null) {
    const known = findOffered(provider, deps)
    if (known === null) throw notFound('provider')
    return { id: provider, integrationId: null, definition: known.definition }
  }
  const [row] = await database.sql.query<
    OAuthClientRow & { updated_at: Date; provider: string | null; definition: unknown }
  >(
    `SELECT i.id AS integration_id, i.workspace_id, i.updated_at, i.provider, i.definition, i.oauth_client_id,
            x.sealed AS client_sealed, x.version AS client_version
     FROM integration i LEFT JOIN integration_secret x ON x.integration_id = i.id
     WHERE i.workspace_id = $1::uuid AND i.slug = $2::text AND i.deleted_at IS NULL`,
    [workspaceId, integration],
  )
  if (row === undefined) throw notFound('integration')
  const { integration_id: id, updated_at: updatedAt } = row
  const oauthClient = oauthClientOf(vault, row)
  return {
    id,
    integrationId: id,
    definition: definitionOf({ ...row, id, updatedAt }),
    ...(oauthClient === undefined ? {} : { oauthClient }),
  }
}

/** Asks the auth provider once. */
async function fromAuthProvider(
  deps: TestIntegrationDeps,
  { definition, integrationId, oauthClient }: Target,
  workspaceId: string,
  { provider, accountId }: Extract<NewStoredCredential, { type: 'auth_provider' }>,
): Promise<StoredCredential> {
  const now = new Date()
  const account = { workspaceId, provider, accountId, connectionId: null, integrationId, endUserId: null }
  const { credential } = await askForCredential(deps, account, now)
  const { customStrategies } = deps
  return asStored(definition.auth, credential, now, { hasOAuthClient: oauthClient !== undefined, customStrategies })
}

/**
 * Opens the values as a stored connection would be opened, in memory alone.
 * @param onRenewed told of what has taken the place of the values, for who means to keep them
 */
export function forgetfulSource(
  { egress, customStrategies }: Pick<TestIntegrationDeps, 'egress' | 'customStrategies'>,
  { id, definition, oauthClient }: Omit<Target, 'integrationId'>,
  workspaceId: string,
  stored: StoredCredential,
  input: Record<string, string>,
  onRenewed: (renewal: Renewal) => void = () => undefined,
): ConnectionSource {
  const strategy = strategyOf(definition.auth, customStrategies)
  const client = { hasOAuthClient: oauthClient !== undefined, ...(oauthClient === undefined ? {} : { oauthClient }) }

  function open(credential: StoredCredential, kept: Record<string, unknown>): OpenedConnection {
    const authenticator = strategy.open(credential, { input, kept, ...client })
    const scope = scopeOf(definition.auth, credential, { input, kept })
    // The id serves for the integration's rate, which tests must not take from each other's workspaces.
    return {
      connectionId: '',
      workspaceId,
      integrationId: `${workspaceId} ${id}`,
      definition,
      authenticator,
      scope,
      version: 0,
    }
  }

  let last: OpenedConnection | null = null
  return {
    async open() {
      if (last !== null && last.authenticator.singleUse !== true) return last
      const now = new Date()
      const opened = open(stored, {})
      if (isGood(opened.authenticator, now)) last = opened
      else {
        const { responseErrors } = definition
        const renewal = await strategy.renew(stored, {
          egress,
          now,
          input,
          kept: {},
          ...(oauthClient === undefined ? {} : { oauthClient }),
          ...(responseErrors === undefined ? {} : { responseErrors }),
        })
        onRenewed(renewal)
        last = open(renewal.stored, renewal.kept ?? {})
      }
      return last
    },
    refused: async () => null,
  }
}

/** An access token that has ended is tried all the same where there is nothing to renew it by. */
function isGood({ ready, refreshable, singleUse, expiresAt }: Authenticator, now: Date): boolean {
  if (!refreshable) return ready
  return ready && singleUse !== true && (expiresAt === undefined || expiresAt > now)
}
