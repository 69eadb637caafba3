import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // Two copies of graphql do not know each other's types: everything in a test takes the same file.
    alias: { graphql: fileURLToPath(new URL('./node_modules/graphql/index.js', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/image-folder.ts'],
    setupFiles: ['test/support/leave-no-process.ts'],
    // Two cores, and files that mostly wait. Each file has a process and databases of its own.
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    server: { deps: { inline: [/@pothos\//, /graphql-yoga/, /graphql-ws/, /@graphql-tools/, /@envelop/] } },
  },
})
