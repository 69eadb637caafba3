import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { withSharedBudget } from '../../../src/catalog/template/budget.ts'
import {
  compileCondition,
  compileTemplate,
  renderJson,
  renderTemplate,
} from '../../../src/catalog/template/template.ts'
import { renderUrl } from '../../../src/catalog/template/url-template.ts'
import { TemplateError } from '../../../src/catalog/template/value.ts'

const long = 'a'.repeat(16 * 1024)
const list = Array.from({ length: 4_000 }, () => long)
const scope = { config: { long, list, nested: { list } } }

/** Doubles a text 30 times. */
const doubling = Array.from({ length: 30 }).reduce<string>((inner) => `(${inner} | replace('a', 'aa'))`, 'config.long')
const manyCopies = `{{ ${Array.from({ length: 260 }, () => 'long').join(' ~ ')} }}`

function errorOf(render: () => unknown): unknown {
  try {
    render()
  } catch (error) {
    return error
  }
  return undefined
}

describe('the budget of templates', () => {
  it.each([
    ["{{ config.long | replace('a', config.long) }}", 'produce more than 4194304 characters'],
    ["{{ config.long | replace('', config.long) }}", 'produce more than 4194304 characters'],
    [`{{ ${doubling} }}`, 'need more than 200000 steps'],
    [manyCopies, 'produce more than'],
    ["{{ config.list | join(',') }}", 'produce more than'],
    ['{{ config.list | tojson }}', 'produce more than'],
    ['{{ config.nested | tojson }}', 'produce more than'],
    [`{{ config.long | replace('a', '€€€€€€€€') ${'| urlencode'.repeat(6)} }}`, 'produce more than'],
    [`{{ config.long ${'| b64encode'.repeat(40)} }}`, 'produce more than'],
    [`{{ config.long ${"| replace('a', 'b') | replace('b', 'a')".repeat(80)} }}`, 'need more than 200000 steps'],
    [`{{ [${Array.from({ length: 230 }, () => 'long|length').join()}] | length }}`, 'need more than 200000 steps'],
    [`{{ ${Array.from({ length: 230 }, () => 'long == text').join(' or ')} }}`, 'need more than 200000 steps'],
    [`{{ ${"split(long, 'a') | length + ".repeat(60)}0 }}`, 'need more than 200000 steps'],
    [`{{ ${'(long | sha256) ~ '.repeat(200)}'' }}`, 'need more than 200000 steps'],
    ['{{ text in config.list }}', 'need more than 200000 steps'],
  ])('refuses %s before it costs much', (source, words) => {
    const error = errorOf(() => renderTemplate(source, { ...scope, long, text: `${long.slice(1)}b` }))
    expect(error).toBeInstanceOf(TemplateError)
    expect(error).toMatchObject({ fault: 'limit', code: 'INVALID_INPUT' })
    expect(String(error)).toContain(words)
  })

  it('does not build the text that it refuses', () => {
    const source = compileTemplate("{{ config.long | replace('a', config.long) }}")
    errorOf(() => source.render(scope))
    const before = process.memoryUsage()
    for (let round = 0; round < 20; round += 1) errorOf(() => source.render(scope))
    const after = process.memoryUsage()
    // One result has 268 million characters.
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(50_000_000)
  })

  it('is shared by everything that is rendered for one request', () => {
    const source = "{{ config.long ~ '!' }}"
    const templates = Array.from({ length: 300 }, () => source)
    expect(errorOf(() => templates.map((each) => renderTemplate(each, scope)))).toBeUndefined()
    const shared = withSharedBudget(scope)
    expect(errorOf(() => templates.map((each) => renderTemplate(each, shared)))).toMatchObject({ fault: 'limit' })
    expect(errorOf(() => renderJson(templates, scope))).toMatchObject({ fault: 'limit' })
    expect(errorOf(() => templates.map((each) => renderJson({ each }, { ...shared, more: 1 })))).toMatchObject({
      fault: 'limit',
    })
    const url = `https://example.com/${'{{ config.long }}'.repeat(230)}{{ config.long }}`
    expect(errorOf(() => renderUrl(url, { config: { long: long.repeat(2) } }))).toMatchObject({ fault: 'limit' })
  })

  it('makes a condition an error instead of false', () => {
    expect(compileCondition("config.absent | replace('a', 'b')").test(scope)).toBe(false)
    const condition = compileCondition("config.long | replace('a', config.long) == 'a'")
    expect(errorOf(() => condition.test(scope))).toMatchObject({ fault: 'limit' })
  })

  it('allows what requests need', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkq'.repeat(100)}`
    const record = { id: 7, tags: Array.from({ length: 500 }, (_, index) => `tag ${index}`) }
    const shared = withSharedBudget({ config: { key }, parent: record })
    const headers = Array.from({ length: 100 }, (_, index) => [
      `X-${index}`,
      '{{ config.key | b64encode | urlencode }}',
    ])
    expect(Object.keys(renderJson(Object.fromEntries(headers), shared) as object)).toHaveLength(100)
    expect(renderTemplate('{{ parent | tojson }}', shared)).toBe(JSON.stringify(record))
  })

  it('bounds the time and the text of every template', () => {
    const value = fc.constantFrom(
      'config.long',
      'config.list',
      'config.nested',
      "'a'",
      "'é€'",
      '7',
      "'a' ~ config.long",
    )
    const filter = fc.constantFrom(
      ...['upper', 'lower', 'trim', 'string', 'length', 'first', 'last', 'tojson', 'urlencode', 'b64encode'],
      ...["replace('a', 'aé')", "replace('', config.long)", 'join(config.long)', "default('x')", 'int(1)'],
    )
    const operator = fc.constantFrom('~', '+', '==', '<', 'in', 'and', 'or')
    const expression = fc
      .array(fc.tuple(value, fc.array(filter, { maxLength: 12 }), operator), { minLength: 1, maxLength: 12 })
      .map(
        (terms) =>
          `${terms.map(([term, filters, joint]) => `(${[term, ...filters].join(' | ')}) ${joint}`).join(' ')} 1`,
      )
    fc.assert(
      fc.property(expression, (source) => {
        let text = ''
        const error = errorOf(() => {
          text = renderTemplate(`{{ ${source} }}`, scope)
        })
        if (error !== undefined) expect(error).toBeInstanceOf(TemplateError)
        expect(text.length).toBeLessThanOrEqual(4 * 1024 * 1024)
      }),
      { numRuns: 300 },
    )
  })
})

