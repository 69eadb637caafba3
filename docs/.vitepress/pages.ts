import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GROUPS } from './navigation.ts'

/** Folder of the documentation. */
export const DOCS = fileURLToPath(new URL('../', import.meta.url))

/** Where the site has the files of the repository that pages link to, such as the schema. */
export const FILES = 'files'

export interface DocPage {
  /** Its file, from `docs/`. */
  file: string
  /** Its address without the base of the site: `quickstart`, `providers/`, and an empty text for the start page. */
  path: string
  title: string
  /** Its name in the sidebar. */
  short: string
  markdown: string
}

export interface DocGroup {
  title: string
  about: string
  /** Folder of pages that are generated. Undefined: the pages are written by hand. */
  folder: string | undefined
  pages: readonly DocPage[]
}

/** The pages of the navigation by group, as they are in `docs/` now. @throws if a page of the navigation does not exist */
export function readGroups(): DocGroup[] {
  return GROUPS.map(({ title, about, pages, folder }) => {
    const own = pages.map(({ path, short }) => readPage(`${path}.md`, short))
    return { title, about, folder, pages: folder === undefined ? own : [...own, ...readFolder(folder)] }
  })
}

/** @param file from `docs/` */
export function readPage(file: string, short?: string): DocPage {
  const markdown = readFileSync(DOCS + file, 'utf8')
  const title = /^# (.+)$/m.exec(markdown)?.[1]
  if (title === undefined) throw new Error(`docs/${file} has no heading of the first level.`)
  return { file, path: pathOf(file), title, short: short ?? title, markdown }
}

function readFolder(folder: string): DocPage[] {
  const names = readdirSync(DOCS + folder).filter((name) => name.endsWith('.md') && name !== 'README.md')
  const pages = names.map((name) => readPage(`${folder}/${name}`))
  pages.sort((a, b) => a.title.localeCompare(b.title, 'en'))
  return [readPage(`${folder}/README.md`, 'Overview'), ...pages]
}

/** The address of a page: a `README.md` is the index of its folder. */
export function pathOf(file: string): string {
  return file.replace(/\.md$/, '').replace(/(^|\/)(?:README|index)$/, '$1')
}

/**
 * Where a relative link of a page leads on the site. Links to files outside of `docs/`, such as the schema, lead to copies of them. The
 * README of the repository is the start page, and that of a folder is its index.
 *
 * @param file the page that has the link, from `docs/`
 * @returns the link for the site, without its base; null: the link stays as it is
 */
export function siteLink(href: string, file: string): string | null {
  if (/^(?:[a-z][a-z+.-]*:|#|\/)/i.test(href)) return null
  const [target = '', anchor] = href.split('#')
  const path = posix.normalize(posix.join(posix.dirname(file), target))
  const end = anchor === undefined ? '' : `#${anchor}`
  if (path === '../README.md') return '/'
  if (path.startsWith('../')) return `/${FILES}/${path.slice(3)}`
  if (posix.basename(path) === 'README.md') return `/${pathOf(path)}${end}`
  return null
}

/** The id of a heading, as GitHub makes it, so that a link works in both places. */
export function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}
