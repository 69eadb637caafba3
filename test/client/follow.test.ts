import type { ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { follow, overEventStream } from '../../packages/client/src/follow.ts'
import { createLatchkey, ForbiddenError, UnauthenticatedError } from '../../packages/client/src/index.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'

let gateway: ProviderServer | undefined

afterEach(() => gateway?.close())

type Answer = (response: ServerResponse) => void

/** A gateway that gives these answers to subscriptions, one after the other. */
async function answering(...answers: Answer[]): Promise<ProviderServer> {
  gateway = await startProvider((_request, response, count) => answers[count - 1]?.(response))
  return gateway
}

const stream =
  (text: string, end: 'end' | 'break' | 'stay' = 'end'): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(text, () => {
      if (end === 'break') response.destroy()
      if (end === 'end') response.end()
    })
  }
const next = (cursor: string) =>
  `event: next\ndata: {"data":{"syncJobEvents":{"__typename":"SyncRetrying","cursor":"${cursor}","reason_SyncRetrying":"é"}}}\n\n`
const complete = 'event: complete\ndata:\n\n'

const cursorsOf = (server: ProviderServer) => server.requests.map(({ body }) => JSON.parse(body).variables.after)

it('continues at the last cursor after a broken stream, one that ends early, and answers of something in between', async () => {
  const server = await answering(
    stream(next('a'), 'break'),
    stream(`:\n\n${next('b')}`),
    (response) => void response.writeHead(502).end(),
    (response) => void response.destroy(),
    (response) =>
      sendJson(
        response,
        { errors: [{ message: 'away', extensions: { code: 'UNAVAILABLE', retryAfterSeconds: 0 } }] },
        {},
        503,
      ),
    stream(next('c').replaceAll('\n', '\r\n') + complete),
  )
  const latchkey = createLatchkey({ url: server.origin, key: 'lk' })
  const seen: unknown[] = []
  for await (const event of latchkey.events.follow({ syncJobId: 's' })) seen.push(event)
  expect(seen).toEqual(['a', 'b', 'c'].map((cursor) => ({ __typename: 'SyncRetrying', cursor, reason: 'é' })))
  expect(cursorsOf(server)).toEqual([null, 'a', 'b', 'b', 'b', 'b'])
})

it('reads characters and messages that arrive in pieces', async () => {
  const bytes = Buffer.from(next('a') + complete)
  const server = await answering((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const write = (index: number) => {
      if (index === bytes.length) response.end()
      else response.write(bytes.subarray(index, index + 1), () => setImmediate(write, index + 1))
    }
    write(0)
  })
  const events = createLatchkey({ url: server.origin, key: 'lk' }).events.follow({ syncJobId: 's' })
  expect((await events.next()).value).toMatchObject({ cursor: 'a', reason: 'é' })
  expect((await events.next()).done).toBe(true)
})

it('opens the stream again when the gateway is silent for too long', async () => {
  const server = await answering(stream(next('a'), 'stay'), stream(next('b') + complete))
  const reached = { url: `${server.origin}/graphql`, fetch, headers: async () => ({}), retries: 0, renewsToken: false }
  const subscription = { document: 'subscription { x }', variables: {} }
  const seen: string[] = []
  const results = follow<{ cursor: string }>(
    overEventStream(reached, 1_500),
    subscription,
    {},
    {
      start: async () => null,
      isEndless: false,
      renewsToken: false,
    },
  )
  for await (const { cursor } of results) seen.push(cursor)
  expect(seen).toEqual(['a', 'b'])
})

it('fails with an error that does not pass, in the answer and in the stream', async () => {
  const forbidden = { errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] }
  const server = await answering(
    (response) => sendJson(response, forbidden, {}, 403),
    stream(`event: next\ndata: ${JSON.stringify(forbidden)}\n\n`),
  )
  const latchkey = createLatchkey({ url: server.origin, key: 'lk' })
  await expect(latchkey.events.follow({ syncJobId: 's' }).next()).rejects.toThrow(ForbiddenError)
  await expect(latchkey.events.follow({ syncJobId: 's' }).next()).rejects.toThrow(ForbiddenError)
  expect(server.requests.length).toBe(2)
})

it('continues with a new token when its token has expired, and fails when new ones are refused too', async () => {
  const expired = stream(
    `event: next\ndata: ${JSON.stringify({ errors: [{ message: 'x', extensions: { code: 'UNAUTHENTICATED' } }] })}\n\n`,
  )
  const server = await answering(
    stream(next('a'), 'break'),
    expired,
    stream(next('b')),
    ...[expired, expired, expired, expired],
  )
  let count = 0
  const token = () => {
    count += 1
    return `token-${count}`
  }
  const events = createLatchkey({ url: server.origin, token }).events.follow({ syncJobId: 's' })
  expect((await events.next()).value?.cursor).toBe('a')
  expect((await events.next()).value?.cursor).toBe('b')
  await expect(events.next()).rejects.toThrow(UnauthenticatedError)
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
    [1, 2, 3, 4, 5, 6].map((each) => `Bearer token-${each}`),
  )
  const fixed = createLatchkey({ url: server.origin, token: 'fixed' }).events.follow({ syncJobId: 's' })
  await expect(fixed.next()).rejects.toThrow(UnauthenticatedError)
  expect(server.requests.length).toBe(7)
})

it('closes the stream when its loop is left, or its signal aborts', async () => {
  const closed: Promise<void>[] = []
  const stays: Answer = (response) => {
    closed.push(new Promise((resolve) => response.once('close', resolve)))
    stream(next('a'), 'stay')(response)
  }
  const server = await answering(stays, stays)
  const latchkey = createLatchkey({ url: server.origin, key: 'lk' })
  for await (const _event of latchkey.events.follow({ syncJobId: 's' })) break
  await closed[0]
  const stop = new AbortController()
  const events = latchkey.events.follow({ syncJobId: 's' }, { signal: stop.signal })
  await events.next()
  const waiting = events.next()
  stop.abort()
  expect((await waiting).done).toBe(true)
  await closed[1]
})

it('calls onCursor when the next event is asked for', async () => {
  const server = await answering(stream(next('a') + next('b') + complete))
  const cursors: string[] = []
  const onCursor = (cursor: string) => cursors.push(cursor)
  const events = createLatchkey({ url: server.origin, key: 'lk' }).events.follow({ syncJobId: 's' }, { onCursor })
  await events.next()
  expect(cursors).toEqual([])
  await events.next()
  expect(cursors).toEqual(['a'])
  await events.next()
  expect(cursors).toEqual(['a', 'b'])
})
