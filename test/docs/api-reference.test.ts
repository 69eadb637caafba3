import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  getVariableValues,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  validate,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { repositoryRoot, startProgram } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'

const schema = buildSchema()
const FOLDER = join(repositoryRoot, 'docs/api')
const pages = await Promise.all(
  (await readdir(FOLDER)).map(async (name) => ({ name, text: await readFile(join(FOLDER, name), 'utf8') })),
)

/** The section of each heading of the third level. A query and a subscription of one name have one section each. */
const sections = new Map<string, string[]>()
for (const { text } of pages) {
  for (const part of text.split(/^### /m).slice(1)) {
    const [title = ''] = part.split('\n', 1)
    const [section = ''] = part.split(/^## /m)
    sections.set(title, [...(sections.get(title) ?? []), section])
  }
}

const roots = ['Query', 'Mutation', 'Subscription'].flatMap((kind) =>
  Object.values((schema.getType(kind) as GraphQLObjectType).getFields()).map((field) => ({ kind, field })),
)

describe('docs/api', () => {
  it('has a section with an example for each query, mutation and subscription', () => {
    for (const { kind, field } of roots) {
      const own = (sections.get(field.name) ?? []).filter((section) => section.includes(`\n${kind}. `))
      expect(own, `${kind}.${field.name}`).toHaveLength(1)
      expect(own[0]).toContain(`\`\`\`graphql\n${kind.toLowerCase()} `)
      for (const { name } of field.args.filter(({ name }) => name !== 'input'))
        expect(own[0]).toContain(`| \`${name}\` |`)
    }
  })

  it('has the fields of each input and payload in the section of its mutation, and all errors', () => {
    for (const { field } of roots) {
      const result = getNamedType(field.type)
      if (!isUnionType(result)) continue
      const section = sections.get(field.name)?.join('\n') ?? ''
      const input = getNamedType(field.args[0]?.type ?? result)
      const names = isInputObjectType(input) ? Object.keys(input.getFields()) : []
      expect(names).not.toEqual([])
      for (const name of names) expect(section, field.name).toContain(`| \`${name}\` |`)
      for (const member of result.getTypes()) {
        expect(section, field.name).toContain(`\`${member.name}\``)
        if (!member.name.endsWith('Payload')) continue
        for (const name of Object.keys(member.getFields())) expect(section, member.name).toContain(`| \`${name}\` |`)
      }
    }
  })

  it('describes every other type with its fields or values', () => {
    const inputs = new Set(roots.flatMap(({ field }) => field.args.map(({ type }) => getNamedType(type).name)))
    // Written in the section of their operation, or once for all lists.
    const isElsewhere = ({ name }: GraphQLNamedType) =>
      /^(?:__.*|Query|Mutation|Subscription|String|Int|Float|Boolean|ID|.*(?:Payload|Result|Page|PageEdge))$/.test(
        name,
      ) ||
      (inputs.has(name) && /^(?!OAuthClient).*Input$/.test(name))
    const types = Object.values(schema.getTypeMap()).filter((type) => !isElsewhere(type))
    expect(types.length).toBeGreaterThan(100)
    for (const type of types) {
      const found = sections.get(`Type ${type.name}`) ?? []
      expect(found, type.name).toHaveLength(1)
      for (const name of namesOf(type)) expect(found[0], type.name).toContain(`| \`${name}\` |`)
    }
  })

  it('has examples that the schema accepts, with their variables', () => {
    let count = 0
    for (const { name, text } of pages) {
      const blocks = blocksOf(text)
      for (const [index, { language, text: source }] of blocks.entries()) {
        if (language !== 'graphql') continue
        count += 1
        const document = parse(source)
        expect(validate(schema, document), `${name}: ${source}`).toEqual([])
        const [operation] = document.definitions
        if (operation?.kind !== Kind.OPERATION_DEFINITION)
          throw new Error(`${name} has a document without an operation.`)
        const next = blocks[index + 1]
        const variables = next?.language === 'json' ? JSON.parse(next.text) : { slug: 'acme' }
        const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
        expect(errors, `${name}: ${source}`).toBeUndefined()
      }
    }
    // One for each operation and each field that reads a noun, and the one about lists.
    const reads = [...sections.keys()].filter((title) => /^Field \w+\.\w+$/.test(title))
    expect(reads.length).toBeGreaterThan(15)
    expect(count).toBe(roots.length + reads.length + 1)
  })

  it('has examples that the running program accepts', async () => {
    const program = await startProgram()
    const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
    const exampleOf = (name: string) => {
      const [document, variables] = blocksOf(sections.get(name)?.join('\n') ?? '')
      return { document: document?.text ?? '', variables: variables?.language === 'json' ? variables.text : '{}' }
    }
    /** The payload, or the only field of the data. */
    const send = async (name: string, id = 'WORKSPACE_ID') => {
      const { document, variables } = exampleOf(name)
      const { data, errors } = await client.execute(document, JSON.parse(variables.replaceAll('WORKSPACE_ID', id)))
      expect(errors, name).toEqual([])
      return Object.values(
        data as Record<string, { code?: string; message?: string; workspace?: { id: string } } | null>,
      )[0]
    }
    const id = (await send('createWorkspace'))?.workspace?.id ?? ''
    const redirectUrls = ['https://product.example.com/settings']
    await client.execute(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename ... on Error { message } } }',
      { input: { workspaceId: id, redirectUrls } },
    )
    expect((await send('createIntegration', id))?.code).toBeUndefined()
    // They are done, would delete the workspace, or would contact the provider. Subscriptions are no single answer.
    const others = new Set(['createWorkspace', 'createIntegration', 'deleteWorkspace', 'testIntegration'])
    const refused: string[] = []
    let succeeded = 0
    for (const name of sections.keys()) {
      const { document } = exampleOf(name)
      if (others.has(name) || !/^(?:query|mutation) /.test(document)) continue
      const { code, message } = (await send(name, id)) ?? {}
      if (code === undefined) succeeded += 1
      // Objects that an example names by a placeholder do not exist. Nothing else may be wrong.
      else if (code !== 'NOT_FOUND') refused.push(`${name}: ${message}`)
    }
    expect(refused).toEqual([])
    expect(succeeded).toBeGreaterThan(35)
    await client.close()
    expect(await program.stop()).toBe(0)
  })
})

/** Names of the fields that are written with a type: without those of its interfaces, which have sections of their own. */
function namesOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => name)
  if (isInputObjectType(type)) return Object.keys(type.getFields())
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  const interfaces = type.getInterfaces().filter(({ name }) => name !== 'Node')
  const inherited = new Set(interfaces.flatMap((each) => Object.keys(each.getFields())))
  return Object.keys(type.getFields()).filter((name) => !inherited.has(name))
}
