import { spawnSync } from 'node:child_process'
import { describe, expect, it, vi } from 'vitest'
import { batchedOutput } from '../../src/kit/log.ts'

function recorded() {
  const writes: string[] = []
  return { writes, output: batchedOutput({ write: (lines) => void writes.push(lines) }) }
}

const info = (text: string) => `{"level":"info","msg":"${text}"}\n`
const error = '{"level":"error","msg":"c"}\n'

/** What a process writes that ends in this way after it has logged two lines. */
function outputOf(ending: string): string[] {
  const logger = new URL('../../src/kit/log.ts', import.meta.url).href
  const code = `import { createLogger } from '${logger}'
    const log = createLogger({ level: 'info' }); log.info('a'); log.info({ level: 'error' }, 'b'); ${ending}`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [String(JSON.parse(line).msg)]))
}

describe('The output of the log', () => {
  it('writes the lines of a moment together, in their order', async () => {
    const { writes, output } = recorded()
    output.write(info('a'))
    output.write(info('b'))
    expect(writes).toEqual([])
    await vi.waitFor(() => expect(writes).toEqual([info('a') + info('b')]))
  })

  it('writes an error at once, after the lines before it', () => {
    const { writes, output } = recorded()
    output.write(info('a'))
    output.write(error)
    expect(writes).toEqual([info('a') + error])
  })

  it('writes many lines before the time is over', () => {
    const { writes, output } = recorded()
    const line = info('x'.repeat(1_000))
    for (let count = 0; count < 40; count += 1) output.write(line)
    expect(writes.length).toBeGreaterThan(1)
    expect(writes.every((lines) => lines.endsWith('\n') && lines.length < 20_000)).toBe(true)
  })

  it.each([
    ['has nothing more to do', ''],
    ['exits', 'process.exit(0)'],
    ['fails', "throw new Error('unexpected')"],
  ])('loses no line when the process %s', (_, ending) => {
    expect(outputOf(ending)).toEqual(['a', 'b'])
  })
})
