import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { Renewal } from '../auth/strategy.ts'
import { runInScope } from '../db/scope.ts'
import type { Egress } from '../egress/egress.ts'
import { CredentialRefreshError, LatchkeyError, ReconnectRequiredError } from '../kit/errors.ts'
import { createLimiter } from '../kit/limiter.ts'
import type { Logger } from '../kit/log.ts'
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
import { backoffMs, isFresh } from './refresh-policy.ts'
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
  /** Told how token endpoints answer. */
  breaker?: CircuitBreaker
  /** Those that the deployment adds. Default: none. */
  customStrategies?: CustomStrategies
  /** Told of each step of a renewal before the next one begins, so that a test can end the process there. */
  onStep?: (step: RenewalStep, connectionId: string) => void
  /** Of one request to a token endpoint. Default: 15,000. */
  requestTimeoutMs?: number
}

type RenewalNeed = 'force' | 'missing' | 'due'

interface Renewer {
  /**
   * Sees to it that the credential of `row` is renewed, by whomever. Callers at the same time share one renewal.
   * @param need `force`: renew in any case; `missing`: there is nothing to apply yet, whatever the row says of its end;
   * `due`: only while it is not fresh
   * @returns the row of a credential that is newer, or fresh
   * @throws CredentialRefreshError, ReconnectRequiredError
   */
  renew(row: CredentialRow, need: RenewalNeed): Promise<CredentialRow>
  /** Asks the provider without storing anything, for a credential that is good for one request. */
  renewForOneRequest(row: CredentialRow): Promise<Renewal>
  /** Takes no more renewals and waits for those that have been sent. */
  drain(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 15_000
const QUIET_MS = 1_000
const COMMIT_WITHIN_MS = 60_000
/**
 * Transactions of renewals at once in a workspace. Each ends with the lock of the workspace's event log: more of them would
 * only hold connections of the pool while they wait, and the database is kept busy waking them up.
 */
const WRITES_AT_ONCE = 2

/**
 * Renews credentials so that no refresh token is ever in two requests: one promise in a process, a session lock between
 * processes, and an attempt written down before its request, which keeps others quiet for as long as the request may
 * live if the lock is lost. No transaction is open while the provider is asked.
 */
export function createRenewer(deps: RenewerDeps): Renewer {
  const { database, vault, egress, logger } = deps
  const requestTimeoutMs = deps.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  const quietMs = requestTimeoutMs + QUIET_MS
  const inFlight = new Map<string, Promise<CredentialRow>>()
  const alarm = createClientAlarm(logger)
  const writes = createLimiter(WRITES_AT_ONCE)
  let draining = false

  async function ask(row: CredentialRow): Promise<Renewal> {
    const definition = definitionOfRow(row)
    const oauthClient = oauthClientOf(vault, row)
    return strategyOf(definition.auth, deps.customStrategies).renew(openSealed(vault, row), {
      egress: deps.breaker?.observe(egress, row.integration_id) ?? egress,
      now: row.now,
      timeoutMs: requestTimeoutMs,
      input: row.input,
      kept: row.kept,
      ...(oauthClient === undefined ? {} : { oauthClient }),
      ...(definition.responseErrors === undefined ? {} : { responseErrors: definition.responseErrors }),
    })
  }

  async function renewUnderLock(seen: CredentialRow, need: RenewalNeed): Promise<CredentialRow> {
    // The holder of the lock may need one request; one that died leaves its quiet period.
    const deadline = performance.now() + 2 * quietMs + QUIET_MS
    for (;;) {
      const row = await readCredentialRow(database.sql, seen.connection_id)
      if (row.version !== seen.version) return row
      assertUsable(row)
      if (need === 'due' && isFreshRow(row)) return row
      // The connection of the locks may be lost at any moment; the next try opens another one.
      const release = await database.locks.tryLock(`credential:${row.connection_id}`).catch((error: unknown) => {
        logger.warn({ err: error }, 'a lock could not be asked for')
        return null
      })
      if (release !== null) {
        try {
          // What was read before the lock may be old.
          const current = await readCredentialRow(database.sql, row.connection_id)
          if (current.version !== seen.version) return current
          // Whoever held the lock before has asked, and was told no.
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
      renewal = await ask(row)
    } catch (error) {
      return failed(row, attempt, error)
    }
    deps.onStep?.('answered', row.connection_id)
    await untilStored(() => writes.run(row.workspace_id, () => commitRenewal(deps, row, renewal)))
    deps.onStep?.('stored', row.connection_id)
    // Also when somebody replaced the credential meanwhile: then theirs is the newer one.
    return readCredentialRow(database.sql, row.connection_id)
  }

  async function failed(row: CredentialRow, attempt: RenewalAttempt, cause: unknown): Promise<CredentialRow> {
    const { connection_id: connectionId } = row
    const error = cause instanceof CredentialRefreshError ? cause : unexpected(cause)
    if (!(cause instanceof LatchkeyError)) logger.error({ err: cause, connectionId }, 'a renewal failed unexpectedly')
    const lost = error.reason === 'INVALID_GRANT' && attempt.afterCrash
    const told = lost ? lostInCrashWindow(error) : error
    const permanent = !told.retryable && told.reason !== 'INVALID_CLIENT'
    const indeterminate = cause instanceof RenewalError && cause.indeterminate
    const retryAfterMs = cause instanceof RenewalError ? cause.retryAfterMs : undefined
    const failure: FailedAttempt = {
      error: told,
      retryInMs: permanent
        ? null
        : Math.max(backoffMs(row.failed_refreshes, retryAfterMs), indeterminate ? quietMs : 0),
      keepOpen: indeterminate,
      needsReauth: permanent ? told.message : null,
    }
    const stands = await untilStored(() =>
      writes.run(row.workspace_id, () => recordFailure(deps, row, attempt, failure)),
    )
    const current = await readCredentialRow(database.sql, connectionId)
    // A refusal is believed only while nobody has stored a newer credential.
    if (!stands || current.version !== row.version) return current
    if (told.reason === 'INVALID_CLIENT') alarm(row.integration_id)
    if (permanent)
      throw new ReconnectRequiredError(`This connection must be connected again. ${told.message}`, {
        connectionId,
        words: told.words,
        cause: told,
      })
    throw told
  }

  /** An answer that has reached us must not be lost because the database is away for a while. */
  async function untilStored<T>(store: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + COMMIT_WITHIN_MS
    for (let failures = 0; ; failures += 1) {
      try {
        return await store()
      } catch (error) {
        if (performance.now() > deadline) throw error
        logger.warn({ err: error }, 'a renewed credential could not be stored yet')
        await sleep(backoffMs(Math.min(failures, 3)))
      }
    }
  }

  return {
    renew(row, need) {
      const key = row.connection_id
      const running = inFlight.get(key)
      if (running !== undefined) return running
      if (draining) return Promise.reject(stillBusy())
      const recent = recentFailure(row)
      if (recent !== null && need !== 'force') return Promise.reject(recent)
      const attributes = { 'latchkey.connection.id': key }
      // Shared by all who wait for it: not in the scope of the one who happens to be the first.
      const renewing = runInScope(null, () =>
        inSpan('credential renewal', attributes, () => renewUnderLock(row, need)).finally(() => inFlight.delete(key)),
      )
      inFlight.set(key, renewing)
      return renewing
    },
    renewForOneRequest: ask,
    async drain() {
      draining = true
      await Promise.allSettled(inFlight.values())
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

/** A provider that has just failed is not asked again by every caller that waits. */
function recentFailure(row: CredentialRow): CredentialRefreshError | null {
  if (row.last_error === null || row.failed_refreshes === 0) return null
  if (row.next_refresh_at === null || row.next_refresh_at <= row.now) return null
  return new CredentialRefreshError(row.last_error.message, row.last_error)
}

function lostInCrashWindow(cause: CredentialRefreshError): CredentialRefreshError {
  const message =
    'A process ended after it had asked for a new token and before it could store it, and the provider does not accept the old one any more. Connect the account again.'
  return new CredentialRefreshError(message, {
    reason: 'LOST_IN_CRASH_WINDOW',
    retryable: false,
    words: cause.words,
    cause,
  })
}

/** A defect, or a database that is away: nothing is known to be wrong with the credential. */
function unexpected(cause: unknown): CredentialRefreshError {
  const message = cause instanceof LatchkeyError ? cause.message : 'The credential could not be renewed.'
  return new CredentialRefreshError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true, cause })
}

function stillBusy(): CredentialRefreshError {
  const message = 'The credential is being renewed elsewhere and that takes long. Try again in a moment.'
  return new CredentialRefreshError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true })
}

const AGAIN_AFTER_MS = 10 * 60_000

/**
 * Tells the log that an integration's OAuth client is refused: once, not for each of its connections, and again where it
 * is still so ten minutes later.
 */
function createClientAlarm(logger: Logger, now: () => number = () => performance.now()) {
  const told = new Map<string, number>()
  return (integrationId: string): void => {
    for (const [id, at] of told) if (now() - at >= AGAIN_AFTER_MS) told.delete(id)
    if (told.has(integrationId)) return
    told.set(integrationId, now())
    logger.error({ integrationId }, "the provider does not accept the integration's OAuth client")
  }
}
