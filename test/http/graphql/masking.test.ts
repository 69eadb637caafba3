import { GraphQLError } from 'graphql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConflictError, RateLimitedError } from '../../../src/kit/errors.ts'
import { type SmallServer, startSmallServer } from '../small-server.ts'

const SECRET = 'SECRET-a1b2c3'

class Strange extends Error {
  override get message(): string {
    throw new Error(SECRET)
  }
}

const databaseError = Object.assign(new pg.DatabaseError(`duplicate key ${SECRET}`, 1, 'error'), {
  code: '23505',
  detail: `Key (slug)=(${SECRET}) already exists.`,
  table: 'workspace',
})
const cyclic: Record<string, unknown> = { secret: SECRET }
cyclic['self'] = cyclic

/** Values that a defect may throw. */
const THROWN: [string, unknown][] = [
  ['an error', new Error(SECRET)],
  ['an error with a cause', new Error('outer', { cause: new Error(SECRET) })],
  ['a type error', new TypeError(SECRET)],
  ['a database error', databaseError],
  ['an aggregate error', new AggregateError([new Error(SECRET), new Error(`${SECRET}-2`)], SECRET)],
  ['a string', SECRET],
  ['null', null],
  ['undefined', undefined],
  ['a number', 42],
  ['a symbol', Symbol(SECRET)],
  ['a cyclic object', cyclic],
  ['an object with an invalid errors property', { errors: 5, message: SECRET }],
  ['a frozen error', Object.freeze(new Error(SECRET))],
  ['an error whose properties throw', new Strange()],
  ['an abort', new DOMException(SECRET, 'AbortError')],
  [
    'an error of GraphQL',
    new GraphQLError(SECRET, { extensions: { code: 'X', secret: SECRET, http: { status: 200 } } }),
  ],
  ['an error with extensions', Object.assign(new Error(SECRET), { extensions: { secret: SECRET }, stack: SECRET })],
]

describe.each([
  ['development', false],
  ['production', true],
])('An error in a resolver, in %s', (_name, production) => {
  let server: SmallServer
  beforeAll(async () => {
    server = await startSmallServer({
      production,
      typeDefs: `type Query { fail(kind: Int!): String failHard(kind: Int!): String! later(kind: Int!): String conflict: String limited: String! }
        type Subscription { failAtStart(kind: Int!): String failAtEvent(kind: Int!): String }`,
      resolvers: {
        Query: {
          fail: (_root: unknown, { kind }: { kind: number }) => {
            throw THROWN[kind]?.[1]
          },
          failHard: (_root: unknown, { kind }: { kind: number }) => {
            throw THROWN[kind]?.[1]
          },
          later: (_root: unknown, { kind }: { kind: number }) => Promise.reject(THROWN[kind]?.[1]),
          conflict: () => {
            throw new ConflictError('It is taken. Choose another.')
          },
          limited: () => {
            throw new RateLimitedError('Slowly.', { retryAfterSeconds: 7 })
          },
        },
        Subscription: {
          failAtStart: {
            subscribe: (_root: unknown, { kind }: { kind: number }) => Promise.reject(THROWN[kind]?.[1]),
          },
          failAtEvent: {
            subscribe: async function* () {
              yield 1
            },
            resolve: (_root: unknown, { kind }: { kind: number }) => {
              throw THROWN[kind]?.[1]
            },
          },
        },
      },
    })
  })
  afterAll(() => server.stop())

  it.each(THROWN.map(([name], kind) => [name, kind] as const))(
    'is masked when it is %s (GQ-22)',
    async (_kind, kind) => {
      for (const field of ['fail', 'failHard', 'later']) {
        const { status, text, json } = await server.post({ query: `{ ${field}(kind: ${kind}) }` })
        // An error that the executor cannot read fails the whole operation.
        expect(status).toBe(json.errors?.[0]?.path === undefined ? 500 : 200)
        expect(json.errors?.length, field).toBeGreaterThan(0)
        for (const { extensions } of json.errors ?? []) {
          expect(extensions).toEqual({ code: 'INTERNAL', traceId: expect.any(String) })
        }
        expect(text).not.toContain('SECRET')
        expect(text).not.toMatch(/stack|originalError|\.ts:|node_modules/)
      }
    },
  )

  it.each(THROWN.map(([name], kind) => [name, kind] as const))(
    'is masked over SSE and WebSocket when it is %s (GQ-22)',
    async (_kind, kind) => {
      const socket = await server.socket()
      for (const field of ['failAtStart', 'failAtEvent']) {
        const query = `subscription { ${field}(kind: ${kind}) }`
        const { text } = await server.post({ query }, { accept: 'text/event-stream' })
        expect(text).toContain('"code":"INTERNAL"')
        expect(text).not.toMatch(/SECRET|originalError|"stack"|"http"/)
        socket.send({ type: 'subscribe', id: field, payload: { query } })
        const said = [await socket.next()]
        while (said.at(-1)?.type === 'next') said.push(await socket.next())
        expect(JSON.stringify(said)).toContain('"code":"INTERNAL"')
        expect(JSON.stringify(said)).not.toMatch(/SECRET|originalError|"stack"|"http"/)
      }
      socket.socket.close()
    },
  )

  it('is shown with its code if it is expected, over HTTP and WebSocket', async () => {
    const http = await server.query('{ conflict }')
    const socket = await server.socket()
    socket.send({ type: 'subscribe', id: '1', payload: { query: '{ conflict }' } })
    const { payload } = await socket.next()
    for (const answer of [http, payload]) {
      expect(answer?.errors?.[0]).toMatchObject({
        message: 'It is taken. Choose another.',
        path: ['conflict'],
        extensions: { code: 'CONFLICT', status: 409, traceId: expect.any(String), occurredAt: expect.any(String) },
      })
    }
    expect((await server.query('{ limited }')).errors?.[0]?.extensions).toMatchObject({ retryAfterSeconds: 7 })
    socket.socket.close()
  })

  it('is logged once if it is a defect, with the trace id of the answer', async () => {
    server.log.length = 0
    const { json, headers } = await server.post({ query: '{ fail(kind: 0) }' })
    const traceId = json.errors?.[0]?.extensions['traceId']
    expect(headers.get('x-request-id')).toBe(traceId)
    const failures = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error')
    expect(failures).toEqual([expect.objectContaining({ traceId, path: 'fail', msg: 'a request failed' })])
    expect(failures[0].err.stack).toContain('masking.test.ts')
  })
})
