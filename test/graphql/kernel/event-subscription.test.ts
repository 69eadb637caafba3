import { describe, expect, it } from 'vitest'
import type { GraphQLContext } from '../../../src/graphql/kernel/context.ts'
import { untilCallerEnds } from '../../../src/graphql/kernel/event-subscription.ts'
import { UnauthenticatedError } from '../../../src/kit/errors.ts'

describe('untilCallerEnds', () => {
  /** A context with nothing but a caller and the service that watches it. */
  const watched = () => {
    const controller = new AbortController()
    const seen = { controller, watches: 0 }
    const watch = () => {
      seen.watches += 1
      const release = () => {
        seen.watches = 0
      }
      return { signal: controller.signal, release }
    }
    const context = { caller: { expiresAt: null }, services: { liveCallers: { watch } } } as unknown as GraphQLContext
    return { context, seen }
  }
  async function* source(signal: AbortSignal): AsyncGenerator<number, void, undefined> {
    yield 1
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }

  it('stops watching the caller when the consumer returns, before the first value and after it', async () => {
    for (const values of [0, 1]) {
      const { context, seen } = watched()
      const events = await untilCallerEnds(context, async (signal) => source(signal))
      expect(seen.watches).toBe(1)
      for (let i = 0; i < values; i += 1) await events.next()
      await events.return()
      expect(seen.watches).toBe(0)
    }
  })

  it('stops watching the caller when the source fails to open', async () => {
    const { context, seen } = watched()
    await expect(untilCallerEnds(context, () => Promise.reject(new Error('No.')))).rejects.toThrow('No.')
    expect(seen.watches).toBe(0)
  })

  it('yields the error that ends it as its last value', async () => {
    const { context, seen } = watched()
    const events = await untilCallerEnds(context, async (signal) => source(signal))
    expect(await events.next()).toEqual({ done: false, value: 1 })
    const next = events.next()
    const why = new UnauthenticatedError('Over.')
    seen.controller.abort(why)
    expect(await next).toEqual({ done: false, value: why })
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(seen.watches).toBe(0)
  })
})
