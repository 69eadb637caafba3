import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createStage } from '../../src/kit/stage.ts'

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
