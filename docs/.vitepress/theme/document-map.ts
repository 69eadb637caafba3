import { useData, withBase } from 'vitepress'
import { defineComponent, h } from 'vue'

/** How many pages of a group the start page lists. The sidebar has them all. */
const SHOWN = 10

export interface MapGroup {
  title: string
  about: string
  pages: readonly { text: string; link: string }[]
}

/** Cards on the start page: the groups of the navigation with their pages. */
export const DocumentMap = defineComponent(() => {
  const groups: readonly MapGroup[] = useData().theme.value.groups
  return () => h('section', { class: 'document-map', 'aria-label': 'All pages' }, groups.map(card))
})

function card({ title, about, pages }: MapGroup) {
  const links = pages.slice(0, SHOWN).map(({ text, link }) => h('li', h('a', { href: withBase(link) }, text)))
  const rest = pages.length - SHOWN
  if (rest > 0) links.push(h('li', { class: 'rest' }, `and ${rest} more`))
  return h('div', { class: 'card' }, [h('h2', title), h('p', about), h('ul', links)])
}
