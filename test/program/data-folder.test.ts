import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/open-database.ts'
import { startProgram } from '../support/program.ts'
import { newKey, sharedEnv } from './main-job.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-folder-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** Returns every row of every table as text. */
async function contents(): Promise<Record<string, string[]>> {
  const database = await openDatabase({ dataDir }, { onError: () => undefined })
  try {
    const tables = await database.sql.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    )
    const all: Record<string, string[]> = {}
    for (const { name } of tables) {
      const rows = await database.sql.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t ORDER BY 1`)
      all[name] = rows.map(({ row }) => row)
    }
    return all
  } finally {
    await database.close()
  }
}

describe('the data folder', () => {
  it('belongs to one process: a second one does not start, and its error names the first; a copy of it works', async () => {
    const first = await startProgram({ dataDir })
    try {
      const second = startProgram({ dataDir })
      await expect(second).rejects.toThrow(/exited with 1/)
      await expect(second).rejects.toThrow(`in use by process ${first.pid}`)
      expect((await fetch(`${first.url}/healthz`)).status).toBe(200)
    } finally {
      expect(await first.stop()).toBe(0)
    }
    const copy = `${dataDir}-copy`
    await cp(dataDir, copy, { recursive: true })
    try {
      const third = await startProgram({ dataDir: copy })
      // A start on a new database would print one.
      expect(third.stdout()).not.toContain('operator key')
      expect(await third.stop()).toBe(0)
    } finally {
      await rm(copy, { recursive: true, force: true })
    }
  })

  it('is not changed by a process whose encryption key differs but has the same id (CS-07)', async () => {
    const env = sharedEnv()
    const first = await startProgram({ dataDir, env })
    expect(await first.stop()).toBe(0)
    const before = await contents()
    expect(before['public.key_check']).toHaveLength(1)
    for (const keys of [newKey('k1'), `${newKey('k2')},${newKey('k1')}`]) {
      const wrong = startProgram({ dataDir, env: { ...env, LATCHKEY_ENCRYPTION_KEYS: keys } })
      await expect(wrong).rejects.toThrow(/exited with 1[\s\S]*is not the same key/)
      expect(await contents()).toEqual(before)
    }
    const again = await startProgram({ dataDir, env })
    expect(await again.stop()).toBe(0)
  })
})
