/**
 * `node scripts/rewrap-speed.ts [rows]`: measures how many stored OAuth tokens per second are re-encrypted with a new key, on a
 * new database of the server LATCHKEY_TEST_DATABASE_URL (default: the user postgres on this machine). Default: 1,000,000 rows.
 */

import { randomBytes } from 'node:crypto'
import { rehash } from '../src/credentials/refresh-token-hash.ts'
import { migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { rewrapSecrets } from '../src/vault/rewrap.ts'
import { administer, POSTGRES_URL } from '../test/support/services.ts'
import { createSealedRows, newKey, vaultOf } from '../test/vault/sealed-rows.ts'

const ROWS = Number(process.argv[2] ?? 1_000_000)
const BATCH = 10_000

const [oldKey, newer] = [newKey('old'), newKey('new')]
const print = (line: string) => void process.stdout.write(`${line}\n`)
const name = `latchkey_rewrap_${randomBytes(8).toString('hex')}`
await administer(`CREATE DATABASE ${name}`)
const url = new URL(POSTGRES_URL)
url.pathname = `/${name}`
const database = await openDatabase({ url: url.href }, { onError: (error) => print(error.message) })
try {
  await migrate(database, { url: url.href })
  for (let created = 0; created < ROWS; created += BATCH) {
    await createSealedRows(database, vaultOf(oldKey), Math.min(BATCH, ROWS - created), 'oauth2')
  }
  await database.sql.query('ANALYZE')
  print(`${ROWS} credentials are encrypted with the old key.`)
  const begun = performance.now()
  const cpu = process.cpuUsage()
  const { rewrapped, left } = await rewrapSecrets(database, vaultOf(newer, oldKey), { rehash })
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpu)
  print(`${rewrapped} re-encrypted in ${seconds.toFixed(1)} s: ${(rewrapped / seconds).toFixed(0)} per second.`)
  print(`${(rewrapped / ((user + system) / 1e6)).toFixed(0)} per second of CPU time of this process.`)
  if (left.size > 0) throw new Error(`Not re-encrypted: ${JSON.stringify([...left])}`)
} finally {
  await database.close()
  await administer(`DROP DATABASE ${name} WITH (FORCE)`)
}
