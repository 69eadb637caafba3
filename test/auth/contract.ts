import { describe, expect, it } from 'vitest'
import { checkCredential } from '../../src/auth/check-credential.ts'
import type { CustomStrategies } from '../../src/auth/custom/custom-strategy.ts'
import { strategyOf } from '../../src/auth/registry.ts'
import { StoredCredentialError } from '../../src/auth/stored-credential.ts'
import type { CredentialDescription } from '../../src/auth/strategy.ts'
import { scopeOf } from '../../src/auth/template-scope.ts'
import type { Auth } from '../../src/catalog/definition/auth.ts'
import { type DefinitionInput, parseDefinition } from '../../src/catalog/definition/definition.ts'
import type { Egress } from '../../src/egress/egress.ts'
import { CredentialRefreshError, InvalidInputError, UnsupportedError } from '../../src/kit/errors.ts'
import { type RequestDraft, serializeDraft } from '../../src/wire/request-draft.ts'

export const now = new Date('2026-01-02T03:04:05.000Z')
export const noContext = { input: {}, kept: {} }
/** A fixed clock and nonce, for strategies that sign each request. */
export const fixedContext = { ...noContext, clock: () => now, nonce: () => 'example-nonce' }

/** Fails every request. */
export const noEgress: Egress = {
  send: () => expect.unreachable('nothing is to be sent'),
  check: () => expect.unreachable('nothing is to be stored'),
  close: async () => {},
}

export function authOf(auth: DefinitionInput['auth']): Auth {
  return parseDefinition({ displayName: 'Test', baseUrl: 'https://api.example.com', auth }).auth
}

export function emptyDraft(): RequestDraft {
  const url = new URL('https://api.example.com/v1')
  return { method: 'POST', url, headers: new Headers(), credentialHeaders: new Set() }
}

/** The field errors that `run` throws, as `path: message`; empty when it throws nothing. */
export function fieldErrorsOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.fields.map((field) => `${field.path.join('.')}: ${field.message}`)
  }
  return []
}

/** A value for every field of a description, including those of its first option. */
export function exampleFields(description: CredentialDescription): Record<string, string> {
  const own = description.credentialFields.map((field) => [field.name, field.example ?? `example-of-${field.name}`])
  const [option] = description.options
  return { ...(option && exampleFields(option.auth)), ...Object.fromEntries(own) }
}

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('a failure was expected'),
    (error: unknown) => error,
  )
}

