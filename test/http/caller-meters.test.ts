import { once } from 'node:events'
import { Agent, get as httpGet, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAdmission } from '../../src/http/graphql/limits/admission.ts'
import { createCallerMeters } from '../../src/http/server/caller-meters.ts'
import { createPointLimits } from '../../src/http/server/point-limits.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type ProviderHandler, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { callerOf } from './reader-key.ts'

const STREAMS = 256
const MEGABYTE = 1_000_000

/** A workspace with a READER key and a connection to the provider. */
interface Tenant {
  key: string
  connection: string
  execute(selection: string): Promise<{ code: string | null; response?: { status: number } }>
  /** Opens a request through the proxy. The caller reads the body. */
  open(path: string): Promise<IncomingMessage>
}

let app: TestApp
let provider: ProviderServer
let handler: ProviderHandler
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

async function addTenant(): Promise<Tenant> {
  const { id: workspaceId, key: adminKey } = await app.createWorkspace()
  const definition = {
    displayName: 'Things',
    baseUrl: provider.origin,
    auth: { type: 'bearer' },
    testRequest: { path: '/me' },
  }
  await app.mutate(
    `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
      ... on CreateIntegrationPayload { integration { id } } ... on Error { message } } }`,
    { workspaceId, slug: 'things', definition },
  )
  const { connection } = await app.mutate(
    `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
      ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`,
    { workspaceId, integration: 'things', credential: { secretText: 'good-token-0123456789' } },
    adminKey,
  )
  const { key } = await app.mutate(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
      ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
    { workspaceId, name: 'reader', role: 'READER' },
    adminKey,
  )
  return {
    key,
    connection: connection.id,
    async execute(selection) {
      const { data } = await app.request(
        `mutation ($id: ID!) { executeRequest(input: { connectionId: $id, method: GET, path: "/large" }) {
          ... on ExecuteRequestPayload { response { ${selection} } } ... on Error { code } } }`,
        { id: connection.id },
        key,
      )
      return { code: null, ...data.executeRequest }
    },
    async open(path) {
      const url = `${app.url}/proxy/${connection.id}${path}`
      const request = httpGet(url, { agent, headers: { authorization: `Bearer ${key}` } })
      request.on('error', () => undefined)
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      return response
    },
  }
}

async function lengthOf(response: IncomingMessage): Promise<number> {
  let bytes = 0
  for await (const chunk of response) bytes += chunk.length
  return bytes
}

beforeAll(async () => {
  provider = await startProvider((seen, response, count) => handler(seen, response, count))
  // 500 points at once, and 50 per second.
  app = await startTestApp({ config: { rateLimit: 3_000, requestLimit: STREAMS } })
})
afterAll(async () => {
  agent.destroy()
  await app.stop()
  await provider.close()
})

describe('One workspace that opens as many slow streams as it may', () => {
  let noisy: Tenant
  let quiet: Tenant
  let streams: IncomingMessage[]

  beforeAll(async () => {
    handler = (seen, response) => {
      // Headers and a first byte, and then nothing more.
      if (seen.url.pathname === '/slow') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':')
      else sendJson(response, { ok: true })
    }
    noisy = await addTenant()
    quiet = await addTenant()
    streams = await Promise.all(Array.from({ length: STREAMS }, () => noisy.open('/slow')))
  })
  afterAll(() => {
    for (const stream of streams) stream.destroy()
  })

  it('leaves the connections to the same provider to another workspace', async () => {
    expect(streams.map(({ statusCode }) => statusCode)).toEqual(streams.map(() => 200))
    const response = await quiet.open('/items')
    expect(response.statusCode).toBe(200)
    expect(await lengthOf(response)).toBeGreaterThan(0)
    expect((await quiet.execute('status')).response).toEqual({ status: 200 })
    expect(streams.filter(({ destroyed }) => destroyed)).toEqual([])
  })

  it('does not keep its own sync jobs and tests from the provider', async () => {
    const { data } = await app.request(
      `mutation ($id: ID!) { testConnection(input: { connectionId: $id }) {
        ... on TestConnectionPayload { result { ok checked } } ... on Error { message } } }`,
      { id: noisy.connection },
    )
    expect(data.testConnection).toEqual({ result: { ok: true, checked: true } })
    expect(streams.filter(({ destroyed }) => destroyed)).toEqual([])
  })

  it('waits for the end of one of them with a further request', async () => {
    const waiting = noisy.open('/items')
    const first = await Promise.race([waiting.then(() => 'answered'), quiet.open('/items').then(() => 'waits')])
    expect(first).toBe('waits')
    streams[0]?.destroy()
    expect((await waiting).statusCode).toBe(200)
  })
})

