import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type Egress, type EgressRequest } from '../../src/egress/egress.ts'
import { failureOf } from './failure-of.ts'
import { startServer } from './loopback-server.ts'

const MIB = 1024 * 1024

let egress: Egress
beforeEach(() => {
  egress = createEgress({ allow: ['127.0.0.1'] })
})
afterEach(() => egress.close())

/** Serves one response to every request, and reads it. */
async function read(handler: RequestListener, request: Partial<EgressRequest> = {}) {
  await using server = await startServer(handler)
  const answer = await egress.send({ method: 'GET', url: server.origin, ...request })
  const text = await answer.text().catch((error: unknown) => error)
  return { answer, text, server }
}

const encoded =
  (encoding: string, body: Uint8Array): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.byteLength }).end(body)

async function gzipOfZeros(mebibytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 })
  const chunks: Buffer[] = []
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk))
  const zeros = Buffer.alloc(MIB)
  for (let index = 0; index < mebibytes; index += 1) if (!gzip.write(zeros)) await once(gzip, 'drain')
  gzip.end()
  await once(gzip, 'end')
  return Buffer.concat(chunks)
}

describe('content codings', () => {
  const plain = Buffer.from('plain and simple '.repeat(1000))

  it.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['zstd', zstdCompressSync(plain)],
    ['identity', plain],
    ['deflate, gzip', gzipSync(deflateSync(plain))],
    ['gzip', Buffer.concat([gzipSync(plain.subarray(0, 500)), gzipSync(plain.subarray(500))])],
    ['gzip', Buffer.alloc(0)],
  ])('are decoded: %s', async (encoding, body) => {
    const { answer, text } = await read(encoded(encoding, body))
    const expected = body.length === 0 ? '' : plain.toString()
    expect(text).toBe(expected)
    expect(answer.bytesRead).toBe(expected.length)
    expect(answer.headers.has('content-encoding')).toBe(false)
    expect(answer.headers.has('content-length')).toBe(false)
  })

  it.each([
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(plain)))],
    ['compress', plain],
    ['gzip', plain],
    ['gzip', gzipSync(plain).subarray(0, 40)],
    ['gzip', Buffer.concat([gzipSync(plain).subarray(0, -8), Buffer.alloc(8)])],
    ['deflate', Buffer.from('x')],
    ['br', plain],
    ['zstd', plain],
  ])('that are too many, unknown or invalid are refused: %s', async (encoding, body) => {
    const { answer, text } = await read(encoded(encoding, body))
    expect(answer.status).toBe(200)
    expect(text).toMatchObject({ kind: 'bad_encoding', sentBytes: true, retryable: false })
  })
})

describe('the size of a response', () => {
  it('is counted in decoded bytes, and may reach the limit', async () => {
    const exact = await read(encoded('gzip', gzipSync('x'.repeat(1000))), { maxResponseBytes: 1000 })
    expect(exact.text).toBe('x'.repeat(1000))
    const above = await read(encoded('gzip', gzipSync('x'.repeat(1001))), { maxResponseBytes: 1000 })
    expect(above.text).toMatchObject({ kind: 'too_large', sentBytes: true, retryable: false })
  })

  it.each([
    ['a gzip bomb of 200 MB', 'gzip', () => gzipOfZeros(200)],
    ['a bomb in a bomb', 'gzip, gzip', async () => gzipSync(await gzipOfZeros(200), { level: 9 })],
  ])('stops %s at 10 MiB, in little memory', async (_, encoding, make) => {
    const bomb = await make()
    expect(bomb.length).toBeLessThan(250_000)
    const before = process.memoryUsage().rss
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
    }, 5)
    const { answer, text } = await read(encoded(encoding, bomb))
    clearInterval(watch)
    expect(text).toMatchObject({ kind: 'too_large' })
    expect(answer.bytesRead).toBeLessThanOrEqual(10 * MIB)
    expect(answer.bytesRead).toBeGreaterThan(9 * MIB)
    expect((peak - before) / MIB).toBeLessThan(80)
  })

  it('is limited at every stage, also for a body that decodes to nothing', async () => {
    const member = gzipSync('')
    const members = Buffer.alloc(100_000 * member.length, member)
    const { text } = await read(encoded('gzip', members), { maxResponseBytes: MIB })
    expect(text).toMatchObject({ kind: 'too_large' })
  })

  it('limits an endless body and closes its connection', async () => {
    const pour = (response: ServerResponse) => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 'x')));
      if (!response.destroyed) response.once('drain', () => pour(response))
    }
    await using server = await startServer((_, response) => pour(response))
    const answer = await egress.send({ method: 'GET', url: server.origin })
    expect(await failureOf(answer.bytes())).toMatchObject({ kind: 'too_large' })
    expect(answer.bytesRead).toBeLessThanOrEqual(10 * MIB)
    await expect.poll(() => server.sockets.every((socket) => socket.destroyed)).toBe(true)
  })

  it('is unlimited for a stream without a limit, in constant memory and at the speed of the reader', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const total = 160 * MIB
    let written = 0
    const pour = (response: ServerResponse) => {
      while (written < total) {
        written += chunk.length
        if (!response.write(chunk)) return void response.once('drain', () => pour(response))
      }
      response.end()
    }
    await using server = await startServer((_, response) => pour(response))
    const answer = await egress.send({ method: 'GET', url: server.origin, maxResponseBytes: Infinity })
    const reader = answer.stream().getReader()
    let read = (await reader.read()).value?.byteLength ?? 0
    // Reading continues only after the server stalls or has sent everything.
    const samples: number[] = []
    const standsStill = () => samples.push(written) > 1 && samples.at(-1) === samples.at(-2)
    await expect.poll(standsStill, { interval: 100, timeout: 4_000 }).toBe(true)
    // The difference is in the buffers of the kernel and of the streams.
    expect(written / MIB).toBeLessThan(32)
    for (let part = await reader.read(); !part.done; part = await reader.read()) read += part.value.byteLength
    expect(read).toBe(total)
    expect(answer.bytesRead).toBe(total)
  })

  it('is limited for the headers too', async () => {
    await using server = await startServer((_, response) => response.setHeader('x-long', 'x'.repeat(40_000)).end())
    const failure = await failureOf(egress.send({ method: 'GET', url: server.origin }))
    expect(failure).toMatchObject({ kind: 'too_large', sentBytes: true, retryable: false })
  })
})

