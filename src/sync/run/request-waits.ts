import type { Clock } from '../../kit/time.ts'
import type { InterruptedRequest, SlotWait } from '../../requests/send.ts'
import type { Retry } from '../../wire/retry.ts'
import { JobWaitError } from '../jobs/job-wait.ts'
import type { RequestWaits } from '../read/fetch-page.ts'

/** A request that has missed its slot before waits for the next one in place, up to this many milliseconds. */
const MISSED_SLOT_PATIENCE_MS = 15_000

interface RequestWaitsOptions {
  stream: string
  clock: Clock
  /** A longer wait puts the job back into the queue, in milliseconds. */
  putBackMs: number
  /** Reports a wait that is shorter. */
  report(retry: Retry): Promise<void>
  /** The request that the job waited for; undefined: it did not wait in this stream. */
  interrupted: InterruptedRequest | undefined
}

/**
 * How the requests of a stream wait: in place when the wait is short, or else by a JobWaitError, which puts the job back.
 * The first request of a run continues the request that the job waited for. The other ones wait until it has ended, so that
 * a provider which accepts few requests accepts the one that is needed first.
 */
export function createRequestWaits({
  stream,
  clock,
  putBackMs,
  report,
  interrupted,
}: RequestWaitsOptions): RequestWaits {
  let resume = interrupted
  let first: Promise<unknown> = Promise.resolve()
  return {
    async run(send) {
      if (resume === undefined) {
        await first
        return send(undefined)
      }
      const sent = send(resume)
      resume = undefined
      first = sent.catch((error: unknown) => {
        if (error instanceof JobWaitError) throw error
      })
      first.catch(() => undefined)
      return sent
    },
    async onRetry(retry) {
      if (retry.waitMs <= putBackMs) return report(retry)
      const { kind, reason, retryAt, attempt, state } = retry
      const payload = { stream, reason, retryAt: retryAt.toISOString(), attempt }
      throw new JobWaitError({ kind, stream, reason, page: state }, retryAt.getTime(), {
        type: 'SYNC_RETRYING',
        payload,
      })
    },
    onSlotWait({ slotAt, waitMs, retries }: SlotWait) {
      const patienceMs = interrupted?.slotAt === undefined ? putBackMs : Math.max(putBackMs, MISSED_SLOT_PATIENCE_MS)
      if (waitMs <= patienceMs) return
      const reason = 'The definition limits the rate of requests. Other requests of the integration come first.'
      throw new JobWaitError({ kind: 'pace', stream, reason, page: retries, slotAt }, clock.now() + waitMs)
    },
  }
}
