import { isDeepStrictEqual } from 'node:util'
import type { CredentialRow, OpenedConnection } from './credential-row.ts'

interface Kept {
  row: CredentialRow
  opened: OpenedConnection
  untilMs: number
}

const MAX_KEPT = 1_000
/** Nothing decrypted is kept for longer, used or not. */
const KEEP_MS = 5 * 60_000

/**
 * Remembers what was opened, for as long as the row that was just read says the same: opening costs a decryption and the
 * checks of a strategy, comparing costs next to nothing. What an authenticator makes for itself (a signed JWT) lives as
 * long with it.
 *
 * @param open throws for a row that cannot be opened; that is not remembered
 */
export function createOpenedCache(
  open: (row: CredentialRow) => OpenedConnection,
): (row: CredentialRow) => OpenedConnection {
  /** The oldest first. */
  const kept = new Map<string, Kept>()
  let watching = false

  function forgetOld(): void {
    const now = performance.now()
    for (const [id, { untilMs }] of kept) {
      if (untilMs > now) break
      kept.delete(id)
    }
    watching = false
    watch()
  }

  function watch(): void {
    const [oldest] = kept.values()
    if (watching || oldest === undefined) return
    watching = true
    setTimeout(forgetOld, oldest.untilMs - performance.now() + 1).unref()
  }

  return (row) => {
    const id = row.connection_id
    const known = kept.get(id)
    if (known !== undefined && known.untilMs > performance.now() && isSame(known.row, row)) return known.opened
    kept.delete(id)
    const opened = open(row)
    const [oldest] = kept.keys()
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(id, { row, opened, untilMs: performance.now() + KEEP_MS })
    watch()
    return opened
  }
}

/** Whether all that goes into opening is the same. The sealed bytes are other ones after every write of the secret. */
function isSame(a: CredentialRow, b: CredentialRow): boolean {
  return (
    a.version === b.version &&
    isSameBytes(a.sealed, b.sealed) &&
    a.integration_id === b.integration_id &&
    a.integration_updated_at.getTime() === b.integration_updated_at.getTime() &&
    a.provider === b.provider &&
    a.oauth_client_id === b.oauth_client_id &&
    isSameBytes(a.client_sealed, b.client_sealed) &&
    isDeepStrictEqual(a.input, b.input) &&
    isDeepStrictEqual(a.kept, b.kept)
  )
}

function isSameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0)
}