describe('a response that is cut short', () => {
  it.each([
    ['with a length', { 'content-length': 100 }, false],
    ['in chunks', {}, false],
    ['with a length, on a connection of its own', { 'content-length': 100 }, true],
    ['in chunks, on a connection of its own', {}, true],
  ])('%s is a reset, never a short body', async (_, headers, freshConnection) => {
    const { text } = await read(
      (_, response) => {
        response.writeHead(200, headers)
        response.write('only this', () => response.socket?.end())
      },
      { freshConnection },
    )
    expect(text).toMatchObject({ kind: 'reset', sentBytes: true, retryable: true })
  })

  it('in gzip is a reset too', async () => {
    const { text } = await read((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.write(gzipSync('x'.repeat(1000)).subarray(0, 20), () => response.socket?.destroy())
    })
    expect(text).toMatchObject({ kind: 'reset' })
  })
})

describe('a time-out', () => {
  it('for the whole request ends a server that sends slowly', async () => {
    let dripped = 0
    const { text } = await read(
      (_, response) => {
        const drip = setInterval(() => {
          dripped += 1
          response.write('.')
        }, 10)
        response.on('close', () => clearInterval(drip))
      },
      { timeoutMs: 500, idleTimeoutMs: 5_000 },
    )
    expect(text).toMatchObject({ kind: 'timeout', sentBytes: true, retryable: true })
    expect(dripped).toBeGreaterThan(2)
  })

  it('for the headers is a separate limit', async () => {
    await using server = await startServer(() => undefined)
    const failure = await failureOf(
      egress.send({ method: 'POST', url: server.origin, body: 'x', headersTimeoutMs: 30 }),
    )
    expect(failure).toMatchObject({ kind: 'timeout', sentBytes: true })
    expect(String(failure)).toContain('did not respond in time')
  })

  it('between two chunks applies to a streamed body, and the total time-out does not', async () => {
    await using server = await startServer(async (request, response) => {
      response.write('a')
      if (request.url === '/stops') return
      for (let index = 0; index < 20; index += 1) {
        await new Promise((resolve) => setTimeout(resolve, 25))
        response.write('b')
      }
      response.end()
    })
    const limits = { timeoutMs: 300, idleTimeoutMs: 5_000 }
    const slow = await egress.send({ method: 'GET', url: server.origin, ...limits })
    expect(await new Response(slow.stream()).text()).toBe(`a${'b'.repeat(20)}`)
    const stopped = await egress.send({ method: 'GET', url: `${server.origin}/stops`, idleTimeoutMs: 40 })
    const failure = await failureOf(new Response(stopped.stream()).text())
    expect(failure).toMatchObject({ kind: 'timeout' })
  })

  it('closes the connection of a response that is not read', async () => {
    await using server = await startServer((_, response) => void response.write('x'))
    const answer = await egress.send({ method: 'GET', url: server.origin, timeoutMs: 250 })
    await expect.poll(() => server.sockets[0]?.destroyed).toBe(true)
    expect(await failureOf(answer.text())).toMatchObject({ kind: 'timeout' })
  })

  it('can be infinite', async () => {
    const { text } = await read((_, response) => response.end('x'), {
      timeoutMs: Infinity,
      headersTimeoutMs: Infinity,
      idleTimeoutMs: Infinity,
    })
    expect(text).toBe('x')
  })
})
