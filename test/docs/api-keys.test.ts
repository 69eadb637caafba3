import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { SCOPES_OF_ROLE } from '../../src/access/caller.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { repositoryRoot } from '../support/program.ts'

const page = await readFile(join(repositoryRoot, 'docs/api-keys.md'), 'utf8')
const schema = buildSchema()

describe('docs/api-keys.md', () => {
  it('names the scope of every mutation', () => {
    const documented: Record<string, string> = {}
    for (const [, scope = '', cell = ''] of page.matchAll(/^\| `([A-Z]+)` \| (.*) \|$/gm)) {
      if (!SCOPES_OF_ROLE.ADMIN.some((each) => each === scope)) continue
      for (const [, name = ''] of cell.matchAll(/`([a-zA-Z]+)`/g)) {
        if (scope !== 'READ') documented[name] = scope
      }
    }
    const declared = Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => [
      field.name,
      field.extensions['scope'],
    ])
    expect(documented).toEqual(Object.fromEntries(declared))
  })

  it('has examples that fit the schema', () => {
    const blocks = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text = '']) => text)
    expect(blocks.length).toBeGreaterThan(0)
    for (const block of blocks) expect(validate(schema, parse(block))).toEqual([])
  })
})
