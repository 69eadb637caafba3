import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/**
 * Writes a folder of generated files, and removes the other files in it. With the argument `--check`, it writes nothing: it exits with 1 and
 * names the files that are not as they would be written.
 * @param folder from the root of the repository
 * @param source what the files are made from
 * @param files contents by name
 */
export async function writeGenerated(
  folder: string,
  source: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const existing = await readdir(root + folder, { withFileTypes: true }).catch(() => [])
  const surplus = existing.filter((entry) => entry.isFile() && !files.has(entry.name)).map(({ name }) => name)
  if (process.argv.includes('--check')) {
    const stale = [...surplus]
    for (const [name, text] of files) {
      if ((await readFile(`${root}${folder}/${name}`, 'utf8').catch(() => null)) !== text) stale.push(name)
    }
    if (stale.length === 0) return
    const message = `Not in step with ${source}: ${folder}/${stale.join(', ')}. Run npm run codegen and commit what it writes.\n`
    process.stderr.write(message)
    process.exitCode = 1
    return
  }
  await mkdir(root + folder, { recursive: true })
  for (const name of surplus) await rm(`${root}${folder}/${name}`)
  for (const [name, text] of files) await writeFile(`${root}${folder}/${name}`, text)
  process.stdout.write(`Wrote ${folder}/, ${files.size} files.\n`)
}
