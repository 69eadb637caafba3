import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { Authenticator, RefreshToken, Renewal } from '../auth/strategy.ts'
import { runInScope } from '../db/scope.ts'
import { isDatabaseUnavailable } from '../db/unavailable.ts'
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { CredentialRefreshError, LatchkeyError, ReconnectRequiredError, UnavailableError } from '../kit/errors.ts'
import { createLimiter } from '../kit/limiter.ts'
import type { Logger } from '../kit/log.ts'
import { createSingleFlight } from '../kit/single-flight.ts'
import { inSpan } from '../kit/tracing.ts'
import { RenewalError } from '../wire/renewal-error.ts'
import { repeatWhileUnavailable } from '../wire/repeat-while-unavailable.ts'
import { type CircuitBreaker, createClientBackoff } from './circuit-breaker.ts'
import {
  assertUsable,
  type CredentialRow,
  createCredentialReader,
  definitionOfRow,
  oauthClientOf,
  openSealed,
  optionOf,
} from './credential-store.ts'
import { credentialBackoffMs, isFresh } from './refresh-policy.ts'
import {
  type AttemptDeps,
  clearAttempt,
  createAttemptWriter,
  type Doubt,
  hexOf,
  keepAttempt,
  type RenewalAttempt,
  recordFailure,
  releaseWaiting,
  type SharedGrant,
} from './renewal-attempt.ts'
import { openRenewal, type SealedRenewal, sealRenewal, type UnstoredRenewals } from './unstored-renewals.ts'

export type RenewalStep = 'locked' | 'attempt written' | 'answered' | 'stored'

export interface RenewerDeps extends AttemptDeps {
  egress: Egress
  logger: Logger
  /** Counts the failures of token endpoints. */
  breaker?: CircuitBreaker
  /** Strategies that the deployment adds. Default: none. */
  customStrategies?: CustomStrategies
  /** Called when a provider refuses the OAuth client of an integration. @param option see `oauthClientOf` */
  onRefusedClient?: (integrationId: string, option: string | null) => void
  /** Called before a renewal with a registered client whose secret has expired. Replaces the secret, or logs why it cannot. */
  replaceExpiredClient?: (integrationId: string, option: string | null) => Promise<void>
  /** Called after each step of a renewal and before the next one, so that a test can end the process there. */
  onStep?: (step: RenewalStep, connectionId: string) => void
  /** How long a caller waits for the response of a token endpoint, in milliseconds. Default: 15,000. */
  requestTimeoutMs?: number
  /**
   * How long a response is read that may contain the only copy of a refresh token, in milliseconds. Default: 120,000, or
   * `requestTimeoutMs` if that is longer.
   */
  lateResponseMs?: number
  /** Where renewals that cannot be stored are written. Default: they are kept in memory only. */
  unstored?: UnstoredRenewals
}

/**
 * `force`: renew in any case; `missing`: renew even if it has not expired, because it has no token yet or the API has refused
 * it; `due`: renew only while it is not fresh. All but `force` respect the wait after a failure.
 */
type RenewalNeed = 'force' | 'missing' | 'due'

interface Renewer {
  /**
   * Renews the credential of `row`, or waits until another process has renewed it. Concurrent callers share one renewal.
   * @param authenticator the opened credential of `row`
   * @returns a row whose credential is newer than that of `row`, or fresh
   * @throws CredentialRefreshError, ReconnectRequiredError; UnavailableError when the new credential cannot be stored now
   */
  renew(row: CredentialRow, authenticator: Authenticator, need: RenewalNeed): Promise<CredentialRow>
  /** Obtains a credential that is good for one request. Nothing is stored. */
  renewForOneRequest(row: CredentialRow): Promise<Renewal>
  /** Stores the renewals that earlier processes with this data folder could not store. */
  restore(): Promise<void>
  /** Begins no more renewals and waits for those that have been sent until their result is stored. */
  drain(options?: DrainOptions): Promise<void>
}

