import type { ReactNode } from 'react'
import { t } from '../texts.ts'
import { Notice } from './feedback.tsx'
import { Copy } from './values.tsx'

interface ShownOnceProps {
  /** What it is. */
  label: string
  value: string
  /** What to do with it. */
  children?: ReactNode
}

/** A new secret. It is in the memory of the page only, and is gone with it. */
export function ShownOnce({ label, value, children }: ShownOnceProps) {
  return (
    <section className="card shown-once" aria-label={label}>
      <h2>{label}</h2>
      <Copy value={value} label={label} />
      <Notice tone="warn">{t('common.shownOnce')}</Notice>
      {children}
    </section>
  )
}

/** Lines of code to copy, each with its name. */
export function Snippet({ label, code }: { label: string; code: string }) {
  return (
    <div className="snippet">
      <p className="hint">{label}</p>
      <Copy value={code} label={label} />
    </div>
  )
}
