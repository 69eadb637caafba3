import type { Broker } from '../../credentials/broker.ts'
import type { OpenedConnection } from '../../credentials/credential-store.ts'
import type { Clock } from '../../kit/time.ts'
import type { ConnectionSource } from '../../requests/send.ts'

/**
 * Opens the connection for the requests of one run, again and again, so that a long run continues with a renewed
 * credential. All functions reject with the errors of the broker.
 */
export interface JobConnection {
  /** The opened connection, for one request. */
  take(): Promise<OpenedConnection>
  /** The opened connection, for its definition and scope. Does not use up a single-use credential. */
  peek(): Promise<OpenedConnection>
  /**
   * Reports that the provider refused the credential of `taken`.
   *
   * @returns true when there is another credential now, so that the request can be repeated once
   */
  refused(taken: OpenedConnection): Promise<boolean>
  /** See ConnectionSource. */
  rejected: ConnectionSource['rejected']
  accepted: ConnectionSource['accepted']
}

/** How long an opened connection is used. Opening again costs one query and finds a newer credential. */
const KEEP_MS = 20_000

/** A credential that expires sooner is not used for another request. */
const MARGIN_MS = 5_000

/** @param broker opens the connection, and returns another credential for a refused one if there is one */
export function createJobConnection(
  broker: Pick<Broker, 'open' | 'refused'> & Partial<Pick<Broker, 'rejected' | 'accepted'>>,
  connectionId: string,
  clock: Clock,
): JobConnection {
  let current: { opened: OpenedConnection; at: number; uses: number } | undefined

  async function open() {
    current = { opened: await broker.open(connectionId), at: clock.now(), uses: 0 }
    return current
  }

  function isSpent({ opened, at, uses }: NonNullable<typeof current>): boolean {
    if (uses === 0) return false
    const { singleUse, expiresAt } = opened.authenticator
    const now = clock.now()
    return (
      singleUse === true || now - at >= KEEP_MS || (expiresAt !== undefined && expiresAt.getTime() - now < MARGIN_MS)
    )
  }

  return {
    async take() {
      const taken = current === undefined || isSpent(current) ? await open() : current
      taken.uses += 1
      return taken.opened
    },
    rejected: broker.rejected,
    accepted: broker.accepted,
    peek: async () => (current ?? (await open())).opened,
    async refused(taken) {
      // Concurrent requests may be refused with the same credential. Only the first refusal asks for another one.
      if (current !== undefined && current.opened.version !== taken.version) return true
      const other = await broker.refused(taken)
      if (other === null) return false
      current = { opened: other, at: clock.now(), uses: 0 }
      return true
    },
  }
}

/**
 * The connection of a job as a source for the sender.
 * @param view what a request sees of an opened connection. Default: everything
 */
export function connectionSource(
  source: JobConnection,
  view: (opened: OpenedConnection) => OpenedConnection = (opened) => opened,
): ConnectionSource {
  const open = async () => view(await source.take())
  return {
    open,
    refused: async (opened) => ((await source.refused(opened)) ? open() : null),
    rejected: source.rejected,
    accepted: source.accepted,
  }
}
