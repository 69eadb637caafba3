import { type CSSProperties, type ReactNode, useState, useSyncExternalStore } from 'react'
import { type CommonKey, formatExact, formatRelative, t } from '../texts.ts'
import { Button } from './button.tsx'

const TONES: Readonly<Record<string, 'good' | 'bad' | 'warn' | 'busy' | 'calm'>> = {
  ACTIVE: 'good',
  SUCCEEDED: 'good',
  ERROR: 'bad',
  FAILED: 'bad',
  NEEDS_REAUTH: 'warn',
  RUNNING: 'busy',
  CANCELLING: 'busy',
}

/** The status of a connection or a sync job. */
export function Status({ of, prefix }: { of: string; prefix: 'status' | 'job' }) {
  return <Mark tone={TONES[of] ?? 'calm'}>{t(`${prefix}.${of}` as CommonKey)}</Mark>
}

/** A short word with a dot in the colour of its meaning. */
export function Mark({ tone, children }: { tone: 'good' | 'bad' | 'warn' | 'busy' | 'calm'; children: ReactNode }) {
  return <span className={`status ${tone}`}>{children}</span>
}

let now = Date.now()
const tickers = new Set<() => void>()
let timer: number | undefined

function everyFiveSeconds(changed: () => void): () => void {
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
  const base = useSyncExternalStore(everyFiveSeconds, () => now)
  if (at == null) return <span className="faint">{t('common.never')}</span>
  const time = new Date(at)
  return (
    <time dateTime={at} title={formatExact(time)}>
      {/* The clock that ticks may be some seconds behind a time that just came. */}
      {formatRelative(time, Math.max(base, Math.min(time.getTime(), Date.now())))}
    </time>
  )
}

interface LogoProps {
  name: string
  url?: string | null
  /** Colour of the brand, for the initials. */
  color?: string | null
  size?: 'small' | 'large'
}

/** The logo of a provider on a light tile, or the initials of a name. */
export function Logo({ name, url, color, size = 'small' }: LogoProps) {
  if (url != null) {
    return (
      <span className={`logo ${size}`} aria-hidden="true">
        <img src={url} alt="" loading="lazy" />
      </span>
    )
  }
  const initials = name
    .split(/[\s-]+/)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase()
  return (
    <span
      className={`logo monogram ${size}${color == null ? '' : ' branded'}`}
      style={color == null ? undefined : ({ '--brand': color } as CSSProperties)}
      aria-hidden="true"
    >
      {initials}
    </span>
  )
}

/** One fact in a `<dl>`. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** A value that is meant to be copied, such as a callback URL or a new key. */
export function Copy({ value, label }: { value: string; label: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <div className="copy">
      <code>{value}</code>
      <Button onClick={() => void copy()} label={`${t('common.copy')}: ${label}`}>
        <span aria-live="polite">{t(copied ? 'common.copied' : 'common.copy')}</span>
      </Button>
    </div>
  )
}

/** A JSON value, indented, with its parts in colours. */
export function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? 'null'
  const parts = text
    .split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/)
    .map((part, place) => ({ part, place, kind: place % 2 === 0 ? undefined : kindOf(part) }))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long value scrolls by the keyboard
    <pre className="json" tabIndex={0}>
      {parts.map(({ part, place, kind }) => (
        <span key={place} className={kind}>
          {part}
        </span>
      ))}
    </pre>
  )
}

function kindOf(part: string): 'key' | 'text' | 'value' {
  if (part.startsWith('"')) return part.endsWith(':') ? 'key' : 'text'
  return 'value'
}

/** A text in which `**bold**` marks what stands on a button or in a menu. */
export function Words({ text }: { text: string }) {
  const parts = text.split('**').map((part, place) => ({ part, place }))
  return parts.map(({ part, place }) => (place % 2 === 1 ? <b key={place}>{part}</b> : part))
}
