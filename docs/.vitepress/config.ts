import { type DefaultTheme, defineConfigWithTheme } from 'vitepress'
import { type DocGroup, type DocPage, readGroups, siteLink, slugOf } from './pages.ts'
import type { MapGroup } from './theme/document-map.ts'

const groups = readGroups()
const linkTo = ({ short, path }: DocPage) => ({ text: short, link: `/${path}` })
const isGenerated = ({ folder }: DocGroup) => folder !== undefined

/** Every page has a copy of its sidebar, so that one that lists more pages is left to the overview of the folder. */
const MAX_IN_SIDEBAR = 40
const listed = (pages: readonly DocPage[]) => (pages.length > MAX_IN_SIDEBAR ? pages.slice(0, 1) : pages)

/** Folders of generated pages have a sidebar of their own; the main one links to their first page. */
const sidebars = {
  '/': [
    ...groups
      .filter((group) => !isGenerated(group))
      .map(({ title, pages }) => ({ text: title, items: pages.map(linkTo) })),
    {
      text: 'Reference',
      items: groups.filter(isGenerated).map(({ title, folder }) => ({ text: title, link: `/${folder}/` })),
    },
  ],
  ...Object.fromEntries(
    groups.filter(isGenerated).map(({ title, folder, pages }) => [
      `/${folder}/`,
      [
        { text: 'Documentation', items: [{ text: 'Start', link: '/' }] },
        { text: title, items: listed(pages).map(linkTo) },
      ],
    ]),
  ),
}

/** The site of the documentation. It requests nothing from other servers. `scripts/build-docs.ts` builds it. */
export default defineConfigWithTheme<DefaultTheme.Config & { groups: readonly MapGroup[] }>({
  title: 'Latchkey',
  description: 'A self-hosted GraphQL gateway for the third-party accounts that your users connect.',
  lang: 'en',
  base: '/docs/',
  cleanUrls: true,
  // Otherwise each page has its own inline script, and each needs a hash in the content security policy.
  metaChunk: true,
  rewrites: { 'providers/README.md': 'providers/index.md', 'api/README.md': 'api/index.md' },
  // Copies of files of the repository, which the build makes afterwards. It fails if one is missing.
  ignoreDeadLinks: [/^\/files\//],
  head: [
    ['link', { rel: 'icon', href: '/docs/icon.svg', type: 'image/svg+xml' }],
    ['meta', { name: 'color-scheme', content: 'light dark' }],
  ],
  markdown: {
    anchor: { slugify: slugOf },
    // The console has these contrasts too.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      // Templates of definitions are text, not expressions of Vue.
      for (const rule of ['text', 'code_inline'] as const) {
        const render = md.renderer.rules[rule]
        md.renderer.rules[rule] = (...given) => (render?.(...given) ?? '').replaceAll('{{', '{&#123;')
      }
      md.core.ruler.push('site-links', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null
          const target = href === null ? null : siteLink(href, originalOf(env.relativePath))
          if (target !== null) token.attrSet('href', target)
        }
      })
    },
  },
  vite: {
    publicDir: '../packages/console/public',
    build: { chunkSizeWarningLimit: 4_000 },
    // This esbuild does not know the target of tsconfig.json.
    esbuild: { tsconfigRaw: { compilerOptions: { target: 'es2022' } } },
  },
  // The start page has no outline. Its cards need the space.
  transformPageData: (page) =>
    page.relativePath === 'index.md' ? { frontmatter: { aside: false, ...page.frontmatter } } : undefined,
  themeConfig: {
    logo: '/icon.svg',
    nav: [
      { text: 'Quickstart', link: '/quickstart' },
      { text: 'API', link: '/api/', activeMatch: '/api/' },
      { text: 'Providers', link: '/providers/', activeMatch: '/providers/' },
    ],
    sidebar: sidebars,
    groups: groups.map(({ title, about, pages }) => ({ title, about, pages: pages.map(linkTo) })),
    outline: { level: [2, 3], label: 'On this page' },
    search: { provider: 'local' },
    docFooter: { prev: 'Previous', next: 'Next' },
    externalLinkIcon: true,
  },
})

/** The file of a page before `rewrites`, from `docs/`. */
function originalOf(page: string): string {
  return page.replace(/^(api|providers)\/index\.md$/, '$1/README.md')
}
