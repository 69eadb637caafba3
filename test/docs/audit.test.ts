import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObjectType, parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema.ts'
import { repositoryRoot } from '../support/program.ts'

const page = await readFile(join(repositoryRoot, 'docs/audit.md'), 'utf8')
const schema = buildSchema()

it('docs/audit.md has examples that fit the schema, and describes every field of a line', () => {
  const blocks = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  expect(blocks).toHaveLength(2)
  for (const block of blocks) expect(validate(schema, parse(block))).toEqual([])
  const type = schema.getType('AuditEvent')
  const fields = isObjectType(type) ? Object.keys(type.getFields()).filter((name) => name !== 'id') : []
  const described = [...page.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/\w+/g) ?? [],
  )
  expect(described.sort()).toEqual(fields.sort())
})
