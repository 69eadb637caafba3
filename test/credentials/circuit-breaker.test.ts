import { describe, expect, it } from 'vitest'
import { createCircuitBreaker, createClientBackoff } from '../../src/credentials/circuit-breaker.ts'
import type { Egress } from '../../src/egress/egress.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { RenewalError } from '../../src/wire/renewal-error.ts'
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

describe('createClientBackoff', () => {
  const refusal = () => new RenewalError('refused', { reason: 'INVALID_CLIENT', retryable: false })

  function setUp() {
    let nowMs = 0
    let sent = 0
    let accepted = false
    let recovered = 0
    const clients = createClientBackoff(() => nowMs)
    const renew = async () => {
      sent += 1
      if (!accepted) throw refusal()
      return 'token'
    }
    const run = (client = 'a') =>
      clients
        .run(client, renew, () => {
          recovered += 1
        })
        .catch((error: unknown) => error)
    return {
      run,
      sent: () => sent,
      recovered: () => recovered,
      accept: () => {
        accepted = true
      },
      pass: (ms: number) => {
        nowMs += ms
      },
    }
  }

  it('sends few requests for many connections of a client that is refused, whatever their number', async () => {
    const world = setUp()
    for (let second = 0; second < 90; second += 1) {
      for (let connection = 0; connection < 300; connection += 1) await world.run()
      world.pass(1_000)
    }
    expect(world.sent()).toBeGreaterThan(2)
    expect(world.sent()).toBeLessThan(20)
  })

  it('answers with the refusal and the rest of the pause meanwhile', async () => {
    const world = setUp()
    await world.run()
    const error = await world.run()
    expect(error).toBeInstanceOf(RenewalError)
    expect(error).toMatchObject({ reason: 'INVALID_CLIENT', message: 'refused' })
    expect((error as RenewalError).retryAfterMs).toBeGreaterThan(0)
    expect(world.sent()).toBe(1)
  })

  it('does not pause another client, such as the same one with a new secret', async () => {
    const world = setUp()
    await world.run('old secret')
    world.accept()
    expect(await world.run('new secret')).toBe('token')
    expect(world.recovered()).toBe(0)
  })

  it('ends the pause with the first success, which is reported', async () => {
    const world = setUp()
    await world.run()
    world.accept()
    world.pass(3_600_000)
    expect(await world.run()).toBe('token')
    expect(await world.run()).toBe('token')
    expect(world.recovered()).toBe(1)
  })

  it('is not concerned with other failures', async () => {
    const clients = createClientBackoff()
    const fail = () =>
      clients.run('a', () => Promise.reject(new RenewalError('no', { reason: 'INVALID_GRANT', retryable: false })))
    await expect(fail()).rejects.toThrow('no')
    expect(await clients.run('a', async () => 'token')).toBe('token')
  })
})
