import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/kit/time.ts'
import { RenewalError, type RenewalFailure } from '../../src/wire/renewal-error.ts'
import { CODE_EXCHANGE, repeatWhileUnavailable } from '../../src/wire/repeat-while-unavailable.ts'

const away = { reason: 'PROVIDER_UNAVAILABLE', retryable: true, unavailable: true } as const
const lost = { reason: 'PROVIDER_UNAVAILABLE', retryable: true, indeterminate: true } as const

/** How one request goes: it takes `takesMs`, and fails unless `failure` is absent. */
interface Step {
  takesMs?: number
  failure?: RenewalFailure
}

interface Trial {
  timeoutMs?: number
  random?: number
  policy?: typeof CODE_EXCHANGE
}

/** Runs the requests by a clock of its own. The last step repeats. */
async function run(steps: Step[], { timeoutMs = 15_000, random = 0.5, policy }: Trial = {}) {
  const waitsMs: number[] = []
  const limitsMs: number[] = []
  let nowMs = 1_000_000
  const clock: Clock = {
    now: () => nowMs,
    random: () => random,
    async sleep(ms) {
      waitsMs.push(ms)
      nowMs += ms
    },
  }
  const outcome = await repeatWhileUnavailable({ timeoutMs, clock, policy }, async (limitMs) => {
    const step = steps[Math.min(limitsMs.length, steps.length - 1)] ?? {}
    limitsMs.push(limitMs)
    nowMs += step.takesMs ?? 0
    if (step.failure === undefined) return 'token'
    throw new RenewalError(`failure ${limitsMs.length}`, step.failure)
  }).catch((error: unknown) => error)
  return { outcome, waitsMs, limitsMs }
}

describe('repeatWhileUnavailable', () => {
  it('repeats a request that the provider could not answer, with waits that grow, and gives each try what is left', async () => {
    const { outcome, waitsMs, limitsMs } = await run([{ failure: away, takesMs: 100 }, { failure: away }, {}])
    expect(outcome).toBe('token')
    expect(waitsMs).toEqual([350, 700])
    expect(limitsMs).toEqual([15_000, 14_550, 13_850])
  })

  it.each([
    [0, 175],
    [0.999999, 525],
  ])('waits 0.2 to 0.5 s at first (random number %d)', async (random, waitMs) => {
    const { waitsMs } = await run([{ failure: away }, {}], { random })
    expect(Math.round(waitsMs[0] ?? 0)).toBe(waitMs)
  })

  it('sends at most four requests and throws the last failure', async () => {
    const { outcome, waitsMs } = await run([{ failure: away }], { random: 0 })
    expect(outcome).toMatchObject({ message: 'failure 4' })
    expect(waitsMs).toEqual([175, 350, 700])
  })

  it.each<[string, RenewalFailure]>([
    ['a lost connection', lost],
    ['an answer that the same request may get again', { reason: 'PROVIDER_UNAVAILABLE', retryable: true }],
    ['a dead grant', { reason: 'INVALID_GRANT', retryable: false }],
  ])('does not repeat %s', async (_name, failure) => {
    const { outcome, limitsMs } = await run([{ failure }])
    expect(outcome).toMatchObject({ message: 'failure 1' })
    expect(limitsMs).toHaveLength(1)
  })

  it('throws what a repetition throws, such as a connection that is lost then', async () => {
    const { outcome, limitsMs } = await run([{ failure: away }, { failure: lost }])
    expect(outcome).toMatchObject({ message: 'failure 2', indeterminate: true })
    expect(limitsMs).toHaveLength(2)
  })

  it.each<[string, number, number[]]>([
    ['that fits', 1_900, [1_900]],
    ['that does not fit', 2_100, []],
    ['of 0, which does not say when to come back', 0, [350]],
  ])('obeys a Retry-After %s', async (_name, retryAfterMs, expected) => {
    const { waitsMs } = await run([{ failure: { ...away, retryAfterMs } }, {}])
    expect(waitsMs).toEqual(expected)
  })

  it.each<[string, number, number[]]>([
    ['within half of the time limit', 7_000, [7_000]],
    ['that is longer', 8_000, []],
  ])('waits before a login for a Retry-After %s', async (_name, retryAfterMs, expected) => {
    const { waitsMs } = await run([{ failure: { ...away, isLogin: true, retryAfterMs } }, {}])
    expect(waitsMs).toEqual(expected)
  })

  it('repeats a login without a Retry-After for two seconds only', async () => {
    const { waitsMs } = await run([{ failure: { ...away, isLogin: true }, takesMs: 900 }])
    expect(waitsMs).toEqual([350, 700])
  })

  it.each<[string, number, number, number[]]>([
    ['two seconds after a first answer that came late', 15_000, 6_000, [350, 700]],
    ['the first half of the time limit', 15_000, 7_400, []],
    ['the first half of a short time limit', 1_000, 100, [350]],
  ])('begins no repetition after %s', async (_name, timeoutMs, takesMs, expected) => {
    const { waitsMs } = await run([{ failure: away, takesMs }, { failure: away }, { failure: away, takesMs: 1_000 }], {
      timeoutMs,
    })
    expect(waitsMs).toEqual(expected)
  })

  it('repeats a code exchange after a lost connection too, for most of the time limit', async () => {
    const { outcome, waitsMs } = await run([{ failure: lost, takesMs: 5_000 }, { failure: away }, {}], {
      policy: CODE_EXCHANGE,
    })
    expect(outcome).toBe('token')
    expect(waitsMs).toEqual([750, 1_500])
  })

  it('ends a wait when the signal is aborted, with the failure before it', async () => {
    const stop = new AbortController()
    const failure = new RenewalError('failure 1', { ...away, retryAfterMs: 1_000 })
    const outcome = repeatWhileUnavailable({ timeoutMs: 15_000, signal: stop.signal }, async () => {
      setImmediate(() => stop.abort())
      throw failure
    })
    await expect(outcome).rejects.toBe(failure)
  })
})
