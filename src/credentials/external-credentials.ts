import { z } from 'zod'
import { checkCredential } from '../auth/check-credential.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { type AccountDefinition, accountDefinitionOf } from '../auth/external/account-definition.ts'
import { accountReceivers, boundTo } from '../auth/external/account-receivers.ts'
import type { AuthProviderKind, ExternalCredential } from '../auth/external/auth-provider.ts'
import { authProviderOf } from '../auth/external/registry.ts'
import { readStored, type StoredCredential, storedAuthProviderSchema } from '../auth/stored-credential.ts'
import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import type { Row } from '../db/sql.ts'
import type { Egress } from '../egress/egress.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { CredentialRefreshError, InvalidInputError, ReconnectRequiredError } from '../kit/errors.ts'
import { globalIdOf } from '../kit/ids.ts'
import { createSingleFlight } from '../kit/single-flight.ts'
import { authProviderIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import { RenewalError } from '../wire/renewal-error.ts'
import { repeatWhileUnavailable } from '../wire/repeat-while-unavailable.ts'
import {
  type CredentialRow,
  definitionOfRow,
  type OpenedConnection,
  oauthClientOf,
  openSealed,
  openStored,
  optionOf,
} from './credential-store.ts'
import { type AttemptDeps, describeFailure } from './renewal-attempt.ts'
import type { RenewerDeps } from './renewer.ts'

/** Credentials that an external auth provider keeps. They are fetched when they are needed and held in memory, never stored. */
interface ExternalCredentials {
  /** @throws CredentialRefreshError; ReconnectRequiredError when the account is gone */
  open(row: CredentialRow): Promise<OpenedConnection>
  /** @returns whether the auth provider was called */
  refresh(row: CredentialRow, force: boolean): Promise<boolean>
  /** Fetches the credential once more. @returns null when the auth provider has no other credential */
  refused(row: CredentialRow, opened: OpenedConnection): Promise<OpenedConnection | null>
  close(): void
}

/** A fetched credential. */
interface Fetched {
  /** Version of the stored reference to the account. */
  version: number
  authProviderId: string
  /** `hosts` of the auth provider. */
  hosts: readonly string[]
  credential: ExternalCredential
  /** By the clock of `performance.now()`. */
  goodUntilMs: number
  /** When it was fetched, if it was fetched because the API had refused the one before; else null. */
  refusalAtMs: number | null
}

/** How long a credential without an expiry is held. */
const UNKNOWN_LIFE_MS = 5 * 60_000
/** Every credential is fetched again after this time, which notices that it was revoked at the auth provider. */
const LONGEST_LIFE_MS = 60 * 60_000
/** A credential is fetched again this long before it expires. */
const MARGIN_MS = 30_000
const MAX_HELD = 10_000
/** An API that refuses every credential must not cause a call to the auth provider for each request. */
const REFUSED_EVERY_MS = 30_000
/** For this long after a failed fetch, callers get the same failure. */
const FAILED_FOR_MS = 1_000

/** Whether an external auth provider keeps the credential of this row. */
export function isExternal(row: CredentialRow): boolean {
  return row.credential_type === 'auth_provider'
}

export function createExternalCredentials(deps: RenewerDeps): ExternalCredentials {
  const { bus, vault, logger } = deps
  /** By connection. */
  const held = new BoundedMap<string, Fetched>({ max: MAX_HELD, erase: true })
  const fetches = createSingleFlight<Fetched>()
  /** By `keyOf`. */
  const failures = new BoundedMap<string, { error: unknown }>({ max: MAX_HELD, erase: true })
  const usedBy = new WeakMap<OpenedConnection, ExternalCredential>()
  const unsubscribe = bus.subscribe('access', (id) => {
    for (const [connectionId, { authProviderId }] of held.entries()) {
      if (authProviderId === id) held.delete(connectionId)
    }
    failures.clear()
  })

  function find(row: CredentialRow): Fetched | undefined {
    const found = held.get(row.connection_id)
    return found?.version === row.version ? found : undefined
  }

  /** Concurrent callers share one fetch. It runs in no caller's scope. */
  function fetchShared(row: CredentialRow, afterRefusal: boolean): Promise<Fetched> {
    const key = keyOf(row)
    return fetches.run(key, () =>
      runInScope(null, async () => {
        try {
          const fetched = await fetchOne(row, afterRefusal)
          failures.delete(key)
          held.set(row.connection_id, fetched, fetched.goodUntilMs - performance.now())
          await record(() => recordFetched(deps, row))
          return fetched
        } catch (cause) {
          const error = isGone(cause) ? reconnectRequired(row, cause) : cause
          failures.set(key, { error }, failedForMs(cause))
          if (isGone(cause)) held.delete(row.connection_id)
          if (cause instanceof CredentialRefreshError) {
            await record(() => recordFetchFailure(deps, row, cause, find(row) !== undefined))
          }
          throw error
        }
      }),
    )
  }

  /** The credential is good even if the connection's state cannot be stored. */
  async function record(write: () => Promise<void>): Promise<void> {
    await write().catch((err: unknown) => logger.warn({ err }, 'the state of a connection could not be stored'))
  }

  async function fetchOne(row: CredentialRow, afterRefusal: boolean): Promise<Fetched> {
    const { provider, accountId } = readStored(storedAuthProviderSchema, openSealed(vault, row))
    // Nothing is fetched for a definition that must not have it.
    accountDefinitionOf({ provider: row.provider, definition: definitionOfRow(row) })
    const startedAtMs = performance.now()
    const { now, workspace_id: workspaceId, connection_id: connectionId, integration_id: integrationId } = row
    const account = { workspaceId, provider, accountId, connectionId, integrationId, endUserId: row.end_user_id }
    const { authProviderId, hosts, credential } = await fetchExternalCredential(deps, account, now)
    const lifeMs = credential.expiresAt === undefined ? UNKNOWN_LIFE_MS : credential.expiresAt.getTime() - now.getTime()
    const goodMs = Math.min(lifeMs - Math.min(MARGIN_MS, lifeMs / 4), LONGEST_LIFE_MS)
    const fetched = {
      version: row.version,
      authProviderId,
      hosts,
      credential,
      goodUntilMs: startedAtMs + goodMs,
      refusalAtMs: afterRefusal ? startedAtMs : null,
    }
    // Throws for a credential that does not fit, which is then not held.
    openFetched(row, fetched)
    return fetched
  }

  function openFetched(row: CredentialRow, { credential, hosts }: Fetched): OpenedConnection {
    const account = accountDefinitionOf({ provider: row.provider, definition: definitionOfRow(row) })
    const { definition } = account
    const { customStrategies } = deps
    const hasOAuthClient = row.oauth_client_id !== null
    const stored = asStored(account, credential, row.now, { hasOAuthClient, customStrategies })
    const unbound = openStored(row, stored, {
      oauthClient: oauthClientOf(vault, row, optionOf(stored)),
      customStrategies,
      definition,
    })
    const mayReceive = accountReceivers({ hosts, provider: row.provider, definition })
    const opened = { ...unbound, authenticator: boundTo(unbound.authenticator, mayReceive) }
    usedBy.set(opened, credential)
    return opened
  }

  return {
    async open(row) {
      const known = find(row)
      if (known !== undefined) return openFetched(row, known)
      const failure = failures.get(keyOf(row))
      if (failure !== undefined) throw failure.error
      return openFetched(row, await fetchShared(row, false))
    },
    async refresh(row, force) {
      if (!force && row.status !== 'NEEDS_REAUTH' && find(row) !== undefined) return false
      await fetchShared(row, false)
      return true
    },
    async refused(row, opened) {
      const used = usedBy.get(opened)
      const known = find(row)
      // Another caller that was refused has fetched a newer one.
      if (known !== undefined && known.credential !== used) return openFetched(row, known)
      if (known?.refusalAtMs != null && performance.now() - known.refusalAtMs < REFUSED_EVERY_MS) return null
      const fetched = await fetchShared(row, true)
      return used !== undefined && isSameInput(fetched.credential.input, used.input) ? null : openFetched(row, fetched)
    },
    close: unsubscribe,
  }
}

/** Whether the account no longer exists at the auth provider. */
function isGone(error: unknown): error is CredentialRefreshError {
  return error instanceof CredentialRefreshError && error.reason === 'REVOKED'
}

/** What the caller gets whose call finds that the account is gone: the same as every later caller. */
function reconnectRequired({ connection_id: connectionId }: CredentialRow, cause: CredentialRefreshError) {
  const message = `This connection must be connected again. ${cause.message}`
  return new ReconnectRequiredError(message, { connectionId, words: cause.words, cause })
}

function keyOf(row: CredentialRow): string {
  return `${row.connection_id} ${row.version}`
}

function failedForMs(error: unknown): number {
  if (!(error instanceof RenewalError)) return FAILED_FOR_MS
  return Math.min(error.retryAfterMs ?? FAILED_FOR_MS, UNKNOWN_LIFE_MS)
}

function isSameInput(a: CredentialInput, b: CredentialInput): boolean {
  return (
    a.secretText === b.secretText && a.basic?.username === b.basic?.username && a.basic?.password === b.basic?.password
  )
}

/**
 * Records in the connection that its auth provider gave no credential. An event is written when failures begin or their
 * reason changes, not for each call.
 * @param served a credential that was fetched before is still good, so the connection works
 */
async function recordFetchFailure(
  deps: AttemptDeps,
  { connection_id: connectionId, workspace_id: workspaceId, version }: CredentialRow,
  error: CredentialRefreshError,
  served: boolean,
): Promise<void> {
  const { reason, message } = error
  await deps.database.bulkTransaction(async (tx) => {
    const [failed] = await tx.query<{ reason: string | null }>(
      `WITH before AS (
         SELECT last_error FROM credential WHERE connection_id = $1::uuid AND version = $2::int FOR NO KEY UPDATE
       )
       UPDATE credential SET failed_refreshes = failed_refreshes + 1, last_error = $3::jsonb FROM before
       WHERE connection_id = $1::uuid AND version = $2::int RETURNING before.last_error ->> 'reason' AS reason`,
      [connectionId, version, JSON.stringify(describeFailure(error))],
    )
    if (failed === undefined) return
    const gone = isGone(error)
    const changed =
      served && !gone
        ? []
        : await tx.query(
            `UPDATE connection SET status = $2::connection_status, status_reason = $3::text
             WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR')
               AND (status <> $2::connection_status OR status_reason IS DISTINCT FROM $3::text) RETURNING 1 AS one`,
            [connectionId, gone ? 'NEEDS_REAUTH' : 'ERROR', message],
          )
    const events: NewEvent[] = []
    if (failed.reason !== reason) {
      events.push({ type: 'CREDENTIAL_REFRESH_FAILED', connectionId, payload: { reason, message, retryAt: null } })
    }
    if (gone && changed.length > 0) events.push({ type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } })
    if (events.length > 0) await appendEvents(tx, deps.bus, workspaceId, events)
  })
}