export interface DrainOptions {
  /** After this time, renewals without a response are given up, and those that are not stored are written to the data folder. */
  withinMs?: number
}

const REQUEST_TIMEOUT_MS = 15_000
const LATE_RESPONSE_MS = 120_000
const QUIET_MS = 1_000
/** How long it is tried to record the failure of a renewal, or to store a credential in spite of a defect. */
const RECORD_WITHIN_MS = 60_000
/** How long callers wait until a response that has arrived is stored. */
const STORE_WITHIN_MS = 10_000
/** How long callers wait for the failure to be recorded when the response is late. */
const RECORD_LATE_WITHIN_MS = 2_000
const LONGEST_STORE_WAIT_MS = 1_000
/**
 * Concurrent transactions of failed renewals in a workspace. Each ends with the lock of the workspace's event log, so more of them
 * would only occupy connections of the pool while they wait.
 */
const WRITES_AT_ONCE = 2

/** A renewal begins again so often at most, when nothing was sent or the OAuth client was changed meanwhile. */
const MAX_UNSENT = 3
/** After a pause of the process, a response that arrived meanwhile is read before the time-out takes effect. */
const GRACE_MS = 50

/** How long no other process begins an attempt after one whose result is not known. */
export function quietPeriodMs(requestTimeoutMs: number = REQUEST_TIMEOUT_MS): number {
  return requestTimeoutMs + QUIET_MS
}

/**
 * Renews credentials so that no refresh token is ever used in two requests. Within a process, callers share one promise.
 * Between processes, advisory locks of a database session exclude others. If the locks are lost, the attempt that is
 * recorded before each request keeps others from sending one for as long as the first may still be in flight. No
 * transaction is open during a request.
 */
