/**
 * `npm run release -- --version 0.2.0`: gives the packages this version, and makes a section of CHANGELOG.md for it from what is
 * unreleased. Commit the result. `npm run release -- <folder>`: makes the tarballs of the npm packages in a folder, and prints their sizes and hashes. Checks first that
 * the packages have the same version and that CHANGELOG.md has a section for it. Publishes nothing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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

/**
 * Begins the section of a version with what is unreleased.
 * @param date such as `2026-12-01`
 * @returns null: nothing is unreleased
 */
export function withRelease(changelog: string, version: string, date: string): string | null {
  const [whole, entries = ''] = /^## \[Unreleased\]\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog) ?? []
  if (whole === undefined || entries.trim() === '') return null
  return changelog.replace(whole, () => `## [Unreleased]\n\n## [${version}] - ${date}\n\n${entries.trim()}\n\n`)
}

function prepare(root: string, folders: readonly string[], version: string): number {
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) {
    process.stderr.write(`${version} is not a version such as 0.2.0.\n`)
    return 2
  }
  const path = join(root, 'CHANGELOG.md')
  const changelog = withRelease(readFileSync(path, 'utf8'), version, new Date().toISOString().slice(0, 10))
  if (changelog === null) {
    process.stderr.write('CHANGELOG.md has nothing under ## [Unreleased].\n')
    return 1
  }
  writeFileSync(path, changelog)
  for (const each of folders) setVersions(join(each, 'package.json'), (manifest) => [manifest])
  setVersions(join(root, 'package-lock.json'), (lock) => [
    lock,
    ...PACKAGES.map((each) => lock.packages[each === '.' ? '' : each]),
  ])
  return 0

  // biome-ignore lint/suspicious/noExplicitAny: npm's own files
  function setVersions(file: string, of: (content: any) => any[]): void {
    if (!existsSync(file)) return
    const content = JSON.parse(readFileSync(file, 'utf8'))
    for (const each of of(content)) if (each?.version !== undefined) each.version = version
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  }
}

function main([folder, version]: readonly string[]): number {
  const root = fileURLToPath(new URL('../', import.meta.url))
  const folders = PACKAGES.map((each) => join(root, each)).filter((each) => existsSync(join(each, 'package.json')))
  if (folder === '--version') return prepare(root, folders, version ?? '')
  if (folder === undefined) {
    process.stderr.write('Name the folder of the tarballs: npm run release -- <folder>\n')
    return 2
  }
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

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2))
