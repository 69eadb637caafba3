import { isDeepStrictEqual } from 'node:util'
import { runInScope } from '../db/scope.ts'
import { appendEvents } from '../events/event-log.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { CredentialRefreshError, ReconnectRequiredError, UnsupportedError } from '../kit/errors.ts'
import { CredentialCorruptError } from '../vault/envelope.ts'
import { FAILURES, failureText, type ProviderFailure } from '../wire/verdict.ts'
import {
  assertUsable,
  type CredentialRow,
  createCredentialReader,
  type OpenedConnection,
  oauthClientOf,
  openSealed,
  openStored,
  optionOf,
  readCredentialRow,
} from './credential-store.ts'
import { createExternalCredentials, isExternal } from './external-credentials.ts'
import { createOwnTokens } from './own-tokens.ts'
import { type AttemptDeps, describeFailure } from './renewal-attempt.ts'
import { createRenewer, type DrainOptions, isFreshRow, type RenewerDeps } from './renewer.ts'

/** The workspace and end user that a connection belongs to. */
export interface ConnectionOwner {
  workspaceId: string
  endUserId: string | null
  integrationId: string
}

/** The only place that hands out credentials. A fresh credential costs one indexed read and no lock. */
export interface Broker {
  /**
   * @param check called with the owner of the connection before anything else is done; throws to refuse
   * @throws NotFoundError; ConflictError when the connection is disabled; ReconnectRequiredError when the account must be
   * connected again; CredentialRefreshError when the credential must be renewed and cannot be renewed now
   */
  open(
    connectionId: string,
    check?: (owner: ConnectionOwner) => void,
    options?: { /** Default: false, a rejected credential is not tried again. */ evenIfRejected?: boolean },
  ): Promise<OpenedConnection>
  /**
   * Renews the credential when it is due, or in any case with `force`.
   * @returns whether the credential has changed
   * @throws as `open`; UnsupportedError when this kind of credential cannot be renewed
   */
  refresh(connectionId: string, force: boolean): Promise<boolean>
  /**
   * Call this when the API has refused a credential that had not expired. Renews the credential once for all callers that
   * were refused with the same version.
   * @returns the connection with a newer credential; null when there is none
   */
  refused(opened: OpenedConnection): Promise<OpenedConnection | null>
  /**
   * Call this when the API has refused a credential and `refused` had no other. A credential that cannot be renewed, and that
   * is refused by the test request, or by two requests with no success in between, is rejected: its connection becomes
   * NEEDS_REAUTH with the provider's words.
   */
  rejected(opened: OpenedConnection, rejection: Rejection): Promise<void>
  /** Call this when the API has accepted a credential. Heals a connection whose credential was rejected. */
  accepted(opened: OpenedConnection): Promise<void> | undefined
  /** At the start: stores the renewals that an earlier process with this data folder could not store. */
  restore(): Promise<void>
  /** Before the process ends: begins no more renewals and waits for those that have been sent until they are stored. */
  drain(options?: DrainOptions): Promise<void>
}

/** A request whose credential the API has refused. */
export interface Rejection {
  failure: ProviderFailure
  /** When the request was sent, by `performance.now()`. */
  sentAtMs: number
  /** Whether it was the definition's test request. */
  byTest: boolean
  /** Sends the definition's test request. @returns its failure; null: it succeeded; undefined: there is none to send */
  test(): Promise<ProviderFailure | null | undefined>
  /** False: what was refused is not replaced by a renewal. Default: the credential says whether it can be renewed. */
  isRenewable?: boolean
}

/**
 * An API that refuses every token must not cause a renewal for each request. After a renewal that followed a refusal, further
 * refusals are ignored for this long, or for half of the credential's lifetime where that is shorter.
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
  message: 'Its access token has expired, and there is no refresh token to renew it with.',
}

/** By the database's clock. */
function hasExpired({ expires_at: expiresAt, now }: CredentialRow): boolean {
  return expiresAt !== null && expiresAt <= now
}

