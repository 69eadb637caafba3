/** Reads and replaces random credentials until it is stopped, and reports how often it could not open one. */

import { openDatabase } from '../../src/db/open-database.ts'
import { credentialIdentity } from '../../src/vault/identities.ts'
import { vaultOf } from './sealed-rows.ts'

export interface RotationReport {
  reads: number
  writes: number
  failures: string[]
}

interface Setting {
  url: string
  keys: string[]
  workspaceId: string
  connectionIds: string[]
}

const { url, keys, workspaceId, connectionIds }: Setting = JSON.parse(process.argv[2] ?? '')
const database = await openDatabase({ url }, { onError: () => undefined })
const vault = vaultOf(...keys)
const report: RotationReport = { reads: 0, writes: 0, failures: [] }
let stopping = false

async function touch(connectionId: string): Promise<void> {
  const [row] = await database.sql.query<{ sealed: Uint8Array; version: number }>(
    'SELECT sealed, version FROM credential WHERE connection_id = $1::uuid',
    [connectionId],
  )
  if (row === undefined) throw new Error('A credential is missing.')
  const opened = vault.open(row.sealed, credentialIdentity(workspaceId, connectionId, row.version))
  if (!JSON.stringify(opened).includes(connectionId)) throw new Error('The secret belongs to another connection.')
  report.reads += 1
  if (report.reads % 10 !== 0) return
  const version = row.version + 1
  const secret = { type: 'bearer', fields: { token: `token of ${connectionId}` } }
  const written = await database.sql.query(
    `UPDATE credential SET sealed = $3::bytea, key_id = $4::text, version = $5::int
     WHERE connection_id = $1::uuid AND version = $2::int RETURNING 1 AS one`,
    [
      connectionId,
      row.version,
      vault.seal(secret, credentialIdentity(workspaceId, connectionId, version)),
      vault.currentKeyId,
      version,
    ],
  )
  report.writes += written.length
}

process.on('message', () => {
  stopping = true
})
process.send?.('ready')
while (!stopping) {
  const connectionId = connectionIds[Math.floor(Math.random() * connectionIds.length)] ?? ''
  await touch(connectionId).catch((error: unknown) => report.failures.push(String(error)))
}
await database.close()
process.send?.(report, () => process.exit(0))
