/** Fails when the committed Prisma client differs from what schema.prisma generates, or the migrations from its tables. */
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { diffToModel, migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const generated = join(root, 'src/db/generated')

/** Files of a folder by path; empty when it does not exist. */
async function contents(folder: string): Promise<Map<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const read = files
    .filter((file) => file.isFile())
    .map(async (file) => {
      const path = join(file.parentPath, file.name)
      return [path.slice(folder.length), await readFile(path, 'utf8')] as const
    })
  return new Map(await Promise.all(read))
}

// A copy inside node_modules: the generators are resolved from there, and other checks read the committed files meanwhile.
await mkdir(join(root, 'node_modules/.cache'), { recursive: true })
const copy = await mkdtemp(join(root, 'node_modules/.cache/model-'))
const schema = join(copy, 'prisma/schema.prisma')
await cp(join(root, 'prisma/schema.prisma'), schema)
const args = [join(root, 'scripts/generate-model.ts'), schema]
const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
const [before, after] = [await contents(generated), await contents(join(copy, 'src/db/generated'))]
await rm(copy, { recursive: true })
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
