import { hasDocs } from '../api.ts'
import { t } from '../texts.ts'

/** Names a page of the documentation. It is a link where this deployment serves the documentation. @param page such as `audit` */
export function DocsLink({ page }: { page: string }) {
  const text = t('common.docs', { file: `docs/${page}.md` })
  if (!hasDocs()) return text
  return (
    <a href={`/docs/${page}`} target="_blank" rel="noreferrer">
      {text}
    </a>
  )
}
