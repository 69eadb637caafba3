import type { SqlRunner } from '../db/sql.ts'
import type { Logger } from '../kit/log.ts'
import { UnknownKeyError } from './envelope.ts'
import { keyIdsInUse } from './identities.ts'
import type { Vault } from './vault.ts'

const LOOK_EVERY_MS = 30_000

/**
 * Whether this process can open what is stored: it holds every key that is in use. Looks at most every 30 seconds.
 * The check rejects with UnknownKeyError for the first key that is missing.
 */
export function createKeyReadiness(sql: SqlRunner, vault: Vault, logger: Logger): () => Promise<void> {
  let lookedAt = Number.NEGATIVE_INFINITY
  let missing: string[] = []
  return async () => {
    if (performance.now() - lookedAt >= LOOK_EVERY_MS) {
      missing = (await keyIdsInUse(sql)).filter((keyId) => !vault.holds(keyId))
      lookedAt = performance.now()
      if (missing.length > 0) logger.error({ missing }, 'stored secrets need encryption keys that are not configured')
    }
    const [first] = missing
    if (first !== undefined) throw new UnknownKeyError(first)
  }
}
