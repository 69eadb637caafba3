/**
 * `npm run build:docs`: builds `docs/` into `docs/.vitepress/dist`, as `npm ci` does too (`prepare`). Without the development dependencies it
 * builds nothing. Besides the pages that VitePress makes, there is a Markdown copy of each
 * page, an index of them (`llms.txt`, https://llmstxt.org), all of them in one file (`llms-full.txt`), and the files of the repository that
 * pages link to. A link to a page or a file that does not exist fails the build.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DOCS, type DocPage, FILES, readGroups, readPage, siteLink } from '../docs/.vitepress/pages.ts'

const BASE = '/docs'
const DIST = `${DOCS}.vitepress/dist/`

const root = fileURLToPath(new URL('../', import.meta.url))
const groups = readGroups()
const start = readPage('index.md')
const pages = [start, ...groups.flatMap(({ pages }) => pages)]

const vitepress = await import('vitepress').catch(() => null)
if (vitepress === null) {
  process.stdout.write('The documentation is not built, because the development dependencies are not installed.\n')
} else {
  await vitepress.build(DOCS, { outDir: DIST })
  for (const page of pages) await write(copyOf(page), markdownOf(page))
  // The copies show the images of the pages.
  await cp(`${DOCS}images`, `${DIST}images`, { recursive: true })
  for (const path of linkedFiles()) {
    await mkdir(dirname(`${DIST}${FILES}/${path}`), { recursive: true })
    await cp(root + path, `${DIST}${FILES}/${path}`, { recursive: true })
  }
  await write('llms-full.txt', pages.map(markdownOf).join('\n'))
  await write('llms.txt', index())
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(DIST + path), { recursive: true })
  await writeFile(DIST + path, text)
}

/** Path of the Markdown copy of a page. */
function copyOf({ path }: DocPage): string {
  return path === '' || path.endsWith('/') ? `${path}index.md` : `${path}.md`
}

/** A page for programs: without comments, and with links that lead to Markdown copies. */
function markdownOf({ markdown, file }: DocPage): string {
  return markdown.replaceAll(/<!--.*?-->\n*/gs, '').replaceAll(/\]\(([^)\s]+)\)/g, (whole, href: string) => {
    const target = siteLink(href, file)
    if (target === null) return whole
    const isPage = !target.startsWith(`/${FILES}/`)
    return `](${BASE}${isPage ? target.replace(/\/(#.*)?$/, '/index.md$1') : target})`
  })
}

/** Files and folders of the repository that pages link to. */
function linkedFiles(): Set<string> {
  const targets = pages.flatMap(({ markdown, file }) =>
    [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, href = '']) => siteLink(href, file) ?? ''),
  )
  const prefix = `/${FILES}/`
  return new Set(targets.filter((target) => target.startsWith(prefix)).map((target) => target.slice(prefix.length)))
}

function index(): string {
  const sections = groups.map(({ title, pages }) => {
    const lines = pages.map((page) => `- [${page.title}](${BASE}/${copyOf(page)})${summaryOf(page)}`)
    return `## ${title}\n\n${lines.join('\n')}\n`
  })
  const [, lead = ''] = start.markdown.split('\n\n')
  return [`# Latchkey\n\n> ${oneLine(lead)}\n`, `- [Start](${BASE}/index.md)\n`, ...sections].join('\n')
}

/** The first sentence of a page, for the index. Empty: the page does not begin with a text. */
function summaryOf({ markdown }: DocPage): string {
  const [first] = markdown
    .replaceAll(/<!--.*?-->\n*/gs, '')
    .split('\n\n')
    .slice(1)
  if (first === undefined || !/^[\p{L}`*[]/u.test(first)) return ''
  const text = oneLine(first)
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll('**', '')
    // The links that the pages of providers begin with.
    .replace(/ · API documentation · all providers$/, '')
  return `: ${/^.+?\.(?= |$)/.exec(text)?.[0] ?? text.replace(/:$/, '.')}`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
