import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { Renewal } from '../auth/strategy.ts'
import { runInScope } from '../db/scope.ts'
import type { Egress } from '../egress/egress.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { CredentialRefreshError, LatchkeyError, ReconnectRequiredError } from '../kit/errors.ts'
import { createLimiter } from '../kit/limiter.ts'
import type { Logger } from '../kit/log.ts'
import { createSingleFlight } from '../kit/single-flight.ts'
import { inSpan } from '../kit/tracing.ts'
import { RenewalError } from '../wire/renewal-error.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import {
  assertUsable,
  type CredentialRow,
  definitionOfRow,
  oauthClientOf,
  openSealed,
  readCredentialRow,
} from './credential-store.ts'
import { credentialBackoffMs, isFresh } from './refresh-policy.ts'
import {
  type AttemptDeps,
  beginAttempt,
  commitRenewal,
  type FailedAttempt,
  type RenewalAttempt,
  recordFailure,
} from './renewal-attempt.ts'

export type RenewalStep = 'locked' | 'attempt written' | 'answered' | 'stored'

export interface RenewerDeps extends AttemptDeps {
  egress: Egress
  logger: Logger
  /** Counts the failures of token endpoints. */
  breaker?: CircuitBreaker
  /** Strategies that the deployment adds. Default: none. */
  customStrategies?: CustomStrategies
  /** Called after each step of a renewal and before the next one, so that a test can end the process there. */
  onStep?: (step: RenewalStep, connectionId: string) => void
  /** Timeout of a request to a token endpoint, in milliseconds. Default: 15,000. */
  requestTimeoutMs?: number
}

type RenewalNeed = 'force' | 'missing' | 'due'

