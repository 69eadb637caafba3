/**
 * `node scripts/rewrap-speed.ts [rows]`: how many stored secrets a second move to a new key, on a new database of the
 * server that LATCHKEY_TEST_DATABASE_URL names (default: the user postgres on this machine). Default: 1,000,000 rows.
 */

import { rewrapSecrets } from '../src/vault/rewrap.ts'
import { openTestDatabase } from '../test/support/databases.ts'
import { createSealedRows, newKey, vaultOf } from '../test/vault/sealed-rows.ts'

const ROWS = Number(process.argv[2] ?? 1_000_000)
const AT_ONCE = 10_000

const [oldKey, newer] = [newKey('old'), newKey('new')]
const print = (line: string) => void process.stdout.write(`${line}\n`)
const test = await openTestDatabase('server')
try {
  for (let made = 0; made < ROWS; made += AT_ONCE) {
    await createSealedRows(test.database, vaultOf(oldKey), Math.min(AT_ONCE, ROWS - made))
  }
  await test.database.sql.query('ANALYZE')
  print(`${ROWS} credentials are sealed with the old key.`)
  const begun = performance.now()
  const cpu = process.cpuUsage()
  const { rewrapped, left } = await rewrapSecrets(test.database, vaultOf(newer, oldKey))
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpu)
  print(`${rewrapped} moved in ${seconds.toFixed(1)} s: ${(rewrapped / seconds).toFixed(0)} a second.`)
  print(`${(rewrapped / ((user + system) / 1e6)).toFixed(0)} a second of this process' own processor time.`)
  if (left.size > 0) throw new Error(`Some are left: ${JSON.stringify([...left])}`)
} finally {
  await test.close()
}