describe('A response of a provider', () => {
  let noisy: Tenant
  let quiet: Tenant

  for (const status of [200, 404]) {
    it(`of status ${status} is charged although the operation selects nothing of it`, async () => {
      const body = JSON.stringify(Array.from({ length: 100_000 }, () => ({ text: 'x'.repeat(84) })))
      handler = (_seen, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(body)
      noisy = await addTenant()
      quiet = await addTenant()
      expect(await noisy.execute('status')).toEqual({ code: null, response: { status } })
      const codes = new Set<string | null>()
      for (let sent = 0; sent < 8 && !codes.has('RATE_LIMITED'); sent += 1)
        codes.add((await noisy.execute('status')).code)
      expect(codes).toContain('RATE_LIMITED')
      handler = (_seen, response) => sendJson(response, { ok: true })
      expect(await quiet.execute('status')).toEqual({ code: null, response: { status: 200 } })
    })
  }

  it('is passed on by the proxy as slowly as the limit of its caller requires', async () => {
    const chunk = Buffer.alloc(MEGABYTE, 'x')
    handler = async (_seen, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      for (let sent = 0; sent < 70; sent += 1) if (!response.write(chunk)) await once(response, 'drain')
      response.end()
    }
    noisy = await addTenant()
    const startedMs = performance.now()
    expect(await lengthOf(await noisy.open('/large'))).toBe(70 * MEGABYTE)
    // About 600 points, of which 500 may be used at once.
    expect(performance.now() - startedMs).toBeGreaterThan(1_000)
  })
})

describe('createCallerMeters', () => {
  const unlimited = { points: createPointLimits({ perCaller: 0 }), admission: createAdmission() }

  it('limits the open requests of a caller and of a workspace, and refuses those that wait too long', async () => {
    const meters = createCallerMeters({ ...unlimited, requestsPerCaller: 2, maxWaitMs: 1, maxWaiting: 1 })
    const open = [await meters.open(callerOf('a', '1')), await meters.open(callerOf('a', '1'))]
    const late = expect(meters.open(callerOf('a', '1'))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(meters.open(callerOf('a', '1'))).rejects.toMatchObject({ retryAfterSeconds: expect.any(Number) })
    await late
    open.push(await meters.open(callerOf('a', '2')))
    await expect(meters.open(callerOf('a', '2'))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    open.push(await meters.open(callerOf('b', '3')))
    for (const meter of open) {
      meter.close()
      meter.close()
    }
    await Promise.all([
      meters.open(callerOf('a', '1')),
      meters.open(callerOf('a', '1')),
      meters.open(callerOf('a', '2')),
    ])
  })

  it('charges chunks and bytes, and pauses a caller that is below zero', async () => {
    const points = createPointLimits({ perCaller: 6_000 })
    const meters = createCallerMeters({ points, admission: createAdmission() })
    const caller = callerOf('a', '1')
    const meter = await meters.open(caller)
    points.settle(caller, 999)
    for (let chunks = 0; chunks < 1_000 && points.debtMs(caller) === 0; chunks += 1) void meter.count(1)
    expect(points.debtMs(caller)).toBeGreaterThan(0)
    const other = await meters.open(callerOf('b', '2'))
    expect(other.count(64_000)).toBeUndefined()
    await meter.count(64_000)
    expect(points.debtMs(caller)).toBe(0)
  })

  it('lets one chunk of each workspace pass in each iteration of the event loop', async () => {
    const meters = createCallerMeters(unlimited)
    const [first, second, other] = await Promise.all([
      meters.open(callerOf('a', '1')),
      meters.open(callerOf('a', '2')),
      meters.open(callerOf('b', '3')),
    ])
    let iterations = 0
    const count = () => {
      iterations += 1
      if (iterations < 10) setImmediate(count)
    }
    setImmediate(count)
    expect(first.count(64_000)).toBeUndefined()
    const waits = [second.count(64_000), first.count(64_000), second.count(64_000)]
    expect(other.count(64_000)).toBeUndefined()
    await Promise.all(waits)
    expect(iterations).toBeGreaterThanOrEqual(waits.length)
    expect(iterations).toBeLessThan(10)
  })

  it('keeps bodies in memory within the limit, except for the oldest of each workspace', async () => {
    const meters = createCallerMeters({ ...unlimited, bytesPerWorkspace: 100, bytesInAll: 150, maxWaitMs: 20 })
    const [oldest, second, other] = await Promise.all([
      meters.open(callerOf('a', '1')),
      meters.open(callerOf('a', '1')),
      meters.open(callerOf('b', '2')),
    ])
    expect(oldest.keep(80)).toBeUndefined()
    await expect(second.keep(30)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(oldest.keep(80)).toBeUndefined()
    expect(other.keep(80)).toBeUndefined()
    const waiting = second.keep(30)
    expect(waiting).toBeInstanceOf(Promise)
    oldest.close()
    await waiting
  })
})
