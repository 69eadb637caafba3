import { parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../../src/graphql/schema.ts'
import { type SmallServer, startSmallServer } from '../small-server.ts'

describe('GraphiQL', () => {
  let server: SmallServer
  let page = ''
  let options: Record<string, unknown> = {}
  beforeAll(async () => {
    server = await startSmallServer()
    page = await (await fetch(`${server.url}/graphql`, { headers: { accept: 'text/html' } })).text()
    options = JSON.parse(
      /YogaGraphiQL\.renderYogaGraphiQL\(\s*[^,]+,\s*(\{.*\}),\s*\);/.exec(page.slice(-5_000))?.[1] ?? '{}',
    )
  })
  afterAll(() => server.stop())

  it('shows the name of the product', () => {
    expect(page).toContain('<title>Latchkey</title>')
    expect(options).toMatchObject({ title: 'Latchkey', logo: expect.stringContaining('<svg') })
  })

  it('has a header for the API key, which the browser does not store', () => {
    expect(JSON.parse(String(options['headers']))).toEqual({ Authorization: 'Bearer <API key>' })
    expect(options['shouldPersistHeaders']).toBe(false)
  })

  it('opens with a query that is valid, and with valid queries in its comments', () => {
    const schema = buildSchema()
    const query = String(options['defaultQuery'])
    expect(validate(schema, parse(query))).toEqual([])
    const [, comments = ''] = query.split('# Queries to try:\n')
    const examples = comments.split('\n\n')[0]?.replaceAll(/^# /gm, '') ?? ''
    for (const example of examples.split(/\n(?=\{|mutation)/))
      expect(validate(schema, parse(example)), example).toEqual([])
  })

  it('loads nothing from other hosts', () => {
    expect(page.replaceAll(/<script>.*?<\/script>/gs, '')).not.toMatch(/(?:src|href)="https?:/)
  })
})