export function createBroker(deps: RenewerDeps): Broker {
  const { database, vault } = deps
  const readRow = createCredentialReader(database.sql, database.writes)
  const external = createExternalCredentials(deps)

  const ownTokensOf = createOwnTokens(deps)

  const openWith = (row: CredentialRow, secret: unknown): OpenedConnection => ({
    ...openStored(row, secret, {
      oauthClient: oauthClientOf(vault, row, optionOf(secret)),
      customStrategies: deps.customStrategies,
    }),
    tokens: ownTokensOf(row, secret),
  })
  const rejections = createRejections(deps)
  const openRow = createOpenedCache((row) => openWith(row, openSealed(vault, row)))
  const renewer = createRenewer(deps, openRow)

  /** @throws what `assertUsable` throws */
  function openFresh(row: CredentialRow, evenIfRejected = false): OpenedConnection | Promise<OpenedConnection> {
    assertUsable(row, evenIfRejected ? 'allow' : 'refuse')
    const failed = async (error: unknown): Promise<never> => {
      throw await markCorruptCredential(deps, row, error)
    }
    try {
      const opened = isExternal(row) ? external.open(row) : (openAtOnce(row) ?? openOwn(row))
      return opened instanceof Promise ? opened.catch(failed) : opened
    } catch (error) {
      return failed(error)
    }
  }

  /** The connection, if nothing has to be done before its credential is used. */
  function openAtOnce(row: CredentialRow): OpenedConnection | null {
    const opened = openRow(row)
    const { refreshable, ready, singleUse } = opened.authenticator
    if (singleUse === true) return null
    return (refreshable ? ready && isFreshRow(row) : !hasExpired(row)) ? opened : null
  }

  /** For a credential that `openAtOnce` does not open. */
  async function openOwn(row: CredentialRow): Promise<OpenedConnection> {
    const opened = openRow(row)
    const { authenticator } = opened
    if (authenticator.singleUse === true) {
      try {
        const { stored } = await renewer.renewForOneRequest(row)
        return openWith(row, stored)
      } catch (error) {
        throw await recordFailedLogin(deps, row, error)
      }
    }
    if (!authenticator.refreshable) throw await markNeedsReauth(deps, row, EXPIRED)
    try {
      const renewed = await renewer.renew(row, authenticator, authenticator.ready ? 'due' : 'missing')
      assertUsable(renewed)
      return { ...openRow(renewed), renewed: true }
    } catch (error) {
      // The old credential is served until it expires.
      const isAlive = authenticator.ready && row.expires_at !== null && !hasExpired(row)
      if (isAlive && error instanceof CredentialRefreshError && error.retryable) return opened
      throw error
    }
  }

  async function refreshOwn(row: CredentialRow, force: boolean): Promise<boolean> {
    const { authenticator } = openRow(row)
    if (!authenticator.refreshable) {
      throw new UnsupportedError(
        'This credential cannot be renewed: no refresh token or login is stored with it. Replace the credential.',
      )
    }
    if (!force && authenticator.ready && isFreshRow(row)) return false
    const need = force ? 'force' : authenticator.ready ? 'due' : 'missing'
    return (await renewer.renew(row, authenticator, need)).version !== row.version
  }

  return {
    ...rejections,
    async open(connectionId, check, { evenIfRejected } = {}) {
      const row = await readRow(connectionId)
      check?.({ workspaceId: row.workspace_id, endUserId: row.end_user_id, integrationId: row.integration_id })
      return await openFresh(row, evenIfRejected)
    },
    async refresh(connectionId, force) {
      const row = await readRow(connectionId)
      // An account that was revoked may exist again; only its auth provider knows.
      if (!(isExternal(row) && row.status === 'NEEDS_REAUTH')) assertUsable(row)
      try {
        return await (isExternal(row) ? external.refresh(row, force) : refreshOwn(row, force))
      } catch (error) {
        throw await markCorruptCredential(deps, row, error)
      }
    },
    async refused(opened) {
      const row = await readCredentialRow(database.sql, opened.connectionId)
      if (row.version !== opened.version) return openFresh(row)
      if (isExternal(row)) return external.refused(row, opened)
      if (!opened.authenticator.refreshable || opened.authenticator.singleUse === true) return null
      if (isRefusedAgain(row)) return null
      await database.sql.query(
        'UPDATE credential SET refused_version = $2::int WHERE connection_id = $1::uuid AND version = $2::int',
        [row.connection_id, row.version],
      )
      const renewed = await renewer.renew(row, openRow(row).authenticator, 'missing')
      assertUsable(renewed)
      return openRow(renewed)
    },
    restore: () => renewer.restore(),
    async drain(options) {
      external.close()
      await renewer.drain(options)
    },
  }
}

const MAX_REMEMBERED = 10_000

