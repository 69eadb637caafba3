import { describe, expect, it } from 'vitest'
import { inputFieldsOf } from '../../../src/auth/check-fields.ts'
import { findProvider } from '../../../src/catalog/catalog.ts'
import { type DefinitionInput, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { affixesOf, placesOf, tidyValue } from '../../../src/http/connect-page/form/tidy-values.ts'
import { type CredentialField, describeFields } from '../../../src/wire/credential-fields.ts'

/** What a definition makes of a value that is entered into one of its input fields. */
function entered(definition: DefinitionInput, name: string, value: string): string {
  const parsed = parseDefinition(definition)
  const field = inputFieldsOf(parsed).find((each) => each.name === name)
  if (field === undefined) throw new Error(`The definition has no input field ${name}.`)
  return tidyValue(field, value, { places: placesOf(parsed).get(name) })
}

function inCatalogue(slug: string, name: string): (value: string) => string {
  const definition = findProvider(slug)?.definition
  if (definition === undefined) throw new Error(`The catalogue has no provider ${slug}.`)
  return (value) => entered(definition, name, value)
}

function own(url: string, more: object = {}): DefinitionInput {
  const inputFields = [{ name: 'account', label: 'Account', required: true, ...more }]
  return { displayName: 'Own', baseUrl: url, auth: { type: 'bearer' }, inputFields }
}

function field(more: Partial<CredentialField>): CredentialField {
  const [described] = describeFields([{ name: 'token', secret: true, required: true, ...more }])
  return described as CredentialField
}

describe('A pasted value for a part of a host', () => {
  it.each([
    'https://acme.zendesk.com/agent/tickets/1?x=2',
    'acme.zendesk.com',
    'http://acme.ZENDESK.com/',
    ' acme ',
    '"acme"',
    '“acme”',
    'acme.zendesk.com.',
  ])('is cut to the subdomain: %s', (value) => {
    expect(inCatalogue('zendesk', 'subdomain')(value)).toBe('acme')
  })

  it('is cut for a shop, a login domain and a server of the catalogue', () => {
    expect(inCatalogue('shopify', 'shop')('https://acme-store.myshopify.com/admin')).toBe('acme-store')
    expect(inCatalogue('salesforce', 'domain')('https://acme.my.salesforce.com/home')).toBe('acme.my')
    expect(inCatalogue('salesforce', 'domain')('acme.my.salesforce.com')).toBe('acme.my')
    expect(inCatalogue('salesforce', 'domain')('test')).toBe('test')
    expect(inCatalogue('gitlab', 'host')('https://gitlab.example.com/group/project')).toBe('gitlab.example.com')
    expect(inCatalogue('chargebee', 'site')('https://acme-test.chargebee.com')).toBe('acme-test')
  })

  it('stays as it is when it is an address of another service', () => {
    expect(inCatalogue('zendesk', 'subdomain')('https://acme.freshdesk.com')).toBe('https://acme.freshdesk.com')
    expect(inCatalogue('zendesk', 'subdomain')('zendesk.com')).toBe('zendesk.com')
    expect(inCatalogue('zendesk', 'subdomain')('https://.zendesk.com/')).toBe('https://.zendesk.com/')
  })

  it('is cut as the definition of a workspace says', () => {
    const fixed = own("https://api.{{ input.account | default('eu') }}.books.example:8443/v1")
    expect(entered(fixed, 'account', 'https://api.acme.books.example:8443/v1/me')).toBe('acme')
    const plain = own('https://api-{{ input.account }}.books.example/v1')
    expect(entered(plain, 'account', 'https://api-acme.books.example/v1')).toBe('acme')
    expect(entered(plain, 'account', 'acme')).toBe('acme')
    const bracketed = own("https://{{ input['account'] }}.books.example")
    expect(entered(bracketed, 'account', 'acme.books.example/login')).toBe('acme')
  })

  it('is cut only if the result matches the pattern of the field', () => {
    const numbers = own('https://{{ input.account }}.books.example', { pattern: '[0-9]+' })
    expect(entered(numbers, 'account', 'https://4711.books.example/')).toBe('4711')
    expect(entered(numbers, 'account', 'https://acme.books.example/')).toBe('https://acme.books.example/')
  })

  it('is cut for the URLs of the authentication too', () => {
    const definition: DefinitionInput = {
      ...own('https://api.books.example', { pattern: '[a-z]+' }),
      auth: {
        type: 'selective',
        options: [
          {
            key: 'account',
            label: 'Account',
            auth: {
              type: 'oauth2',
              grant: 'authorization_code',
              authorizationUrl: 'https://{{ input.account }}.login.books.example/authorize',
              tokenUrl: 'https://{{ input.account }}.login.books.example/token',
            },
          },
        ],
      },
    }
    expect(entered(definition, 'account', 'acme.login.books.example')).toBe('acme')
    expect(affixesOf(placesOf(parseDefinition(definition)).get('account'))).toEqual({
      before: '',
      after: '.login.books.example',
    })
  })
})

describe('The text around a field', () => {
  it('is the fixed part of the host, if all URLs have the same', () => {
    const zendesk = findProvider('zendesk')?.definition
    expect(zendesk && affixesOf(placesOf(zendesk).get('subdomain'))).toEqual({ before: '', after: '.zendesk.com' })
    const places = [
      { kind: 'host', before: '', after: '.a.example' },
      { kind: 'host', before: '', after: '.b.example' },
    ] as const
    expect(affixesOf(places)).toBeNull()
    const gitlab = findProvider('gitlab')?.definition
    expect(gitlab && affixesOf(placesOf(gitlab).get('host'))).toBeNull()
    expect(affixesOf(undefined)).toBeNull()
  })
})

describe('A pasted value for a URL', () => {
  it('begins with https:// and has no slash at the end where the definition continues with one', () => {
    const url = inCatalogue('metabase', 'url')
    expect(url('metabase.example.com')).toBe('https://metabase.example.com')
    expect(url('https://metabase.example.com/')).toBe('https://metabase.example.com')
    expect(url('http://metabase.example.com')).toBe('http://metabase.example.com')
  })
})

describe('A pasted secret', () => {
  it.each([
    'key-4711',
    ' key-4711\t',
    '"key-4711"',
    "'key-4711'",
    '`key-4711`',
    'Bearer key-4711',
    'bearer  "key-4711"',
    'Authorization: Bearer key-4711',
  ])('loses what is around the key: %s', (value) => {
    expect(tidyValue(field({}), value)).toBe('key-4711')
  })

  it.each(['a b', 'a"b', 'a\nb', '"', '""', 'key"', 'https://acme.zendesk.com', 'Bearer'])(
    'never changes inside: %j',
    (value) => {
      expect(tidyValue(field({}), value)).toBe(value)
    },
  )

  it('keeps everything but white space around a password', () => {
    const password = field({ name: 'password', label: 'Password' })
    expect(tidyValue(password, ' "secret" ')).toBe('"secret"')
    expect(tidyValue(password, 'Bearer secret')).toBe('Bearer secret')
    expect(tidyValue(field({ name: 'secret', label: 'Passphrase' }), "'x'")).toBe("'x'")
  })

  it('is decided by the pattern of its field', () => {
    const quoted = field({ pattern: '"[a-z]+"' })
    expect(tidyValue(quoted, '"abc"')).toBe('"abc"')
    const stripe = field({ pattern: '(sk|rk)_(test|live)_[A-Za-z0-9]+' })
    expect(tidyValue(stripe, 'Bearer sk_test_4711')).toBe('sk_test_4711')
    expect(tidyValue(stripe, '"pk_test_4711"')).toBe('"pk_test_4711"')
  })

  it('keeps the lines of a private key', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n'
    expect(tidyValue(field({}), key, { multiline: true })).toBe(key)
    expect(tidyValue(field({}), ' {"type": "service_account"}\n', { multiline: true })).toBe(
      '{"type": "service_account"}',
    )
  })

  it('loses invisible characters at its ends, and is not read when it is longer than any field accepts', () => {
    expect(tidyValue(field({}), '\u200b\u2060abc\u200b')).toBe('abc')
    expect(tidyValue(field({}), 'a\u200bbc')).toBe('a\u200bbc')
    expect(tidyValue(field({}), '\u200b')).toBe('')
    const long = `a${'\u200b'.repeat(16_384)}`
    expect(tidyValue(field({}), long)).toBe(long)
  })
})
