import { type ReactNode, useEffect } from 'react'
import { t } from '../texts.ts'
import { Button } from './button.tsx'

/** The head of a page: its title, a count, and what can be done. */
export function PageHead({
  title,
  count,
  logo,
  children,
}: {
  title: string
  count?: string | undefined
  logo?: ReactNode
  children?: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Latchkey`
  }, [title])
  return (
    <header className="page-head">
      {logo}
      <h1>
        {title} {count !== undefined && <span className="count">{count}</span>}
      </h1>
      {children}
    </header>
  )
}

/** What a list shows when it is empty: why, and what to do. */
export function Empty({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  )
}

export function Loading({ lines = 4 }: { lines?: number }) {
  return (
    <div className="card loading" role="status">
      <span className="hidden">{t('common.loading')}</span>
      {Array.from({ length: lines }, (_, index) => `line-${index}`).map((key) => (
        <div key={key} className="bone" />
      ))}
    </div>
  )
}

/** Something could not be loaded. */
export function Problem({ message, retry }: { message: string; retry?: () => void }) {
  return (
    <div className="notice bad" role="alert">
      <div>
        <strong>{t('common.failed')}</strong>
        <p>{message}</p>
      </div>
      {retry !== undefined && <Button onClick={retry}>{t('common.retry')}</Button>}
    </div>
  )
}

export function Notice({ tone, children }: { tone: 'good' | 'bad' | 'warn' | 'calm'; children: ReactNode }) {
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}

/** The message of a failure. */
export function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
