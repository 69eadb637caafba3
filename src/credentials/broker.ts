import { isDeepStrictEqual } from 'node:util'
import { runInScope } from '../db/scope.ts'
import { appendEvents } from '../events/event-log.ts'
import { CredentialRefreshError, ReconnectRequiredError, UnsupportedError } from '../kit/errors.ts'
import { CredentialCorruptError } from '../vault/envelope.ts'
import {
  assertUsable,
  type CredentialRow,
  createCredentialReader,
  type OpenedConnection,
  oauthClientOf,
  openSealed,
  openStored,
  readCredentialRow,
} from './credential-store.ts'
import { createProvidedCredentials, isProvided } from './external-credentials.ts'
import { type AttemptDeps, describeFailure } from './renewal-attempt.ts'
import { createRenewer, isFreshRow, type RenewerDeps } from './renewer.ts'

/** Whose a connection is. */
export interface ConnectionOwner {
  workspaceId: string
  endUserId: string | null
}

/** The one place that gives out credentials. A fresh one costs one indexed read and no lock. */
export interface Broker {
  /**
   * @param check told whose the connection is before anything is done with it; throws to refuse
   * @throws NotFoundError; ConflictError when the connection is disabled; ReconnectRequiredError when only a person can
   * mend it; CredentialRefreshError when it has to be renewed and cannot be now
   */
  open(connectionId: string, check?: (owner: ConnectionOwner) => void): Promise<OpenedConnection>
  /**
   * Renews when that is needed, or in any case with `force`.
   * @returns whether the credential is another one now
   * @throws as `open`; UnsupportedError when this kind of credential cannot be renewed
   */
  refresh(connectionId: string, force: boolean): Promise<boolean>
  /**
   * The API has refused a credential that should be good. Renews it once, for all callers that were refused alike.
   * @returns the connection with another credential, or null when there is none to be had
   */
  refused(opened: OpenedConnection): Promise<OpenedConnection | null>
  /** Before the process ends: finishes the renewals that have been sent. */
  drain(): Promise<void>
}

/**
 * An API that refuses every token must not make us renew for each request: a credential that was itself renewed because
 * the API refused the one before is believed to be good for as long as this, or for half of its life.
 */
const REFUSED_EVERY_MS = 30_000

function isRefusedAgain({
  refused_version,
  version,
  last_refreshed_at: renewedAt,
  expires_at,
  now,
}: CredentialRow): boolean {
  if (refused_version !== version - 1 || renewedAt === null) return false
  const halfLifeMs = expires_at === null ? REFUSED_EVERY_MS : (expires_at.getTime() - renewedAt.getTime()) / 2
  return now.getTime() - renewedAt.getTime() < Math.min(REFUSED_EVERY_MS, halfLifeMs)
}

const EXPIRED = {
  reason: 'EXPIRED',
  message: 'Its access token has expired, and there is no refresh token to renew it by.',
}

/** By the database's clock. */
function hasExpired({ expires_at: expiresAt, now }: CredentialRow): boolean {
  return expiresAt !== null && expiresAt <= now
}

