import type { MouseEvent, ReactNode } from 'react'
import { hrefOf, navigate } from '../router.ts'
import { t } from '../texts.ts'
import { Button } from './button.tsx'

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

interface ButtonLinkProps {
  to: string
  children: ReactNode
  kind?: 'primary' | 'plain' | 'quiet'
  /** Why the link cannot be used. Undefined: it can. */
  disabledBecause?: string | undefined
}

/** A link that looks like a button, for an action that is a page of its own. */
export function ButtonLink({ to, children, kind = 'plain', disabledBecause }: ButtonLinkProps) {
  if (disabledBecause === undefined) {
    return (
      <Link to={to} className={`button ${kind}`}>
        {children}
      </Link>
    )
  }
  return (
    <Button kind={kind} disabledBecause={disabledBecause}>
      {children}
    </Button>
  )
}

/** A link to a page of another site, in a new tab. */
export function OtherSite({ url, children, className }: { url: string; children: ReactNode; className?: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer" className={className}>
      {children}
      <span aria-hidden="true">&nbsp;↗</span>
      <span className="hidden"> ({t('common.newTab')})</span>
    </a>
  )
}
