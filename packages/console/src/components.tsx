import { type MouseEvent, type ReactNode, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react'
import { hrefOf, navigate } from './router.ts'
import { formatExact, formatRelative, type TextKey, t } from './texts.ts'

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

interface ButtonProps {
  children: ReactNode
  onClick?: () => void
  kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  type?: 'button' | 'submit'
  busy?: boolean
  /** Why the button cannot be used. Undefined: it can. */
  disabledBecause?: string | undefined
}

export function Button({ children, onClick, kind = 'plain', type = 'button', busy, disabledBecause }: ButtonProps) {
  const isDisabled = disabledBecause !== undefined || busy === true
  return (
    // aria-disabled keeps the button in the order of the keyboard, so that its reason can be read.
    <button
      type={type}
      className={`button ${kind}`}
      aria-disabled={isDisabled}
      aria-busy={busy}
      title={disabledBecause}
      onClick={isDisabled ? (event) => event.preventDefault() : onClick}
    >
      {children}
    </button>
  )
}

const TONES: Readonly<Record<string, 'good' | 'bad' | 'warn' | 'busy' | 'calm'>> = {
  ACTIVE: 'good',
  SUCCEEDED: 'good',
  ERROR: 'bad',
  FAILED: 'bad',
  NEEDS_REAUTH: 'warn',
  RUNNING: 'busy',
  CANCELLING: 'busy',
}

export function Status({ of, prefix }: { of: string; prefix: 'status' | 'job' }) {
  return <span className={`status ${TONES[of] ?? 'calm'}`}>{t(`${prefix}.${of}` as TextKey)}</span>
}

let now = Date.now()
const tickers = new Set<() => void>()
let timer: number | undefined

function everySecond(changed: () => void): () => void {
  tickers.add(changed)
  timer ??= window.setInterval(() => {
    now = Date.now()
    for (const each of tickers) each()
  }, 5_000)
  return () => {
    tickers.delete(changed)
    if (tickers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** A time relative to now, with the exact one when the pointer is on it. */
export function Time({ at }: { at: string | null | undefined }) {
  const base = useSyncExternalStore(everySecond, () => now)
  if (at == null) return <span className="faint">{t('common.never')}</span>
  const time = new Date(at)
  return (
    <time dateTime={at} title={formatExact(time)}>
      {/* The clock that ticks may be some seconds behind a time that just came. */}
      {formatRelative(time, Math.max(base, Math.min(time.getTime(), Date.now())))}
    </time>
  )
}

/** Initials of an integration in a square. */
export function Monogram({ name }: { name: string }) {
  const initials = name
    .split(/[\s-]+/)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase()
  return (
    <span className="monogram" aria-hidden="true">
      {initials}
    </span>
  )
}

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

export function Notice({ tone, children }: { tone: 'good' | 'bad' | 'calm'; children: ReactNode }) {
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}

interface ConfirmProps {
  title: string
  text: string
  action: string
  kind?: 'primary' | 'danger'
  onConfirm: () => Promise<void>
  onClose: () => void
}

/** Says what will happen and asks. The browser keeps the focus inside and closes it with Escape. */
export function Confirm({ title, text, action, kind = 'primary', onConfirm, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  useEffect(() => dialog.current?.showModal(), [])
  const confirm = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await onConfirm()
      onClose()
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem))
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby={titleId}>
      <h2 id={titleId}>{title}</h2>
      <p>{text}</p>
      {error !== undefined && <Notice tone="bad">{error}</Notice>}
      <div className="actions">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button kind={kind} busy={busy} onClick={() => void confirm()}>
          {action}
        </Button>
      </div>
    </dialog>
  )
}

interface SelectProps {
  label: string
  value: string
  options: readonly (readonly [value: string, label: string])[]
  onChange: (value: string) => void
}

/** A filter with the choice "all". */
export function Filter({ label, value, options, onChange }: SelectProps) {
  return (
    <label className="filter">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t('common.all')}</option>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

export function PageHead({ title, count, children }: { title: string; count?: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Latchkey`
  }, [title])
  return (
    <header className="page-head">
      <h1>
        {title} {count !== undefined && <span className="count">{count}</span>}
      </h1>
      {children}
    </header>
  )
}