export function createRenewer(
  deps: RenewerDeps,
  openRow: (row: CredentialRow) => { authenticator: Authenticator },
): Renewer {
  const { database, vault, logger } = deps
  const requestTimeoutMs = deps.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  const lateResponseMs = Math.max(requestTimeoutMs, deps.lateResponseMs ?? LATE_RESPONSE_MS)
  const quietMs = quietPeriodMs(requestTimeoutMs)
  /** By connection. */
  const renewals = createSingleFlight<CredentialRow>()
  /** Renewals whose callers have stopped waiting, and which still hold their lock. */
  const unfinished = new Set<Promise<void>>()
  const clients = createClientBackoff()
  const reportClient = createClientAlarm(logger)
  const attempts = createAttemptWriter(deps, quietMs)
  const readRow = createCredentialReader(database.sql)
  const writes = createLimiter(WRITES_AT_ONCE)
  /** Integrations whose waiting connections were released a moment ago. */
  const released = new BoundedMap<string, true>({ max: 10_000, ttlMs: 2_000 })
  /** Aborted when the process no longer waits for renewals. */
  const abandon = new AbortController()
  const abandoned = new Promise<never>((_resolve, reject) =>
    abandon.signal.addEventListener('abort', () => reject(new Error('The process stops.'))),
  )
  abandoned.catch(() => undefined)
  let draining = false

  async function replaceExpiredClient(row: CredentialRow): Promise<void> {
    if (deps.replaceExpiredClient === undefined || row.client_sealed === null) return
    const option = optionOf(openSealed(vault, row))
    const end = oauthClientOf(vault, row, option)?.secretExpiresAt
    if (end !== undefined && end <= row.now) await deps.replaceExpiredClient(row.integration_id, option)
  }

  async function renewUnderLock(seen: CredentialRow, first: Authenticator, need: RenewalNeed): Promise<CredentialRow> {
    // Long enough for one request of the lock's holder, and for the quiet period of a holder that has ended.
    const deadline = performance.now() + 2 * quietMs + QUIET_MS
    const grant = grantOf(seen, first)
    let unsent = 0
    for (;;) {
      // The connection of the locks may be lost at any time; the next attempt opens a new one.
      const release = await database.locks.tryLocks(locksOf(seen, grant)).catch((error: unknown) => {
        logger.warn({ err: error }, 'the locks of a credential could not be requested')
        return null
      })
      const lock = release === null ? null : createHeldLock(release)
      try {
        // The row may have changed since it was read, and until it was locked.
        const current = await readRow(seen.connection_id)
        if (current.version !== seen.version) return current
        assertUsable(current)
        if (need === 'due' && isFreshRow(current)) return current
        // Another process has tried and failed: do not repeat its request.
        const failure = current.failed_refreshes > seen.failed_refreshes ? recentFailure(current) : null
        if (failure !== null) throw failure
        if (lock !== null && !isAwaited(current)) {
          deps.onStep?.('locked', current.connection_id)
          const begunMs = performance.now()
          const attempt = await attempts.begin(current, grant)
          const renewed = attempt === null ? null : await carryOut({ row: current, grant, attempt, begunMs, lock })
          if (renewed !== null) return renewed
          unsent += attempt === null ? 0 : 1
          if (attempt !== null && unsent < MAX_UNSENT) continue
        }
      } finally {
        await lock?.releaseUnlessKept()
      }
      if (draining) throw stopping()
      if (performance.now() > deadline) throw stillBusy()
      await sleep(10 + Math.random() * 240)
    }
  }

  /**
   * Whether another process may be about to store the response to the open attempt. When the database was unavailable, that
   * process gets as long as a quiet period to do so, from the time at which this process has reached the database again.
   */
  function isAwaited({ attempt_id: id }: CredentialRow): boolean {
    return id !== null && database.locks.connectedForMs() < quietMs
  }

  function grantOf(row: CredentialRow, { refreshToken }: Authenticator): Grant {
    if (refreshToken === undefined) return { hashes: [], includes: () => false }
    const { value, place } = refreshToken
    return {
      refreshToken,
      hashes: vault.fingerprints(value).map(hexOf),
      includes(other) {
        if (other.workspace_id !== row.workspace_id) return false
        try {
          const { refreshToken: own } = openRow(other).authenticator
          return own?.value === value && own.place === place
        } catch {
          return false
        }
      },
    }
  }

  /** @returns null when it has to begin again: nothing was sent because this process was frozen, or the OAuth client was changed */
  async function carryOut(renewal: RunningRenewal): Promise<CredentialRow | null> {
    const { row, grant, attempt, begunMs, lock } = renewal
    deps.onStep?.('attempt written', row.connection_id)
    const state = { ended: false, notSent: false }
    const answered = Promise.withResolvers<void>()
    const heartbeat = setInterval(() => void beat(renewal), quietMs / 4).unref()
    const work = (async () => {
      try {
        const answer = await settle(requestRenewal(renewal, state))
        state.ended = true
        answered.resolve()
        if (state.notSent) {
          await clearAttempt(database.sql, attempt)
          return null
        }
        if ('error' in answer) return await failed(renewal, answer.error)
        deps.onStep?.('answered', row.connection_id)
        await store(row, grant, answer.value)
        deps.onStep?.('stored', row.connection_id)
        // If the credential was replaced meanwhile, this reads the newer one.
        return await readRow(row.connection_id)
      } finally {
        clearInterval(heartbeat)
      }
    })()
    const result = settle(work)
    const responseInMs = grant.refreshToken?.rotates === true ? requestTimeoutMs : requestTimeoutMs + QUIET_MS
    await within(answered.promise, Math.max(0, begunMs + responseInMs - performance.now()))
    if (!state.ended) await sleep(GRACE_MS)
    const stored = state.ended ? await within(result, Math.min(requestTimeoutMs, STORE_WITHIN_MS)) : null
    if (stored !== null) return unwrap(stored)
    const finishing = result.then(lock.keep())
    unfinished.add(finishing)
    void finishing.finally(() => unfinished.delete(finishing))
    if (state.ended) throw notStored()
    const late = noResponseYet(requestTimeoutMs)
    const recorded = await within(settle(failed(renewal, late, { isLate: true })), RECORD_LATE_WITHIN_MS)
    if (recorded === null) throw late
    return unwrap(recorded)
  }

  /** Tells other processes that the attempt is still open, from the middle of its quiet period on. */
  async function beat({ row, attempt, begunMs }: RunningRenewal): Promise<void> {
    if (performance.now() - begunMs < quietMs / 2) return
    await keepAttempt(database.sql, attempt, quietMs).catch((error: unknown) =>
      logger.warn({ err: error, connectionId: row.connection_id }, 'an open renewal could not be prolonged'),
    )
  }

  async function requestRenewal(
    { row, grant: { refreshToken }, attempt, begunMs }: RunningRenewal,
    state: { notSent: boolean },
  ): Promise<SealedRenewal> {
    const recovered = new Set<string>()
    const beforeSend = () => {
      // Later, another process may have begun an attempt of its own.
      state.notSent = performance.now() - begunMs > quietMs / 2
      if (state.notSent)
        throw new EgressError('aborted', 'The renewal was not sent: the process was stopped for too long.')
    }
    // The quiet period counts from the last request.
    const beforeRepeat = () =>
      keepAttempt(database.sql, attempt, quietMs).catch((cause: unknown) => {
        const message = 'The provider could not renew the credential now.'
        throw new RenewalError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true, cause })
      })
    const readForMs = refreshToken?.rotates === true ? lateResponseMs : undefined
    const onRecovered = (ids: readonly string[]) => ids.map((id) => recovered.add(id))
    const renewal = await clients.run(
      clientKeyOf(row, refreshToken),
      () => renewOnce(row, { readForMs, beforeSend, beforeRepeat, onRecovered }),
      () => recovered.add(row.integration_id),
    )
    if (row.failed_refreshes > 0) recovered.add(row.integration_id)
    void releaseOthers([...recovered], row.now)
    return sealRenewal(vault, row, renewal)
  }

  function renewOnce(row: CredentialRow, options: RenewOptions = {}): Promise<Renewal> {
    const { readForMs, beforeSend, beforeRepeat, onRecovered } = options
    const definition = definitionOfRow(row)
    const strategy = strategyOf(definition.auth, deps.customStrategies)
    const { egress, breaker } = deps
    let tries = 0
    return repeatWhileUnavailable({ timeoutMs: requestTimeoutMs }, async (timeoutMs) => {
      tries += 1
      if (tries > 1) await beforeRepeat?.()
      const stored = openSealed(vault, row)
      return strategy.renew(stored, {
        egress: breaker?.observe(egress, row.integration_id, onRecovered) ?? egress,
        now: row.now,
        timeoutMs: readForMs ?? timeoutMs,
        beforeSend,
        input: row.input,
        kept: row.kept,
        workspaceId: row.workspace_id,
        oauthClient: oauthClientOf(vault, row, optionOf(stored)),
        responseErrors: definition.responseErrors,
      })
    })
  }

  /** After an outage, the other connections need not wait for the end of their backoff. */
  async function releaseOthers(integrationIds: readonly string[], requestedAt: Date): Promise<void> {
    const ids = integrationIds.filter((id) => !released.has(id))
    if (ids.length === 0) return
    for (const id of ids) released.set(id, true)
    await runInScope(null, () => releaseWaiting(database.sql, ids, { requestedAt, quietMs })).catch((error: unknown) =>
      logger.warn({ err: error }, 'the waits after an outage could not be ended'),
    )
  }

  /** Stores a response, for as long as the process lives: it may be the only copy of a refresh token. */
  async function store(row: CredentialRow, grant: SharedGrant, sealed: SealedRenewal): Promise<void> {
    const commit = async () => attempts.commit(row, grant, openRenewal(vault, sealed))
    const defectUntil = performance.now() + RECORD_WITHIN_MS
    let written: boolean | undefined
    for (let failures = 0; ; failures += 1) {
      try {
        await Promise.race([commit(), abandoned])
        if (written === true) await deps.unstored?.remove(sealed)
        return
      } catch (error) {
        if (failures === 0) {
          logger.warn({ err: error, connectionId: row.connection_id }, 'a renewed credential could not be stored yet')
        }
        // A defect does not end by itself.
        if (!isDatabaseUnavailable(error) && performance.now() > defectUntil) throw error
        written ??= (await deps.unstored?.write(sealed)) ?? false
        await Promise.race([sleep(Math.min(LONGEST_STORE_WAIT_MS, 100 * 2 ** failures)), abandoned]).catch(
          () => undefined,
        )
        if (!abandon.signal.aborted) continue
        reportUnstored(sealed, written)
        throw notStored()
      }
    }
  }

  function reportUnstored({ connectionId }: SealedRenewal, written: boolean): void {
    if (written) logger.warn({ connectionId }, 'a renewed credential is kept in the data folder until the next start')
    else logger.error({ connectionId }, 'a renewed credential is lost: the account may have to be connected again')
  }

  async function failed(
    { row, attempt }: RunningRenewal,
    cause: unknown,
    { isLate = false } = {},
  ): Promise<CredentialRow | null> {
    const { connection_id: connectionId } = row
    const error = cause instanceof CredentialRefreshError ? cause : unexpected(cause)
    if (!(cause instanceof LatchkeyError)) logger.error({ err: cause, connectionId }, 'a renewal failed unexpectedly')
    const renewalError = cause instanceof RenewalError ? cause : undefined
    const finalAfterADay = renewalError?.finalAfterADay ?? false
    if (error.reason === 'INVALID_CLIENT' && (await hasOtherClient(row))) {
      await clearAttempt(database.sql, attempt)
      return null
    }
    const lost = error.reason === 'INVALID_GRANT' && attempt.doubt !== null
    const reported = lost
      ? lostInCrashWindow(error, attempt.doubt)
      : finalAfterADay && hasLastedADay(row)
        ? refusedForADay(error)
        : error
    const permanent = !reported.retryable && reported.reason !== 'INVALID_CLIENT'
    const indeterminate = renewalError?.indeterminate ?? false
    const backoffMs = isLate ? 0 : credentialBackoffMs(row.failed_refreshes, renewalError?.retryAfterMs)
    const failure = {
      error: reported,
      finalAfterADay,
      askedToWait: renewalError?.retryAfterMs !== undefined,
      retryInMs: permanent ? null : Math.max(backoffMs, indeterminate ? quietMs : 0),
      keepOpen: indeterminate,
      needsReauth: permanent ? reported.message : null,
    }
    const recorded = await recordSoon(() =>
      writes.run(row.workspace_id, () => recordFailure(deps, row, attempt, failure)),
    )
    const current = await readRow(connectionId)
    // A refusal counts only if no newer credential was stored meanwhile.
    if (!recorded || current.version !== row.version) return current
    if (reported.reason === 'INVALID_CLIENT') {
      reportClient(row.integration_id)
      deps.onRefusedClient?.(row.integration_id, optionOf(openSealed(vault, row)))
    }
    if (permanent)
      throw new ReconnectRequiredError(`This connection must be connected again. ${reported.message}`, {
        connectionId,
        words: reported.words,
        cause: reported,
      })
    throw reported
  }

  /** Whether the client or the definition was changed while it was refused, so that the refusal says nothing about the new one. */
  async function hasOtherClient(row: CredentialRow): Promise<boolean> {
    const current = await readRow(row.connection_id)
    return clientVersionOf(current) !== clientVersionOf(row)
  }

  async function recordSoon<T>(record: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + RECORD_WITHIN_MS
    for (let failures = 0; ; failures += 1) {
      try {
        return await record()
      } catch (error) {
        if (performance.now() > deadline || abandon.signal.aborted) throw error
        logger.warn({ err: error }, 'a failed renewal could not be recorded yet')
        await sleep(Math.min(LONGEST_STORE_WAIT_MS, 100 * 2 ** failures))
      }
    }
  }

  async function restoreOne(sealed: SealedRenewal): Promise<void> {
    const { connectionId } = sealed
    try {
      const row = await Promise.resolve(readRow(connectionId)).catch((error: unknown) => {
        if (error instanceof LatchkeyError && error.code === 'NOT_FOUND') return null
        throw error
      })
      const isCurrent = row !== null && row.version === sealed.version && row.workspace_id === sealed.workspaceId
      if (isCurrent) {
        const grant = grantOf(row, openRow(row).authenticator)
        await attempts.commit({ ...row, now: sealed.now }, grant, openRenewal(vault, sealed))
        logger.info({ connectionId }, 'stored a renewed credential from the data folder')
      } else logger.warn({ connectionId }, 'a renewed credential in the data folder is no longer needed')
      await deps.unstored?.remove(sealed)
    } catch (err) {
      logger.error({ err, connectionId }, 'a renewed credential in the data folder could not be stored')
    }
  }

  return {
    renew(row, authenticator, need) {
      const key = row.connection_id
      const running = renewals.get(key)
      if (running !== undefined) return running
      if (draining) return Promise.reject(stopping())
      const recent = isBeingRenewed(row, quietMs) ? null : recentFailure(row)
      if (recent !== null && need !== 'force') return Promise.reject(recent)
      const attributes = { 'latchkey.connection.id': key }
      // In no scope: callers of several scopes may share it.
      return renewals.run(key, () =>
        runInScope(null, () =>
          inSpan('credential renewal', attributes, async () => {
            await replaceExpiredClient(row)
            return renewUnderLock(row, authenticator, need)
          }),
        ),
      )
    },
    renewForOneRequest: (row) => renewOnce(row),
    async restore() {
      const found = (await deps.unstored?.read()) ?? []
      await runInScope(null, async () => {
        for (const sealed of found) await restoreOne(sealed)
      })
    },
    async drain({ withinMs = Number.POSITIVE_INFINITY } = {}) {
      draining = true
      const settled = (async () => {
        await renewals.settled()
        await Promise.all(unfinished)
      })()
      if ((await within(settle(settled), withinMs)) !== null) return
      abandon.abort()
      if (unfinished.size > 0 || renewals.size > 0) {
        logger.warn(
          { renewals: Math.max(unfinished.size, renewals.size) },
          'renewals had not ended when the process stopped',
        )
      }
      // The renewals that hold a response write it to the data folder before they end.
      await within(settle(settled), GIVE_UP_MS)
    },
  }
}