/** Keeps account of credentials that cannot be renewed and that the API refuses. */
function createRejections(deps: RenewerDeps): Pick<Broker, 'rejected' | 'accepted'> {
  const { database, bus, logger } = deps
  /** When the API last accepted the credential of a connection in this process. */
  const accepted = new BoundedMap<string, number>({ max: MAX_REMEMBERED })
  /** When this process last recorded a first refusal of a version. Tells exactly which requests were sent later. */
  const recorded = new BoundedMap<string, { version: number; atMs: number }>({ max: MAX_REMEMBERED })

  /**
   * @param now of the database, not later than this call
   * @returns `again`: an earlier request was refused too, with no success since; `first`: none was, or there was a success since;
   * `concurrent`: the request was sent before the first refusal was recorded, and does not count
   */
  async function recordRejection(
    { connectionId, version }: OpenedConnection,
    sentAtMs: number,
    now: Date,
  ): Promise<'first' | 'again' | 'concurrent'> {
    const own = recorded.get(connectionId)
    const isLater = own?.version === version ? own.atMs < sentAtMs : null
    if (isLater === false) return 'concurrent'
    const acceptedAt = accepted.get(connectionId)
    const acceptedMs = acceptedAt === undefined ? null : performance.now() - acceptedAt
    const sentAt = new Date(now.getTime() - (performance.now() - sentAtMs))
    const [row] = await database.sql.query<{ again: boolean; concurrent: boolean }>(
      `UPDATE credential s SET rejected_version = s.version,
         rejected_at = CASE WHEN old.again THEN s.rejected_at ELSE clock_timestamp() END
       FROM (SELECT connection_id, coalesce(rejected_version = version
                AND ($5::boolean OR rejected_at < $3::timestamptz)
                AND ($4::float8 IS NULL OR rejected_at > clock_timestamp() - $4::float8 * interval '1 millisecond'), false) AS again,
              coalesce(rejected_version = version AND rejected_at >= $3::timestamptz, false) AS concurrent
             FROM credential WHERE connection_id = $1::uuid FOR UPDATE) old
       WHERE s.connection_id = old.connection_id AND s.version = $2::int
       RETURNING old.again, old.concurrent`,
      [connectionId, version, sentAt, acceptedMs, isLater === true],
    )
    if (row?.again === true) return 'again'
    recorded.set(connectionId, { version, atMs: performance.now() })
    return row === undefined || row.concurrent ? 'concurrent' : 'first'
  }

  async function clear({ connectionId, workspaceId, version }: OpenedConnection): Promise<void> {
    await runInScope(null, () =>
      database.bulkTransaction(async (tx) => {
        const [cleared] = await tx.query(
          `UPDATE credential SET rejected_version = NULL, rejected_at = NULL
           WHERE connection_id = $1::uuid AND version = $2::int AND rejected_version = version RETURNING 1 AS one`,
          [connectionId, version],
        )
        if (cleared === undefined) return
        const [healed] = await tx.query(
          `UPDATE connection SET status = 'ACTIVE', status_reason = NULL, updated_at = clock_timestamp()
           WHERE id = $1::uuid AND status = 'NEEDS_REAUTH' AND deleted_at IS NULL RETURNING 1 AS one`,
          [connectionId],
        )
        if (healed === undefined) return
        await appendEvents(tx, bus, workspaceId, [{ type: 'CONNECTION_ACTIVATED', connectionId }])
      }),
    )
  }

  async function judge(opened: OpenedConnection, { failure, sentAtMs, byTest, test }: Rejection): Promise<void> {
    const row = await readCredentialRow(database.sql, opened.connectionId)
    if (row.version !== opened.version || isExternal(row) || row.status === 'PENDING') return
    const refusal = await recordRejection(opened, sentAtMs, row.now)
    if (!byTest) {
      if (refusal === 'concurrent') return
      // Some endpoints answer 401 to an account that only lacks a permission: the test request tells. Without one, two refusals do.
      const tested = await test()
      if (tested === undefined && refusal === 'first') return
      if (tested === null) return refusal === 'again' ? clear(opened) : undefined
      if (tested !== undefined && !FAILURES[tested.as].credentialRefused) return
    }
    await markNeedsReauth(deps, row, { reason: 'CREDENTIAL_REFUSED', message: failureText(failure) })
  }

  /** The response that the caller waits for must not be lost because the account of it cannot be written. */
  async function unlessItFails(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      logger.warn({ err: error }, 'whether the API accepts a credential could not be recorded')
    }
  }

  return {
    async rejected(opened, rejection) {
      const { refreshable, singleUse } = opened.authenticator
      const isRenewable = rejection.isRenewable ?? (refreshable || singleUse === true)
      if (!isRenewable) await unlessItFails(() => judge(opened, rejection))
    },
    accepted(opened) {
      accepted.set(opened.connectionId, performance.now())
      return opened.rejected === true ? unlessItFails(() => clear(opened)) : undefined
    },
  }
}

