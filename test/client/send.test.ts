import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createLatchkey, type Latchkey, RateLimitedError, TransportError } from '../../packages/client/src/index.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'

type Answer = (response: ServerResponse) => void

let gateway: ProviderServer | undefined

afterEach(() => gateway?.close())

/** A gateway that gives these answers, one after the other. */
async function answering(...answers: Answer[]): Promise<Latchkey> {
  gateway = await startProvider((_request, response, count) => answers[count - 1]?.(response))
  return createLatchkey({ url: gateway.origin, key: 'lk_test' })
}

const requests = () => gateway?.requests.length
const breaks: Answer = (response) => void response.destroy()
const status =
  (code: number): Answer =>
  (response) =>
    void response.writeHead(code, { 'retry-after': '0' }).end('not GraphQL')
const errors =
  (code: string, extensions = {}): Answer =>
  (response) =>
    sendJson(response, { errors: [{ message: 'refused', extensions: { code, ...extensions } }] })
const data =
  (value: unknown): Answer =>
  (response) =>
    sendJson(response, { data: value })
const kind = data({ viewer: { kind: 'API_KEY' } })
const ran = data({ runAction: { __typename: 'RunActionPayload', output: 1 } })
const action = { connectionId: 'c', action: 'a' }

describe('a query', () => {
  it.each<[string, Answer]>([
    ['a lost connection', breaks],
    ['429 without GraphQL', status(429)],
    ['503 without GraphQL', status(503)],
    ['RATE_LIMITED', errors('RATE_LIMITED', { retryAfterSeconds: 0 })],
    ['UNAVAILABLE', errors('UNAVAILABLE', { retryAfterSeconds: 0 })],
    ['an error that says so', errors('CREDENTIAL_REFRESH', { retryable: true })],
  ])('is sent again after %s', async (_name, failure) => {
    const latchkey = await answering(failure, kind)
    expect((await latchkey.viewer.get()).kind).toBe('API_KEY')
    expect(requests()).toBe(2)
  })

  it.each<[string, Answer]>([
    ['404 without GraphQL', status(404)],
    ['FORBIDDEN', errors('FORBIDDEN')],
    ['INTERNAL', errors('INTERNAL')],
    ['an error that is not retryable', errors('CREDENTIAL_REFRESH', { retryable: false })],
    ['a wait that is too long', errors('RATE_LIMITED', { retryAfterSeconds: 3_600 })],
  ])('is not sent again after %s', async (_name, failure) => {
    const latchkey = await answering(failure, kind)
    await expect(latchkey.viewer.get()).rejects.toThrow()
    expect(requests()).toBe(1)
  })

  it.each(['', '127.0.0.1:4000', 'localhost:4000', 'ftp://127.0.0.1'])(
    'to the address "%s" fails at once, and the error names the option',
    async (url) => {
      let calls = 0
      const counting: typeof fetch = (...request) => {
        calls += 1
        return fetch(...request)
      }
      const error = await createLatchkey({ url, fetch: counting })
        .viewer.get()
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TypeError)
      expect(error).toMatchObject({ message: expect.stringContaining('The option url') })
      expect(calls).toBe(1)
    },
  )

  it('whose answer is 404 fails with an error that says which address is needed', async () => {
    const latchkey = await answering(status(404))
    await expect(latchkey.viewer.get()).rejects.toThrow(
      'the option url is the address of the gateway, without /graphql',
    )
  })

  it('is sent again when its result is RateLimitedError, and fails after the last attempt', async () => {
    const limited = data({
      resolveConnection: { __typename: 'RateLimitedError', code: 'RATE_LIMITED', retryAfterSeconds: 0 },
    })
    gateway = await startProvider((_request, response) => limited(response))
    const latchkey = createLatchkey({ url: gateway.origin, key: 'lk_test', retries: 2 })
    const resolved = latchkey.connections.resolve({ workspaceId: 'w', integration: 'i' })
    await expect(resolved).rejects.toThrow(RateLimitedError)
    expect(requests()).toBe(3)
  })

  it('ends when its signal aborts while it waits', async () => {
    const stop = new AbortController()
    const latchkey = await answering((response) => {
      errors('UNAVAILABLE', { retryAfterSeconds: 30 })(response)
      response.once('close', () => stop.abort(new Error('enough')))
    })
    await expect(latchkey.viewer.get(undefined, { signal: stop.signal })).rejects.toThrow('enough')
  })
})

describe('a mutation', () => {
  it.each<[string, Answer]>([
    ['a lost connection', breaks],
    ['503', status(503)],
    ['RATE_LIMITED', errors('RATE_LIMITED', { retryAfterSeconds: 0 })],
  ])('is never sent again after %s', async (_name, failure) => {
    const latchkey = await answering(failure, data({ createWorkspace: { __typename: 'CreateWorkspacePayload' } }))
    await expect(latchkey.workspaces.create({ name: 'x' })).rejects.toThrow()
    expect(requests()).toBe(1)
  })

  it.each<[string, Answer]>([
    ['a lost connection', breaks],
    ['503', status(503)],
    [
      'RateLimitedError',
      data({ runAction: { __typename: 'RateLimitedError', code: 'RATE_LIMITED', retryAfterSeconds: 0 } }),
    ],
  ])('with an idempotency key is sent again after %s', async (_name, failure) => {
    const latchkey = await answering(failure, ran)
    const result = await latchkey.actions.run({ ...action, idempotencyKey: 'k' })
    expect(result.__typename === 'RunActionPayload' && result.output).toBe(1)
    const bodies = gateway?.requests.map(({ body }) => JSON.parse(body).variables.input.idempotencyKey)
    expect(bodies).toEqual(['k', 'k'])
  })

  it('of an action without an idempotency key is not sent again', async () => {
    const latchkey = await answering(breaks, ran)
    await expect(latchkey.actions.run(action)).rejects.toThrow(TransportError)
    await expect(latchkey.actions.run({ ...action, idempotencyKey: '' })).resolves.toBeDefined()
    expect(requests()).toBe(2)
  })

  it('of a document is sent again only if its caller says that it is repeatable', async () => {
    const latchkey = await answering(breaks, breaks, data({ done: true }))
    const document = 'fragment F on Mutation { a } # query\nmutation { ...F }'
    await expect(latchkey.request(document)).rejects.toThrow(TransportError)
    expect(requests()).toBe(1)
    expect(await latchkey.request(document, {}, { repeatable: true })).toEqual({ done: true })
    expect(requests()).toBe(3)
  })
})

it('a request names the caller and the workspace, and fetches the token each time', async () => {
  gateway = await startProvider((_request, response) => kind(response))
  let count = 0
  const token = async () => {
    count += 1
    return `token-${count}`
  }
  const latchkey = createLatchkey({ url: `${gateway.origin}/prefix/`, token, workspace: 'acme' })
  await latchkey.viewer.get()
  await latchkey.viewer.get()
  expect(gateway.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
  expect(gateway.requests[0]?.headers['x-latchkey-workspace']).toBe('acme')
  expect(gateway.requests[0]?.url.pathname).toBe('/prefix/graphql')
})
