import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DocumentNode, isUnionType, Kind, parse, print, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { ERROR_CLASSES } from '../../packages/client/src/generated/errors.ts'
import { OPERATIONS } from '../../packages/client/src/generated/operations.ts'
import { createLatchkey } from '../../packages/client/src/index.ts'
import { textOf } from '../../packages/client/src/print-document.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { repositoryRoot } from '../support/program.ts'

const schema = buildSchema()
const operations = Object.entries(OPERATIONS).flatMap(([group, own]) =>
  Object.entries(own).map(([name, operation]) => ({ name: `${group}.${name}`, ...operation })),
)

/** `query viewer` of a document. */
function rootOf(document: string): string {
  const [operation] = parse(document).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document has no operation.')
  const [field] = operation.selectionSet.selections
  return `${operation.operation} ${field?.kind === Kind.FIELD ? field.name.value : ''}`
}

describe('the operations of the client', () => {
  it('reach every field of Query, Mutation and Subscription', () => {
    const reached = new Set(operations.map(({ document }) => rootOf(document)))
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const all = roots.flatMap((type) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name.toLowerCase()} ${field}`),
    )
    expect(all.length).toBeGreaterThan(50)
    expect(all.filter((field) => !reached.has(field))).toEqual([])
  })

  it('reach every list of an object with a global id', () => {
    const text = operations.map(({ document }) => document.replaceAll(/\(.*?\)/g, '()')).join('\n')
    const node = schema.getType('Node')
    const lists = schema.getPossibleTypes(node as never).flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => String(field.type).endsWith('Page!'))
        .map((field) => `... on ${type.name} { ${field.name}() {`),
    )
    expect(lists.length).toBeGreaterThan(15)
    expect(lists.filter((list) => !text.includes(list))).toEqual([])
  })

  it.each(operations.map(({ name, document }) => [name, document]))('%s has a valid document', (_name, document) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([])
  })

  it('are functions of the client, under the same names', () => {
    const latchkey = createLatchkey({ url: 'http://127.0.0.1:1', key: 'lk_unused' })
    for (const { name } of operations) {
      const [group = '', own = ''] = name.split('.')
      const functions = latchkey[group as keyof typeof latchkey] as unknown as Record<string, unknown>
      expect(functions[own], name).toBeTypeOf('function')
    }
  })

  it('mark every result that can be ReconnectRequiredError', () => {
    const marked = operations.filter(({ flags }) => flags?.includes('reconnect')).map(({ path }) => path[0])
    const fields = Object.values({ ...schema.getMutationType()?.getFields(), ...schema.getQueryType()?.getFields() })
    const returning = fields.filter(({ type }) => {
      const union = schema.getType(String(type).replace('!', ''))
      return isUnionType(union) && union.getTypes().some(({ name }) => name === 'ReconnectRequiredError')
    })
    expect(marked.sort()).toEqual(returning.map(({ name }) => name).sort())
    expect(marked.length).toBeGreaterThan(3)
  })

  it('have an error class for each type that implements Error', () => {
    const names = schema.getPossibleTypes(schema.getType('Error') as never).map(({ name }) => name)
    const classes = Object.values(ERROR_CLASSES).map(({ name }) => name)
    expect(names.filter((name) => !classes.includes(name as never))).toEqual([])
  })
})

describe('textOf', () => {
  it('prints the documents of codegen as graphql-js does', async () => {
    const documents: unknown[] = []
    const folders = ['schema/generated', 'packages/console/src/generated']
    for (const folder of folders) {
      const module = await import(join(repositoryRoot, folder, 'graphql.ts'))
      documents.push(...Object.entries(module).flatMap(([name, value]) => (name.endsWith('Document') ? [value] : [])))
    }
    expect(documents.length).toBeGreaterThan(15)
    for (const document of documents as DocumentNode[]) {
      expect(print(parse(textOf(document as never)))).toBe(print(document))
    }
  })

  it('prints every kind of value, type and directive', () => {
    const document = parse(`
      query Q($a: [Int!]! = [1, 2], $b: In = { c: "d\\n\\"e\\"", f: null, g: [ENUM, 1.5, true] } @x, $h: ID) @y(z: $h) {
        alias: field(a: $a, text: """block
        text""", o: {}) @include(if: true) { ...F @skip(if: false) ... @defer { id } ... on T { id } }
      }
      fragment F on T @w { id }
      { id }`)
    expect(print(parse(textOf(document as never)))).toBe(
      print(document).replaceAll(/"""[\s\S]*?"""/g, '"block\\ntext"'),
    )
  })

  it('prints the queries of the folder schema/operations', async () => {
    for (const name of await readdir(join(repositoryRoot, 'schema/operations'))) {
      const document = parse(await readFile(join(repositoryRoot, 'schema/operations', name), 'utf8'))
      expect(print(parse(textOf(document as never)))).toBe(print(document))
    }
  })
})
