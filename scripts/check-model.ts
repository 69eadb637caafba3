/** Fails when the committed Prisma client differs from what schema.prisma generates, or the migrations from its tables. */
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { diffToModel, migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const generated = join(root, 'src/db/generated')

async function contents(folder: string): Promise<Map<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const read = files
    .filter((file) => file.isFile())
    .map(async (file) => {
      const path = join(file.parentPath, file.name)
      return [path.slice(folder.length), await readFile(path, 'utf8')] as const
    })
  return new Map(await Promise.all(read))
}

const kept = await mkdtemp(join(tmpdir(), 'latchkey-model-'))
await cp(generated, kept, { recursive: true })
const before = await contents(generated)
const { status } = spawnSync(process.execPath, [join(root, 'scripts/generate-model.ts')], { stdio: 'ignore' })
const after = await contents(generated)
await rm(generated, { recursive: true })
await cp(kept, generated, { recursive: true })
await rm(kept, { recursive: true })
const stale = [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file))

const database = await openDatabase({ dataDir: null }, { onError: () => undefined })
await migrate(database)
const drift = await diffToModel(database.adapter, await readFile(join(root, 'prisma/schema.prisma'), 'utf8'))
await database.close()

if (status !== 0) process.stderr.write('scripts/generate-model.ts failed. Run it to see why.\n')
if (stale.length > 0)
  process.stderr.write(`Out of date with schema.prisma: ${stale.join(', ')}. Run npm run codegen.\n`)
if (drift !== null)
  process.stderr.write(`The migrations differ from schema.prisma. Run npm run db:migration -- <name>.\n${drift}`)
process.exitCode = status !== 0 || stale.length > 0 || drift !== null ? 1 : 0
