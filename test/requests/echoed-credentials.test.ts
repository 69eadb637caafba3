import { describe, expect, it } from 'vitest'
import { buildDraft } from '../../src/auth/build-draft.ts'
import type { DefinitionInput } from '../../src/catalog/definition/definition.ts'
import { TemplateError } from '../../src/catalog/template/value.ts'
import { byteRedactorOf, joinSecrets, textRedactorOf } from '../../src/kit/redactors.ts'
import { isTextType, redactJson, secretsOfRequest } from '../../src/requests/echoed-credentials.ts'
import { serializeDraft } from '../../src/wire/request-draft.ts'
import { openedConnection } from '../support/opened-connection.ts'

const TOKEN = 'tok-aBcDeF-0123456789'

const define = (more: Partial<DefinitionInput>): DefinitionInput => ({
  displayName: 'Things',
  baseUrl: 'https://api.example.com',
  auth: { type: 'bearer' },
  inputFields: [{ name: 'region' }],
  ...more,
})

const open = (more: Partial<DefinitionInput> = {}, token = TOKEN) =>
  openedConnection(define(more), { token, input: { region: 'europe-west' } })

const NO_REQUEST = { method: 'GET', url: 'https://api.example.com/', headers: [], credentialHeaders: [] }

/** What was sent, as an API echoes it, and what a caller sees of it. */
async function echoed(
  opened = open(),
  headerTemplates: Record<string, string> = {},
): Promise<{ sent: string; body: string; header: string; secrets: readonly string[] }> {
  const { definition, scope, authenticator } = opened
  const draft = await buildDraft(definition, {
    method: 'GET',
    target: { path: '/' },
    headerTemplates,
    scope,
    authenticator,
  })
  const wire = serializeDraft(draft)
  const secrets = secretsOfRequest(opened, wire, headerTemplates)
  const sent = [wire.url, ...wire.headers.map(([name, value]) => `${name}: ${value}`)].join('\n')
  return {
    sent,
    secrets,
    body: Buffer.from(byteRedactorOf(secrets).redact(Buffer.from(sent))).toString(),
    header: textRedactorOf(secrets).redact(sent),
  }
}

describe('What a template makes from a secret', () => {
  it.each([
    ['by replacing characters', "{{ config.token | replace('a', 'b') }}", 'tok-bBcDeF-0123456789'],
    ['by changing the case', '{{ config.token | upper }}', TOKEN.toUpperCase()],
    ['as JSON', '{{ config | tojson }}', JSON.stringify({ region: 'europe-west', token: TOKEN })],
    ['with a computed name', "{{ config['to' ~ 'ken'] | replace('-', '_') }}", 'tok_aBcDeF_0123456789'],
    ['with a part of the name that is an input', "{{ config['tok' ~ 'en'] | lower }}", TOKEN.toLowerCase()],
    ['in less than 20 characters', "{{ config.token | replace('0123456789', '') }}", 'tok-aBcDeF-'],
    ['after a scheme', "Bearer {{ config.token | replace('-', '') }}", 'tokaBcDeF0123456789'],
    ['in one of several parts', "v=1; k={{ config.token | replace('tok', 'kot') }}", 'kot-aBcDeF-0123456789'],
    [
      'in parts that are short alone',
      '{{ config.token | first }}{{ config.token | last }}-{{ config.token | length }}-{{ config.region }}',
      't9-21-europe-west',
    ],
    [
      'in a list',
      "{{ [config.token | replace('tok-', ''), config.region] | join('+') }}",
      'aBcDeF-0123456789+europe-west',
    ],
    ['in a condition', "{{ config.token | replace('-', '.') if config.region else 'none' }}", 'tok.aBcDeF.0123456789'],
  ])('is not shown when it is made %s', async (_, template, made) => {
    for (const { sent, body, header } of [
      await echoed(open({ headers: { 'X-Key': template } })),
      await echoed(open(), { 'X-Key': template }),
    ]) {
      expect(sent).toContain(made)
      expect(body).not.toContain(made)
      expect(header).not.toContain(made)
    }
  })

  it('is not shown in the base URL, also in the lower case of a host, but the rest of the URL is', async () => {
    const baseUrl = "https://{{ config.token }}.example.com/v1/{{ config.token | replace('tok', 'x y') }}"
    const { sent, body, header } = await echoed(open({ baseUrl }))
    expect(sent).toContain('https://tok-abcdef-0123456789.example.com/v1/x%20y-aBcDeF-0123456789')
    expect(body.split('\n')[0]).toBe('https://[redacted].example.com/v1/[redacted]/')
    expect(header).toMatch(/^https:\/\/\[redacted\]\.example\.com\/v1\/\[redacted\]/)
  })

  it('is not shown of a path, a query and a body that other requests send', async () => {
    const { secrets } = await echoed(
      open({
        testRequest: {
          path: "/me?k={{ config.token | replace('0', 'o') }}",
          json: { a: ['{{ config.token | upper }}'] },
        },
        afterConnect: [{ path: "/{{ config.token | replace('1', 'l') }}/me", keep: {} }],
      }),
    )
    expect(secrets).toEqual(
      expect.arrayContaining([TOKEN.replace('0', 'o'), TOKEN.toUpperCase(), TOKEN.replace('1', 'l')]),
    )
  })

  it('is not taken for a secret when it is only a word of the template or reads no secret', async () => {
    const words = {
      'X-Mode': "{{ 'production' if config.token else 'sandbox' }}",
      'X-Scheme': "{{ ('bearer' if config.token else '') | upper }}",
      'X-Region': '{{ config.region | upper }}',
      'X-Known': '{{ config.token is defined }}',
      'X-Plain': 'region-{{ config.region }}',
    }
    const { secrets, body } = await echoed(open({ headers: words }))
    expect(secrets).toEqual([TOKEN])
    expect(body).toContain('x-mode: production')
  })

  it('belongs to one list for all requests of a connection, and so does its redactor', async () => {
    const opened = open({ headers: { 'X-Key': '{{ config.token | upper }}' } })
    const [one, two] = [await echoed(opened), await echoed(opened)]
    expect(one.secrets).toBe(two.secrets)
    expect(byteRedactorOf(one.secrets)).toBe(byteRedactorOf(two.secrets))
  })
})

