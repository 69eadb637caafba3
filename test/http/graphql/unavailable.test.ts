import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SmallServer, startSmallServer } from '../small-server.ts'

const away = () => {
  throw Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' })
}

describe.each([
  ['for repeated operations', true],
  ['for all operations', false],
])('A resolver whose database is unavailable, on the path %s', (_name, quick) => {
  let server: SmallServer
  beforeAll(async () => {
    server = await startSmallServer({
      quick,
      typeDefs: 'type Query { needed: String! perhaps: String other: String! } type Mutation { needed: String! }',
      resolvers: { Query: { needed: away, perhaps: away, other: () => 'here' }, Mutation: { needed: away } },
    })
  })
  afterAll(() => server.stop())

  it.each(['{ needed }', 'mutation { needed }'])(
    '%s: nothing is left of the result, so its status is 503',
    async (query) => {
      // The second time, the document is known.
      for (let time = 0; time < 2; time += 1) {
        const { status, headers, json, text } = await server.post({ query })
        expect([status, headers.get('retry-after'), json.data]).toEqual([503, '1', null])
        expect(json.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE', status: 503, retryAfterSeconds: 1 } }])
        expect(text).not.toMatch(/10\.1\.2\.3|ECONN/)
      }
    },
  )

  it('a partial result keeps the status 200', async () => {
    for (let time = 0; time < 2; time += 1) {
      const { status, json } = await server.post({ query: '{ perhaps other }' })
      expect([status, json.data]).toEqual([200, { perhaps: null, other: 'here' }])
      expect(json.errors).toMatchObject([{ path: ['perhaps'], extensions: { code: 'UNAVAILABLE' } }])
    }
  })

  it('is logged once', () => {
    expect(server.log.filter((line) => line.includes('the database is unavailable'))).toHaveLength(1)
    expect(server.log.filter((line) => line.includes('a request failed'))).toEqual([])
  })
})
