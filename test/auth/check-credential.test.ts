import { describe, expect, it } from 'vitest'
import { checkCredential } from '../../src/auth/check-credential.ts'
import { strategyOf } from '../../src/auth/registry.ts'
import type { CredentialInput } from '../../src/wire/credential-fields.ts'
import { serializeDraft } from '../../src/wire/request-draft.ts'
import { authOf, emptyDraft, fieldErrorsOf, noContext, now } from './contract.ts'

const basic = authOf({ type: 'basic' })
const bearer = authOf({ type: 'bearer' })
const none = authOf({ type: 'none' })
const header = authOf({ type: 'api_key', placement: { in: 'header', name: 'X-Key' } })
const body = authOf({ type: 'api_key', placement: { in: 'json', name: 'key' } })
const stripe = authOf({
  type: 'basic',
  fields: [{ name: 'secret_key', secret: true, required: true }],
  username: "{{ config['secret_key'] }}",
})
const twoFields = authOf({
  type: 'bearer',
  fields: [
    { name: 'account', required: true, pattern: '\\d+' },
    { name: 'key', secret: true, required: true },
    { name: 'note' },
  ],
  token: '{{ config.account }}:{{ config.key }}',
})

async function headersOf(auth: typeof basic, input: CredentialInput): Promise<Record<string, string>> {
  const draft = emptyDraft()
  await strategyOf(auth)
    .open(checkCredential(auth, input, now), noContext)
    .apply(draft)
  return Object.fromEntries(serializeDraft(draft).headers)
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

describe('checkCredential accepts', () => {
  it.each<[string, typeof basic, CredentialInput, Record<string, string>]>([
    ['bearer from a secret text', bearer, { secretText: 't0k' }, { authorization: 'Bearer t0k' }],
    ['bearer from fields', bearer, { fields: { token: 't0k' } }, { authorization: 'Bearer t0k' }],
    ['bearer from two fields', twoFields, { fields: { account: '7', key: 'k' } }, { authorization: 'Bearer 7:k' }],
    ['API key from a secret text', header, { secretText: 'k' }, { 'x-key': 'k' }],
    ['API key with a space inside', header, { secretText: 'a b' }, { 'x-key': 'a b' }],
    ['basic', basic, { basic: { username: 'ada', password: 'p:w' } }, { authorization: `Basic ${base64('ada:p:w')}` }],
    [
      'basic in UTF-8',
      basic,
      { basic: { username: 'ädä', password: '£' } },
      { authorization: `Basic ${base64('ädä:£')}` },
    ],
    [
      'basic with an empty password',
      basic,
      { basic: { username: 'ada', password: '' } },
      { authorization: `Basic ${base64('ada:')}` },
    ],
    ['basic with no password', basic, { basic: { username: 'ada' } }, { authorization: `Basic ${base64('ada:')}` }],
    [
      'basic from fields with no password',
      basic,
      { fields: { username: 'ada' } },
      { authorization: `Basic ${base64('ada:')}` },
    ],
    ['basic of one secret', stripe, { secretText: 'sk_1' }, { authorization: `Basic ${base64('sk_1:')}` }],
    ['none', none, { fields: {} }, {}],
    [
      'null beside the one that is given',
      bearer,
      { secretText: 't', basic: null, fields: null },
      { authorization: 'Bearer t' },
    ],
  ])('%s', async (_name, auth, input, headers) => {
    expect(await headersOf(auth, input)).toEqual(headers)
  })
})

describe('checkCredential rejects', () => {
  it.each<[string, typeof basic, CredentialInput, string[]]>([
    ['nothing', bearer, {}, [': must have exactly one of oauthToken, secretText, basic, fields, authProvider']],
    [
      'two kinds',
      bearer,
      { secretText: 'a', fields: {} },
      [': must have exactly one of oauthToken, secretText, basic, fields, authProvider'],
    ],
    [
      'a token for a key',
      header,
      { oauthToken: { accessToken: 'LEAK' } },
      ['.oauthToken: is not accepted by this integration. Give secretText or fields (api_key)'],
    ],
    [
      'basic for bearer',
      bearer,
      { basic: { username: 'LEAK' } },
      ['.basic: is not accepted by this integration. Give secretText or fields (token)'],
    ],
    [
      'a secret text for basic',
      basic,
      { secretText: 'LEAK' },
      ['.secretText: is not accepted by this integration. Give basic or fields (username, password)'],
    ],
    [
      'a secret text for two fields',
      twoFields,
      { secretText: 'LEAK' },
      ['.secretText: is not accepted by this integration. Give fields (account, key, note)'],
    ],
    [
      'basic for a basic of other fields',
      stripe,
      { basic: { username: 'LEAK' } },
      ['.basic: is not accepted by this integration. Give secretText or fields (secret_key)'],
    ],
    [
      'a secret text for none',
      none,
      { secretText: 'LEAK' },
      ['.secretText: is not accepted by this integration. Give fields (none)'],
    ],
    [
      'an auth provider',
      bearer,
      { authProvider: { provider: 'composio', accountId: 'a' } },
      ['.authProvider: cannot be used: no auth provider is configured. Give secretText or fields (token)'],
    ],
    ['fields that are a list', bearer, { fields: ['LEAK'] }, ['.fields: must be an object of field values by name']],
    [
      'unknown, missing and malformed',
      twoFields,
      { fields: { account: 'LEAK', extra: 'LEAK', note: 5 } },
      [
        '.fields.extra: is not a known field. Fields: account, key, note',
        '.fields.account: does not match the pattern \\d+',
        '.fields.key: is missing',
        '.fields.note: must be text',
      ],
    ],
    [
      'a field of a prototype',
      bearer,
      { fields: JSON.parse('{"token":"t","__proto__":"LEAK"}') },
      ['.fields.__proto__: is not a known field. Fields: token'],
    ],
    ['a number', bearer, { fields: { token: 5 } }, ['.fields.token: must be text']],
    ['a boolean', bearer, { fields: { token: true } }, ['.fields.token: must be text']],
    ['null for a required field', bearer, { fields: { token: null } }, ['.fields.token: is missing']],
    ['an empty text', bearer, { secretText: '' }, ['.secretText: must not be blank']],
    ['a blank text', bearer, { secretText: ' \t' }, ['.secretText: must not be blank']],
    ['a line break at the end', bearer, { secretText: 'LEAK\n' }, ['.secretText: must not hold line breaks']],
    ['a header of its own', bearer, { secretText: 'LEAK\r\nX-Evil: 1' }, ['.secretText: must not hold line breaks']],
    ['NUL', bearer, { secretText: 'LEAK\0' }, ['.secretText: must not hold control characters']],
    [
      'a space at the end',
      bearer,
      { secretText: 'LEAK ' },
      ['.secretText: begins or ends with white space: remove it'],
    ],
    [
      'a no-break space at the beginning',
      body,
      { secretText: '\u00a0LEAK' },
      ['.secretText: begins or ends with white space: remove it'],
    ],
    [
      'quotes of a word processor',
      bearer,
      { secretText: '“LEAK”' },
      ['.secretText: goes into a header and may contain only printable ASCII'],
    ],
    ['half a surrogate pair', body, { secretText: 'LEAK\ud800' }, ['.secretText: must be well-formed Unicode']],
    ['more than 16 KiB', body, { secretText: 'L'.repeat(16 * 1024 + 1) }, ['.secretText: must be at most 16 KiB']],
    [
      'a colon in the user name',
      basic,
      { basic: { username: 'LEAK:x', password: 'a:b' } },
      ['.basic.username: must not hold a colon'],
    ],
    ['a colon in a key that is a user name', stripe, { secretText: 'LEAK:x' }, ['.secretText: must not hold a colon']],
    [
      'a control character in the password',
      basic,
      { basic: { username: 'a', password: 'LE\tAK' } },
      ['.basic.password: must not hold control characters'],
    ],
    ['an empty user name', basic, { basic: { username: '' } }, ['.basic.username: must not be blank']],
  ])('%s', (_name, auth, input, errors) => {
    const found = fieldErrorsOf(() => checkCredential(auth, input, now))
    expect(found).toEqual(errors.map((error) => `input.credential${error}`))
    expect(found.join()).not.toContain('LEAK')
  })

  it('at the path that the caller gives', () => {
    const check = () => checkCredential(bearer, { secretText: '' }, now, { path: ['input', 'a'] })
    expect(fieldErrorsOf(check)).toEqual(['input.a.secretText: must not be blank'])
  })
})

describe('checkCredential refuses', () => {
  it('values that together have more than 64 KiB, and says what to do', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const auth = authOf({
      type: 'api_key',
      placement: { in: 'json', name: 'key' },
      fields: names.map((name) => ({ name, secret: true, required: true })),
      value: '{{ config.a }}',
    })
    const input = (length: number) => ({ fields: Object.fromEntries(names.map((name) => [name, name.repeat(length)])) })
    expect(fieldErrorsOf(() => checkCredential(auth, input(13_200), now))).toEqual([
      'input.credential: is too long: its values together may have at most 64 KiB. Supply shorter values, or only those that the API needs',
    ])
    expect(checkCredential(auth, input(13_000), now)).toMatchObject({ type: 'api_key' })
  })
})

describe('a key with several lines', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n'

  it('is accepted for a body, including its last line break', () => {
    expect(checkCredential(body, { secretText: pem }, now)).toEqual({ type: 'api_key', fields: { api_key: pem } })
  })

  it('is rejected for a header', () => {
    expect(fieldErrorsOf(() => checkCredential(header, { secretText: pem }, now))).toHaveLength(1)
  })
})
