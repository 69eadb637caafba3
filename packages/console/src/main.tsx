import { createRoot } from 'react-dom/client'
import { prefetch, readSession } from './api.ts'
import { App } from './app.tsx'
import { ViewerDocument, WorkspaceDocument } from './generated/graphql.ts'
import { placeOf } from './router.ts'
import { preloadPage } from './routes.tsx'
import { language } from './texts.ts'

document.documentElement.lang = language
const [area, slug, page = 'home'] = placeOf().parts
if (area === 'w' && slug !== undefined) {
  // What the first page needs is asked for at once, not one after the other.
  preloadPage(page)
  void readSession().then(
    ({ signedIn }) => {
      if (!signedIn) return
      prefetch(ViewerDocument, {})
      prefetch(WorkspaceDocument, { slug })
    },
    () => undefined,
  )
}
const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App />)
