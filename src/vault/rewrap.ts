import type { Database } from '../db/database.ts'
import type { Row } from '../db/sql.ts'
import { CredentialCorruptError, UnknownKeyError } from './envelope.ts'
import { SEALED_TABLES, type SealedTable, sealedIdentity } from './identities.ts'
import type { Vault } from './vault.ts'

interface RewrapProgress {
  table: string
  /** Rows of this table that this pass has read. */
  seen: number
  /** Rows of all tables that were rewrapped so far. */
  rewrapped: number
}

/** The columns of a credential with keyed hashes of refresh tokens. Null: unknown. */
export interface TokenHashes {
  refresh_token_hash: Uint8Array | null
  supplied_token_hash: Uint8Array | null
}

interface RewrapOptions {
  /**
   * Computes the hashes of a credential with the current key.
   * @param open decrypts the credential
   */
  rehash(vault: Vault, hashes: TokenHashes, open: () => unknown): TokenHashes
  /** Called after each batch. */
  onProgress?: (progress: RewrapProgress) => void
  /** Aborting it ends the work after the current batch. Finished batches are kept. */
  signal?: AbortSignal
  /** Rows of one statement. Default: 500. */
  batchSize?: number
}

/** A value that could not be moved to the current key. */
interface UnopenedRow {
  table: string
  /** The primary key of the row. */
  id: string
}

export interface RewrapResult {
  /** Values that this call moved to the current key. */
  rewrapped: number
  /** Number of values that are still under another key, by the id of that key. */
  left: Map<string, number>
  /** Keys of `left` that this process does not hold. Their values were not changed. */
  missingKeys: string[]
  /** Number of values that cannot be opened, because they were changed or copied. They were not changed. */
  corrupt: number
  /** The first hundred of these values. */
  corruptRows: UnopenedRow[]
}

interface SealedRow extends Row {
  id: string
  workspace_id: string
  version: number
  key_id: string
  sealed: Uint8Array
}

interface SealedCredential extends SealedRow, TokenHashes {}

/** For tables without hashes. */
const NO_HASHES = 'NULL::bytea AS refresh_token_hash, NULL::bytea AS supplied_token_hash'

const MAX_NAMED = 100
/** A later pass finds values that another process wrote under an old key during an earlier pass. */
const MAX_PASSES = 3

/**
 * Re-encrypts the data key of every stored secret with the vault's current key, while other processes keep working. Secrets are
 * not decrypted, except credentials with a refresh token, whose keyed hash is computed again with the current key. A value that
 * is replaced meanwhile is left as it is. The work may be interrupted and started again, and several processes may do it at
 * once.
 */
export async function rewrapSecrets(database: Database, vault: Vault, options: RewrapOptions): Promise<RewrapResult> {
  const run = new Rewrap(database, vault, options)
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    const before = run.rewrapped
    await run.pass()
    if (run.stopped || run.rewrapped === before) break
  }
  return run.result()
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('base64')
}

class Rewrap {
  readonly #database: Database
  readonly #vault: Vault
  readonly #options: RewrapOptions
  readonly #corrupt = new Map<string, UnopenedRow>()
  #corruptCount = 0
  rewrapped = 0

  constructor(database: Database, vault: Vault, options: RewrapOptions) {
    this.#database = database
    this.#vault = vault
    this.#options = options
  }

  get stopped(): boolean {
    return this.#options.signal?.aborted === true
  }

  async pass(): Promise<void> {
    this.#corrupt.clear()
    this.#corruptCount = 0
    for (const table of SEALED_TABLES) await this.#table(table)
  }

