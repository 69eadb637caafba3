import { BoundedMap } from '../kit/bounded-map.ts'

/** How a renewal ended, for the number of further renewals that its integration may run. */
export type RenewalOutcome = 'renewed' | 'refused' | 'failed'

/**
 * Decides how many renewals ahead of time run at once in this process. Each integration has a window, which grows while its
 * provider answers quickly and is halved when it fails. Integrations share the places of the process evenly, and those whose
 * provider has not answered quickly of late get at most half of the places, so that providers that are slow or unavailable
 * never occupy all of them.
 */
export interface RenewalPlaces {
  /**
   * Chooses which integrations begin renewals now.
   * @param waiting how many renewals wait, by integration
   * @param limits how many renewals an integration may run at once, whatever its window. Absent: no limit
   * @returns how many renewals each integration may begin; integrations without any are absent
   */
  choose(waiting: ReadonlyMap<string, number>, limits: ReadonlyMap<string, number>): Map<string, number>
  /** Occupies a place. @returns a function that frees it */
  begin(integrationId: string): (outcome: RenewalOutcome) => void
  /** Renewals per second that the process is known to achieve, and those that the window of an integration allows. */
  rates(): { all: number; of(integrationId: string): number }
  readonly running: number
}

interface PlacesOptions {
  /** Concurrent renewals of the process. */
  total: number
  /** The largest window of an integration. */
  perIntegration: number
  /** How many renewals begin per second at most, so that callers keep a share of the processor. Default: no limit. */
  perSecond?: number
  /** A monotonic clock, in milliseconds. */
  now?: () => number
}

interface Lane {
  running: number
  window: number
  /** Below this, the window grows by one with each renewal; above, by one with each full window. */
  fastUntil: number
  /** Duration of a renewal while few run at once, in milliseconds: the shortest ones, forgotten slowly. */
  baseMs: number
  averageMs: number
  /** Renewals that began before this have no influence on the window any more. */
  shrunkAt: number
  answersQuickly: boolean
}

const FIRST_WINDOW = 4
const SMALLEST_WINDOW = 2
/** A renewal is quick if it takes less than a multiple of the shortest ones, plus a constant for the jitter of the process. */
const QUICK_FACTOR = 2
const QUICK_JITTER_MS = 50
/** A provider that takes longer than this to answer is slow, however constant that is. */
const SLOW_MS = 3_000
/** By which part the shortest duration grows with each full window, so that it is forgotten when a provider becomes slower. */
const FORGET = 0.005
const AVERAGE_OVER = 20
const MAX_LANES = 10_000

/** How much of the rate may be used at once. */
const BURST_SECONDS = 0.1

const RATE_OVER_MS = 2_000
/** Assumed until more is measured. */
const FIRST_RATE = 20