/**
 * Handles a failed login of a strategy that logs in before every request. A login that was refused for good would be refused
 * each time, and may lock the account: the connection becomes NEEDS_REAUTH, which ends the attempts.
 * @returns the error to throw
 */
async function recordFailedLogin(deps: AttemptDeps, row: CredentialRow, error: unknown): Promise<unknown> {
  if (!(error instanceof CredentialRefreshError) || error.retryable || error.reason === 'INVALID_CLIENT') return error
  const { connection_id: connectionId, workspace_id: workspaceId, version } = row
  const { message, reason, words } = error
  const isCurrent = await runInScope(null, () =>
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
      // A concurrent request whose login was refused has written the events.
      if (changed === undefined) return true
      await appendEvents(tx, deps.bus, workspaceId, [
        { type: 'CREDENTIAL_REFRESH_FAILED', connectionId, payload: { reason, message, retryAt: null } },
        { type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } },
      ])
      return true
    }),
  )
  // The credential was replaced meanwhile: the refusal says nothing about the new one.
  if (!isCurrent) return error
  return new ReconnectRequiredError(`This connection must be connected again. ${message}`, {
    connectionId,
    words,
    cause: error,
  })
}

const MAX_OPENED = 1_000
/** Decrypted credentials are erased from memory after this time, used or not. */
const OPENED_FOR_MS = 5 * 60_000

/**
 * Opening a credential costs a decryption and the checks of its strategy. This cache keeps opened connections while their
 * row stays the same, together with what an authenticator has made for itself, such as a signed JWT.
 * @param open may throw; a failure is not cached
 */
export function createOpenedCache(
  open: (row: CredentialRow) => OpenedConnection,
): (row: CredentialRow) => OpenedConnection {
  const cache = new BoundedMap<string, { row: CredentialRow; opened: OpenedConnection }>({
    max: MAX_OPENED,
    ttlMs: OPENED_FOR_MS,
    erase: true,
  })
  return (row) => {
    const id = row.connection_id
    const known = cache.get(id)
    if (known !== undefined && opensAlike(known.row, row)) return known.opened
    cache.delete(id)
    const opened = open(row)
    cache.set(id, { row, opened })
    return opened
  }
}

/** Whether everything that opening depends on is equal. Every write of the secret changes the sealed bytes. */
function opensAlike(a: CredentialRow, b: CredentialRow): boolean {
  if (a.state === b.state) return true
  return (
    a.version === b.version &&
    a.rejected_version === b.rejected_version &&
    hasSameBytes(a.sealed, b.sealed) &&
    a.integration_id === b.integration_id &&
    a.integration_updated_at.getTime() === b.integration_updated_at.getTime() &&
    a.provider === b.provider &&
    a.oauth_client_id === b.oauth_client_id &&
    isDeepStrictEqual(a.oauth_client_hosts, b.oauth_client_hosts) &&
    hasSameBytes(a.client_sealed, b.client_sealed) &&
    isDeepStrictEqual(a.input, b.input) &&
    isDeepStrictEqual(a.kept, b.kept)
  )
}

function hasSameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0)
}

/**
 * Sets a connection to NEEDS_REAUTH, unless another credential was stored since `row` was read. The stored credential is
 * kept for an investigation.
 * @param reason reason of the event, in capitals
 * @returns the error to throw
 */
async function markNeedsReauth(
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
 * Handles an error of opening a credential. A credential that was changed, or copied from another row, can never be opened:
 * its connection becomes NEEDS_REAUTH, so that it is not tried again.
 * @returns the error to throw
 */
async function markCorruptCredential(deps: AttemptDeps, row: CredentialRow, error: unknown): Promise<unknown> {
  if (!(error instanceof CredentialCorruptError) || row.sealed === null || canOpen(deps, row)) return error
  return markNeedsReauth(deps, row, { reason: 'CREDENTIAL_CORRUPT', message: error.message, cause: error })
}

/** `true` means that something else is corrupt, such as the secret of the integration's OAuth client. */
function canOpen({ vault }: AttemptDeps, row: CredentialRow): boolean {
  try {
    openSealed(vault, row)
    return true
  } catch {
    return false
  }
}
