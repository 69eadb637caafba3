import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import type { CustomStrategies, CustomStrategy } from '../../../src/auth/custom/custom-strategy.ts'
import { loadCustomStrategies } from '../../../src/auth/custom/load-custom-strategies.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import { StoredCredentialError } from '../../../src/auth/stored-credential.ts'
import { checkStrategy } from '../../../src/cli/check-strategies.ts'
import { CredentialRefreshError, UnsupportedError } from '../../../src/kit/errors.ts'
import { authOf, describeStrategy, emptyDraft, failureOf, fieldErrorsOf, fixedContext, now } from '../contract.ts'
import { contextOf } from '../oauth2/renew-oauth2.ts'
import { startTokenServer, type TokenServer } from '../oauth2/token-server.ts'
import { strategy as twoStep } from './custom-strategies/two-step.ts'

const folder = join(import.meta.dirname, 'custom-strategies')
const auth = authOf({ type: 'custom', strategy: 'two-step', options: { header: 'X-Token' } })
const fields = { account: 'acme', pin: '4711' }

let server: TokenServer
let strategies: CustomStrategies
let scratch: string
beforeAll(async () => {
  server = await startTokenServer()
  strategies = await loadCustomStrategies(folder)
  scratch = await mkdtemp(join(tmpdir(), 'latchkey-strategies-'))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(scratch, { recursive: true })
})

const credential = () => checkCredential(auth, { fields }, now, { customStrategies: strategies })

describe('a custom strategy', () => {
  it('is loaded from its file', () => {
    expect([...strategies.keys()]).toEqual(['two-step'])
    expect(strategyOf(auth, strategies).describe()).toMatchObject({
      type: 'CUSTOM',
      credentialFields: [
        { name: 'account', label: 'Account' },
        { name: 'pin', secret: true },
      ],
    })
  })

  it('checks values in addition to its fields', () => {
    const check = () =>
      checkCredential(auth, { fields: { ...fields, pin: 'LEAK' } }, now, { customStrategies: strategies })
    expect(fieldErrorsOf(check)).toEqual(['input.credential.fields.pin: must be digits'])
  })

  it('renews with several requests and stores the result', async () => {
    server.answers.splice(0, server.answers.length, { body: { challenge: 'c1' } }, { body: { token: 'tok-1' } })
    const bound = strategyOf(auth, strategies)
    expect(bound.open(credential(), fixedContext)).toMatchObject({ ready: false, refreshable: true })
    const renewal = await bound.renew(credential(), contextOf(server))
    expect(server.seen.slice(-2).map(({ url }) => url)).toEqual(['/challenge/acme', '/token/c1-4711'])
    const expiresAt = new Date('2026-01-02T03:05:05Z')
    expect(renewal).toMatchObject({ expiresAt, scopes: ['all'], kept: { challenge: 'c1' } })
    const opened = bound.open(JSON.parse(JSON.stringify(renewal.stored)), fixedContext)
    expect(opened).toMatchObject({ ready: true, expiresAt, scopes: ['all'], secrets: ['4711', 'tok-1'] })
    const draft = emptyDraft()
    await opened.apply(draft)
    expect(draft.headers.get('x-token')).toBe('tok-1')
  })

  it('fails with its own message, or with a general one after an unexpected error', async () => {
    server.answers.splice(0, server.answers.length, { status: 423 })
    const bound = strategyOf(auth, strategies)
    expect(await failureOf(bound.renew(credential(), contextOf(server)))).toMatchObject({
      reason: 'INVALID_GRANT',
      message: 'The account is locked.',
    })
    server.answers.splice(0, server.answers.length, { body: 'LEAKED no JSON' })
    const broken = await failureOf(bound.renew(credential(), contextOf(server)))
    expect(broken).toBeInstanceOf(CredentialRefreshError)
    expect(broken).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE', retryable: true, indeterminate: true })
    expect(`${broken} ${JSON.stringify(broken)}`).not.toContain('LEAKED')
  })

  it.each<[string, unknown]>([
    ['a string', 'tok'],
    ['a function', { run: () => {} }],
    ['a Date', { at: new Date(0) }],
  ])('cannot store %s', async (_name, data) => {
    const custom: CustomStrategy = { ...twoStep, renew: async () => ({ data: data as Record<string, unknown> }) }
    const bound = strategyOf(auth, new Map([['two-step', custom]]))
    expect(await failureOf(bound.renew(credential(), contextOf(server)))).toMatchObject({
      reason: 'MALFORMED_RESPONSE',
    })
  })

  it('does not open a credential of another strategy', () => {
    const stored = { ...credential(), strategy: 'other' }
    expect(() => strategyOf(auth, strategies).open(stored, fixedContext)).toThrow(StoredCredentialError)
  })

  it('without a renew function rejects a renewal', async () => {
    const { renew: _, ...still } = twoStep
    const bound = strategyOf(auth, new Map([['two-step', still]]))
    expect(bound.open(credential(), fixedContext).refreshable).toBe(false)
    expect(await failureOf(bound.renew(credential(), contextOf(server)))).toBeInstanceOf(UnsupportedError)
  })
})