/** The contract that every strategy fulfils, with any definition. */
export function describeStrategy(
  name: string,
  input: DefinitionInput['auth'],
  customStrategies?: CustomStrategies,
): void {
  describe(name, () => {
    const auth = authOf(input)
    const strategy = strategyOf(auth, customStrategies)
    const description = strategy.describe()
    const fields = exampleFields(description)
    const takesFields = !(auth.type === 'oauth2' && auth.grant === 'authorization_code')
    const given = takesFields ? { fields } : { oauthToken: { accessToken: 'example-access-token' } }
    const stored = checkCredential(auth, given, now, { customStrategies })

    it('describes the same complete fields each time', () => {
      expect(strategy.describe()).toEqual(description)
      const names = description.credentialFields.map((field) => field.name)
      expect(new Set(names).size).toBe(names.length)
      for (const field of description.credentialFields) {
        expect(field).toMatchObject({
          label: expect.any(String),
          secret: expect.any(Boolean),
          required: expect.any(Boolean),
        })
      }
      expect(description.type).toBe(auth.type.toUpperCase())
    })

    it('stores plain JSON that can be opened', () => {
      const copy: unknown = JSON.parse(JSON.stringify(stored))
      expect(copy).toEqual(stored)
      expect(strategy.open(copy, fixedContext).scopes).toEqual(expect.any(Array))
    })

    it('adds the same credential to two requests', async () => {
      const authenticator = strategy.open(stored, fixedContext)
      if (!authenticator.ready) return
      const drafts = [emptyDraft(), emptyDraft()]
      for (const draft of drafts) await authenticator.apply(draft)
      const [first, second] = drafts.map(serializeDraft)
      expect(first).toEqual(second)
    })

    it('lists every secret that it sends', async () => {
      const authenticator = strategy.open(stored, fixedContext)
      const all = [description, ...description.options.slice(0, 1).map((option) => option.auth)]
      const secretFields = all.flatMap((each) => each.credentialFields).filter((field) => field.secret)
      for (const field of secretFields) expect(authenticator.secrets).toContain(fields[field.name])
      if (!authenticator.ready) return
      const draft = emptyDraft()
      await authenticator.apply(draft)
      const { url, headers, body } = serializeDraft(draft)
      const wire = [
        decodeURIComponent(url),
        ...headers.map(([, value]) => value),
        decodeURIComponent(String(body ?? '')),
      ]
      const shown = authenticator.secrets.reduce((text, secret) => text.replaceAll(secret, ''), wire.join('\n'))
      for (const { name: field } of secretFields) expect(shown).not.toContain(fields[field])
    })

    it('reports all unknown, missing and malformed fields by name, without their values', () => {
      if (!takesFields) return
      // With several options, the fields of the first one are checked.
      const [option] = description.options
      const method = option === undefined ? {} : { auth_method: option.key }
      const required = (option?.auth ?? description).credentialFields.filter((field) => field.required)
      const wrong = Object.fromEntries(required.slice(1).map((field) => [field.name, 'LEAKED-VALUE\0']))
      const errors = fieldErrorsOf(() =>
        checkCredential(auth, { fields: { ...method, ...wrong, surplus: 'LEAKED-VALUE' } }, now, { customStrategies }),
      )
      const paths = errors.map((error) => error.split(':')[0])
      const names = ['surplus', ...required.map((field) => field.name)]
      expect(paths.sort()).toEqual(names.map((field) => `input.credential.fields.${field}`).sort())
      expect(errors.join()).not.toContain('LEAKED')
    })

    it('is ready or refreshable, and rejects a renewal if it is not refreshable', async () => {
      const authenticator = strategy.open(stored, fixedContext)
      expect(authenticator.ready || authenticator.refreshable).toBe(true)
      if (authenticator.refreshable) return
      const error = await failureOf(strategy.renew(stored, { ...noContext, egress: noEgress, now }))
      expect([UnsupportedError, CredentialRefreshError].some((type) => error instanceof type)).toBe(true)
    })

    it.each<[string, unknown]>([
      ['nothing', null],
      ['of another shape', { type: auth.type, surprise: 'LEAKED-VALUE' }],
      ['of another type', { ...stored, type: 'LEAKED-VALUE' }],
      ['one with a number instead of a string', { ...stored, fields: { password: 5 } }],
      ['a list', ['LEAKED-VALUE']],
    ])('rejects a stored credential that is %s, without its values', (_name, garbage) => {
      try {
        strategy.open(garbage, noContext)
      } catch (error) {
        expect(error).toBeInstanceOf(StoredCredentialError)
        expect(String(error)).not.toContain('LEAKED')
        return
      }
      expect.unreachable()
    })

    it('offers its fields to templates as config, and those that are not secret as input', () => {
      const scope = scopeOf(auth, stored, noContext)
      expect(scope['config']).toEqual(takesFields ? fields : {})
      const described = [description, ...description.options.slice(0, 1).map((option) => option.auth)]
      const plain = described.flatMap(({ credentialFields }) => credentialFields.filter(({ secret }) => !secret))
      // scopeOf does not know the fields of a custom strategy.
      const known = takesFields && auth.type !== 'custom' ? plain : []
      expect(scope['input']).toEqual(Object.fromEntries(known.map(({ name }) => [name, fields[name]])))
    })
  })
}
