import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import type { Database } from '../db/database.ts'
import { LatchkeyError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { createLoop, type Loop } from '../kit/loop.ts'
import type { Vault } from '../vault/vault.ts'
import {
  type CredentialRow,
  oauthClientOf,
  openSealed,
  openStored,
  optionOf,
  readCredentialRows,
} from './credential-store.ts'
import { refreshTokenHash } from './refresh-token-hash.ts'

interface BackfillDeps {
  database: Database
  vault: Vault
  logger: Logger
  customStrategies?: CustomStrategies
  /** Time between two passes, in milliseconds. Default: one hour. */
  everyMs?: number
  /** Credentials per statement. Default: 100. */
  batchSize?: number
}

const EVERY_MS = 60 * 60_000

/**
 * Computes the missing hashes of refresh tokens: of credentials that were stored by a version without hashes, and of those that
 * `rotate-keys` could not compute. A pass reads the table once. Any number of processes may run it.
 */
export function createHashBackfill(deps: BackfillDeps): Loop {
  const { database, logger, everyMs = EVERY_MS, batchSize = 100 } = deps
  return createLoop({
    everyMs,
    onError: (error) => logger.warn({ err: error }, 'hashes of refresh tokens could not be stored'),
    async work(signal) {
      let after: string | null = null
      while (!signal.aborted) {
        const found: { id: string }[] = await database.sql.query<{ id: string }>(
          `SELECT connection_id AS id FROM credential
           WHERE refresh_token_hash IS NULL AND refreshable AND ($1::uuid IS NULL OR connection_id > $1::uuid)
           ORDER BY connection_id LIMIT $2::int`,
          [after, batchSize],
        )
        after = found.at(-1)?.id ?? null
        if (after === null) return
        await fill(
          deps,
          found.map(({ id }) => id),
        )
      }
    },
  })
}

async function fill(deps: BackfillDeps, connectionIds: readonly string[]): Promise<void> {
  const { database } = deps
  const rows = await readCredentialRows(database.sql, connectionIds)
  const hashed = rows.flatMap((row) => {
    const hash = hashOf(deps, row)
    return hash === null ? [] : [{ id: row.connection_id, version: row.version, hash }]
  })
  if (hashed.length === 0) return
  // A credential that was renewed or replaced meanwhile has another version, and its hash already. A locked one may be about to.
  await database.sql.query(
    `WITH hashed AS (
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[]) AS h(id, version, hash)
     ), held AS (
       SELECT s.connection_id AS id FROM credential s JOIN hashed h ON h.id = s.connection_id AND h.version = s.version
       WHERE s.refresh_token_hash IS NULL FOR NO KEY UPDATE OF s SKIP LOCKED
     )
     UPDATE credential s SET refresh_token_hash = decode(h.hash, 'base64') FROM hashed h JOIN held ON held.id = h.id
     WHERE s.connection_id = h.id`,
    [
      hashed.map(({ id }) => id),
      hashed.map(({ version }) => version),
      hashed.map(({ hash }) => Buffer.from(hash).toString('base64')),
    ],
  )
}

/** Null: the credential cannot be opened. Its connection reports that when it is used. */
function hashOf({ vault, customStrategies, logger }: BackfillDeps, row: CredentialRow): Uint8Array | null {
  try {
    const stored = openSealed(vault, row)
    const oauthClient = oauthClientOf(vault, row, optionOf(stored))
    const { authenticator } = openStored(row, stored, { oauthClient, customStrategies })
    return refreshTokenHash(vault, authenticator.refreshToken)
  } catch (error) {
    if (!(error instanceof LatchkeyError)) {
      logger.error({ err: error, connectionId: row.connection_id }, 'the hash of a refresh token could not be computed')
    }
    return null
  }
}
