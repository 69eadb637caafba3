import { useData } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import { defineComponent, h } from 'vue'
import { DocumentMap } from './document-map.ts'
import './style.css'

const Layout = defineComponent(() => {
  const { page } = useData()
  return () =>
    h(DefaultTheme.Layout, null, {
      'doc-after': () => (page.value.relativePath === 'index.md' ? h(DocumentMap) : null),
    })
})

export default { extends: DefaultTheme, Layout }
