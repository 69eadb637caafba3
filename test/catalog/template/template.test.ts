import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { withSharedBudget } from '../../../src/catalog/template/budget.ts'
import {
  compileTemplate,
  namesOf,
  renderJson,
  renderTemplate,
  templateValue,
} from '../../../src/catalog/template/template.ts'
import { TemplateError } from '../../../src/catalog/template/value.ts'

const scope = {
  config: { username: 'ada', password: 's3cret', n: '012', empty: '', 'a-b': 'dash', quoted: '"quoted"', text: 'null' },
  input: { subdomain: 'acme', tags: ['x', 'y'] },
  kept: { team: { id: 7 }, admin: true, ratio: 0.5, nothing: null, list: [] },
}

function faultOf(source: string): TemplateError {
  try {
    renderTemplate(source, scope)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error(`${source} was rendered`)
}

describe('renderTemplate', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['{ not } a template }}', '{ not } a template }}'],
    ["{{ config['username'] }}", 'ada'],
    ['{{ config.username }}', 'ada'],
    ["{{ config['username'] ~ ':' ~ config['password'] }}", 'ada:s3cret'],
    ['https://{{ input.subdomain }}.example.com/{{config.n}}', 'https://acme.example.com/012'],
    ["{{ config['a-b'] }}", 'dash'],
    ['{{ config.n }}', '012'],
    ['{{ config.quoted }}', '"quoted"'],
    ['{{ config.text }}', 'null'],
    ['{{ config.empty }}', ''],
    ['{{ kept.team.id }}', '7'],
    ['{{ kept.admin }}', 'true'],
    ['{{ input.tags[1] }}', 'y'],
    ['{{ input.tags[-1] }}', 'y'],
    ["{{ input.tags | join(',') }}", 'x,y'],
    ['{{ input.tags | first }}{{ input.tags | last }}', 'xy'],
    ['{{ input.tags | length }}', '2'],
    ['{{ input.tags | tojson }}', '["x","y"]'],
    ["{{ input.tags | wrap('a') | wrap('b') | tojson }}", '[{"b":{"a":"x"}},{"b":{"a":"y"}}]'],
    ["{{ kept.list | wrap('a') | tojson }}", '[]'],
    ['{{ config.username | upper }}', 'ADA'],
    ["{{ 'AbC' | lower }}", 'abc'],
    ["{{ ' a ' | trim }}", 'a'],
    ["{{ 'a.b.c' | replace('.', '-') }}", 'a-b-c'],
    ["{{ 'a.b.c' | replace('.', '-', 1) }}", 'a-b.c'],
    ["{{ 'a b/ü' | urlencode }}", 'a%20b%2F%C3%BC'],
    ["{{ 'ü:x' | b64encode }}", 'w7w6eA=='],
    ["{{ 'ü:x' | base64encode }}", 'w7w6eA=='],
    ['{{ config.n | int }}', '12'],
    ["{{ 'x' | int(3) }}", '3'],
    ['{{ 5 | string }}', '5'],
    ["{{ config.absent | default('d') }}", 'd'],
    ["{{ config.empty | default('d') }}", ''],
    ["{{ config.empty | default('d', boolean=true) }}", 'd'],
    ["{{ kept.nothing | default('d') }}", 'd'],
    ["{{ 'a,b,,c' | split(',') | tojson }}", '["a","b","","c"]'],
    ["{{ '' | split(',') | tojson }}", '[""]'],
    ["{{ split('a-b', '-')[1] }}", 'b'],
    ["{{ 'w7w6eA==' | b64decode }}", 'ü:x'],
    ["{{ b64decode('Pz8_') ~ b64decode('Pz8/') ~ b64decode('YQ') ~ b64decode('') }}", '??????a'],
    ["{{ sha256('abc') }}", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ["{{ 'abc' | sha256('base64') }}", 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
    // RFC 4231, section 4.3.
    [
      "{{ 'what do ya want for nothing?' | hmac_sha256('Jefe') }}",
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      "{{ hmac_sha256('what do ya want for nothing?', 'Jefe', 'base64url') }}",
      'W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM',
    ],
    ["{{ '/a/' | trim('/') }}{{ '/b/' | trim('/', 'end') }}{{ ' c ' | trim(side='start') }}", 'a/bc '],
    ["{{ '///' | trim('/') }}{{ 'x' | trim('', 'end') }}", 'x'],
    ["{{ '1.5' | float + 1 }}|{{ 'x' | float(0) }}|{{ 2 | float }}", '2.5|0|2'],
    ["{{ 'cursor=abc&x=1' | regex_search('cursor=([^&]+)') }}", 'abc'],
    ["{{ 'v12' | regex_search('[0-9]+') }}{{ 'none' | regex_search('(\\\\d+)') }}", '12'],
    ["{{ 'abc' | hash('md5') }}", '900150983cd24fb0d6963f7d28e17f72'],
    ["{{ 'abc' | hash('sha1', 'base64') }}", 'qZk+NkcGgWq6PiVxeFDCbJzQ2J0='],
    ['{{ config.username[:2] }}{{ config.username[-1:] }}|{{ input.tags[1:] | tojson }}', 'ada|["y"]'],
    ["{{ '🙂🙃x'[1:2] }}", '🙃'],
    ['{{ input.tags is sequence }}{{ kept.team is mapping }}{{ kept.ratio is integer }}', 'truetruefalse'],
    ['{{ config.absent is string }}{{ config.n is not number }}{{ kept.admin is true }}', 'falsetruetrue'],
    ["{{ '2024-03-31T10:00:00+02:00' | date }}", '2024-03-31T08:00:00.000Z'],
    ["{{ date('2024-03-31', '%d.%m.%Y', '-P1M') }}", '29.02.2024'],
    ["{{ date(1711872000, shift='PT1H') }}", '2024-03-31T09:00:00.000Z'],
    ["{{ date('1711872000', 'epoch_ms') }}", '1711872000000'],
    ["{{ date('Sun, 31 Mar 2024 08:00:00 GMT', 'epoch', '+P1D') + 1 }}", '1711958401'],
    ["{{ date(date('2024-03-31'), 'rfc1123') }}", 'Sun, 31 Mar 2024 00:00:00 GMT'],
    ["{{ 'eu' if input.region == 'eu' else 'us' }}", 'us'],
    ["{{ 'x' if config.absent }}", ''],
    ["{{ config.absent or 'fallback' }}", 'fallback'],
    ['{{ config.absent is defined }}', 'false'],
    ['{{ kept.nothing is none }}', 'true'],
    ["{{ 'yes' if 'x' in input.tags else 'no' }}", 'yes'],
    ["{{ 'yes' if kept.list else 'no' }}", 'no'],
    ['{{ kept.team.id + 1 }}|{{ 7 // 2 }}|{{ -7 % 3 }}|{{ 2 < 3 }}', '8|3|2|true'],
    ['a{# a comment #}b', 'ab'],
    ["{{ 'line' }}\n", 'line\n'],
    ["{{- ' x' }}", ' x'],
  ])('%j is %j', (source, expected) => {
    expect(renderTemplate(source, scope)).toBe(expected)
  })

  it('reads one present for all templates of a request', () => {
    const shared = withSharedBudget(scope)
    const first = renderTemplate('{{ now }}', shared)
    expect(Math.abs(Number(first) - Date.now() / 1000)).toBeLessThan(60)
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] })
    try {
      expect(renderTemplate('{{ now }}', shared)).toBe(first)
      expect(Number(renderTemplate('{{ now }}', scope))).toBeGreaterThan(Number(first) + 3_500)
    } finally {
      vi.useRealTimers()
    }
    expect(templateValue('{{ now + 60 }}', { now: 1711872000 })).toBe(1711872060)
    expect(renderTemplate("{{ date(now, '%Y-%m-%d', '-P1D') }}", { now: 1711872000 })).toBe('2024-03-30')
  })

  it('passes text inputs through unchanged, whatever they look like', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(renderTemplate('<{{ config.v }}>', { config: { v: value } })).toBe(`<${value}>`)
      }),
    )
  })

  it('does not render the content of an input', () => {
    expect(renderTemplate('{{ config.v }}', { config: { v: '{{ config.secret }}' } })).toBe('{{ config.secret }}')
  })

  it('renders only the strings of a JSON value', () => {
    const value = { 'a {{ config.n }}': ['{{ config.username }}', 1, null, true, { b: 'x-{{ config.n }}' }] }
    expect(renderJson(value, scope)).toEqual({ 'a {{ config.n }}': ['ada', 1, null, true, { b: 'x-012' }] })
  })

  it('recognises a template without expressions as a constant', () => {
    expect(compileTemplate('abc').constant).toBe('abc')
    expect(compileTemplate('{{ config.a }}').constant).toBeUndefined()
  })

  it('lists the inputs that a template reads', () => {
    const template = compileTemplate("{{ config.a if input['b'] else kept[config.c] }}")
    expect(namesOf(template).sort()).toEqual(['config', 'input', 'kept'])
    expect([...template.references]).toContain("config['a']")
  })

  it('compiles the same source once', () => {
    expect(compileTemplate('{{ config.once }}')).toBe(compileTemplate('{{ config.once }}'))
  })
})

