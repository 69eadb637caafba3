import type { MouseEvent, ReactNode } from 'react'
import { hrefOf, navigate } from '../router.ts'

/** A link to a page of the console. Other buttons and keys of the browser work as with any link. */
export function Link({ to, children, ...more }: { to: string; children: ReactNode } & Record<string, unknown>) {
  const open = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a href={hrefOf(to)} onClick={open} {...more}>
      {children}
    </a>
  )
}
