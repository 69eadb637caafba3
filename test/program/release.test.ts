import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { releaseProblems } from '../../scripts/release.ts'
import { run } from '../support/npm-package.ts'
import { repositoryRoot } from '../support/program.ts'

/** A repository with two packages and nothing else. */
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-release-'))
  await mkdir(join(root, 'scripts'))
  await mkdir(join(root, 'packages/client'), { recursive: true })
  await copyFile(join(repositoryRoot, 'scripts/release.ts'), join(root, 'scripts/release.ts'))
  await write('0.3.0', '0.3.0')
  await writeFile(join(root, 'CHANGELOG.md'), '# Changelog\n\n## [Unreleased]\n\n## [0.3.0] - 2026-12-01\n')
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(server: string, client: string): Promise<void> {
  const scripts = { prepack: 'node -e "console.log(1)"' }
  const manifest = (name: string, version: string) => JSON.stringify({ name, version, type: 'module', scripts })
  await writeFile(join(root, 'package.json'), manifest('latchkey', server))
  await writeFile(join(root, 'packages/client/package.json'), manifest('latchkey-client', client))
}

const release = (...args: string[]) => run(process.execPath, ['scripts/release.ts', ...args], { cwd: root })

describe('npm run release', () => {
  it('makes the tarballs of all packages in a folder, and prints their sizes and hashes', async () => {
    const target = join(root, 'tarballs')
    const { code, stdout } = await release(target)
    expect(code).toBe(0)
    expect((await readdir(target)).sort()).toEqual(['latchkey-0.3.0.tgz', 'latchkey-client-0.3.0.tgz'])
    const entry = String.raw`-0\.3\.0\.tgz\n  \d+ kB packed, \d+ kB unpacked, \d+ files\n  sha512-\S+\n`
    expect(stdout).toMatch(new RegExp(`latchkey${entry}[^]*latchkey-client${entry}`))
  })

  it('makes no tarball when the versions differ or the changelog has no section', async () => {
    await write('0.4.0', '0.3.0')
    const target = join(root, 'tarballs')
    const { code, stderr } = await release(target)
    expect(code).toBe(1)
    expect(stderr).toBe(
      'latchkey-client has the version 0.3.0, and latchkey has 0.4.0.\nCHANGELOG.md has no section ## [0.4.0].\n',
    )
    expect(await readdir(root)).not.toContain('tarballs')
  })

  it('gives all packages a version, and makes its section of the changelog', async () => {
    await writeFile(
      join(root, 'CHANGELOG.md'),
      '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing for $1.\n\n## [0.3.0] - 2026-12-01\n',
    )
    const lock = {
      version: '0.3.0',
      packages: { '': { version: '0.3.0' }, 'packages/client': { version: '0.3.0' }, other: { version: '9' } },
    }
    await writeFile(join(root, 'package-lock.json'), JSON.stringify(lock))
    expect(await release('--version', '0.4.0')).toMatchObject({ code: 0, stderr: '' })
    const read = async (path: string) => readFile(join(root, path), 'utf8')
    const today = new Date().toISOString().slice(0, 10)
    expect(await read('CHANGELOG.md')).toBe(
      `# Changelog\n\n## [Unreleased]\n\n## [0.4.0] - ${today}\n\n### Added\n\n- A thing for $1.\n\n## [0.3.0] - 2026-12-01\n`,
    )
    expect(JSON.parse(await read('packages/client/package.json')).version).toBe('0.4.0')
    expect(JSON.parse(await read('package-lock.json'))).toEqual({
      version: '0.4.0',
      packages: { '': { version: '0.4.0' }, 'packages/client': { version: '0.4.0' }, other: { version: '9' } },
    })
    expect((await release(join(root, 'tarballs'))).code).toBe(0)
    // Nothing is unreleased any more.
    expect(await release('--version', '0.5.0')).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing') })
    expect((await release('--version', 'next')).code).toBe(2)
  })

  it('exits with 2 without a folder', async () => {
    expect(await release()).toMatchObject({ code: 2, stderr: expect.stringContaining('Name the folder') })
  })

  it('does not accept a section of another version', () => {
    const manifest = { name: 'latchkey', version: '0.1.0' }
    expect(releaseProblems([manifest], '## [0.1.0-beta] - 2026-12-01\n')).toHaveLength(1)
    expect(releaseProblems([manifest], '## [0.1.0] - 2026-12-01\n')).toEqual([])
  })
})