describe('loadCustomStrategies', () => {
  it.each<[string, string, string]>([
    ['no export', 'export const other = 1', 'one.js: it has no export named strategy.'],
    ['an export that is not an object', 'export const strategy = 5', 'one.js: the export is not an object.'],
    [
      'a wrong shape',
      "export const strategy = { name: 'A b', open: 5 }",
      'one.js: name must be 1 to 64 lower-case letters, digits, - and _; fields must be a function; open must be a function.',
    ],
    ['an exception', "throw new Error('broken')", 'one.js cannot be loaded: broken'],
  ])('reports a file with %s', async (name, source, message) => {
    const own = await mkdtemp(join(scratch, 'f-'))
    await writeFile(join(own, 'one.js'), source)
    await writeFile(join(own, 'types.d.ts'), 'export {}')
    await writeFile(join(own, 'README.md'), name)
    await expect(loadCustomStrategies(own)).rejects.toThrow(message)
  })

  it('rejects two strategies of the same name', async () => {
    const own = await mkdtemp(join(scratch, 'f-'))
    const source = "export const strategy = { name: 'same', fields: () => [], open: () => ({ apply() {} }) }"
    for (const file of ['a.js', 'b.js']) await writeFile(join(own, file), source)
    await expect(loadCustomStrategies(own)).rejects.toThrow('b.js: another file already has a strategy named same.')
  })

  it('rejects a missing folder and returns an empty map for an empty one', async () => {
    await expect(loadCustomStrategies(join(scratch, 'absent'))).rejects.toThrow('ENOENT')
    expect((await loadCustomStrategies(await mkdtemp(join(scratch, 'f-')))).size).toBe(0)
  })
})

describe('the check of a custom strategy', () => {
  it('reports nothing for a valid strategy', async () => {
    expect(await checkStrategy(twoStep)).toEqual([])
  })

  const good: CustomStrategy = {
    name: 'good',
    fields: () => [{ name: 'key', secret: true, required: true }],
    open: ({ fields: { key = '' } }, { place }) => ({
      apply: (draft) => place(draft, { in: 'header', name: 'X-Key' }, key),
    }),
  }
  let count = 0

  it.each<[string, unknown, string]>([
    ['no strategy', { name: 'x' }, 'fields must be a function'],
    [
      'invalid fields',
      { ...good, fields: () => [{ name: 'a b' }] },
      'describe its fields in the format of definitions',
    ],
    [
      'fields that differ between calls',
      { ...good, fields: () => [{ name: `key${count++}` }] },
      'describe the same fields in every call',
    ],
    [
      'an example that its own check rejects',
      { ...good, check: () => ({ key: 'no' }) },
      'accept a value for every field',
    ],
    [
      'no credential to apply',
      { ...good, open: () => ({ apply() {}, ready: false }) },
      'be ready with the data of its example, or be renewable',
    ],
    [
      'a header that differs between calls',
      { ...good, open: () => ({ apply: (draft: { headers: Headers }) => draft.headers.set('x', String(count++)) }) },
      'apply the same credential to two requests',
    ],
    [
      'an apply that throws',
      {
        ...good,
        open: () => ({
          apply: () => {
            throw new Error('broken')
          },
        }),
      },
      'it threw: broken',
    ],
    [
      'a changed body',
      {
        ...good,
        open: () => ({
          apply: ({ body }: { body?: { value: { example: unknown[] } } }) => {
            if (body) body.value.example.pop()
          },
        }),
      },
      'leave the given request body unchanged',
    ],
  ])('reports %s', async (_name, strategy, problem) => {
    expect((await checkStrategy(strategy)).join('\n')).toContain(problem)
  })
})

describeStrategy(
  'a custom strategy',
  { type: 'custom', strategy: 'two-step', options: { header: 'X-Token' } },
  new Map([['two-step', twoStep]]),
)
