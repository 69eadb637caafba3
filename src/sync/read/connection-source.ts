import type { Broker } from '../../credentials/broker.ts'
import type { OpenedConnection } from '../../credentials/credential-row.ts'
import type { Clock } from '../../kit/time.ts'

/** The connection of one run, opened again in time, so that a long run goes on when its credential is renewed. */
export interface ConnectionSource {
  /** For one request. Rejects with what the broker rejects with. */
  take(): Promise<OpenedConnection>
  /** For a look at what is no secret. Rejects with what the broker rejects with. */
  peek(): Promise<OpenedConnection>
  /**
   * The provider refused a credential that was taken. Rejects with what the broker rejects with.
   * @returns true when there is another one now, with which one more try is worth it
   */
  refused(taken: OpenedConnection): Promise<boolean>
}

/** Opening again costs one query, and answers with a newer credential when there is one. */
const KEEP_MS = 20_000

/** A credential that ends sooner is not used for one more request. */
const MARGIN_MS = 5_000

/** @param broker who opens the connection, and knows whether there is another credential where one was refused */
export function createConnectionSource(
  broker: Pick<Broker, 'open' | 'refused'>,
  connectionId: string,
  clock: Clock,
): ConnectionSource {
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
    peek: async () => (current ?? (await open())).opened,
    async refused(taken) {
      // Requests that are out at once are refused one after another: only the first asks for another credential.
      if (current !== undefined && current.opened.version !== taken.version) return true
      const other = await broker.refused(taken)
      if (other === null) return false
      current = { opened: other, at: clock.now(), uses: 0 }
      return true
    },
  }
}
