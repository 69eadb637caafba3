import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leave-no-process.ts'],
    pool: 'forks',
    // Two cores, and files that mostly wait.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    // Node loads the TypeScript files itself, as it does for `npm start`. Node keeps the compiled code between processes.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('./node_modules/.cache/test', import.meta.url)) },
  },
})
