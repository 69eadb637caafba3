import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileTemplate, namesOf, renderJson, renderTemplate } from '../../../src/catalog/template/template.ts'
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
    ['{{ config.items() }}', 'Functions'],
    ['{{ range(3) }}', 'Functions'],
    ["{{ ''.constructor.constructor }}", 'constructor is not allowed'],
    ['{{ config.__proto__ }}', '__proto__ is not allowed'],
    ["{{ config['prototype'] }}", 'prototype is not allowed'],
    ['{{ __proto__ }}', '__proto__ is not allowed'],
    ['{{ config.a[1:2] }}', 'Slices'],
    ['{{ {"a": 1} }}', 'ObjectLiteral is not allowed'],
    ['{{ config.a | safe }}', 'filter safe is not known'],
    ['{{ config.a | selectattr("b") }}', 'filter selectattr is not known'],
    ["{{ config.a | replace('b') }}", 'needs its arguments'],
    ["{{ config.a | upper('b') }}", 'does not take'],
    ["{{ config.a | default('x', bool=true) }}", 'does not take'],
    ['{{ config.a is string }}', 'test string is not known'],
    ['{{ 2 ** 3 }}', 'operator ** is not allowed'],
  ])('%s', (source, words) => {
    expect(() => compileTemplate(source)).toThrow(words)
    expect(() => compileTemplate(source)).toThrow(TemplateError)
  })

  it.each([
    ['brackets', `{{ ${'('.repeat(4000)}1 }}`, 'nested too deeply'],
    ['operators', `{{ 1${'~1'.repeat(600)} }}`, 'nested too deeply'],
    ['text', 'x'.repeat(4097), 'at most 4096 bytes'],
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
