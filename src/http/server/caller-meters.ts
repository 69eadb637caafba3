import { setImmediate as nextIteration, setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from '../../access/caller.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import { threadMs } from '../../kit/thread-ms.ts'
import type { CallerMeter, CallerMeters } from '../../requests/caller-meters.ts'
import { type Admission, EXPENSIVE_POINTS } from '../graphql/limits/admission.ts'
import { callerKey, workspaceKey } from './caller-key.ts'
import type { PointLimits } from './point-limits.ts'

/**
 * What it takes to receive, decode or pass on a chunk: in any case, and for each byte. Measured: 3 ms for each megabyte that passes
 * through the proxy, 8 ms when it is compressed, and 0.02 ms for a chunk of one byte.
 */
const CHUNK_POINTS = 0.02
const TRANSFERRED_BYTE_POINTS = 1 / 128_000
/** Points that are charged together: those of about 32 kB. */
const CHARGED_AT_ONCE = 0.25
/** What it takes to decode and redact a byte, for the turn. The caller is charged for the time that it has taken. */
const PROCESSED_BYTE_POINTS = 1 / 64_000
/** Smaller bodies are processed at once. */
const TURN_BYTES = 64 * 1024
/** The most that a turn counts for. The operation that it belongs to may itself count as an expensive one. */
const MAX_TURN_POINTS = EXPENSIVE_POINTS - 1
/** Longest pause because of the whole process, in milliseconds, so that every body continues, if slowly. */
const MAX_PROCESS_PAUSE_MS = 1_000

/** A workspace may have one and a half times as many requests open as one caller. */
const WORKSPACE_FACTOR = 1.5

interface CallerMetersOptions {
  points: PointLimits
  admission: Admission
  /** Open requests of one caller. Default: 200. */
  requestsPerCaller?: number | undefined
  /** How many requests of one workspace wait until others have ended. Default: 200. */
  maxWaiting?: number
  /** How long a request waits for that, and a body for room, in milliseconds. Default: 10,000. */
  maxWaitMs?: number
  /** Bytes of bodies that are kept as a whole for one workspace. Default: 32 MiB. */
  bytesPerWorkspace?: number
  /** The same for all workspaces. Default: 128 MiB. */
  bytesInAll?: number
  /** Called for each request that is refused: because of those that are open, or of the memory that bodies take. */
  onRefused?: ((limit: 'requests' | 'bodies') => void) | undefined
}

export function createCallerMeters({
  points,
  admission,
  requestsPerCaller = 200,
  maxWaiting = 200,
  maxWaitMs = 10_000,
  bytesPerWorkspace = 32 * 1024 * 1024,
  bytesInAll = 128 * 1024 * 1024,
  onRefused,
}: CallerMetersOptions): CallerMeters {
  const perWorkspace = Math.ceil(requestsPerCaller * WORKSPACE_FACTOR)
  const places = createPlaces({
    perCaller: requestsPerCaller,
    perWorkspace,
    maxWaiting,
    maxWaitMs,
    onRefused: () => onRefused?.('requests'),
  })
  const pacing = createPacing()
  const memory = createMemory({
    perWorkspace: bytesPerWorkspace,
    inAll: bytesInAll,
    maxWaitMs,
    onRefused: () => onRefused?.('bodies'),
  })

  /** Waits until the caller is no longer below zero. */
  async function pause(caller: Caller, signal: AbortSignal | undefined): Promise<void> {
    try {
      for (let debtMs = points.debtMs(caller); debtMs > 0; debtMs = points.debtMs(caller)) {
        await sleep(debtMs, undefined, { signal, ref: false })
      }
      const busyMs = Math.min(points.busyMs(caller), MAX_PROCESS_PAUSE_MS)
      if (busyMs > 0) await sleep(busyMs, undefined, { signal, ref: false })
    } catch {
      // Whoever reads on learns of the signal there.
    }
  }

  const parts: MeterParts = { points, admission, pacing, memory, pause, onRefused: () => onRefused?.('bodies') }
  return {
    open(caller, signal) {
      const place = places.take(caller)
      return place instanceof Promise
        ? place.then((leave) => new RequestMeter(parts, caller, leave, signal))
        : new RequestMeter(parts, caller, place, signal)
    },
  }
}

/** What the meters of all requests share. */
interface MeterParts {
  points: PointLimits
  admission: Admission
  pacing: ReturnType<typeof createPacing>
  memory: ReturnType<typeof createMemory>
  /** Waits until the caller is no longer below zero. */
  pause: (caller: Caller, signal: AbortSignal | undefined) => Promise<void>
  /** Called when a body is refused. */
  onRefused: () => void
}

class RequestMeter implements CallerMeter {
  readonly #parts: MeterParts
  readonly #caller: Caller
  readonly #leave: () => void
  readonly #signal: AbortSignal | undefined
  /** Undefined: nothing of a body was kept. */
  #body: KeptBody | undefined
  #endTurn: (() => void) | undefined
  #uncharged = 0
  #workedMs = 0

  constructor(parts: MeterParts, caller: Caller, leave: () => void, signal: AbortSignal | undefined) {
    this.#parts = parts
    this.#caller = caller
    this.#leave = leave
    this.#signal = signal
  }

  count(bytes: number): Promise<void> | undefined {
    this.#uncharged += CHUNK_POINTS + bytes * TRANSFERRED_BYTE_POINTS
    if (this.#uncharged < CHARGED_AT_ONCE) return undefined
    const { points, pacing, pause } = this.#parts
    points.settle(this.#caller, this.#uncharged)
    this.#uncharged = 0
    return points.debtMs(this.#caller) > 0 || points.busyMs(this.#caller) > 0
      ? pause(this.#caller, this.#signal)
      : pacing.next(workspaceKey(this.#caller))
  }

  keep(bytes: number): Promise<void> | undefined {
    this.#body ??= this.#parts.memory.begin(workspaceKey(this.#caller))
    return this.#body.keep(bytes)
  }

  turn(bytes: number): Promise<void> | undefined {
    return bytes < TURN_BYTES ? undefined : this.#enterTurn(bytes)
  }

  async #enterTurn(bytes: number): Promise<void> {
    this.#endTurn?.()
    try {
      const points = Math.min(bytes * PROCESSED_BYTE_POINTS, MAX_TURN_POINTS)
      this.#endTurn = await this.#parts.admission.enter(this.#caller, points)
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error
      this.#parts.onRefused()
      throw tooManyBodies()
    }
    // Without this, the bodies that wait would be processed one after the other before anything else happens.
    await nextIteration()
  }

  work<T>(work: () => T): T {
    const startedMs = threadMs()
    try {
      return work()
    } finally {
      const ms = threadMs() - startedMs
      this.#workedMs += ms
      this.#parts.points.settle(this.#caller, ms)
    }
  }

  close(): void {
    if (this.#uncharged > 0) this.#parts.points.settle(this.#caller, this.#uncharged)
    this.#uncharged = 0
    // The next body of the workspace has its turn when others have had as much time as this one has taken.
    if (this.#endTurn !== undefined) setTimeout(this.#endTurn, this.#workedMs).unref()
    this.#body?.end()
    this.#leave()
  }
}

/**
 * Lets one chunk of each workspace pass in each iteration of the event loop, so that everything else of an iteration waits for
 * less than a millisecond for each workspace, however many bodies it has open.
 */
function createPacing() {
  /** Workspaces of which a chunk has passed in this iteration, with those that wait for the next ones. */
  const passing = new Map<string, (() => void)[]>()

  function advance(): void {
    for (const [workspace, waiting] of passing) {
      const next = waiting.shift()
      if (next === undefined) passing.delete(workspace)
      else next()
    }
    if (passing.size > 0) setImmediate(advance)
  }

  return {
    next(workspace: string): Promise<void> | undefined {
      const waiting = passing.get(workspace)
      if (waiting !== undefined) return new Promise((resolve) => waiting.push(resolve))
      if (passing.size === 0) setImmediate(advance)
      passing.set(workspace, [])
      return undefined
    },
  }
}

interface PlacesOptions {
  onRefused: () => void
  perCaller: number
  perWorkspace: number
  maxWaiting: number
  maxWaitMs: number
}

interface Entrant {
  caller: string
  workspace: string
  begin: () => void
}

type Keys = Omit<Entrant, 'begin'>

/** Counts the open requests of callers and workspaces. One above a limit waits until another one of the same ends. */
function createPlaces({ perCaller, perWorkspace, maxWaiting, maxWaitMs, onRefused }: PlacesOptions) {
  const refused = () => {
    onRefused()
    return tooManyRequests()
  }
  const ofCallers = new Map<string, number>()
  const ofWorkspaces = new Map<string, number>()
  const waiting = new Map<string, Entrant[]>()

  const mayBegin = ({ caller, workspace }: Keys) =>
    (ofCallers.get(caller) ?? 0) < perCaller && (ofWorkspaces.get(workspace) ?? 0) < perWorkspace

  function begin({ caller, workspace }: Keys): () => void {
    add(ofCallers, caller, 1)
    add(ofWorkspaces, workspace, 1)
    let left = false
    return () => {
      if (left) return
      left = true
      add(ofCallers, caller, -1)
      add(ofWorkspaces, workspace, -1)
      waiting.get(workspace)?.find(mayBegin)?.begin()
    }
  }

  function stopWaiting(entrant: Entrant): void {
    const others = (waiting.get(entrant.workspace) ?? []).filter((each) => each !== entrant)
    if (others.length === 0) waiting.delete(entrant.workspace)
    else waiting.set(entrant.workspace, others)
  }

  return {
    /** @returns gives the place back; may be called more than once */
    take(given: Caller): Promise<() => void> | (() => void) {
      const own = { caller: callerKey(given), workspace: workspaceKey(given) }
      if (mayBegin(own)) return begin(own)
      const others = waiting.get(own.workspace) ?? []
      if (others.length >= maxWaiting) return Promise.reject(refused())
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const entrant: Entrant = {
        ...own,
        begin() {
          clearTimeout(timer)
          stopWaiting(entrant)
          resolve(begin(own))
        },
      }
      const timer = setTimeout(() => {
        stopWaiting(entrant)
        reject(refused())
      }, maxWaitMs)
      waiting.set(own.workspace, [...others, entrant])
      return promise
    },
  }
}

function add(counts: Map<string, number>, key: string, count: number): void {
  const sum = (counts.get(key) ?? 0) + count
  if (sum === 0) counts.delete(key)
  else counts.set(key, sum)
}

/** The part of a body that is kept in memory. */
interface KeptBody {
  /** @throws RateLimitedError when there was no room for too long */
  keep(bytes: number): Promise<void> | undefined
  /** Frees the memory. */
  end(): void
}

interface MemoryOptions {
  onRefused: () => void
  perWorkspace: number
  inAll: number
  maxWaitMs: number
}

/**
 * Counts the bytes of bodies that are kept as a whole. The oldest body of each workspace always grows, so that bodies do not wait
 * for each other; the others grow while there is room.
 */
function createMemory({ perWorkspace, inAll, maxWaitMs, onRefused }: MemoryOptions) {
  /** By workspace: the bytes of all bodies, and of each body that has some, the oldest first. */
  const workspaces = new Map<string, { used: number; bodies: Map<object, number> }>()
  let total = 0
  /** Undefined: no body waits for room. */
  let freed: PromiseWithResolvers<void> | undefined

  return {
    begin(workspace: string): KeptBody {
      const body = {}
      const hasRoom = (bytes: number) => {
        const own = workspaces.get(workspace)
        if (own === undefined || own.bodies.keys().next().value === body) return true
        return own.used + bytes <= perWorkspace && total + bytes <= inAll
      }
      const add = (bytes: number) => {
        const own = workspaces.get(workspace) ?? { used: 0, bodies: new Map<object, number>() }
        workspaces.set(workspace, own)
        own.bodies.set(body, (own.bodies.get(body) ?? 0) + bytes)
        own.used += bytes
        total += bytes
      }
      return {
        keep(bytes: number): Promise<void> | undefined {
          if (hasRoom(bytes)) {
            add(bytes)
            return undefined
          }
          return (async () => {
            const late = new AbortController()
            const timeout = sleep(maxWaitMs, 'late', { signal: late.signal, ref: false })
            timeout.catch(() => undefined)
            try {
              while (!hasRoom(bytes)) {
                freed ??= Promise.withResolvers()
                if ((await Promise.race([freed.promise, timeout])) !== 'late') continue
                onRefused()
                throw tooManyBodies()
              }
              add(bytes)
            } finally {
              late.abort()
            }
          })()
        },
        end() {
          const own = workspaces.get(workspace)
          const bytes = own?.bodies.get(body)
          if (own === undefined || bytes === undefined) return
          own.bodies.delete(body)
          own.used -= bytes
          total -= bytes
          if (own.bodies.size === 0) workspaces.delete(workspace)
          freed?.resolve()
          freed = undefined
        },
      }
    },
  }
}

function tooManyRequests(): RateLimitedError {
  return new RateLimitedError('Too many requests through connections are open. Wait for the end of some of them.', {
    retryAfterSeconds: 2,
  })
}

function tooManyBodies(): RateLimitedError {
  return new RateLimitedError(
    'The request was sent, but its response was not read, because too many large responses are read at once. Wait for some of them, or use /proxy/<connection id>/<path>, which streams them.',
    { retryAfterSeconds: 5 },
  )
}