describe('a missing input', () => {
  it.each([
    ["{{ config['absent'] }}", "config['absent']"],
    ['{{ config.absent }}', "config['absent']"],
    ['x{{ config.absent | upper }}', "config['absent']"],
    ["{{ config.username ~ ':' ~ config.absent }}", "config['absent']"],
    ['{{ kept.team.name }}', "kept['team']['name']"],
    ['{{ kept.absent.name }}', "kept['absent']"],
    ['{{ kept.nothing }}', "kept['nothing']"],
    ['{{ unknown }}', 'unknown'],
    ['{{ unknown.a }}', 'unknown'],
    ['{{ config.toString }}', "config['toString']"],
    ["{{ config['has' ~ 'OwnProperty'] }}", 'config[…]'],
    ["{{ config['__pro' ~ 'to__'] }}", 'config[…]'],
    ['{{ input.tags[2] }}', "input['tags'][2]"],
    ['{{ config.username.length }}', "config['username']['length']"],
    ["{{ config.username | replace(config.absent, 'x') }}", "config['absent']"],
    ["{{ config.absent | wrap('a') }}", "config['absent']"],
  ])('in %s is named', (source, reference) => {
    const error = faultOf(source)
    expect(error.fault).toBe('missing')
    expect(error.reference).toBe(reference)
    expect(error.message.startsWith(`${reference} is missing`)).toBe(true)
  })

  it('says what to do where no input can supply the value', () => {
    expect(faultOf('{{ kept.absent }}').message).toContain('has not told it. Give it as extra of the injected token')
    expect(faultOf('{{ config.absent }}').message).toBe("config['absent'] is missing")
  })
})