interface Renewer {
  /**
   * Renews the credential of `row`, or waits until another process has renewed it. Concurrent callers share one renewal.
   * @param need `force`: renew in any case; `missing`: renew even if it has not expired, because it has no token yet;
   * `due`: renew only while it is not fresh
   * @returns a row whose credential is newer than that of `row`, or fresh
   * @throws CredentialRefreshError, ReconnectRequiredError
   */
  renew(row: CredentialRow, need: RenewalNeed): Promise<CredentialRow>
  /** Obtains a credential that is good for one request. Nothing is stored. */
  renewForOneRequest(row: CredentialRow): Promise<Renewal>
  /** Begins no more renewals and waits for those that have been sent. */
  drain(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 15_000
const QUIET_MS = 1_000
const COMMIT_WITHIN_MS = 60_000
/**
 * Concurrent transactions of renewals in a workspace. Each ends with the lock of the workspace's event log, so more of them
 * would only occupy connections of the pool while they wait.
 */
const WRITES_AT_ONCE = 2

/**
 * Renews credentials so that no refresh token is ever used in two requests. Within a process, callers share one promise.
 * Between processes, an advisory lock of a database session excludes others. If the lock is lost, the attempt that is
 * recorded before each request keeps others from sending one for as long as the first may still be in flight. No
 * transaction is open during a request.
 */
export function createRenewer(deps: RenewerDeps): Renewer {
  const { database, vault, egress, logger } = deps
  const requestTimeoutMs = deps.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  const quietMs = requestTimeoutMs + QUIET_MS
  /** By connection. */
  const renewals = createSingleFlight<CredentialRow>()
  const reportClient = createClientAlarm(logger)
  const writes = createLimiter(WRITES_AT_ONCE)
  let draining = false

  async function requestRenewal(row: CredentialRow): Promise<Renewal> {
    const definition = definitionOfRow(row)
    const oauthClient = oauthClientOf(vault, row)
    return strategyOf(definition.auth, deps.customStrategies).renew(openSealed(vault, row), {
      egress: deps.breaker?.observe(egress, row.integration_id) ?? egress,
      now: row.now,
      timeoutMs: requestTimeoutMs,
      input: row.input,
      kept: row.kept,
      oauthClient,
      responseErrors: definition.responseErrors,
    })
  }

  async function renewUnderLock(seen: CredentialRow, need: RenewalNeed): Promise<CredentialRow> {
    // Long enough for one request of the lock's holder, and for the quiet period of a holder that died.
    const deadline = performance.now() + 2 * quietMs + QUIET_MS
    for (;;) {
      const row = await readCredentialRow(database.sql, seen.connection_id)
      if (row.version !== seen.version) return row
      assertUsable(row)
      if (need === 'due' && isFreshRow(row)) return row
      // The connection of the locks may be lost at any time; the next attempt opens a new one.
      const release = await database.locks.tryLock(`credential:${row.connection_id}`).catch((error: unknown) => {
        logger.warn({ err: error }, 'the lock of a credential could not be requested')
        return null
      })
      if (release !== null) {
        try {
          // The row may have changed between the read and the lock.
          const current = await readCredentialRow(database.sql, row.connection_id)
          if (current.version !== seen.version) return current
          // The previous holder of the lock has tried and failed: do not repeat its request.
          const failure = current.failed_refreshes > seen.failed_refreshes ? recentFailure(current) : null
          if (failure !== null) throw failure
          deps.onStep?.('locked', current.connection_id)
          const attempt = await writes.run(current.workspace_id, () => beginAttempt(deps, current, quietMs))
          if (attempt !== null) return await carryOut(current, attempt)
        } finally {
          await release()
        }
      }
      if (performance.now() > deadline || draining) throw stillBusy()
      await sleep(10 + Math.random() * 240)
    }
  }

  async function carryOut(row: CredentialRow, attempt: RenewalAttempt): Promise<CredentialRow> {
    let renewal: Renewal
    deps.onStep?.('attempt written', row.connection_id)
    try {
      renewal = await requestRenewal(row)
    } catch (error) {
      return failed(row, attempt, error)
    }
    deps.onStep?.('answered', row.connection_id)
    await untilStored(() => writes.run(row.workspace_id, () => commitRenewal(deps, row, renewal)))
    deps.onStep?.('stored', row.connection_id)
    // If the credential was replaced meanwhile, this reads the newer one.
    return readCredentialRow(database.sql, row.connection_id)
  }

  async function failed(row: CredentialRow, attempt: RenewalAttempt, cause: unknown): Promise<CredentialRow> {
    const { connection_id: connectionId } = row
    const error = cause instanceof CredentialRefreshError ? cause : unexpected(cause)
    if (!(cause instanceof LatchkeyError)) logger.error({ err: cause, connectionId }, 'a renewal failed unexpectedly')
    const lost = error.reason === 'INVALID_GRANT' && attempt.afterCrash
    const reported = lost ? lostInCrashWindow(error) : error
    const permanent = !reported.retryable && reported.reason !== 'INVALID_CLIENT'
    const indeterminate = cause instanceof RenewalError && cause.indeterminate
    const retryAfterMs = cause instanceof RenewalError ? cause.retryAfterMs : undefined
    const failure: FailedAttempt = {
      error: reported,
      retryInMs: permanent
        ? null
        : Math.max(credentialBackoffMs(row.failed_refreshes, retryAfterMs), indeterminate ? quietMs : 0),
      keepOpen: indeterminate,
      needsReauth: permanent ? reported.message : null,
    }
    const recorded = await untilStored(() =>
      writes.run(row.workspace_id, () => recordFailure(deps, row, attempt, failure)),
    )
    const current = await readCredentialRow(database.sql, connectionId)
    // A refusal counts only if no newer credential was stored meanwhile.
    if (!recorded || current.version !== row.version) return current
    if (reported.reason === 'INVALID_CLIENT') reportClient(row.integration_id)
    if (permanent)
      throw new ReconnectRequiredError(`This connection must be connected again. ${reported.message}`, {
        connectionId,
        words: reported.words,
        cause: reported,
      })
    throw reported
  }

  /** Repeats `store` for up to a minute: a token that was received must not be lost because the database is unavailable. */
  async function untilStored<T>(store: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + COMMIT_WITHIN_MS
    for (let failures = 0; ; failures += 1) {
      try {
        return await store()
      } catch (error) {
        if (performance.now() > deadline) throw error
        logger.warn({ err: error }, 'a renewed credential could not be stored yet')
        await sleep(credentialBackoffMs(Math.min(failures, 3)))
      }
    }
  }

  return {
    renew(row, need) {
      const key = row.connection_id
      const running = renewals.get(key)
      if (running !== undefined) return running
      if (draining) return Promise.reject(stillBusy())
      const recent = recentFailure(row)
      if (recent !== null && need !== 'force') return Promise.reject(recent)
      const attributes = { 'latchkey.connection.id': key }
      // In no scope: callers of several scopes may share it.
      return renewals.run(key, () =>
        runInScope(null, () => inSpan('credential renewal', attributes, () => renewUnderLock(row, need))),
      )
    },
    renewForOneRequest: requestRenewal,
    async drain() {
      draining = true
      await renewals.settled()
    },
  }
}

export function isFreshRow(row: CredentialRow): boolean {
  return isFresh({
    now: row.now,
    expiresAt: row.expires_at,
    nextRefreshAt: row.failed_refreshes > 0 ? null : row.next_refresh_at,
  })
}

/** The failure that callers get until the time of the next attempt, so that a failing provider is not called for each of them. */
function recentFailure(row: CredentialRow): CredentialRefreshError | null {
  if (row.last_error === null || row.failed_refreshes === 0) return null
  if (row.next_refresh_at === null || row.next_refresh_at <= row.now) return null
  return new CredentialRefreshError(row.last_error.message, row.last_error)
}

function lostInCrashWindow(cause: CredentialRefreshError): CredentialRefreshError {
  const message =
    'A process ended after it had requested a new token and before it had stored it, and the provider no longer accepts the old token. Connect the account again.'
  return new CredentialRefreshError(message, {
    reason: 'LOST_IN_CRASH_WINDOW',
    retryable: false,
    words: cause.words,
    cause,
  })
}

/** For a defect, or an unavailable database: the credential itself may be good. */
function unexpected(cause: unknown): CredentialRefreshError {
  const message = cause instanceof LatchkeyError ? cause.message : 'The credential could not be renewed.'
  return new CredentialRefreshError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true, cause })
}

function stillBusy(): CredentialRefreshError {
  const message = 'Another process is renewing the credential and has not finished. Try again in a moment.'
  return new CredentialRefreshError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true })
}

const REPORT_AGAIN_AFTER_MS = 10 * 60_000

/** Logs that an integration's OAuth client is refused, at most once in ten minutes and not for each of its connections. */
function createClientAlarm(logger: Logger): (integrationId: string) => void {
  const reported = new BoundedMap<string, true>({ max: 10_000, ttlMs: REPORT_AGAIN_AFTER_MS })
  return (integrationId) => {
    if (reported.has(integrationId)) return
    reported.set(integrationId, true)
    logger.error({ integrationId }, "the provider does not accept the integration's OAuth client")
  }
}
