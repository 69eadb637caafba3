import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAllowed } from '../../scripts/licences.ts'
import { productionPackages } from '../../scripts/locked-packages.ts'
import { inheritedEnv, repositoryRoot } from '../support/program.ts'

const { packages } = JSON.parse(await readFile(join(repositoryRoot, 'package-lock.json'), 'utf8'))

describe('npm run licences', () => {
  it('finds the committed list complete and every licence allowed', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/licences.ts', '--check'], {
      cwd: repositoryRoot,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND ISC', true],
    ['GPL-3.0-only', false],
    ['AGPL-3.0-or-later OR SSPL-1.0', false],
    ['MIT AND GPL-2.0-only', false],
    ['SEE LICENSE IN LICENSE.md', false],
    ['unknown', false],
  ])('says of the licence %s whether it is allowed: %s', (licence, allowed) => {
    expect(isAllowed(licence)).toBe(allowed)
  })

  it('leaves out what only development needs', () => {
    const names = productionPackages(packages).map(({ name }) => name)
    for (const name of ['graphql', 'pg', 'undici', 'ws']) expect(names).toContain(name)
    for (const name of ['vitest', 'typescript', 'prisma']) expect(names).not.toContain(name)
  })
})

describe('npm run sbom', () => {
  it('prints a CycloneDX document with every package of the image, its hash and its licence', () => {
    const { status, stdout } = spawnSync(process.execPath, ['scripts/sbom.ts'], {
      cwd: repositoryRoot,
      encoding: 'utf8',
      maxBuffer: 16 * 1024 * 1024,
    })
    expect(status).toBe(0)
    const { bomFormat, specVersion, metadata, components } = JSON.parse(stdout)
    expect({ bomFormat, specVersion, name: metadata.component.name }).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      name: 'latchkey',
    })
    const refs = components.map((each: { 'bom-ref': string }) => each['bom-ref'])
    expect(new Set(refs).size).toBe(refs.length)
    const expected = new Set(productionPackages(packages).map(({ name, version }) => `${name}@${version}`))
    expect(components.map(({ name, version }: Record<string, string>) => `${name}@${version}`).sort()).toEqual(
      [...expected].sort(),
    )
    for (const { hashes, licenses } of components) {
      expect(hashes[0]).toEqual({ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) })
      expect(licenses).toHaveLength(1)
    }
  })
})

describe('npm run audit-signatures', () => {
  /** Runs the script with a program `npm` that prints this and exits with this code. */
  async function audit(stdout: string, code: number, stderr = '') {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-npm-'))
    try {
      await writeFile(join(folder, 'out'), stdout)
      await writeFile(join(folder, 'err'), stderr)
      await writeFile(join(folder, 'npm'), `#!/bin/sh\ncat '${folder}/out'\ncat '${folder}/err' >&2\nexit ${code}\n`)
      await chmod(join(folder, 'npm'), 0o700)
      const run = spawnSync(process.execPath, ['scripts/audit-signatures.ts'], {
        cwd: repositoryRoot,
        encoding: 'utf8',
        env: { ...inheritedEnv(), PATH: `${folder}${delimiter}${process.env['PATH']}` },
      })
      return { status: run.status, stdout: run.stdout }
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  const failure = (code: string) => JSON.stringify({ error: { code, summary: 'request failed' } })

  it('passes when all signatures are valid', async () => {
    expect(await audit('{"invalid":[],"missing":[]}', 0)).toEqual({
      status: 0,
      stdout: 'signatures of packages: passed\n',
    })
  })

  it('is skipped only when the registry or its keys do not answer', async () => {
    for (const code of ['ENOTFOUND', 'ECONNREFUSED', 'E503']) {
      const { status, stdout } = await audit(failure(code), 1)
      expect([status, stdout]).toEqual([
        0,
        expect.stringContaining(`skipped: the registry or its keys cannot be reached (${code})`),
      ])
    }
  })

  it('fails for a bad or missing signature, whatever else went wrong, and for an error that it does not know', async () => {
    const entry = [{ name: 'left-pad', version: '1.3.0', code: 'EINTEGRITYSIGNATURE' }]
    const bad = await audit(JSON.stringify({ invalid: entry, missing: [], error: { code: 'ENOTFOUND' } }), 1)
    expect(bad).toEqual({ status: 1, stdout: expect.stringContaining('failed: invalid: left-pad@1.3.0') })
    expect(await audit(JSON.stringify({ invalid: [], missing: entry }), 0)).toMatchObject({ status: 1 })
    for (const code of ['EINTEGRITY', 'EEXPIREDSIGNATUREKEY', 'E404']) {
      expect(await audit(failure(code), 1), code).toMatchObject({ status: 1 })
    }
    expect(await audit('', 1, 'npm error something else')).toMatchObject({ status: 1 })
  })
})
