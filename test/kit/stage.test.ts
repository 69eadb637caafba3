import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createStage } from '../../src/kit/stage.ts'

describe('createStage', () => {
  it('does all work of one iteration together and in order, and what comes meanwhile in the next one', async () => {
    const stage = createStage()
    const done: string[] = []
    stage.run(() => {
      done.push('first')
      void Promise.resolve().then(() => done.push('after the first'))
      stage.run(() => void done.push('third'))
    })
    stage.run(() => void done.push('second'))
    expect(done).toEqual([])
    await setImmediate()
    expect(done.slice(0, 3)).toEqual(['first', 'second', 'after the first'])
    await setImmediate()
    expect(done).toEqual(['first', 'second', 'after the first', 'third'])
  })

  it('does the work of each request in its own context', async () => {
    const requests = new AsyncLocalStorage<string>()
    const stage = createStage()
    const seen: [string, string | undefined][] = []
    for (const name of ['a', 'b']) {
      requests.run(name, () =>
        stage.run(() => {
          seen.push([name, requests.getStore()])
          void setImmediate().then(() => seen.push([name, requests.getStore()]))
        }),
      )
    }
    stage.run(() => seen.push(['none', requests.getStore()]))
    await setImmediate()
    await setImmediate()
    expect(seen).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['none', undefined],
      ['a', 'a'],
      ['b', 'b'],
    ])
  })
})
