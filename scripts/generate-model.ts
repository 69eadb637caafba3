/**
 * `node scripts/generate-model.ts [schema]`: generates the Prisma client and the Pothos types, without a download. Default:
 * prisma/schema.prisma.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [schema = 'prisma/schema.prisma'] = process.argv.slice(2)
const { status } = spawnSync('prisma', ['generate', '--no-hints', '--schema', schema], {
  cwd: root,
  stdio: 'inherit',
  // `prisma generate` downloads an engine that it does not use, unless this variable names an executable.
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
})
process.exitCode = status ?? 1
