import { Notice } from '../../components/feedback.tsx'
import { Json, Mark } from '../../components/values.tsx'
import type { AnswerFragment } from './generated/graphql.ts'
import { t } from './texts.ts'

export interface ShownAnswer extends AnswerFragment {
  refreshed: boolean
  /** From sending to the answer, as the browser measures it. */
  milliseconds: number
}

export function toneOf(status: number): 'good' | 'bad' | 'warn' {
  return status < 300 ? 'good' : status < 400 ? 'warn' : 'bad'
}

/** The response of a provider: its status, how long it took, its headers and its body. */
export function Answer({ answer, title }: { answer: ShownAnswer; title: string }) {
  const { status, milliseconds, refreshed, headers, body, text, details } = answer
  return (
    <article className="card answer" aria-live="polite">
      <header className="line">
        <code className="title">{title}</code>
        <Mark tone={toneOf(status)}>{status}</Mark>
        <span className="faint number">{t('requests.time', { count: Math.round(milliseconds) })}</span>
      </header>
      {refreshed && <Notice tone="calm">{t('requests.refreshed')}</Notice>}
      {body !== null ? (
        <Json value={body} />
      ) : text !== null ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls by the keyboard
        <pre tabIndex={0}>{text}</pre>
      ) : details !== null ? (
        <Json value={details} />
      ) : (
        <p className="faint">{t('requests.noBody')}</p>
      )}
      <details>
        <summary>{t('requests.answerHeaders')}</summary>
        <Json value={headers} />
      </details>
    </article>
  )
}