/** How long the last writes to the data folder may take. */
const GIVE_UP_MS = 1_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

interface Grant extends SharedGrant {
  refreshToken?: RefreshToken
}

/** A renewal whose attempt is recorded. */
interface RunningRenewal {
  row: CredentialRow
  grant: Grant
  attempt: RenewalAttempt
  /** Before the attempt was recorded, by the clock of `performance.now()`. */
  begunMs: number
  lock: HeldLock
}

interface RenewOptions {
  /** How long a response is read. Default: what is left of the time limit. */
  readForMs?: number | undefined
  beforeSend?: () => void
  beforeRepeat?: () => Promise<void>
  onRecovered?: (integrationIds: readonly string[]) => void
}

interface HeldLock {
  /** @returns a function that releases the lock; `releaseUnlessKept` then does nothing */
  keep(): () => Promise<void>
  releaseUnlessKept(): Promise<void>
}

function createHeldLock(release: () => Promise<void>): HeldLock {
  let kept = false
  return {
    keep() {
      kept = true
      return release
    },
    releaseUnlessKept: async () => (kept ? undefined : release()),
  }
}

/** Processes of earlier versions lock the connection alone. */
function locksOf({ connection_id: id, workspace_id: workspaceId }: CredentialRow, { hashes }: SharedGrant): string[] {
  return [`credential:${id}`, ...hashes.map((hash) => `refresh token:${workspaceId}:${hash}`)]
}

