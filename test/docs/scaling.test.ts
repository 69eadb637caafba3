import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Cost, UnitCosts } from '../../scripts/capacity.ts'
import { repositoryRoot } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'

const page = await readFile(join(repositoryRoot, 'docs/scaling.md'), 'utf8')
const { costs } = JSON.parse(await readFile(join(repositoryRoot, 'scripts/unit-costs.json'), 'utf8')) as UnitCosts

describe('docs/scaling.md', () => {
  const blocks = blocksOf(page)
  const commands = blocks.filter(({ language }) => language === 'sh')

  it.each(commands.map((block) => [block.text, block]))('shows what is printed by %s', (text, command) => {
    const shown = blocks[blocks.indexOf(command) + 1]?.text
    const [program = '', ...args] = text.split(' ')
    expect(program).toBe('node')
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: repositoryRoot, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout.trimEnd()).toBe(shown)
  })

  it('has three sizes', () => {
    expect(commands).toHaveLength(3)
  })

  it('lists the measured costs', () => {
    const row = ({ appMs, databaseMs, walBytes, statements }: Cost) =>
      [appMs, databaseMs, walBytes, statements].map(String)
    const listed = Object.fromEntries(
      [...page.matchAll(/^\| `(\w+)` \|[^|]*\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
        ([, name, ...cells]) => [name, cells],
      ),
    )
    expect(listed).toEqual(Object.fromEntries(Object.entries(costs).map(([name, cost]) => [name, row(cost)])))
  })
})
