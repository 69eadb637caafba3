import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { inheritedEnv, repositoryRoot } from './program.ts'

const execute = promisify(execFile)

/** `latchkey-client` as npm installs it from its tarball, in a project of its own. */
export interface InstalledClient {
  /** Path of the tarball. */
  tarball: string
  /** The project. Packages of the repository are linked into it with `link`. */
  folder: string
  /** Makes packages of the repository available in the project. */
  link(...names: string[]): Promise<void>
  /** Loads `latchkey-client`. */
  loadMain(): Promise<typeof import('../../packages/client/src/index.ts')>
  /** Loads `latchkey-client/webhooks`. */
  loadWebhooks(): Promise<typeof import('../../packages/client/src/webhooks.ts')>
  /** Type checks a file of the project with all strict options. @returns what the compiler prints */
  check(file: string, options: { module: 'nodenext' | 'bundler' }): string
  remove(): Promise<void>
}

/** Builds the client and makes its tarball in a folder. @returns the path */
export async function packClient(folder: string): Promise<string> {
  const source = join(folder, 'source')
  await mkdir(source)
  for (const name of ['package.json', 'README.md']) {
    await cp(join(repositoryRoot, 'packages/client', name), join(source, name))
  }
  const env = { ...inheritedEnv(), npm_config_update_notifier: 'false' }
  await execute(process.execPath, ['scripts/build-client.ts', join(source, 'dist')], { cwd: repositoryRoot, env })
  await execute('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: source, env })
  const tarball = (await readdir(folder)).find((name) => name.startsWith('latchkey-client-') && name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack wrote no tarball.')
  return join(folder, tarball)
}

/** Packs the client, and installs the tarball without the network. */
export async function installClient(): Promise<InstalledClient> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-client-'))
  const env = { ...inheritedEnv(), npm_config_update_notifier: 'false' }
  const tarball = await packClient(folder)
  const project = join(folder, 'project')
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }\n')
  const install = ['install', tarball, '--offline', '--ignore-scripts', '--no-audit', '--no-fund']
  await execute('npm', install, { cwd: project, env })
  const modules = join(project, 'node_modules')
  return {
    tarball,
    folder: project,
    async link(...names) {
      for (const name of names) {
        await mkdir(dirname(join(modules, name)), { recursive: true })
        await symlink(join(repositoryRoot, 'node_modules', name), join(modules, name))
      }
    },
    loadMain: () => import(pathToFileURL(join(modules, 'latchkey-client/dist/index.js')).href),
    loadWebhooks: () => import(pathToFileURL(join(modules, 'latchkey-client/dist/webhooks.js')).href),
    check(file, { module }) {
      const resolution =
        module === 'nodenext' ? ['--module', 'nodenext'] : ['--module', 'esnext', '--moduleResolution', 'bundler']
      const compiler = join(repositoryRoot, 'node_modules/typescript/lib/tsc.js')
      const options = [
        '--strict',
        '--noEmit',
        '--target',
        'es2022',
        '--lib',
        'es2022,dom,dom.iterable',
        '--jsx',
        'react-jsx',
      ]
      const types = ['--types', 'node', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
      const given = [compiler, ...options, ...types, '--ignoreConfig', ...resolution, file]
      const { stdout, stderr } = spawnSync(process.execPath, given, { cwd: project, encoding: 'utf8' })
      return stdout + stderr
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Bundles and minifies a module of the project, as Vite does for an application. */
export async function bundle({ folder }: InstalledClient, code: string): Promise<string> {
  const { build } = await import('vite')
  await writeFile(join(folder, 'entry.js'), code)
  const result = await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: true, lib: { entry: 'entry.js', formats: ['es'] } },
  })
  const [output] = [result].flat()
  if (output === undefined || !('output' in output)) throw new Error('Vite returned no bundle.')
  return output.output.map((file) => ('code' in file ? file.code : '')).join('\n')
}
