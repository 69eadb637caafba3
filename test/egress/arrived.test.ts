import type { RequestListener } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type Egress, type EgressRequest } from '../../src/egress/egress.ts'
import { startServer } from './loopback-server.ts'

let egress: Egress
beforeEach(() => {
  egress = createEgress({ allow: ['127.0.0.1'] })
})
afterEach(() => egress.close())

async function answerOf(handler: RequestListener, request: Partial<EgressRequest> = {}) {
  const server = await startServer(handler)
  return { server, answer: await egress.send({ method: 'GET', url: server.origin, ...request }) }
}

const whole: RequestListener = (_, response) => void response.end('all of it')

describe('arrived', () => {
  it('gives a body that came with the headers, once, and counts its bytes', async () => {
    const counted: number[] = []
    const meter = { count: (bytes: number) => void counted.push(bytes), keep: () => undefined, turn: () => undefined }
    const { server, answer } = await answerOf(whole, { meter })
    expect(Buffer.from(answer.arrived(100) ?? []).toString()).toBe('all of it')
    expect([answer.bytesRead, counted]).toEqual([9, [9]])
    expect(answer.arrived(100)).toBeNull()
    expect(() => answer.chunks()).toThrow('already read')
    // The connection is free in the next turn of the event loop.
    await setImmediate()
    const again = await egress.send({ method: 'GET', url: server.origin })
    expect(await again.text()).toBe('all of it')
    expect(server.sockets).toHaveLength(1)
    await server[Symbol.asyncDispose]()
  })

  it('gives an empty body', async () => {
    const { server, answer } = await answerOf((_, response) => void response.end())
    expect(answer.arrived(100)).toHaveLength(0)
    await server[Symbol.asyncDispose]()
  })

  it.each<[string, RequestListener, Partial<EgressRequest>, number, string]>([
    ['is longer than allowed', whole, {}, 8, 'all of it'],
    [
      'has to be decoded',
      (_, r) => void r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x')),
      {},
      99,
      'x',
    ],
  ])('takes nothing of a body that %s', async (_, handler, request, maxBytes, text) => {
    const { server, answer } = await answerOf(handler, request)
    expect(answer.arrived(maxBytes)).toBeNull()
    expect(await answer.text()).toBe(text)
    await server[Symbol.asyncDispose]()
  })

  it('takes nothing of a body whose end is missing', async () => {
    let end: () => void = () => undefined
    const { server, answer } = await answerOf((_, response) => {
      response.write('first')
      end = () => response.end(' second')
    })
    expect(answer.arrived(100)).toBeNull()
    end()
    expect(await answer.text()).toBe('first second')
    await server[Symbol.asyncDispose]()
  })

  it('takes nothing of a body that is longer than the request allows', async () => {
    const { server, answer } = await answerOf(whole, { maxResponseBytes: 4 })
    expect(answer.arrived(100)).toBeNull()
    await expect(answer.text()).rejects.toMatchObject({ kind: 'too_large' })
    await server[Symbol.asyncDispose]()
  })
})
