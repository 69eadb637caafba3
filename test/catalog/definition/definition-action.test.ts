import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { InvalidInputError } from '../../../src/kit/errors.ts'
import { checkArguments } from '../../../src/tools/arguments.ts'
import { problemsOf } from './problems-of.ts'

const of = (actions: unknown[], more: object = {}) => ({
  displayName: 'Acme',
  baseUrl: 'https://api.example.com',
  auth: { type: 'bearer' },
  ...more,
  actions,
})
const action = (more: Record<string, unknown> = {}, request: Record<string, unknown> = {}) => ({
  name: 'act',
  input: { type: 'object' },
  request: { method: 'POST', path: '/x', ...request },
  ...more,
})
const withInput = (input: unknown) => problemsOf(of([action({ input })]))

it('an action is parsed into itself, with its paths as lists', () => {
  const given = action({
    title: 'Act',
    description: 'Acts.',
    readOnly: false,
    destructive: true,
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
    output: 'data.items',
  })
  const parsed = parseDefinition(of([given]))
  expect(parsed.actions).toEqual([{ ...given, output: ['data', 'items'] }])
  expect(parseDefinition(parsed)).toEqual(parsed)
})

it.each<[string, unknown[], string[]]>([
  ['a name that is used twice', [action(), action()], ['actions.1.name: act is the name of an earlier action']],
  [
    'a name with a space',
    [action({ name: 'a b' })],
    ['actions.0.name: must consist of 1 to 64 letters, digits, _, . and -'],
  ],
  ['an unknown key', [action({ inputs: {} })], ['actions.0.inputs: inputs is not a known key. Did you mean input?']],
  [
    'a name that does not exist in templates',
    [action({}, { path: '/x/{{ arg.x }}' })],
    ['actions.0.request.path: reads arg, which does not exist here. Known: config, input, kept, args'],
  ],
  [
    'a path that is a URL',
    [action({}, { path: 'https://evil.example/x' })],
    ['actions.0.request.path: must be a path under the base URL, not a URL'],
  ],
  [
    'a path that leads to another host',
    [action({}, { path: '//evil.example/{{ args.x }}' })],
    ['actions.0.request.path: must be a path under the base URL, not a URL'],
  ],
  ['a body of a GET', [action({}, { method: 'GET', json: {} })], ['actions.0.request.json: cannot be sent with GET']],
  [
    'two bodies',
    [action({}, { json: {}, form: {} })],
    ['actions.0.request.form: must be left out, because a request has one body and json is given'],
  ],
  [
    'a header of the credential',
    [action({}, { headers: { authorization: 'x' } })],
    ['actions.0.request.headers.authorization: authorization is set by auth'],
  ],
  [
    'a key in the place of the credential',
    [action({ idempotencyKey: { in: 'header', name: 'authorization' } })],
    ['actions.0.idempotencyKey: is the place of a value of auth'],
  ],
  [
    'a key in a place that the action sets',
    [action({ idempotencyKey: { in: 'json', name: 'meta.key' } }, { json: { meta: { key: 1 } } })],
    ['actions.0.idempotencyKey: meta.key is already set by this action'],
  ],
  [
    'a key below a template',
    [action({ idempotencyKey: { in: 'json', name: 'meta.key' } }, { json: { meta: '{{ args.meta }}' } })],
    [
      'actions.0.idempotencyKey: meta.key must be below objects and lists, because a template or value on the way leaves no place for the key',
    ],
  ],
  [
    'a key that the path may set',
    [
      action({ idempotencyKey: { in: 'query', name: 'key' } }, { path: '/a?a=1&key=2' }),
      action({ name: 'b', idempotencyKey: { in: 'query', name: 'key' } }, { path: '/a?{{ args.a | urlencode }}=2' }),
    ],
    [
      'actions.0.idempotencyKey: key is already set by this action',
      'actions.1.idempotencyKey: key is already set by this action',
    ],
  ],
  [
    'a key in a cookie',
    [action({ idempotencyKey: { in: 'cookie', name: 'key' } })],
    ['actions.0.idempotencyKey: must be in a header, in the query or in the body'],
  ],
  [
    'an action that reads only and destroys',
    [action({ readOnly: true, destructive: true })],
    ['actions.0.destructive: must not be true, because readOnly says that the action changes nothing'],
  ],
])('refuses %s', (_, actions, problems) => {
  expect(problemsOf(of(actions))).toEqual(problems)
})

