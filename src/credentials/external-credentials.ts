import { z } from 'zod'
import { checkCredential } from '../auth/check-credential.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import type { AuthProviderKind, ProvidedCredential } from '../auth/external/auth-provider.ts'
import { authProviderOf } from '../auth/external/registry.ts'
import { readStored, type StoredCredential, storedAuthProviderSchema } from '../auth/stored-credential.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import type { Row } from '../db/sql.ts'
import type { Egress } from '../egress/egress.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { CredentialRefreshError, InvalidInputError } from '../kit/errors.ts'
import { authProviderIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import { RenewalError } from '../wire/renewal-error.ts'
import {
  type CredentialRow,
  definitionOfRow,
  type OpenedConnection,
  oauthClientOf,
  openSealed,
  openStored,
} from './credential-store.ts'
import { type AttemptDeps, describeFailure } from './renewal-attempt.ts'
import type { RenewerDeps } from './renewer.ts'

/** Credentials that auth providers keep: asked for when they are needed, held in memory for a while, never stored. */
interface ProvidedCredentials {
  /** @throws CredentialRefreshError */
  open(row: CredentialRow): Promise<OpenedConnection>
  /** @returns whether the auth provider was asked */
  refresh(row: CredentialRow, force: boolean): Promise<boolean>
  /** Asks once more. @returns null when there is no other credential */
  refused(row: CredentialRow, opened: OpenedConnection): Promise<OpenedConnection | null>
  close(): void
}

interface Held {
  /** Of the stored reference. */
  version: number
  authProviderId: string
  credential: ProvidedCredential
  /** By the clock of `performance.now()`. */
  goodUntilMs: number
  /** When it was asked for because the API had refused the one before. */
  refusalAtMs: number | null
}

const UNKNOWN_LIFE_MS = 5 * 60_000
/** What was taken back at the auth provider is noticed then. */
const LONGEST_LIFE_MS = 60 * 60_000
/** Ahead of the end, for the request's way. */
const MARGIN_MS = 30_000
const MAX_HELD = 10_000
/** An API that refuses every credential must not make us ask for each request. */
const REFUSED_EVERY_MS = 30_000
/** An auth provider that has just failed is not asked again by every caller that comes. */
const FAILED_FOR_MS = 1_000

export function isProvided(row: CredentialRow): boolean {
  return row.credential_type === 'auth_provider'
}

export function createProvidedCredentials(deps: RenewerDeps): ProvidedCredentials {
  const { bus, vault, logger } = deps
  /** By connection, the oldest first. */
  const held = new Map<string, Held>()
  const inFlight = new Map<string, Promise<Held>>()
  /** For a moment each. */
  const failed = new Map<string, { error: unknown }>()
  const usedBy = new WeakMap<OpenedConnection, ProvidedCredential>()
  const unsubscribe = bus.subscribe('access', (id) => {
    for (const [connectionId, { authProviderId }] of held) if (authProviderId === id) held.delete(connectionId)
    failed.clear()
  })

  function find(row: CredentialRow): Held | undefined {
    const found = held.get(row.connection_id)
    return found !== undefined && found.version === row.version && found.goodUntilMs > performance.now()
      ? found
      : undefined
  }

  /** Callers at the same time share one request; it is made in nobody's scope. */
  function fetchShared(row: CredentialRow, afterRefusal: boolean): Promise<Held> {
    const key = keyOf(row)
    const running = inFlight.get(key)
    if (running !== undefined) return running
    const fetching = runInScope(null, async () => {
      try {
        const fetched = await fetchOne(row, afterRefusal)
        failed.delete(key)
        hold(row, fetched)
        await record(() => recordProvidedSuccess(deps, row))
        return fetched
      } catch (error) {
        rememberFailure(key, error)
        if (error instanceof CredentialRefreshError) {
          if (error.reason === 'REVOKED') held.delete(row.connection_id)
          await record(() => recordProvidedFailure(deps, row, error, find(row) !== undefined))
        }
        throw error
      }
    }).finally(() => inFlight.delete(key))
    inFlight.set(key, fetching)
    return fetching
  }

  /** What is shown of it must not decide about it. */
  async function record(write: () => Promise<void>): Promise<void> {
    await write().catch((err: unknown) => logger.warn({ err }, 'the state of a connection could not be stored'))
  }

  async function fetchOne(row: CredentialRow, afterRefusal: boolean): Promise<Held> {
    const { provider, accountId } = readStored(storedAuthProviderSchema, openSealed(vault, row))
    const askedAtMs = performance.now()
    const { now, workspace_id: workspaceId, connection_id: connectionId, integration_id: integrationId } = row
    const account = { workspaceId, provider, accountId, connectionId, integrationId, endUserId: row.end_user_id }
    const { authProviderId, credential } = await askForCredential(deps, account, now)
    const lifeMs = credential.expiresAt === undefined ? UNKNOWN_LIFE_MS : credential.expiresAt.getTime() - now.getTime()
    const goodMs = Math.min(lifeMs - Math.min(MARGIN_MS, lifeMs / 4), LONGEST_LIFE_MS)
    const fetched = {
      version: row.version,
      authProviderId,
      credential,
      goodUntilMs: askedAtMs + goodMs,
      refusalAtMs: afterRefusal ? askedAtMs : null,
    }
    // One that does not fit is not held.
    openHeld(row, fetched)
    return fetched
  }

  function hold({ connection_id: id }: CredentialRow, fetched: Held): void {
    held.delete(id)
    const [oldest] = held.keys()
    if (held.size >= MAX_HELD && oldest !== undefined) held.delete(oldest)
    held.set(id, fetched)
    const forget = () => {
      if (held.get(id) === fetched) held.delete(id)
    }
    setTimeout(forget, Math.max(0, fetched.goodUntilMs - performance.now())).unref()
  }

  function rememberFailure(key: string, error: unknown): void {
    const waitMs =
      error instanceof RenewalError ? Math.min(error.retryAfterMs ?? FAILED_FOR_MS, UNKNOWN_LIFE_MS) : FAILED_FOR_MS
    failed.set(key, { error })
    setTimeout(() => failed.delete(key), waitMs).unref()
  }

  function openHeld(row: CredentialRow, { credential }: Held): OpenedConnection {
    const definition = definitionOfRow(row)
    const { customStrategies } = deps
    const options = {
      hasOAuthClient: row.oauth_client_id !== null,
      ...(customStrategies === undefined ? {} : { customStrategies }),
    }
    const stored = asStored(definition.auth, credential, row.now, options)
    const opened = openStored(row, stored, { oauthClient: oauthClientOf(vault, row), customStrategies })
    usedBy.set(opened, credential)
    return opened
  }

  return {
    async open(row) {
      const known = find(row)
      if (known !== undefined) return openHeld(row, known)
      const failure = failed.get(keyOf(row))
      if (failure !== undefined) throw failure.error
      return openHeld(row, await fetchShared(row, false))
    },
    async refresh(row, force) {
      if (!force && row.status !== 'NEEDS_REAUTH' && find(row) !== undefined) return false
      await fetchShared(row, false)
      return true
    },
    async refused(row, opened) {
      const used = usedBy.get(opened)
      const known = find(row)
      // Somebody else who was refused has asked already.
      if (known !== undefined && known.credential !== used) return openHeld(row, known)
      if (known?.refusalAtMs != null && performance.now() - known.refusalAtMs < REFUSED_EVERY_MS) return null
      const fetched = await fetchShared(row, true)
      return used !== undefined && isSameInput(fetched.credential.input, used.input) ? null : openHeld(row, fetched)
    },
    close: unsubscribe,
  }
}

function keyOf(row: CredentialRow): string {
  return `${row.connection_id} ${row.version}`
}

function isSameInput(a: CredentialInput, b: CredentialInput): boolean {
  return (
    a.secretText === b.secretText && a.basic?.username === b.basic?.username && a.basic?.password === b.basic?.password
  )
}

/**
 * Shows with the connection that its auth provider gave no credential. An event is written when a failure begins or its
 * reason changes, not for each call.
 * @param served there is a credential yet that lives
 */
async function recordProvidedFailure(
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
    const gone = reason === 'REVOKED'
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

/** The auth provider has given a credential: a failure that was shown before is over. */
async function recordProvidedSuccess(
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

/** An account at an auth provider, and what it is asked for. */
interface ProvidedAccount {
  workspaceId: string
  /** Name of the auth provider. */
  provider: string
  accountId: string
  /** Null: values are tried that belong to no connection. */
  connectionId: string | null
  /** Null: a definition is tried that is of no integration. */
  integrationId: string | null
  endUserId: string | null
}

interface AskDeps {
  database: Pick<Database, 'sql'>
  vault: Vault
  egress: Egress
  /** Of one request. Default: 15,000. */
  requestTimeoutMs?: number
}

interface AuthProviderRow extends Row {
  id: string
  kind: AuthProviderKind
  config: unknown
  sealed: Uint8Array
  version: number
  integration: string | null
  end_user_external_id: string | null
}

const REQUEST_TIMEOUT_MS = 15_000

/**
 * Asks an auth provider for the credential of an account, once. Nothing is stored.
 * @throws CredentialRefreshError
 */
export async function askForCredential(
  { database, vault, egress, requestTimeoutMs: timeoutMs = REQUEST_TIMEOUT_MS }: AskDeps,
  { workspaceId, provider, accountId, connectionId, integrationId, endUserId }: ProvidedAccount,
  now: Date,
): Promise<{ authProviderId: string; credential: ProvidedCredential }> {
  const [found] = await database.sql.query<AuthProviderRow>(
    `SELECT a.id, a.kind::text AS kind, a.config, a.sealed, a.version, i.slug AS integration,
            e.external_id AS end_user_external_id
     FROM auth_provider a LEFT JOIN integration i ON i.id = $3::uuid LEFT JOIN end_user e ON e.id = $4::uuid
     WHERE a.workspace_id = $1::uuid AND a.name = $2::text`,
    [workspaceId, provider, integrationId, endUserId],
  )
  if (found === undefined) {
    const message = 'The auth provider of this connection is not configured any more. Create it again under its name.'
    throw new CredentialRefreshError(message, { reason: 'INVALID_CLIENT', retryable: false })
  }
  const { id, kind, config, integration, end_user_external_id: endUserExternalId } = found
  const secret = openAuthProviderSecret(vault, { ...found, workspaceId })
  const account = { accountId, connectionId, integration, endUserExternalId }
  const credential = await authProviderOf(kind).fetch(config, secret, account, { egress, now, timeoutMs })
  return { authProviderId: id, credential }
}

/**
 * A credential as its strategy opens it, for the time of a few requests.
 * @throws CredentialRefreshError when it is not of the kind that the integration takes
 */
export function asStored(
  auth: Auth,
  credential: ProvidedCredential,
  now: Date,
  options: { hasOAuthClient: boolean; customStrategies?: CustomStrategies },
): StoredCredential {
  try {
    return checkCredential(auth, inputFor(auth, credential), now, options)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    const message = "The auth provider's credential does not fit this integration's way of authenticating."
    throw new CredentialRefreshError(message, { reason: 'MALFORMED_RESPONSE', retryable: false })
  }
}

function inputFor(auth: Auth, { input, expiresAt }: ProvidedCredential): CredentialInput {
  if (auth.type !== 'oauth2' || input.secretText == null) return input
  return { oauthToken: { accessToken: input.secretText, ...(expiresAt === undefined ? {} : { expiresAt }) } }
}

/** Where the secret of an auth provider is. */
interface SealedAuthProvider {
  id: string
  workspaceId: string
  sealed: Uint8Array
  version: number
}

const schema = z.object({ secret: z.string() })

/** @throws CredentialCorruptError, UnknownKeyError */
export function openAuthProviderSecret(vault: Vault, { id, workspaceId, sealed, version }: SealedAuthProvider): string {
  return schema.parse(vault.open(sealed, authProviderIdentity(workspaceId, id, version))).secret
}