describe('an unusable input', () => {
  it.each([
    ['{{ input.tags }}', 'is a list'],
    ['{{ kept.team }}', 'is an object'],
    ['{{ config.username + 1 }}', 'Arithmetic needs numbers'],
    ['{{ config.password | int }}', 'not a whole number'],
    ['{{ kept.team.id / 0 }}', 'not a number'],
    ['{{ config.password < 1 }}', 'compared'],
    ['{{ kept.list | first }}', 'missing'],
    ["{{ config.password | split('') }}", 'is empty'],
    ['{{ config.password | b64decode }}!', 'not base64 of UTF-8 text'],
    ["{{ b64decode('a$b') }}", 'not base64 of UTF-8 text'],
    ["{{ sha256(config.password, 'base32') }}", 'must be hex, base64 or base64url'],
    ['{{ date(config.password) }}', 'must be a date of ISO 8601'],
    ["{{ date('1e300') }}", 'must be a date of ISO 8601'],
    ["{{ date(now, 'yyyy') }}", 'must be one of seconds'],
    ["{{ date(now, shift='1 day') }}", 'must be an ISO 8601 duration'],
    ["{{ date('8.64e12', shift='P1Y') }}", 'must be an ISO 8601 duration'],
  ])('in %s is an error without its value', (source, words) => {
    const error = faultOf(source)
    expect(error.message).toContain(words)
    expect(error.message).not.toContain('s3cret')
  })
})