/** Clears an earlier failure of the connection, now that its auth provider has given a credential. */
async function recordFetched(
  deps: AttemptDeps,
  { connection_id: connectionId, workspace_id: workspaceId, version }: CredentialRow,
): Promise<void> {
  await deps.database.bulkTransaction(async (tx) => {
    const healed = await tx.query(
      `UPDATE credential SET failed_refreshes = 0, last_error = NULL
       WHERE connection_id = $1::uuid AND version = $2::int AND failed_refreshes > 0 RETURNING 1 AS one`,
      [connectionId, version],
    )
    if (healed.length === 0) return
    const activated = await tx.query(
      `UPDATE connection SET status = 'ACTIVE', status_reason = NULL
       WHERE id = $1::uuid AND status IN ('ERROR', 'NEEDS_REAUTH') RETURNING 1 AS one`,
      [connectionId],
    )
    const events: NewEvent[] = [{ type: 'CREDENTIAL_REFRESHED', connectionId }]
    if (activated.length > 0) events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
    await appendEvents(tx, deps.bus, workspaceId, events)
  })
}

/** An account at an auth provider, and what its credential is fetched for. */
interface ExternalAccount {
  workspaceId: string
  /** Name of the auth provider. */
  provider: string
  accountId: string
  /** Null: a test of values that belong to no connection. */
  connectionId: string | null
  /** Null: a test of a definition that belongs to no integration. */
  integrationId: string | null
  endUserId: string | null
}

