/** `npm run db:migration -- <name>`: writes a migration with the difference between the existing ones and schema.prisma. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { diffToModel, migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'

const [name] = process.argv.slice(2)
if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
  throw new Error('Give a name of lower-case letters, digits and underscores: npm run db:migration -- add_something')
}

const prisma = fileURLToPath(new URL('../prisma/', import.meta.url))
const database = await openDatabase({ dataDir: null }, { onError: () => undefined })
await migrate(database)
const script = await diffToModel(database.adapter, await readFile(`${prisma}schema.prisma`, 'utf8'))
await database.close()
if (script === null) {
  process.stdout.write('The migrations already match schema.prisma. Nothing was written.\n')
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = `${prisma}migrations/${stamp}_${name}`
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/migration.sql`, script)
  process.stdout.write(`Wrote ${folder}/migration.sql. Read it before you commit it.\n`)
}