export function createRenewalPlaces({
  total,
  perIntegration,
  perSecond = Number.MAX_SAFE_INTEGER,
  now = () => performance.now(),
}: PlacesOptions): RenewalPlaces {
  const lanes = new BoundedMap<string, Lane>({ max: MAX_LANES })
  const meter = createRateMeter(now)
  const smallest = Math.min(SMALLEST_WINDOW, perIntegration)
  let running = 0
  /** Running renewals of integrations that do not answer quickly. */
  let doubtful = 0
  /** Renewals that may begin now. It grows with time. */
  let allowed = perSecond * BURST_SECONDS
  let allowedAt = now()

  function grantAllowance(): number {
    const elapsedSeconds = (now() - allowedAt) / 1000
    allowedAt = now()
    allowed = Math.min(Math.max(1, perSecond * BURST_SECONDS), allowed + elapsedSeconds * perSecond)
    return allowed
  }

  function laneOf(integrationId: string): Lane {
    let lane = lanes.get(integrationId)
    if (lane === undefined) {
      const window = Math.min(FIRST_WINDOW, perIntegration)
      lane = {
        running: 0,
        window,
        fastUntil: perIntegration,
        baseMs: Number.POSITIVE_INFINITY,
        averageMs: 0,
        shrunkAt: Number.NEGATIVE_INFINITY,
        answersQuickly: false,
      }
      lanes.set(integrationId, lane)
    }
    return lane
  }

  function setQuick(lane: Lane, quick: boolean): void {
    if (lane.answersQuickly !== quick) doubtful += quick ? -lane.running : lane.running
    lane.answersQuickly = quick
  }

  function learn(lane: Lane, begunAt: number, outcome: RenewalOutcome): void {
    const tookMs = now() - begunAt
    if (outcome === 'failed') {
      setQuick(lane, false)
      if (begunAt < lane.shrunkAt) return
      lane.shrunkAt = now()
      lane.window = Math.max(smallest, Math.floor(lane.window / 2))
      lane.fastUntil = lane.window
      return
    }
    setQuick(lane, tookMs < SLOW_MS)
    lane.averageMs += (tookMs - lane.averageMs) / (lane.averageMs === 0 ? 1 : AVERAGE_OVER)
    lane.baseMs = Math.min(lane.baseMs * (1 + FORGET / lane.window), tookMs)
    // A refusal shows that the provider answers, but more of them at once are of no use.
    if (outcome === 'refused' || !lane.answersQuickly) return
    if (tookMs > lane.baseMs * QUICK_FACTOR + QUICK_JITTER_MS) return
    lane.window = Math.min(perIntegration, lane.window + (lane.window < lane.fastUntil ? 1 : 1 / lane.window))
  }

  return {
    choose(waiting, limits) {
      const chosen = new Map<string, number>()
      let free = Math.min(total - running, Math.floor(grantAllowance()))
      let freeOfDoubtful = Math.ceil(total / 2) - doubtful
      const candidates = [...waiting].flatMap(([id, count]) => {
        const lane = laneOf(id)
        const most = Math.min(Math.floor(lane.window), limits.get(id) ?? perIntegration, lane.running + count)
        return most > lane.running ? [{ id, most, running: lane.running, doubtful: !lane.answersQuickly }] : []
      })
      // One place after the other goes to the integrations that have the fewest.
      for (let level = 0; free > 0 && level < perIntegration; level += 1) {
        for (const candidate of candidates) {
          if (free <= 0) break
          if (candidate.running > level || candidate.running >= candidate.most) continue
          if (candidate.doubtful && freeOfDoubtful <= 0) continue
          if (candidate.doubtful) freeOfDoubtful -= 1
          free -= 1
          candidate.running += 1
          chosen.set(candidate.id, (chosen.get(candidate.id) ?? 0) + 1)
        }
      }
      return chosen
    },
    begin(integrationId) {
      const lane = laneOf(integrationId)
      const begunAt = now()
      lane.running += 1
      running += 1
      allowed -= 1
      if (!lane.answersQuickly) doubtful += 1
      return (outcome) => {
        lane.running -= 1
        running -= 1
        if (!lane.answersQuickly) doubtful -= 1
        learn(lane, begunAt, outcome)
        meter.count()
      }
    },
    rates: () => ({
      all: meter.rate(),
      of(integrationId) {
        const lane = lanes.get(integrationId)
        if (lane === undefined || lane.averageMs === 0) return meter.rate()
        return Math.min(meter.rate(), (lane.window * 1000) / lane.averageMs)
      },
    }),
    get running() {
      return running
    },
  }
}

/** The highest rate of late: in quiet times fewer renewals run than could. A tenth of it is forgotten each minute. */
function createRateMeter(now: () => number): { count(): void; rate(): number } {
  let highest = FIRST_RATE
  let highestAt = now()
  let begunAt = now()
  let counted = 0

  function rate(): number {
    return Math.max(FIRST_RATE, highest * 0.9 ** ((now() - highestAt) / 60_000))
  }

  return {
    count() {
      counted += 1
      const tookMs = now() - begunAt
      if (tookMs < RATE_OVER_MS) return
      const measured = (counted * 1000) / tookMs
      if (measured > rate()) {
        highest = measured
        highestAt = now()
      }
      begunAt = now()
      counted = 0
    },
    rate,
  }
}