describe('the schema of the arguments', () => {
  it.each<[string, unknown, string]>([
    ['of a value that is not an object', { type: 'string' }, 'type: must be object'],
    [
      'with an unknown keyword',
      { propertys: {} },
      'propertys: propertys is not a supported keyword of JSON Schema 2020-12',
    ],
    ['with an id', { $id: 'https://x.example/' }, '$id: $id is not a supported keyword of JSON Schema 2020-12'],
    ['with $data', { properties: { a: { maximum: { $data: '1/b' } } } }, 'properties.a.maximum: must be a number'],
    ['with a keyword of the wrong type', { required: 'a' }, 'required: must be a list of names'],
    ['with an unknown format', { properties: { a: { format: 'regex' } } }, 'properties.a.format: must be one of date,'],
    [
      'with a remote reference',
      { properties: { a: { $ref: 'https://evil.example/schema' } } },
      'properties.a.$ref: must refer to a schema of this input, as in #/$defs/name',
    ],
    [
      'with a reference to a prototype',
      { properties: { a: { $ref: '#/constructor' } } },
      'properties.a.$ref: must refer to a schema of this input, as in #/$defs/name',
    ],
    [
      'with a reference that leads back to itself',
      {
        $defs: { a: { $ref: '#/$defs/b' }, b: { items: { $ref: '#/$defs/a' } } },
        properties: { x: { $ref: '#/$defs/a' } },
      },
      'properties.x.$ref.$ref.items.$ref: must not lead back to itself',
    ],
    [
      'with a pattern that RE2 does not support',
      { properties: { a: { pattern: '(a)\\1' } } },
      'properties.a.pattern: must not have back-references (\\1, \\k<name>), because RE2 does not support them',
    ],
    [
      'with a pattern for names that RE2 does not support',
      { patternProperties: { '(?=a)': {} } },
      'patternProperties.(?=a): as a pattern must be a regular expression that RE2 supports, which has no look-around: (?=, (?!, (?<= and (?<!',
    ],
    [
      'with a default that has no effect',
      { anyOf: [{ properties: { a: { default: 1 } } }] },
      'anyOf.0.properties.a.default: must be left out here, because it only has an effect in properties, outside of anyOf, oneOf, not, if and contains',
    ],
    [
      'with a default of items',
      { properties: { a: { items: { default: 1 } } } },
      'properties.a.items.default: must be left out here',
    ],
    [
      'with a default behind a reference with other keywords',
      { $defs: { d: { default: 1 } }, properties: { a: { $ref: '#/$defs/d', minimum: 1 } } },
      'properties.a.$ref.default: must be left out here',
    ],
    [
      'with another draft',
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      '$schema: must be https://json-schema.org/draft/2020-12/schema, at the root of the schema',
    ],
  ])('%s is refused', (_, input, problem) => {
    const [first, ...more] = withInput(input)
    expect(first).toContain(`actions.0.input.${problem}`)
    expect(more).toEqual([])
  })

  it('that is deep, large or grows with its references is refused in a moment', () => {
    let deep: object = {}
    for (let level = 0; level < 60; level += 1) deep = { not: deep }
    const wide = { properties: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`p${index}`, {}])) }
    const doubled = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `d${index}`,
        { allOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
      ]),
    )
    const bomb = { $defs: { ...doubled, d12: {} }, properties: { x: { $ref: '#/$defs/d0' } } }
    const startedAt = performance.now()
    expect(withInput(deep)[0]).toContain('must not be nested more than 32 levels deep')
    expect(withInput(wide)).toEqual([expect.stringContaining('actions.0.input: is too large')])
    expect(withInput(bomb).at(-1)).toContain('is too large')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it.each<[string, object, string]>([
    [
      'a long name that references repeat',
      {
        $defs: { d: { required: ['n'.repeat(120_000)] } },
        allOf: Array(240).fill({ $ref: '#/$defs/d' }),
      },
      'must be a list of names, each once and of at most 256 characters',
    ],
    ['a long name of a property', { properties: { ['n'.repeat(120_000)]: {} } }, 'a name of at most 256 characters'],
    [
      'texts that references repeat',
      { $defs: { d: { enum: ['t'.repeat(10_000)] } }, allOf: Array(40).fill({ $ref: '#/$defs/d' }) },
      'is too large',
    ],
    [
      'keywords that references repeat',
      {
        $defs: { d: { minLength: 1, maxLength: 2, minimum: 1, maximum: 2, minItems: 1, maxItems: 2 } },
        allOf: Array(400).fill({ $ref: '#/$defs/d' }),
      },
      'is too large',
    ],
    ['many unevaluated properties', { allOf: Array(60).fill({ unevaluatedProperties: false }) }, 'is too large'],
    [
      'fewer items than it needs',
      { properties: { a: { contains: {}, minContains: 3, maxContains: 1 } } },
      'must be at least minContains',
    ],
    [
      'no item where it needs one',
      { properties: { a: { contains: {}, maxContains: 0 } } },
      'must be at least minContains',
    ],
  ])('with %s is refused, and its problems do not repeat long names', (_, input, problem) => {
    const problems = withInput(input)
    expect(problems.join('\n')).toContain(problem)
    expect(problems.join('\n').length).toBeLessThan(40_000)
  })

  it('that names members of Object.prototype checks own properties only, and a key __proto__ is refused', () => {
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
    const input = { required: names, properties: { constructor: { type: 'string' } }, additionalProperties: false }
    expect(withInput(input)).toEqual([])
    expect(() => checkArguments(input, {}, [])).toThrow(
      expect.objectContaining({ fields: names.map((name) => ({ path: [name], message: 'Is missing.' })) }),
    )
    const polluted = JSON.parse('{"properties":{"__proto__":{"type":"string"}}}')
    expect(withInput(polluted)).toEqual([expect.stringContaining('has a key that is "__proto__"')])
    expect(Object.hasOwn(Object.prototype, 'type')).toBe(false)
  })

  it('cannot run code, wherever its texts stand', () => {
    const code = `"'\`];globalThis.broken=1;//\u2028\${globalThis.broken=1}`
    const input = {
      title: code,
      $comment: code,
      required: [code],
      properties: {
        [code]: { enum: [code, { [code]: [code] }], default: { [code]: [code] }, description: code },
        other: { pattern: '["\']', const: code },
      },
      patternProperties: { '["\'`]': { not: { const: { [code]: code } } } },
      dependentRequired: { [code]: [code] },
      dependentSchemas: { [code]: { propertyNames: { not: { const: `${code}x` } } } },
    }
    expect(withInput(input)).toEqual([])
    expect(checkArguments(input, { [code]: code }, [])).toEqual({ [code]: code })
    expect(checkArguments(input, {}, [])).toEqual({ [code]: { [code]: [code] } })
    expect(() => checkArguments(input, { [code]: { [code]: code }, other: 'x' }, [])).toThrow(InvalidInputError)
    expect(Reflect.get(globalThis, 'broken')).toBeUndefined()
  })

  it('may have everything else of the draft', () => {
    const input = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      'x-note': 1,
      properties: {
        a: { type: ['string', 'null'], minLength: 1, examples: ['x'], deprecated: true },
        b: { type: 'array', prefixItems: [{ type: 'number' }], items: false, contains: { const: 1 }, minContains: 1 },
        c: { oneOf: [{ type: 'number', multipleOf: 0.5 }, { type: 'boolean' }] },
        d: { $ref: '#/$defs/d', description: 'With a neighbour' },
      },
      patternProperties: { '^x-': true },
      if: { required: ['a'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['b'] },
      else: { not: { required: ['b'] } },
      dependentRequired: { c: ['a'] },
      unevaluatedProperties: false,
      $defs: { d: { type: 'object', properties: { e: { type: 'integer', default: 5 } } } },
    }
    expect(withInput(input)).toEqual([])
    const check = (args: unknown) => checkArguments(input, args, [])
    expect(check({ a: 'x', b: [1], c: 1.5, d: {}, 'x-1': 2 })).toMatchObject({ d: {} })
    expect(() => check({ a: 'x', c: 1.2, z: 1 })).toThrow(
      expect.objectContaining({
        fields: [
          { path: ['b'], message: 'Is missing.' },
          { path: ['c'], message: 'Must match exactly one of the alternatives of the input schema.' },
          { path: ['z'], message: 'Is not a known argument.' },
        ],
      }),
    )
  })
})
