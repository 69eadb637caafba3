/**
 * `npm run build:client`: builds packages/client into packages/client/dist, or into the folder of the first argument. `npm ci` runs it too
 * (`prepare`). Without the development dependencies it builds nothing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const compiler = join(root, 'node_modules/typescript/lib/tsc.js')

// Other packages may bring the compiler, but not the types.
const isDevelopment = existsSync(compiler) && existsSync(join(root, 'node_modules/@types/react'))
if (isDevelopment) await build(resolve(process.argv[2] ?? join(root, 'packages/client/dist')))
else process.stdout.write('The client is not built, because the development dependencies are not installed.\n')

async function build(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const project = join(root, 'packages/client/tsconfig.json')
  const { status } = spawnSync(process.execPath, [compiler, '--project', project, '--outDir', folder], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('The client could not be built.')
  // In declarations the compiler keeps the names of the sources.
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replaceAll(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'))
  }
  await Promise.all(
    [
      ['src/client/connect.js', 'connect.js'],
      ['src/client/connect.d.ts', 'connect.d.ts'],
      ['packages/client/src/generated/possible-types.json', 'possible-types.json'],
      ['schema/schema.graphql', 'schema.graphql'],
      ['LICENSE', 'LICENSE'],
    ].map(([from = '', to = '']) => copyFile(join(root, from), join(folder, to))),
  )
}