interface FetchDeps {
  database: Pick<Database, 'sql'>
  vault: Vault
  egress: Egress
  /** Timeout of the request, in milliseconds. Default: 15,000. */
  requestTimeoutMs?: number
}

interface AuthProviderRow extends Row {
  id: string
  kind: AuthProviderKind
  config: unknown
  hosts: string[]
  sealed: Uint8Array
  version: number
  integration: string | null
  end_user_external_id: string | null
}

const REQUEST_TIMEOUT_MS = 15_000

/**
 * Fetches the credential of an account from an auth provider, and tries again for a moment while it says that it is not
 * available. Nothing is stored.
 * @throws CredentialRefreshError
 */
export async function fetchExternalCredential(
  { database, vault, egress, requestTimeoutMs: limitMs = REQUEST_TIMEOUT_MS }: FetchDeps,
  { workspaceId, provider, accountId, connectionId, integrationId, endUserId }: ExternalAccount,
  now: Date,
): Promise<{ authProviderId: string; hosts: readonly string[]; credential: ExternalCredential }> {
  const [found] = await database.sql.query<AuthProviderRow>(
    `SELECT a.id, a.kind::text AS kind, a.config, a.hosts, a.sealed, a.version, i.slug AS integration,
            e.external_id AS end_user_external_id
     FROM auth_provider a LEFT JOIN integration i ON i.id = $3::uuid LEFT JOIN end_user e ON e.id = $4::uuid
     WHERE a.workspace_id = $1::uuid AND a.name = $2::text`,
    [workspaceId, provider, integrationId, endUserId],
  )
  if (found === undefined) {
    const message = 'The auth provider of this connection no longer exists. Create it again with the same name.'
    throw new CredentialRefreshError(message, { reason: 'INVALID_CLIENT', retryable: false })
  }
  const { id, kind, config, hosts, integration, end_user_external_id: endUserExternalId } = found
  const secret = openAuthProviderSecret(vault, workspaceId, found)
  const account = {
    accountId,
    workspaceId: globalIdOf('Workspace', workspaceId),
    connectionId: connectionId === null ? null : globalIdOf('Connection', connectionId),
    integrationId: integration === null || integrationId === null ? null : globalIdOf('Integration', integrationId),
    integration,
    endUserId: endUserExternalId === null || endUserId === null ? null : globalIdOf('EndUser', endUserId),
    endUserExternalId,
  }
  const credential = await repeatWhileUnavailable({ timeoutMs: limitMs }, (timeoutMs) =>
    authProviderOf(kind).fetch(config, secret, account, { egress, now, timeoutMs }),
  )
  return { authProviderId: id, hosts, credential }
}

