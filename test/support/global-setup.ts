import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import { repositoryRoot, SHORT_LIVED } from './program.ts'
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

type Templates = ProvidedContext['templates']

/** The same for all projects of a run. */
let prepared: Promise<Templates> | undefined

/**
 * Global setup of vitest, which calls it for each project. Templates live for one run; the first test file that needs one creates
 * it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  prepared ??= prepare(project.config.env)
  const templates = await prepared
  project.provide('templates', templates)
  return async () => {
    await rm(templates.folder, { recursive: true, force: true })
    try {
      for (const each of Object.values(templates.serverNames)) {
        await administer(`DROP DATABASE IF EXISTS ${each} WITH (FORCE)`)
      }
    } catch {
      // Without a server there are no templates to drop.
    }
  }
}

async function prepare(env: TestProject['config']['env']): Promise<Templates> {
  await rebuild('scripts/build-console.ts', 'packages/console/dist/index.html', 'packages/console/src')
  await rebuild('scripts/build-client.ts', 'packages/client/dist/index.js', 'packages/client/src')
  await rebuild('scripts/build-docs.ts', 'docs/.vitepress/dist/llms.txt', 'docs')
  await compileProgram(env)
  const name = `latchkey_template_${randomBytes(8).toString('hex')}`
  return {
    folder: await mkdtemp(join(tmpdir(), 'latchkey-test-')),
    serverNames: { tables: `${name}_tables`, app: `${name}_app` },
  }
}

/**
 * Loads the program once, so that the processes that tests start find it in the cache of compiled code. Those that are killed add
 * nothing to the cache.
 */
async function compileProgram(env: TestProject['config']['env']): Promise<void> {
  const load = `await import('./src/cli/start.ts')`
  await promisify(execFile)(process.execPath, [...SHORT_LIVED, '--input-type=module', '-e', load], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
  })
}

/** Builds what `npm ci` has built, where its sources are newer. Paths are from the root of the repository. */
async function rebuild(script: string, result: string, sources: string): Promise<void> {
  const built = await stat(join(repositoryRoot, result)).catch(() => null)
  const entries = await readdir(join(repositoryRoot, sources), { recursive: true, withFileTypes: true })
  const changes = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('.vitepress'))
      .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).mtimeMs),
  )
  if (built !== null && built.mtimeMs >= Math.max(...changes)) return
  await promisify(execFile)(process.execPath, [script], { cwd: repositoryRoot })
}