describe('an invalid template', () => {
  it.each([
    ['{% if config.a %}x{% endif %}', 'Statements'],
    ['{% set a = 1 %}', 'Statements'],
    ['{% for a in b %}{% endfor %}', 'Statements'],
    ['{% macro a() %}{% endmacro %}', 'Statements'],
    ['{%- generation -%}', 'Statements'],
    ['{{ config.a', 'does not parse'],
    ['{{ a b }}', 'does not parse'],
    ['{{ }}', 'does not parse'],
    ['{{', 'does not parse'],
    ["{{ 'open }}", 'does not parse'],
    ['{# open', 'does not parse'],
    ['{{ config.items() }}', 'The function of this call is not known'],
    ['{{ range(3) }}', 'The function range is not known'],
    ['{{ date() }}', 'The first argument of date must be its value'],
    ["{{ date(format='%Y') }}", 'The first argument of date must be its value'],
    ["{{ date(config.a, 'a', 'b', 'c') }}", 'does not take'],
    ['{{ hmac_sha256(config.a) }}', 'needs its arguments'],
    ['{{ now() }}', 'The function now is not known'],
    ["{{ ''.constructor.constructor }}", 'constructor is not allowed'],
    ['{{ config.__proto__ }}', '__proto__ is not allowed'],
    ["{{ config['prototype'] }}", 'prototype is not allowed'],
    ['{{ __proto__ }}', '__proto__ is not allowed'],
    ['{{ config.a[1:2:3] }}', 'has no step'],
    ['{{ config.a is odd }}', 'The test odd is not known'],
    ['{{ {"a": 1} }}', 'ObjectLiteral is not allowed'],
    ['{{ config.a | safe }}', 'filter safe is not known'],
    ['{{ config.a | selectattr("b") }}', 'filter selectattr is not known'],
    ["{{ config.a | replace('b') }}", 'needs its arguments'],
    ["{{ config.a | upper('b') }}", 'does not take'],
    ["{{ config.a | default('x', bool=true) }}", 'does not take'],
    ['{{ 2 ** 3 }}', 'operator ** is not allowed'],
  ])('%s', (source, words) => {
    expect(() => compileTemplate(source)).toThrow(words)
    expect(() => compileTemplate(source)).toThrow(TemplateError)
  })

  it.each([
    ['brackets', `{{ ${'('.repeat(4000)}1 }}`, 'nested too deeply'],
    ['operators', `{{ 1${'~1'.repeat(600)} }}`, 'nested too deeply'],
    ['text', 'x'.repeat(32_769), 'at most 32768 bytes'],
    ['template', `{{ config.a }}${'x'.repeat(4_083)}`, 'at most 4096 bytes'],
  ])('too many %s', (_name, source, words) => {
    expect(() => compileTemplate(source)).toThrow(words)
  })

  it('always fails with a TemplateError, whatever the source', () => {
    const pieces = fc.constantFrom(
      '{{',
      '}}',
      '{#',
      '#}',
      "'",
      '"',
      '(',
      ')',
      '[',
      ']',
      '|',
      '.',
      'config',
      ' ',
      '~',
      '\\',
      '1',
      'if',
      'else',
      'is',
      'not',
      ',',
      '{',
      '}',
      '-',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        try {
          renderTemplate(parts.join(''), scope)
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
