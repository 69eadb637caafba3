import { describe, expect, it } from 'vitest'
import { createCircuitBreaker } from '../../src/credentials/circuit-breaker.ts'
import type { Egress } from '../../src/egress/egress.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { sendJson, startProvider } from '../support/provider-server.ts'

describe('createCircuitBreaker', () => {
  async function setUp() {
    let [nowMs, status] = [0, 503]
    const provider = await startProvider((_request, response) => sendJson(response, {}, {}, status))
    const egress = createEgress({ allow: ['127.0.0.1'] })
    const breaker = createCircuitBreaker(() => nowMs)
    const observed: Egress = breaker.observe(egress, 'one')
    const ask = async (times = 1, path = '') => {
      for (let time = 1; time <= times; time += 1) {
        await observed.send({ method: 'POST', url: `${provider.origin}${path}`, headers: [] }).catch(() => undefined)
      }
    }
    return {
      breaker,
      ask,
      answers: (next: number) => {
        status = next
      },
      pass: (ms: number) => {
        nowMs += ms
      },
      async [Symbol.asyncDispose]() {
        await egress.close()
        await provider.close()
      },
    }
  }

  it('pauses an integration for a second after five failures in a row', async () => {
    await using world = await setUp()
    await world.ask(4)
    expect(world.breaker.limits().has('one')).toBe(false)
    await world.ask()
    expect(world.breaker.limits().get('one')).toBe(0)
    world.pass(999)
    expect(world.breaker.limits().get('one')).toBe(0)
    world.pass(1)
    expect(world.breaker.limits().get('one')).toBe(1)
  })

  it('doubles the pause with every failed attempt, up to a minute, and ends it with a success', async () => {
    await using world = await setUp()
    await world.ask(5)
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      world.pass(pauseMs - 1)
      expect(world.breaker.limits().get('one')).toBe(0)
      world.pass(1)
      expect(world.breaker.limits().get('one')).toBe(1)
      await world.ask()
    }
    world.answers(200)
    await world.ask()
    expect(world.breaker.limits().size).toBe(0)
  })

  it('does not count a 4xx response as a failure, and starts counting again after one', async () => {
    await using world = await setUp()
    world.answers(400)
    await world.ask(10)
    expect(world.breaker.limits().size).toBe(0)
    world.answers(500)
    await world.ask(4)
    world.answers(400)
    await world.ask()
    world.answers(500)
    await world.ask(4)
    expect(world.breaker.limits().has('one')).toBe(false)
  })

  it('does not prolong a pause for requests that were in flight when it began', async () => {
    await using world = await setUp()
    await world.ask(50)
    world.pass(1_000)
    expect(world.breaker.limits().get('one')).toBe(1)
  })
})
