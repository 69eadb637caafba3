import type { QueuedJob, Room } from '../jobs/backlog.ts'

/** The places of a worker: how many jobs it runs at once, and of whom. */
interface Places {
  readonly free: number
  /** Takes a place for a job. @returns false when it may not have one */
  take(job: QueuedJob): boolean
  leave(job: QueuedJob): void
  /** Takes no job of the integration for so long, unless the job has a slot of its rate limit. */
  pause(job: QueuedJob, ms: number): void
  room(): Room
}

/** The largest numbers of jobs that a worker runs at once: of one workspace, of one integration and at one host. */
export interface PlaceCaps {
  /** Default: no cap but the places that are kept for workspaces without a running job. */
  workspace?: number | undefined
  /** Default: four fifths of the places. */
  integration?: number | undefined
  /** Default: four fifths of the places, from which a workspace without a running job is exempt. */
  host?: number | undefined
}

/** The part of the places that only workspaces without a running job here get. */
const RESERVED_SHARE = 0.1
/** The part of the places that jobs of one integration, and jobs of one host, may take where no cap is given. */
const INTEGRATION_SHARE = 0.8
/**
 * An integration with a rate limit gets as many places as send this many seconds of its requests. More would only wait for
 * the rate limit.
 */
const PACED_SECONDS = 2

/**
 * A workspace gets all places but a tenth, which is kept for workspaces that run nothing here, so that long jobs do not
 * block other workspaces. Of one integration and of one host at most four fifths are taken, so that a slow provider does
 * not block other ones; a workspace that runs nothing here is exempt from the limit of the host.
 *
 * @param concurrency all places
 * @param caps replace these limits; nobody is exempt from a cap
 */
export function createPlaces(concurrency: number, caps: PlaceCaps = {}): Places {
  const reserved = concurrency === 1 ? 0 : Math.max(1, Math.floor(concurrency * RESERVED_SHARE))
  const share = Math.max(1, Math.floor(concurrency * INTEGRATION_SHARE))
  const cap = {
    workspace: caps.workspace ?? concurrency,
    integration: caps.integration ?? share,
    host: caps.host ?? share,
  }
  /** A workspace that runs nothing here may take a place at a host that is full. */
  const hostYields = caps.host === undefined
  const counts = {
    workspace: new Map<string, number>(),
    integration: new Map<string, number>(),
    host: new Map<string, number>(),
  }
  /** Rate limits of integrations that have running jobs. */
  const rates = new Map<string, number>()
  /** Until when integrations are paused, by `performance.now()`. */
  const paused = new Map<string, number>()
  let taken = 0

  const countOf = (of: keyof typeof counts, key: string | null) => (key === null ? 0 : (counts[of].get(key) ?? 0))

  function add(of: keyof typeof counts, key: string | null, change: 1 | -1): void {
    if (key === null) return
    const count = (counts[of].get(key) ?? 0) + change
    if (count > 0) counts[of].set(key, count)
    else counts[of].delete(key)
  }

  function change(job: QueuedJob, by: 1 | -1): void {
    taken += by
    add('workspace', job.workspaceId, by)
    add('integration', job.integrationId, by)
    add('host', job.host, by)
  }

  function limitOf(requestsPerSecond: number | null | undefined): number {
    return requestsPerSecond == null
      ? cap.integration
      : Math.min(cap.integration, Math.max(1, Math.ceil(requestsPerSecond * PACED_SECONDS)))
  }

  function isPaused(integrationId: string): boolean {
    const until = paused.get(integrationId)
    if (until === undefined) return false
    if (until > performance.now()) return true
    paused.delete(integrationId)
    return false
  }

  function mayTake(job: QueuedJob): boolean {
    const { workspaceId, integrationId, host, requestsPerSecond, hasSlot } = job
    const free = concurrency - taken
    if (free <= 0 || countOf('integration', integrationId) >= limitOf(requestsPerSecond)) return false
    if (integrationId !== null && !hasSlot && isPaused(integrationId)) return false
    const ofWorkspace = countOf('workspace', workspaceId)
    const hostIsFull = countOf('host', host) >= cap.host
    if (ofWorkspace === 0) return hostYields || !hostIsFull
    return ofWorkspace < cap.workspace && free > reserved && !hostIsFull
  }

  return {
    get free() {
      return concurrency - taken
    },
    take(job) {
      if (!mayTake(job)) return false
      const { integrationId, requestsPerSecond } = job
      if (integrationId !== null && requestsPerSecond !== null) rates.set(integrationId, requestsPerSecond)
      change(job, 1)
      return true
    },
    leave(job) {
      change(job, -1)
      if (job.integrationId !== null && countOf('integration', job.integrationId) === 0) rates.delete(job.integrationId)
    },
    pause({ integrationId }, ms) {
      if (integrationId !== null && ms > 0) paused.set(integrationId, performance.now() + ms)
    },
    room() {
      const full = [...counts.integration].flatMap(([id, count]) => (count >= limitOf(rates.get(id)) ? [id] : []))
      const noneOfBusy = concurrency - taken <= reserved
      return {
        mayTake,
        running: (workspaceId) => countOf('workspace', workspaceId),
        fullIntegrations: [...full, ...[...paused.keys()].filter(isPaused)],
        // Without a cap, the hosts say nothing of workspaces that run nothing here, and only those are left.
        fullHosts: noneOfBusy && hostYields ? [] : keysFrom(counts.host, cap.host),
        fullWorkspaces: noneOfBusy ? [...counts.workspace.keys()] : keysFrom(counts.workspace, cap.workspace),
      }
    },
  }
}

/** The keys of the counts that are at least `least`. */
function keysFrom(counts: ReadonlyMap<string, number>, least: number): string[] {
  return [...counts].flatMap(([key, count]) => (count >= least ? [key] : []))
}
