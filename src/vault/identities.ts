import type { SqlRunner } from '../db/sql.ts'

/** A table whose rows hold one sealed value each, in the columns `sealed`, `key_id`, `version` and `workspace_id`. */
export interface SealedTable {
  name: string
  /** The primary key, a UUID; it is bound into the encryption. */
  idColumn: string
}

/** Every table of secrets. The identity of a value names its column `<table>.sealed`. */
export const SEALED_TABLES: readonly SealedTable[] = [
  { name: 'credential', idColumn: 'connection_id' },
  { name: 'integration_secret', idColumn: 'integration_id' },
  { name: 'auth_provider', idColumn: 'id' },
  { name: 'sync_job_token', idColumn: 'sync_job_id' },
  { name: 'oauth_flow', idColumn: 'id' },
  { name: 'pending_credential', idColumn: 'connection_id' },
  { name: 'revocation', idColumn: 'id' },
]

/** Steps from one id to the next by the index: the cost grows with the number of keys, not with that of the rows. */
const KEYS_IN_USE = SEALED_TABLES.map(
  ({ name }) => `SELECT key_id FROM (
     WITH RECURSIVE used AS (
       (SELECT key_id FROM ${name} ORDER BY key_id LIMIT 1)
       UNION ALL
       SELECT (SELECT t.key_id FROM ${name} t WHERE t.key_id > used.key_id ORDER BY t.key_id LIMIT 1)
       FROM used WHERE used.key_id IS NOT NULL
     ) SELECT key_id FROM used WHERE key_id IS NOT NULL) AS of_${name}`,
).join(' UNION ')

/** The ids of the keys that stored secrets are sealed with. */
export async function keyIdsInUse(sql: SqlRunner): Promise<string[]> {
  const rows = await sql.query<{ key_id: string }>(`${KEYS_IN_USE} ORDER BY key_id`)
  return rows.map((row) => row.key_id)
}
