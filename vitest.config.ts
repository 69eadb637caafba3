import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that need a process of their own: they measure its memory, or change what the whole process shares. All others share a
 * few processes, which saves starting one and loading the program for each file.
 */
const ALONE = 'test/{canaries,egress/limits,http/proxy,kit/tracing}.test.ts'

/** The files that take longest. They start first, so that none of them is left over at the end. */
const SLOW = new RegExp(
  `test/(?:${[
    'access/tenants',
    'auth/end-to-end/oauth2',
    'connecting/oauth/token-responses',
    'credentials/refresh',
    'db/connection-watch',
    'deletion/revocation',
    'docs/site',
    'http/connect-page',
    'http/graphql/fuzz',
    'program',
    'readme',
    'sync/run/bounded-memory',
    'vault/rewrap',
  ].join('|')})`,
)

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    // Files of the same project are neighbours, because a process runs files of one project only.
    const rank = ({ moduleId, project }: TestSpecification) =>
      project.name === 'alone' ? 0 : SLOW.test(moduleId) ? 1 : 2
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leave-no-process.ts'],
    pool: 'forks',
    // For two cores. Most tests wait for something most of the time.
    maxWorkers: 4,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    sequence: { sequencer: SlowFirst },
    // Node loads the TypeScript files itself, as in `npm start`, and keeps the compiled code for the next process.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('./node_modules/.cache/tests', import.meta.url)) },
    projects: [
      { extends: true, test: { name: 'alone', include: [ALONE] } },
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: [ALONE], isolate: false } },
    ],
  },
})