export function createBroker(deps: RenewerDeps): Broker {
  const { database, vault } = deps
  const renewer = createRenewer(deps)
  const readRow = createCredentialReader(database.sql)
  const provided = createProvidedCredentials(deps)

  const openWith = (row: CredentialRow, secret: unknown) =>
    openStored(row, secret, { oauthClient: oauthClientOf(vault, row), customStrategies: deps.customStrategies })
  const openRow = createOpenedCache((row) => openWith(row, openSealed(vault, row)))

  async function openFresh(row: CredentialRow): Promise<OpenedConnection> {
    assertUsable(row)
    try {
      return await (isProvided(row) ? provided.open(row) : openOwn(row))
    } catch (error) {
      throw await quarantineIfCorrupt(deps, row, error)
    }
  }

  async function openOwn(row: CredentialRow): Promise<OpenedConnection> {
    const opened = openRow(row)
    const { authenticator } = opened
    if (authenticator.singleUse === true) {
      try {
        const { stored } = await renewer.renewForOneRequest(row)
        return openWith(row, stored)
      } catch (error) {
        throw await ofFailedLogin(deps, row, error)
      }
    }
    if (!authenticator.refreshable && hasExpired(row)) throw await needsReauth(deps, row, EXPIRED)
    if (!authenticator.refreshable || (authenticator.ready && isFreshRow(row))) return opened
    try {
      const renewed = await renewer.renew(row, authenticator.ready ? 'due' : 'missing')
      assertUsable(renewed)
      return { ...openRow(renewed), renewed: true }
    } catch (error) {
      // The old one is served while it lives.
      const alive = authenticator.ready && row.expires_at !== null && !hasExpired(row)
      if (alive && error instanceof CredentialRefreshError && error.retryable) return opened
      throw error
    }
  }

  async function refreshOwn(row: CredentialRow, force: boolean): Promise<boolean> {
    const { authenticator } = openRow(row)
    if (!authenticator.refreshable) {
      throw new UnsupportedError('This credential cannot be renewed: it has nothing to renew it by. Replace it.')
    }
    if (!force && authenticator.ready && isFreshRow(row)) return false
    return (await renewer.renew(row, force ? 'force' : authenticator.ready ? 'due' : 'missing')).version !== row.version
  }

  return {
    async open(connectionId, check) {
      const row = await readRow(connectionId)
      check?.({ workspaceId: row.workspace_id, endUserId: row.end_user_id })
      return openFresh(row)
    },
    async refresh(connectionId, force) {
      const row = await readCredentialRow(database.sql, connectionId)
      // An account that was gone may be there again: its auth provider alone can tell.
      if (!(isProvided(row) && row.status === 'NEEDS_REAUTH')) assertUsable(row)
      try {
        return await (isProvided(row) ? provided.refresh(row, force) : refreshOwn(row, force))
      } catch (error) {
        throw await quarantineIfCorrupt(deps, row, error)
      }
    },
    async refused(opened) {
      const row = await readCredentialRow(database.sql, opened.connectionId)
      if (row.version !== opened.version) return openFresh(row)
      if (isProvided(row)) return provided.refused(row, opened)
      if (!opened.authenticator.refreshable || opened.authenticator.singleUse === true) return null
      if (isRefusedAgain(row)) return null
      await database.sql.query(
        'UPDATE credential SET refused_version = $2::int WHERE connection_id = $1::uuid AND version = $2::int',
        [row.connection_id, row.version],
      )
      const renewed = await renewer.renew(row, 'force')
      assertUsable(renewed)
      return openRow(renewed)
    },
    async drain() {
      provided.close()
      await renewer.drain()
    },
  }
}

/**
 * What to throw where the login that goes before every request has failed. One that was refused for good would be refused
 * again each time, and may lock the account: its connection says so, and does not log in until a person has mended it.
 */
async function ofFailedLogin(deps: AttemptDeps, row: CredentialRow, error: unknown): Promise<unknown> {
  if (!(error instanceof CredentialRefreshError) || error.retryable || error.reason === 'INVALID_CLIENT') return error
  const { connection_id: connectionId, workspace_id: workspaceId, version } = row
  const { message, reason, words } = error
  const stands = await runInScope(null, () =>
    deps.database.bulkTransaction(async (tx) => {
      const [failed] = await tx.query(
        `UPDATE credential SET failed_refreshes = failed_refreshes + 1, last_error = $3::jsonb
         WHERE connection_id = $1::uuid AND version = $2::int RETURNING 1 AS one`,
        [connectionId, version, JSON.stringify(describeFailure(error))],
      )
      if (failed === undefined) return false
      const [changed] = await tx.query(
        `UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = $2::text
         WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR') AND deleted_at IS NULL RETURNING 1 AS one`,
        [connectionId, message],
      )
      // Others whose login was refused at the same time have told it.
      if (changed === undefined) return true
      await appendEvents(tx, deps.bus, workspaceId, [
        { type: 'CREDENTIAL_REFRESH_FAILED', connectionId, payload: { reason, message, retryAt: null } },
        { type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } },
      ])
      return true
    }),
  )
  // Somebody has replaced the credential meanwhile: the refusal is of the one before.
  if (!stands) return error
  return new ReconnectRequiredError(`This connection must be connected again. ${message}`, {
    connectionId,
    words,
    cause: error,
  })
}

