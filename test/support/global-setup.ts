import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { administer } from './services.ts'

/**
 * What a new test database holds. `tables`: the migrated tables. `app`: also the tables of the queue, which the program
 * otherwise creates when it starts.
 */
export type Contents = 'tables' | 'app'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the templates of this run are: a folder for embedded databases, names for those on the server. */
    templates: { folder: string; serverNames: Record<Contents, string> }
  }
}

/** Global setup of vitest. Templates live for one run; the first test file that needs one creates it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  const name = `latchkey_template_${randomBytes(8).toString('hex')}`
  const serverNames = { tables: `${name}_tables`, app: `${name}_app` }
  project.provide('templates', { folder, serverNames })
  return async () => {
    await rm(folder, { recursive: true, force: true })
    try {
      for (const each of Object.values(serverNames)) await administer(`DROP DATABASE IF EXISTS ${each} WITH (FORCE)`)
    } catch {
      // Without a server there are no templates to drop.
    }
  }
}
