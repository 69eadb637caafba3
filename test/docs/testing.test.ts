import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repositoryRoot } from '../support/program.ts'

const CODE = /\b(?:OA|RF|CS|QJ|GQ)-\d{2}\b|\bF\d{1,2}\b/g

async function codesOf(file: string, text: (content: string) => string): Promise<string[]> {
  return text(await readFile(join(repositoryRoot, file), 'utf8')).match(CODE) ?? []
}

describe('docs/testing.md', () => {
  it('explains every code that stands in a test title, once', async () => {
    const files = (await readdir(join(repositoryRoot, 'test'), { recursive: true })).filter((file) =>
      file.endsWith('.test.ts'),
    )
    const titles = (content: string) =>
      (content.match(/\((?:(?:[A-Z]{2}-\d{2}|F\d{1,2})(?:, )?)+\)['`]/g) ?? []).join(' ')
    const used = new Set((await Promise.all(files.map((file) => codesOf(`test/${file}`, titles)))).flat())
    const firstCells = (content: string) => (content.match(/^\| [A-Z][^|]*\|/gm) ?? []).join('\n')
    const explained = await codesOf('docs/testing.md', firstCells)
    expect(used.size).toBeGreaterThan(50)
    expect([...used].filter((code) => !explained.includes(code))).toEqual([])
    expect(explained.filter((code, index) => explained.indexOf(code) !== index)).toEqual([])
  })
})
