import { type Caller, notFound } from '../access/caller.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import type { Authenticator, OAuthClient, Renewal } from '../auth/strategy.ts'
import { scopeOf } from '../auth/template-scope.ts'
import { definitionOf, findCatalogEntry } from '../catalog/catalog.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { ConnectDeps } from '../connections/deps.ts'
import { parseOwnDefinition } from '../connections/integrations.ts'
import { findWritableConnection, findWritableWorkspace } from '../connections/lookups.ts'
import { checkAuthProvider, checkNewCredential, type NewStoredCredential } from '../connections/new-credential.ts'
import type { Broker } from '../credentials/broker.ts'
import { type OAuthClientRow, type OpenedConnection, oauthClientOf } from '../credentials/credential-store.ts'
import { asStored, fetchExternalCredential } from '../credentials/external-credentials.ts'
import type { Database } from '../db/database.ts'
import type { Egress } from '../egress/egress.ts'
import { appendEvents } from '../events/event-log.ts'
import { ProviderError } from '../kit/errors.ts'
import { checkInput } from '../kit/input.ts'
import { type AuthenticatedRequests, type ConnectionSource, storedConnection } from '../requests/send.ts'
import { testRequestParts } from '../requests/test-request-parts.ts'
import { createAnswer, judgeAnswer } from '../requests/verdict.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import { consentOf } from './oauth/consent-request.ts'
import { type IssuerMetadata, pkceDoubt } from './oauth/issuer-metadata.ts'

interface TestDeps extends ConnectDeps {
  broker: Broker
  requests: AuthenticatedRequests
}

/**
 * Asks the provider whether a connection's credential is good, renewing it first where that is needed. A connection in
 * ERROR whose credential is accepted is ACTIVE again. A refusal changes nothing: it may be of the test request's own.
 *
 * @throws NotFoundError, ForbiddenError; what the broker throws; ProviderError when the provider cannot be reached
 */
export async function testConnection(deps: TestDeps, caller: Caller, connectionId: string): Promise<TestResult> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  const source = storedConnection(deps.broker, connectionId, () => undefined)
  const result = await sendTestRequest(deps.requests, source)
  if (result.ok && result.checked) await heal(deps, workspaceId, connectionId)
  return result
}

async function heal({ database, bus }: ConnectDeps, workspaceId: string, connectionId: string): Promise<void> {
  await database.transaction(async (tx) => {
    const healed = await tx.query(
      `UPDATE connection SET status = 'ACTIVE', status_reason = NULL, updated_at = clock_timestamp()
       WHERE id = $1::uuid AND status = 'ERROR' AND deleted_at IS NULL RETURNING id`,
      [connectionId],
    )
    if (healed.length > 0) await appendEvents(tx, bus, workspaceId, [{ type: 'CONNECTION_ACTIVATED', connectionId }])
  })
}

interface TestingValues {
  workspaceId: string
  /** Exactly one of the three: a slug of the workspace's integrations, of the catalogue, or a definition. */
  integration: string | null
  provider: string | null
  definition: unknown
  credential: CredentialInput
  input: unknown
}

interface TestIntegrationDeps {
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
interface Target {
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
    const known = findCatalogEntry(provider, deps)
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
  const { credential } = await fetchExternalCredential(deps, account, now)
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

/** What a test of a credential found. */
export interface TestResult {
  ok: boolean
  /** False: the definition has no test request. */
  checked: boolean
  /** The provider's own words where it has any. */
  message: string
  providerStatus: number | null
}

const MAX_ANSWER_BYTES = 1024 * 1024

/**
 * Sends the definition's test request. Where it has none, a credential that can be had is all that is asked for.
 * @throws what the source throws; ProviderError when the provider cannot be reached: then nothing is known
 */
export async function sendTestRequest(requests: AuthenticatedRequests, source: ConnectionSource): Promise<TestResult> {
  const opened = await source.open()
  const { definition, scope } = opened
  const parts = testRequestParts(definition, scope)
  if (parts === undefined) {
    const message = 'A credential is there. The definition has no test request, so that the provider was not asked.'
    return { ok: true, checked: false, message, providerStatus: null }
  }
  const request = { ...parts, headers: [], accept: 'application/json' }
  const { response, body, ...last } = await requests.send(alreadyOpened(source, opened), request, {
    read: { whole: { maxBytes: MAX_ANSWER_BYTES } },
  })
  const { status, headers } = response
  const text = new TextDecoder().decode(body ?? new Uint8Array())
  const { secrets } = last.opened.authenticator
  const failure = judgeAnswer(createAnswer(status, headers, text), definition.responseErrors, secrets)
  if (failure === null) {
    return { ok: true, checked: true, message: 'The provider accepts the credential.', providerStatus: status }
  }
  return { ok: false, checked: true, message: failure.providerMessage ?? failure.message, providerStatus: status }
}

/** A credential that is good for one request must not be spent on the look at it. */
function alreadyOpened(source: ConnectionSource, opened: OpenedConnection): ConnectionSource {
  let first: OpenedConnection | null = opened
  return {
    async open() {
      const taken = first ?? (await source.open())
      first = null
      return taken
    },
    refused: (last) => source.refused(last),
  }
}

/**
 * What whoever tries a definition should know of its authorization server, as whole sentences: that no flow can begin with it,
 * that its metadata cannot be read, or that its PKCE may be worth nothing. Null: nothing.
 */
async function remarkOnIssuer(metadata: IssuerMetadata, definition: { auth: Auth }): Promise<string | null> {
  const auth = consentOf(definition.auth)?.auth
  if (auth === undefined || auth.type === 'oauth1') return null
  try {
    return pkceDoubt(auth, await metadata.inspect(auth))
  } catch (error) {
    if (error instanceof ProviderError) return error.message
    throw error
  }
}