/** Connections with the same key use the same OAuth client with the same secret. */
function clientKeyOf(row: CredentialRow, refreshToken: RefreshToken | undefined): string {
  const own = row.oauth_client_id === null ? row.connection_id : row.oauth_client_id
  return `${row.integration_id} ${clientVersionOf(row)} ${refreshToken?.place ?? own}`
}

function clientVersionOf({ oauth_client_id: id, client_version: version, integration_updated_at: at }: CredentialRow) {
  return `${id ?? ''} ${version ?? 0} ${at.getTime()}`
}

type Settled<T> = { value: T } | { error: unknown }

function settle<T>(work: Promise<T>): Promise<Settled<T>> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

function unwrap<T>(settled: Settled<T>): T {
  if ('error' in settled) throw settled.error
  return settled.value
}

/** @returns null when the work takes longer */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  if (ms > LONGEST_TIMER_MS) return work
  const timer = new AbortController()
  const timeout = sleep(ms, null, { signal: timer.signal }).catch(() => null)
  try {
    return await Promise.race([work, timeout])
  } finally {
    timer.abort()
  }
}

export function isFreshRow(row: CredentialRow): boolean {
  return isFresh({
    now: row.now,
    expiresAt: row.expires_at,
    nextRefreshAt: row.failed_refreshes > 0 ? null : row.next_refresh_at,
  })
}