interface Kept {
  row: CredentialRow
  opened: OpenedConnection
  untilMs: number
}

const MAX_KEPT = 1_000
/** Nothing decrypted is kept for longer, used or not. */
const KEEP_MS = 5 * 60_000

/**
 * Remembers what was opened, for as long as the row that was just read says the same: opening costs a decryption and the
 * checks of a strategy, comparing costs next to nothing. What an authenticator makes for itself (a signed JWT) lives as
 * long with it.
 *
 * @param open throws for a row that cannot be opened; that is not remembered
 */
export function createOpenedCache(
  open: (row: CredentialRow) => OpenedConnection,
): (row: CredentialRow) => OpenedConnection {
  /** The oldest first. */
  const kept = new Map<string, Kept>()
  let watching = false

  function forgetOld(): void {
    const now = performance.now()
    for (const [id, { untilMs }] of kept) {
      if (untilMs > now) break
      kept.delete(id)
    }
    watching = false
    watch()
  }

  function watch(): void {
    const [oldest] = kept.values()
    if (watching || oldest === undefined) return
    watching = true
    setTimeout(forgetOld, oldest.untilMs - performance.now() + 1).unref()
  }

  return (row) => {
    const id = row.connection_id
    const known = kept.get(id)
    if (known !== undefined && known.untilMs > performance.now() && isSame(known.row, row)) return known.opened
    kept.delete(id)
    const opened = open(row)
    const [oldest] = kept.keys()
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(id, { row, opened, untilMs: performance.now() + KEEP_MS })
    watch()
    return opened
  }
}

/** Whether all that goes into opening is the same. The sealed bytes are other ones after every write of the secret. */
function isSame(a: CredentialRow, b: CredentialRow): boolean {
  return (
    a.version === b.version &&
    isSameBytes(a.sealed, b.sealed) &&
    a.integration_id === b.integration_id &&
    a.integration_updated_at.getTime() === b.integration_updated_at.getTime() &&
    a.provider === b.provider &&
    a.oauth_client_id === b.oauth_client_id &&
    isSameBytes(a.client_sealed, b.client_sealed) &&
    isDeepStrictEqual(a.input, b.input) &&
    isDeepStrictEqual(a.kept, b.kept)
  )
}

function isSameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0)
}

/**
 * Says of a connection that only a person can mend it, unless somebody has stored another credential since `row` was read.
 * What is stored stays, for whoever looks into it.
 * @param reason of the event, in capitals
 * @returns what to throw
 */
async function needsReauth(
  deps: Pick<AttemptDeps, 'database' | 'bus'>,
  row: CredentialRow,
  { reason, message, cause }: { reason: string; message: string; cause?: unknown },
): Promise<ReconnectRequiredError> {
  const { connection_id: connectionId, workspace_id: workspaceId, version, sealed } = row
  await runInScope(null, () =>
    deps.database.bulkTransaction(async (tx) => {
      const [changed] = await tx.query(
        `UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = $4::text
         WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR') AND EXISTS (
           SELECT 1 FROM credential s WHERE s.connection_id = $1::uuid AND s.version = $2::int AND s.sealed = $3::bytea)
         RETURNING 1 AS one`,
        [connectionId, version, sealed, message],
      )
      if (changed === undefined) return
      await appendEvents(tx, deps.bus, workspaceId, [
        { type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } },
      ])
    }),
  )
  return new ReconnectRequiredError(`This connection must be connected again. ${message}`, { connectionId, cause })
}

/**
 * What to throw for a credential that could not be opened. One that was changed, or taken from elsewhere, is of no use to
 * anybody: its connection says so, and is not tried again.
 */
async function quarantineIfCorrupt(deps: AttemptDeps, row: CredentialRow, error: unknown): Promise<unknown> {
  if (!(error instanceof CredentialCorruptError) || row.sealed === null || opens(deps, row)) return error
  return needsReauth(deps, row, { reason: 'CREDENTIAL_CORRUPT', message: error.message, cause: error })
}

/** Then it is something else that does not open, such as the secret of the integration's OAuth client. */
function opens({ vault }: AttemptDeps, row: CredentialRow): boolean {
  try {
    openSealed(vault, row)
    return true
  } catch {
    return false
  }
}
