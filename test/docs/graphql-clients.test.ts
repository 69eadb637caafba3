import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSchema, isScalarType, isSpecifiedScalarType, parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { repositoryRoot } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'

const read = (path: string) => readFile(join(repositoryRoot, path), 'utf8')
const page = await read('docs/graphql-clients.md')
const schema = buildSchema(await read('schema/schema.graphql'))
const blocks = blocksOf(page)

it('every document of docs/graphql-clients.md is valid', () => {
  const documents = blocks.filter(({ language }) => language === 'graphql')
  expect(documents.flatMap(({ text }) => validate(schema, parse(text)))).toEqual([])
  expect(documents.length).toBeGreaterThan(0)
})

it('docs/graphql-clients.md names all scalars of the schema, also in each configuration', () => {
  const scalars = Object.values(schema.getTypeMap()).filter(
    (type) => isScalarType(type) && !isSpecifiedScalarType(type),
  )
  const configurations = blocks.filter(({ text }) => /scalars|customScalarTypes/.test(text)).map(({ text }) => text)
  expect(configurations).toHaveLength(3)
  for (const { name } of scalars) {
    expect(page).toContain(`\`${name}\``)
    for (const text of configurations) expect(text).toMatch(new RegExp(`\\b${name}"?: `))
  }
})

it('the plugin of gql.tada on the page is the one that npm run test:clients uses', async () => {
  const { plugins } = JSON.parse(blocks.find(({ text }) => text.includes('ts-plugin'))?.text ?? '{}')
  const project = JSON.parse(await read('test/clients/projects/urql/tsconfig.json'))
  expect(project.compilerOptions.plugins).toEqual(plugins)
})