describe('The secrets of a connection', () => {
  it('are refused when they are too long together, with what the templates make from them', () => {
    const token = 'aé<&"'.repeat(3_000)
    const tests = Array.from({ length: 30 }, (_, index) => `{{ config.token | replace('a', '${index}') }}`)
    const opened = open({ testRequest: { path: '/', json: { tests } } }, token)
    expect(() => secretsOfRequest(opened, NO_REQUEST)).toThrow(TemplateError)
    expect(secretsOfRequest(open({}, token), NO_REQUEST)).toHaveLength(1)
  })

  it('are made into forms once, also when each request has further ones', () => {
    const token = 'aé<&"'.repeat(3_000)
    const opened = open({}, token)
    const request = (index: number) => ({
      ...NO_REQUEST,
      headers: [['x-signature', `signature-of-the-request-${index}`]] as [string, string][],
      credentialHeaders: ['x-signature'],
    })
    const time = (index: number) => {
      const secrets = secretsOfRequest(opened, request(index))
      const began = performance.now()
      const text = `<${token}> <signature-of-the-request-${index}>`
      expect(Buffer.from(byteRedactorOf(secrets).redact(Buffer.from(text))).toString()).toBe(
        '<[redacted]> <[redacted]>',
      )
      expect(textRedactorOf(secrets).redact(text)).toBe('<[redacted]> <[redacted]>')
      return performance.now() - began
    }
    const first = time(0)
    const others = Array.from({ length: 20 }, (_, index) => time(index + 1))
    // With forms of their own, each takes as long as the first.
    expect(Math.min(...others)).toBeLessThan(first / 2)
  })
})

describe('joinSecrets', () => {
  it('makes lists whose redactors find the secrets of both, overlapping ones too', () => {
    const first = ['secret-of-the-first']
    const both = joinSecrets(first, ['the-first-and-more', 'first'])
    expect(joinSecrets(first, first)).toBe(first)
    expect(joinSecrets(first, [...first, 'x'])).toEqual([...first, 'x'])
    const text = '<secret-of-the-first-and-more> <secret-of-the-first>'
    expect(Buffer.from(byteRedactorOf(both).redact(Buffer.from(text))).toString()).toBe('<[redacted]> <[redacted]>')
    expect(textRedactorOf(both).redact(`${text} first`)).toBe('<[redacted]> <[redacted]> [redacted]')
  })
})

describe('isTextType', () => {
  it.each([
    ['application/vnd.example', true],
    ['application/vnd.example.v2; charset=utf-8', true],
    ['application/vnd.api+json', true],
    ['application/vnd.ms-sync.text', true],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', false],
    ['application/vnd.ms-excel', false],
    ['application/vnd.ms-excel.sheet.macroEnabled.12', false],
    ['application/vnd.oasis.opendocument.text', false],
    ['application/vnd.android.package-archive', false],
    ['application/vnd.example+zip', false],
    ['application/geo+json', true],
    ['image/png', false],
    ['image/svg+xml', true],
    [null, true],
  ])('says of %s: %s', (type, text) => {
    expect(isTextType(type)).toBe(text)
  })
})

describe('redactJson', () => {
  it('compares a number of bytes that is proportional to the whole value, however many texts it has', () => {
    const redactor = byteRedactorOf(Array.from({ length: 20 }, (_, index) => `${'a'.repeat(200 + index)}b`))
    const value = Array.from({ length: 20_000 }, () => 'a'.repeat(230))
    const text = JSON.stringify(value)
    const time = (run: () => unknown) => {
      const began = performance.now()
      run()
      return performance.now() - began
    }
    const whole = time(() => redactor.redact(Buffer.from(text)))
    // With a budget for each text it takes 50 times as long.
    expect(time(() => redactJson(value, redactor))).toBeLessThan(10 * Math.max(50, whole))
  })
})
