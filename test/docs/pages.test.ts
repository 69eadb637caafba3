import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { expect, it } from 'vitest'
import { readGroups, slugOf } from '../../docs/.vitepress/pages.ts'
import { repositoryRoot } from '../support/program.ts'

const files = (await readdir(join(repositoryRoot, 'docs'), { recursive: true }))
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.md') && !name.startsWith('.vitepress/'))
  .sort()

const textOf = (path: string) => readFile(join(repositoryRoot, path), 'utf8')

/** A page without its code, in which `](` and `#` mean something else. */
const withoutCode = (text: string) => text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, 'code')

/** The anchors of a page, as GitHub makes them. */
async function anchorsOf(path: string): Promise<Set<string>> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of (await textOf(path)).replaceAll(/^```.*?^```$/gms, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = slugOf(heading.replaceAll('`', ''))
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

it('every page of docs/ is in the navigation once', () => {
  const inNavigation = readGroups().flatMap(({ pages }) => pages.map(({ file }) => file))
  expect(['index.md', ...inNavigation].sort()).toEqual(files)
})

it('every link of the pages, the README, CONTRIBUTING and SECURITY leads to a file and a heading that exist', async () => {
  const broken: string[] = []
  let checked = 0
  for (const page of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...files.map((file) => `docs/${file}`)]) {
    for (const [, href = ''] of withoutCode(await textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      // The build of the site makes llms.txt and llms-full.txt.
      if (/^(?:https?|mailto):/.test(href) || /^llms(?:-full)?\.txt$/.test(href)) continue
      checked += 1
      const [target = '', anchor] = href.split('#')
      const path = target === '' ? page : posix.join(posix.dirname(page), target)
      const found = existsSync(join(repositoryRoot, path))
      if (!found || (anchor !== undefined && !(await anchorsOf(path)).has(anchor))) broken.push(`${page}: ${href}`)
    }
  }
  expect(broken).toEqual([])
  expect(checked).toBeGreaterThan(500)
})

/** Pages whose code is run or checked by a test, besides those of `test/docs/<page>.test.ts` and of `readme.test.ts`. */
const TESTED_ELSEWHERE = [
  ...['authentication.md', 'backup.md', 'cli.md', 'connecting.md', 'from-npm.md', 'requests.md', 'streams.md'],
]
const TESTED_FOLDERS = ['api/', 'guides/', 'providers/']

it('all code of a page is run by a test, or says why not', async () => {
  const tested = [...(await textOf('test/readme.test.ts')).matchAll(/'docs\/([\w-]+\.md)'/g)].map(
    ([, name]) => name ?? '',
  )
  const isTested = (file: string) =>
    tested.includes(file) ||
    TESTED_ELSEWHERE.includes(file) ||
    TESTED_FOLDERS.some((folder) => file.startsWith(folder)) ||
    existsSync(join(repositoryRoot, `test/docs/${file.replace('.md', '.test.ts')}`))
  const unmarked: string[] = []
  for (const file of files.filter((each) => !isTested(each))) {
    let before = ''
    let inCode = false
    for (const line of (await textOf(`docs/${file}`)).split('\n')) {
      const [, language] = /^```(\w*)/.exec(line) ?? []
      if (language !== undefined) {
        if (!inCode && language !== 'text' && !/^<!-- not run: \S.* -->$/.test(before))
          unmarked.push(`${file}: ${language}`)
        inCode = !inCode
      }
      before = line
    }
  }
  expect(unmarked).toEqual([])
  expect(tested).toContain('quickstart.md')
})
