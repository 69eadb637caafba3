/**
 * `npm run release -- <folder>`: makes the tarballs of the npm packages in a folder, and prints their sizes and hashes. Checks first that
 * the packages have the same version and that CHANGELOG.md has a section for it. Publishes nothing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folders of the packages, from the root of the repository. One that does not exist is left out. */
const PACKAGES = ['.', 'packages/client']

interface Manifest {
  name: string
  version: string
}

/** What `npm pack --json` says about a tarball. */
interface Packed {
  filename: string
  size: number
  unpackedSize: number
  entryCount: number
  integrity: string
}

/** @returns one sentence for each reason not to release; empty: none */
export function releaseProblems(manifests: readonly Manifest[], changelog: string): string[] {
  const [first, ...others] = manifests
  if (first === undefined) return ['There is no package.']
  const problems = others
    .filter(({ version }) => version !== first.version)
    .map(({ name, version }) => `${name} has the version ${version}, and ${first.name} has ${first.version}.`)
  const hasSection = changelog.split('\n').some((line) => line.startsWith(`## [${first.version}]`))
  if (!hasSection) problems.push(`CHANGELOG.md has no section ## [${first.version}].`)
  return problems
}

function main(folder: string | undefined): number {
  if (folder === undefined) {
    process.stderr.write('Name the folder of the tarballs: npm run release -- <folder>\n')
    return 2
  }
  const root = fileURLToPath(new URL('../', import.meta.url))
  const folders = PACKAGES.map((each) => join(root, each)).filter((each) => existsSync(join(each, 'package.json')))
  const manifests: Manifest[] = folders.map((each) => JSON.parse(readFileSync(join(each, 'package.json'), 'utf8')))
  const problems = releaseProblems(manifests, readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`)
    return 1
  }
  const target = resolve(folder)
  mkdirSync(target, { recursive: true })
  for (const each of folders) {
    const packed = pack(each, target)
    if (packed === null) return 1
    const { filename, size, unpackedSize, entryCount, integrity } = packed
    process.stdout.write(
      `${join(target, filename)}\n  ${inKilobytes(size)} packed, ${inKilobytes(unpackedSize)} unpacked, ${entryCount} files\n  ${integrity}\n`,
    )
  }
  return 0
}

function pack(folder: string, target: string): Packed | null {
  const { status, stdout } = spawnSync('npm', ['pack', '--json', '--pack-destination', target], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  })
  // Scripts of the package print before the JSON. npm prints a list, or since version 12 an object by name.
  const json = /^[[{]\s*$[\s\S]*/m.exec(stdout)?.[0]
  if (status !== 0 || json === undefined) {
    process.stderr.write(`npm pack failed in ${folder}.\n${stdout}`)
    return null
  }
  return (Object.values(JSON.parse(json)) as Packed[])[0] ?? null
}

function inKilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000).toLocaleString('en')} kB`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv[2])
