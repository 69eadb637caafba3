import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { InstalledClient } from '../support/client-package.ts'
import { registryEnv, run } from '../support/npm-package.ts'

/** A project of its own, in a temporary folder, with packages from the registry and `latchkey-client` from its tarball. */
export interface Project {
  folder: string
  /** Runs a file with this Node, or a command of the installed packages. @returns what it prints */
  node(file: string, args?: readonly string[], env?: Record<string, string>): Promise<string>
  command(name: string, args?: readonly string[], env?: Record<string, string>): Promise<string>
  remove(): Promise<void>
}

/**
 * Copies a project and installs what its `package.json` names. Scripts of packages do not run.
 *
 * @param prepare writes further files before the installation
 */
export async function openProject(
  template: string,
  client: InstalledClient,
  prepare: (folder: string) => Promise<void> = async () => undefined,
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-project-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const succeed = async (file: string, args: readonly string[], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await run(file, args, { cwd: folder, env })
    expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' })
    return stdout
  }
  const node: Project['node'] = (file, args = [], env = {}) => succeed(process.execPath, [file, ...args], env)
  try {
    await cp(template, folder, { recursive: true })
    await prepare(folder)
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    manifest.dependencies = { ...manifest.dependencies, 'latchkey-client': `file:${client.tarball}` }
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
    await succeed('npm', ['install', ...options], registryEnv())
    const commands = await readdir(join(folder, 'node_modules/.bin'))
    return {
      folder,
      node,
      command(name, args, env) {
        expect(commands).toContain(name)
        return node(join('node_modules/.bin', name), args, env)
      },
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}