  async #table(table: SealedTable): Promise<void> {
    let after: string | null = null
    let seen = 0
    while (!this.stopped) {
      const rows: SealedCredential[] = await this.#read(table, after)
      const last = rows.at(-1)
      if (last === undefined) return
      after = last.id
      seen += rows.length
      this.rewrapped += await this.#write(table, rows)
      this.#options.onProgress?.({ table: table.name, seen, rewrapped: this.rewrapped })
    }
  }

  #read({ name, idColumn }: SealedTable, after: string | null): Promise<SealedCredential[]> {
    const hashes = name === 'credential' ? 'refresh_token_hash, supplied_token_hash' : NO_HASHES
    return this.#database.sql.query<SealedCredential>(
      `SELECT ${idColumn} AS id, workspace_id, version, key_id, sealed, ${hashes} FROM ${name}
       WHERE key_id <> $1::text AND ($2::uuid IS NULL OR ${idColumn} > $2::uuid) ORDER BY ${idColumn} LIMIT $3::int`,
      [this.#vault.currentKeyId, after, this.#options.batchSize ?? 500],
    )
  }

  async #write(table: SealedTable, rows: readonly SealedCredential[]): Promise<number> {
    const { name, idColumn } = table
    const moved = rows.flatMap((row) => {
      const change = this.#rewrap(table, row)
      return change === null ? [] : [{ ...row, ...change }]
    })
    if (moved.length === 0) return 0
    const hashes =
      name === 'credential'
        ? `, refresh_token_hash = decode(m.refresh_token_hash, 'base64'), supplied_token_hash = decode(m.supplied_token_hash, 'base64')`
        : ''
    // Locked in the order of ids, so that two concurrent runs cannot deadlock.
    const written = await this.#database.sql.query(
      `WITH moved AS (
         SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $6::text[], $7::text[])
           AS m(id, version, key_id, sealed, refresh_token_hash, supplied_token_hash)
       ), held AS (
         SELECT t.${idColumn} AS id FROM ${name} t JOIN moved m ON m.id = t.${idColumn}
         ORDER BY t.${idColumn} FOR NO KEY UPDATE OF t
       )
       UPDATE ${name} t SET sealed = decode(m.sealed, 'base64'), key_id = $5::text${hashes}
       FROM moved m JOIN held h ON h.id = m.id
       WHERE t.${idColumn} = m.id AND t.version = m.version AND t.key_id = m.key_id RETURNING 1 AS one`,
      [
        moved.map((row) => row.id),
        moved.map((row) => row.version),
        moved.map((row) => row.key_id),
        moved.map((row) => base64(row.sealed)),
        this.#vault.currentKeyId,
        moved.map((row) => base64(row.refresh_token_hash)),
        moved.map((row) => base64(row.supplied_token_hash)),
      ],
    )
    return written.length
  }

  /** Null: the value cannot be moved to the current key. */
  #rewrap({ name }: SealedTable, row: SealedCredential): (Pick<SealedRow, 'sealed'> & TokenHashes) | null {
    const identity = sealedIdentity(name, row.workspace_id, row.id, row.version)
    try {
      const sealed = this.#vault.rewrap(row.sealed, identity) ?? row.sealed
      return { sealed, ...this.#options.rehash(this.#vault, row, () => this.#vault.open(row.sealed, identity)) }
    } catch (error) {
      if (error instanceof UnknownKeyError) return null
      if (!(error instanceof CredentialCorruptError)) throw error
      this.#corruptCount += 1
      if (this.#corrupt.size < MAX_NAMED) this.#corrupt.set(`${name} ${row.id}`, { table: name, id: row.id })
      return null
    }
  }

  async result(): Promise<RewrapResult> {
    const left = new Map<string, number>()
    for (const { name } of SEALED_TABLES) {
      const rows = await this.#database.sql.query<{ key_id: string; count: number }>(
        `SELECT key_id, count(*)::int AS count FROM ${name} WHERE key_id <> $1::text GROUP BY key_id`,
        [this.#vault.currentKeyId],
      )
      for (const { key_id: keyId, count } of rows) left.set(keyId, (left.get(keyId) ?? 0) + count)
    }
    return {
      rewrapped: this.rewrapped,
      left,
      missingKeys: [...left.keys()].filter((keyId) => !this.#vault.holds(keyId)).sort(),
      corrupt: this.#corruptCount,
      corruptRows: [...this.#corrupt.values()],
    }
  }
}
