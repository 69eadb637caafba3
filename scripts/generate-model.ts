/** Generates the Prisma client and the Pothos types from prisma/schema.prisma, without downloading anything. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { status } = spawnSync('prisma', ['generate', '--no-hints'], {
  cwd: root,
  stdio: 'inherit',
  // `prisma generate` downloads an engine that it does not use, unless this variable names an executable.
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
})
process.exitCode = status ?? 1
