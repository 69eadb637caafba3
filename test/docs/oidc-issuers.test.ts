import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { repositoryRoot } from '../support/program.ts'

const read = (path: string) => readFile(join(repositoryRoot, path), 'utf8')

it('docs/oidc-issuers.md has operations that the schema accepts', async () => {
  const schema = buildSchema(await read('schema/schema.graphql'))
  const blocks = [...(await read('docs/oidc-issuers.md')).matchAll(/```graphql\n([\s\S]*?)```/g)]
  expect(blocks.length).toBe(3)
  for (const [, block = ''] of blocks) expect(validate(schema, parse(block))).toEqual([])
})
