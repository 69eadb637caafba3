import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inheritedEnv, repositoryRoot } from './program.ts'

/** Result of a program that has ended. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export async function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const child = spawn(command, args, { cwd, env: { ...inheritedEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await ended
  return { code, stdout, stderr }
}

const NETWORK = /^(?:https?_proxy|no_proxy|node_extra_ca_certs|npm_config_(?:registry|cafile))$/i

/** Variables by which npm reaches the registry where there is a proxy or a mirror. */
export const registryEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      NETWORK.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  )

async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, { cwd, env: registryEnv() })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}.\n${stdout}\n${stderr}`)
  return stdout
}

/** The npm package, as `npm pack` makes it, installed in an empty folder. */
export interface InstalledPackage {
  /** The folder with `node_modules`. */
  folder: string
  /** Path of the tarball. */
  tarball: string
  /** Paths of the files in the tarball. */
  files: string[]
  /** The oldest Node that is supported. */
  oldNode: string
  remove(): Promise<void>
}

/** An npm package for each platform. */
const OLD_NODE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** The oldest version that `engines` of package.json allows. */
async function oldestVersion(): Promise<string> {
  const { engines } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'))
  const [, version] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? []
  if (version === undefined) throw new Error(`engines.node of package.json is ${engines.node}.`)
  return `${version}.0`
}

/**
 * Makes the tarball of the npm package in a folder. The console has been built before any test (`global-setup.ts`).
 * @returns its path, and those of the files in it
 */
export async function packPackage(folder: string): Promise<{ tarball: string; files: string[] }> {
  await succeed(process.execPath, ['scripts/build-server.ts'], repositoryRoot)
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [packed] = JSON.parse(await succeed('npm', packing, repositoryRoot))
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }: { path: string }) => path) }
}

/** Packs and installs the npm package. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-package-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const { tarball, files } = await packPackage(folder)
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--no-save']
    await succeed('npm', ['install', ...options, tarball, `${OLD_NODE}@${await oldestVersion()}`], folder)
    return {
      folder,
      tarball,
      files,
      oldNode: join(folder, 'node_modules', OLD_NODE, 'bin/node'),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Bytes on disk of the installed packages, without the old Node, which only the tests need. */
export async function installedBytes({ folder }: InstalledPackage): Promise<number> {
  const modules = join(folder, 'node_modules')
  const entries = await readdir(modules, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const own = files.filter((file) => !file.startsWith(join(modules, OLD_NODE)))
  const sizes = await Promise.all(own.map(async (file) => (await stat(file)).blocks * 512))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Moves an installed package away. @returns puts it back */
export async function withoutPackage({ folder }: InstalledPackage, name: string): Promise<() => Promise<void>> {
  const place = join(folder, 'node_modules', name)
  const aside = join(folder, 'aside')
  await mkdir(aside, { recursive: true })
  const moved = join(aside, name.replace('/', '-'))
  await rename(place, moved)
  return () => rename(moved, place)
}