/** Whether a renewal was begun after the last failure and may still succeed: its result is awaited. */
function isBeingRenewed({ attempt_id: id, attempt_at: at, failed_at: failedAt, now }: CredentialRow, quietMs: number) {
  if (id === null || at === null || (failedAt !== null && failedAt >= at)) return false
  return now.getTime() - at.getTime() < quietMs
}

/** The failure that callers get until the time of the next attempt, so that a failing provider is not called for each of them. */
function recentFailure(row: CredentialRow): CredentialRefreshError | null {
  if (row.last_error === null || row.failed_refreshes === 0) return null
  if (row.retry_at === null || row.retry_at <= row.now) return null
  return new CredentialRefreshError(row.last_error.message, row.last_error)
}

const WHAT_HAPPENED: Readonly<Record<Doubt, string>> = {
  PROCESS_ENDED: 'A process ended after it had requested a new token and before it had stored it',
  DATABASE_AWAY: 'The database was unavailable when a new token had to be stored',
  NO_RESPONSE: 'The response to an earlier request for a new token did not arrive in time',
}

function lostInCrashWindow(cause: CredentialRefreshError, doubt: Doubt | null): CredentialRefreshError {
  const what = WHAT_HAPPENED[doubt ?? 'PROCESS_ENDED']
  return new CredentialRefreshError(
    `${what}, and the provider no longer accepts the old token. Connect the account again.`,
    { reason: 'LOST_IN_CRASH_WINDOW', retryable: false, words: cause.words, cause },
  )
}

const A_DAY_MS = 24 * 60 * 60_000

/** Whether renewals have been refused in this way for a day. */
function hasLastedADay({ last_error: last, failing_since: since, now }: CredentialRow): boolean {
  return last?.finalAfterADay === true && since !== null && now.getTime() - since.getTime() >= A_DAY_MS
}

function refusedForADay(cause: CredentialRefreshError): CredentialRefreshError {
  const message = 'The provider has refused to renew this credential for a day. Connect the account again.'
  return new CredentialRefreshError(message, { reason: 'INVALID_GRANT', retryable: false, words: cause.words, cause })
}

function noResponseYet(timeoutMs: number): RenewalError {
  const message = `The provider has not answered within ${timeoutMs / 1000} s. Its response is stored if it arrives later.`
  return new RenewalError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true, indeterminate: true })
}

function notStored(): UnavailableError {
  return new UnavailableError(
    'The result of the renewal cannot be stored now, because the database is unavailable. Try again in a moment.',
  )
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

function stopping(): CredentialRefreshError {
  const message = 'This process is stopping and begins no more renewals. Try again in a moment.'
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
