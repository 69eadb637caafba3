import { normalizedExecutor } from '@graphql-tools/executor'
import { parse } from 'graphql'
import { createSchema } from 'graphql-yoga'
import { describe, expect, it } from 'vitest'
import { protectJson } from '../../../src/graphql/schema.ts'

describe('A field of type JSON', () => {
  const values: unknown[] = [
    '{"then":3}',
    '{"then":null,"a":[1]}',
    '{"a":{"then":"x"}}',
    '["then"]',
    '"then"',
    '0',
    'false',
    'null',
    '{}',
  ].map((json) => JSON.parse(json))

  it.each(values.map((value) => [JSON.stringify(value), value]))(
    'returns %s unchanged, from a synchronous resolver and from a promise',
    async (_json, value) => {
      const schema = protectJson(
        createSchema({
          typeDefs: 'scalar JSON type Query { now: JSON later: JSON list: [JSON] plain: JSON }',
          resolvers: {
            Query: { now: () => value, later: () => new Promise((resolve) => resolve({ value })), list: () => [1] },
          },
        }),
      )
      const result = await normalizedExecutor({
        schema,
        document: parse('{ now later list plain }'),
        rootValue: { plain: 'x' },
      })
      expect(JSON.parse(JSON.stringify(result))).toEqual({
        data: { now: value, later: { value }, list: [1], plain: 'x' },
      })
    },
  )
})
