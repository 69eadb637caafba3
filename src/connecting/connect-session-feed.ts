import { isSessionOver, sessionStatus } from '../connections/connect-session-state.ts'
import type { ConnectSession } from '../db/generated/client.ts'
import type { SqlRunner } from '../db/sql.ts'
import { columnsOf } from '../db/tables.ts'
import type { WakeBus } from '../db/wake-bus.ts'

/** How often to look at a session without being woken. */
const POLL_EVERY_MS = 2_000

export type SessionRow = Omit<ConnectSession, 'tokenHash' | 'browserHash'>

/** What a link and a browser are known by is read by nobody who shows a session. */
export const UNSHOWN: readonly string[] = ['tokenHash', 'browserHash']

/**
 * A session as it is now, and again after every change, until it is over.
 * @returns 'ended' after a final state
 */
export async function* followSession(
  { sql, bus }: { sql: SqlRunner; bus: WakeBus },
  id: string,
  signal: AbortSignal,
  pollEveryMs = POLL_EVERY_MS,
): AsyncGenerator<SessionRow, 'ended' | undefined, undefined> {
  let wake = Promise.withResolvers<void>()
  const unsubscribe = bus.subscribe('sessions', (changed) => {
    if (changed === id) wake.resolve()
  })
  const stop = () => wake.resolve()
  signal.addEventListener('abort', stop)
  let shown = ''
  try {
    for (;;) {
      const aborted = signal.aborted
      wake = Promise.withResolvers<void>()
      const session = await read(sql, id)
      if (session === null) return undefined
      const state = JSON.stringify([sessionStatus(session), session.connectionId, session.expiresAt, session.error])
      if (state !== shown) {
        shown = state
        yield session
      }
      if (isSessionOver(session)) return 'ended'
      // What ended the caller may be the end of the session: it was looked at once more.
      if (aborted) return undefined
      if (!signal.aborted) await woken(wake, Math.min(pollEveryMs, untilExpiry(session)))
    }
  } finally {
    signal.removeEventListener('abort', stop)
    unsubscribe()
  }
}

/** A timer may come a moment early. */
function untilExpiry({ expiresAt }: SessionRow): number {
  return Math.max(expiresAt.getTime() - Date.now(), 0) + 2
}

async function woken(wake: PromiseWithResolvers<void>, withinMs: number): Promise<void> {
  const timer = setTimeout(wake.resolve, withinMs)
  timer.unref()
  await wake.promise
  clearTimeout(timer)
}

async function read(sql: SqlRunner, id: string): Promise<SessionRow | null> {
  const [row] = await sql.query<SessionRow & Record<string, unknown>>(
    `SELECT ${columnsOf('connect_session', 't', UNSHOWN)} FROM connect_session t WHERE t.id = $1::uuid`,
    [id],
  )
  return row ?? null
}