describe('filters within the budget', () => {
  it.each([
    ['{{ v | first }}{{ v | last }}{{ v | length }}', '😀b😀', '😀😀3'],
    ["{{ v | replace('', '-') }}", 'abc', 'a-b-c'],
    ["{{ v | replace('', '-') }}", '', ''],
    ["{{ v | replace('aa', 'b') }}", 'aaaaa', 'bba'],
    ["{{ v | replace('a', '', 2) }}", 'aaa', 'a'],
    ["{{ v | replace('', '-', 1) }}", 'abc', 'a-bc'],
    ["{{ v | replace('ab', '-') }}", 'xabyab', 'x-y-'],
    [`{{ v | replace('${'ab'.repeat(20)}', '-', 1) }}`, `a${'ab'.repeat(40)}`, `a-${'ab'.repeat(20)}`],
    ["{{ v | replace('a', 'b', -1) }}", 'aaa', 'aaa'],
    ['{{ v | upper }}', 'ΐß', 'ΐß'.toUpperCase()],
    ['{{ v | urlencode }}', '€', '%E2%82%AC'],
    ['{{ v | b64encode }}', '€€', '4oKs4oKs'],
  ])('%s of %j is %j', (source, v, expected) => {
    expect(renderTemplate(source, { v })).toBe(expected)
  })

  it('tojson, urlencode, b64encode, upper and lower never exceed what they reserve', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 })
    fc.assert(
      fc.property(fc.jsonValue(), text, (v, t) => {
        fc.pre(v !== null && t.isWellFormed())
        expect(renderTemplate('{{ v | tojson }}', { v })).toBe(JSON.stringify(v))
        expect(renderTemplate('{{ t | urlencode }}', { t }).length).toBeLessThanOrEqual(9 * t.length)
        expect(renderTemplate('{{ t | b64encode }}', { t }).length).toBeLessThanOrEqual(4 * t.length + 4)
        expect(renderTemplate('{{ t | upper }}', { t }).length).toBeLessThanOrEqual(3 * t.length)
        expect(renderTemplate('{{ t | lower }}', { t }).length).toBeLessThanOrEqual(3 * t.length)
      }),
    )
  })
})

describe('a definition that is too costly to parse', () => {
  const base = { displayName: 'A', baseUrl: 'https://example.com', auth: { type: 'none' } }

  it.each([
    [
      'templates',
      { headers: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x-${i}`, `{{ ${'a~'.repeat(2_000)}1 }}`])) },
    ],
    [
      'templates',
      { headers: Object.fromEntries(Array.from({ length: 7_000 }, (_, i) => [`x-${i}`, `{{input.a${i}}}`])) },
    ],
    [
      'patterns',
      { inputFields: Array.from({ length: 50 }, (_, i) => ({ name: `f${i}`, pattern: `[a-z]{1,${400 - i}}` })) },
    ],
    [
      'patterns',
      { inputFields: Array.from({ length: 20 }, (_, i) => ({ name: `f${i}`, pattern: `${i}${'\\pL'.repeat(60)}` })) },
    ],
  ])('because of its %s is refused at its place', (what, parts) => {
    expect(errorOf(() => parseDefinition({ ...base, ...parts }, { path: ['input', 'definition'] }))).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: ['input', 'definition'], message: expect.stringContaining(`its ${what}`) }],
    })
  })

  it('is still accepted where an older version stored it', () => {
    const headers = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`x-${i}`, `{{ config.a ~ '${'b'.repeat(3_900)}' }}`]),
    )
    const inputFields = [{ name: 'a', pattern: '(?=x).*', example: 'x' }]
    expect(parseDefinition({ ...base, headers, inputFields }, { isStored: true })).toMatchObject({ inputFields })
  })

  it('is refused because of white space that takes long to parse', () => {
    const spaces = ' '.repeat(3_000)
    expect(errorOf(() => compileTemplate(`{{${spaces}a }}`))).toMatchObject({ fault: 'syntax' })
    expect(errorOf(() => compileTemplate(`${spaces}{{ a }}`))).toMatchObject({ fault: 'syntax' })
    expect(compileTemplate(`${' '.repeat(200)}{{ a }}`).render({ a: 1 })).toBe(`${' '.repeat(200)}1`)
    expect(compileTemplate(spaces).render({})).toBe(spaces)
  })
})