/**
 * Converts a fetched credential to the form that its strategy opens.
 * @throws CredentialRefreshError when it is not of the kind that the integration takes
 */
export function asStored(
  account: AccountDefinition,
  credential: ExternalCredential,
  now: Date,
  options: { hasOAuthClient: boolean; customStrategies?: CustomStrategies | undefined },
): StoredCredential {
  try {
    return checkCredential(account.definition.auth, inputFor(account, credential), now, options)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    const message = 'The auth provider returned a credential of a kind that this integration does not accept.'
    throw new CredentialRefreshError(message, { reason: 'MALFORMED_RESPONSE', retryable: false })
  }
}

function inputFor(
  { definition, soleField }: AccountDefinition,
  { input, expiresAt }: ExternalCredential,
): CredentialInput {
  const { secretText } = input
  if (secretText == null) return input
  if (definition.auth.type === 'oauth2') return { oauthToken: { accessToken: secretText, expiresAt } }
  return soleField === undefined ? input : { fields: { [soleField]: secretText } }
}

const secretSchema = z.object({ secret: z.string() })

/** @throws CredentialCorruptError, UnknownKeyError */
function openAuthProviderSecret(vault: Vault, workspaceId: string, { id, sealed, version }: AuthProviderRow): string {
  return secretSchema.parse(vault.open(sealed, authProviderIdentity(workspaceId, id, version))).secret
}
