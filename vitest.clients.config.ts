import { defineConfig } from 'vitest/config'

/**
 * `npm run test:clients`: the API with real clients and bundlers, each installed from the registry into a folder of its own. Takes some
 * minutes and several hundred megabytes, so it is not a part of `npm test`.
 */
export default defineConfig({
  test: {
    include: ['test/clients/*.clients.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leave-no-process.ts'],
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 600_000,
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
})
