import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests of functions. They start no process, open no database and change no global state, so they share processes. */
const UNIT = 'test/{auth,catalog,docs,egress,kit,wire}/**/*.test.ts'
const NOT_UNIT = 'test/{auth/end-to-end/*,egress/limits,kit/tracing}.test.ts'

/** The files that take longest. They start first, so that none of them is left over at the end. */
const SLOW =
  /test\/(?:access\/tenants|program|vault\/rewrap|http\/graphql\/fuzz|readme|credentials\/refresh|http\/connect-page)/

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => Number(SLOW.test(b.moduleId)) - Number(SLOW.test(a.moduleId)))
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leave-no-process.ts'],
    pool: 'forks',
    // For two cores. Most tests wait for something most of the time.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    sequence: { sequencer: SlowFirst },
    // Node loads the TypeScript files itself, as in `npm start`, and keeps the compiled code for the next process.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('./node_modules/.cache/tests', import.meta.url)) },
    projects: [
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/*.test.ts', 'test/!(auth|catalog|docs|egress|kit|wire)/**/*.test.ts', NOT_UNIT],
        },
      },
      {
        extends: true,
        test: { name: 'unit', include: [UNIT], exclude: [NOT_UNIT], isolate: false },
      },
    ],
  },
})
