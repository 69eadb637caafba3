import { type DragEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { mutate, RefusedError } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, messageOf, Notice, PageHead } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { Json, Mark } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatBytes, formatNumber } from '../../texts.ts'
import { newDefinitionDraft } from './definition.tsx'
import {
  ImportDefinitionDocument,
  type ImportDefinitionMutation,
  type ImportFormat,
  type ImportResult,
} from './generated/graphql.ts'
import { t } from './texts.ts'

const FORMATS = ['AIRBYTE', 'NANGO', 'OPENAPI'] as const satisfies readonly ImportFormat[]
const RESULTS = ['IMPORTED', 'PARTLY', 'REFUSED'] as const satisfies readonly ImportResult[]
const TONES = { IMPORTED: 'good', PARTLY: 'warn', REFUSED: 'bad' } as const

/** The most that the API takes of a document, and of a request, which has the document as JSON. */
const MAX_DOCUMENT_BYTES = 768 * 1024
const MAX_REQUEST_BYTES = 1024 * 1024 - 2_048

type Report = Extract<ImportDefinitionMutation['importDefinition'], { __typename: 'ImportDefinitionPayload' }>

interface Source {
  format: ImportFormat
  text: string
  /** Name of the file. Null: the text was pasted. */
  file: string | null
}

interface Imported {
  source: Source
  /** Slug of a Nango file. Null: none was chosen. */
  provider: string | null
  report: Report
}

/**
 * What was imported last in each workspace, so that the way back from the editor leads to the report. It is in memory alone: a document
 * may have secrets.
 */
const lastImports = new Map<string, Imported>()

interface Failure {
  message: string
  /** Of the place in the document. */
  line?: number
  /** A provider that may be meant. */
  suggestion?: string
}

/** Makes a definition of a document in another format, shows what became of it, and goes on with the definition in the editor. */
export function ImportPage({ workspace, base, readOnly }: WorkspacePageProps) {
  const [imported, setImported] = useState(() => lastImports.get(workspace.id))
  const [source, setSource] = useState<Source>(() => imported?.source ?? { format: 'OPENAPI', text: '', file: null })
  const [failure, setFailure] = useState<Failure>()
  const [busy, setBusy] = useState(false)
  const [isReturn, setIsReturn] = useState(false)
  const show = (next: Imported | undefined) => {
    if (next === undefined) lastImports.delete(workspace.id)
    else lastImports.set(workspace.id, next)
    setImported(next)
    setIsReturn(true)
    setFailure(undefined)
    scrollTo(0, 0)
  }
  const run = async (provider: string | null = null) => {
    setFailure(undefined)
    const document = sendable(source.text)
    const tooLarge = document === null ? new Blob([source.text]).size : undefined
    if (document === null || document.trim() === '') {
      setFailure({
        message:
          tooLarge === undefined
            ? t('import.empty')
            : t('import.tooLarge', { size: formatBytes(tooLarge), limit: formatBytes(MAX_DOCUMENT_BYTES) }),
      })
      return
    }
    setBusy(true)
    try {
      const report = await mutate(ImportDefinitionDocument, { input: { format: source.format, document, provider } })
      if (report.__typename === 'ImportDefinitionPayload') show({ source, provider, report })
    } catch (error) {
      setFailure(failureOf(error))
    }
    setBusy(false)
  }
  const mustChoose = imported !== undefined && imported.report.auth === null
  return (
    <>
      <Link to={`${base}/integrations/new`} className="back">
        ← {t('catalogue.title')}
      </Link>
      <PageHead title={t('import.title')} />
      <span className="hidden" role="status">
        {busy && t('import.running')}
      </span>
      {imported === undefined ? (
        <SourceForm
          {...{ source, failure, busy, readOnly, isReturn }}
          setSource={(next) => {
            setSource(next)
            setFailure(undefined)
          }}
          onSubmit={() => void run()}
          onSuggestion={(slug) => void run(slug)}
        />
      ) : mustChoose ? (
        <ProviderChoice
          slugs={imported.report.providers}
          busy={busy}
          failure={failure}
          onChoose={(slug) => void run(slug)}
          onBack={() => show(undefined)}
        />
      ) : (
        <ReportView
          {...{ imported, base }}
          workspaceId={workspace.id}
          onBack={() => show(undefined)}
          onOtherProvider={
            imported.report.providers.length > 1
              ? () =>
                  show({ ...imported, provider: null, report: { ...imported.report, auth: null, definition: null } })
              : undefined
          }
        />
      )}
    </>
  )
}

/** The document as it can be sent. JSON loses its spaces where it is too large with them. Null: it is too large. */
function sendable(text: string): string | null {
  const fits = (each: string) =>
    new Blob([each]).size <= MAX_DOCUMENT_BYTES && new Blob([JSON.stringify(each)]).size <= MAX_REQUEST_BYTES
  if (fits(text)) return text
  try {
    const compact = JSON.stringify(JSON.parse(text))
    return fits(compact) ? compact : null
  } catch {
    return null
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof RefusedError)) return { message: messageOf(error) }
  const { line, column, suggestion } = error.details
  const said = error.fields[0]?.message ?? error.message
  if (typeof line === 'number') {
    const reason = said.replace(/^is not (?:JSON|YAML): /, '').replace(/ \(line \d+, column \d+\)$/, '')
    return { message: t('import.unreadable', { line: String(line), column: String(column), reason }), line }
  }
  if (typeof suggestion === 'string') return { message: t('import.unknownProvider'), suggestion }
  return { message: /^[a-z]/.test(said) ? t('import.wrong', { reason: said }) : said }
}

/** The format that a text seems to have. Undefined: it could be anything. */
function formatOf(text: string): ImportFormat | undefined {
  const head = text.slice(0, 200_000)
  if (/^\s*[{,]?\s*["']?(?:openapi|swagger)["']?\s*:/m.test(head)) return 'OPENAPI'
  if (/["']?type["']?\s*:\s*["']?Declarative(?:Source|Stream)\b/.test(head)) return 'AIRBYTE'
  if (/^\s*["']?auth_mode["']?\s*:/m.test(head)) return 'NANGO'
  return undefined
}

interface SourceFormProps {
  source: Source
  setSource: (source: Source) => void
  failure: Failure | undefined
  busy: boolean
  readOnly: string | undefined
  /** The page has shown something else before. */
  isReturn: boolean
  onSubmit: () => void
  onSuggestion: (slug: string) => void
}

function SourceForm({ source, setSource, failure, busy, readOnly, isReturn, onSubmit, onSuggestion }: SourceFormProps) {
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)
  // The button that led here is gone, and with it the focus.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the form appears
  useEffect(() => {
    if (isReturn) form.current?.querySelector<HTMLElement>('input:checked')?.focus({ preventScroll: true })
  }, [])
  const [fileProblem, setFileProblem] = useState<string>()
  const change = (text: string, file: string | null) => {
    setFileProblem(undefined)
    // What is typed letter by letter does not change the choice.
    const guessed = Math.abs(text.length - source.text.length) > 1 ? formatOf(text) : undefined
    setSource({ format: guessed ?? source.format, text, file })
  }
  const read = async (file: File | undefined) => {
    if (file === undefined) return
    try {
      change(await file.text(), file.name)
    } catch {
      setFileProblem(t('import.unreadableFile'))
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    void read(event.dataTransfer.files[0])
  }
  return (
    <form
      ref={form}
      className="import-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy && readOnly === undefined) onSubmit()
      }}
    >
      <p className="soft">{t('import.text')}</p>
      <fieldset className="formats">
        <legend>{t('import.format')}</legend>
        {FORMATS.map((format) => (
          <label key={format} className="card format">
            <input
              type="radio"
              name="format"
              value={format}
              checked={source.format === format}
              onChange={() => setSource({ ...source, format })}
            />
            <span>
              <strong>{t(`import.${format}`)}</strong>
              <span className="hint">{t(`import.${format}.hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a way besides the button */}
      <div
        className={`field drop${isOver ? ' over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault()
          setIsOver(true)
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        {source.file === null ? (
          <label htmlFor={`${id}-text`}>{t('import.document')}</label>
        ) : (
          <p className="label">{t('import.document')}</p>
        )}
        <p id={`${id}-hint`} className="hint">
          {t('import.documentHint')}
        </p>
        {source.file === null ? (
          <textarea
            id={`${id}-text`}
            rows={10}
            value={source.text}
            spellCheck={false}
            autoComplete="off"
            aria-describedby={`${id}-hint`}
            aria-invalid={failure !== undefined}
            onChange={(event) => change(event.target.value, null)}
          />
        ) : (
          <div className="chosen-file">
            <code>{source.file}</code>
            <span className="faint">{formatBytes(new Blob([source.text]).size)}</span>
            <Button kind="quiet" onClick={() => setSource({ ...source, text: '', file: null })}>
              {t('import.remove')}
            </Button>
          </div>
        )}
        <input
          ref={input}
          type="file"
          hidden
          accept=".yaml,.yml,.json,application/json,application/yaml,text/yaml"
          aria-label={t('import.choose')}
          onChange={(event) => {
            void read(event.target.files?.[0])
            // The same file can be chosen again after it was changed.
            event.target.value = ''
          }}
        />
        <div className="actions below-list">
          <Button onClick={() => input.current?.click()}>{t('import.choose')}</Button>
        </div>
      </div>
      {fileProblem !== undefined && <Notice tone="bad">{fileProblem}</Notice>}
      {failure !== undefined && <FailureNotice failure={failure} text={source.text} onSuggestion={onSuggestion} />}
      <div className="actions">
        <Button kind="primary" type="submit" busy={busy} disabledBecause={readOnly}>
          {t(busy ? 'import.running' : 'import.action')}
        </Button>
      </div>
      {readOnly !== undefined && <p className="faint">{readOnly}</p>}
    </form>
  )
}

interface FailureNoticeProps {
  failure: Failure
  text: string
  onSuggestion: (slug: string) => void
}

/** What is wrong with a document, with the lines around the place. */
function FailureNotice({ failure: { message, line, suggestion }, text, onSuggestion }: FailureNoticeProps) {
  const from = Math.max(0, (line ?? 0) - 3)
  const shown = (line === undefined ? [] : text.split('\n').slice(from, line + 1)).map((each, index) => ({
    number: from + index + 1,
    content: each.slice(0, 200),
  }))
  return (
    <Notice tone="bad">
      <div className="import-failure">
        <p>{message}</p>
        {shown.length > 0 && (
          <pre>
            {shown.map(({ number, content }) => (
              <span key={number} className={number === line ? 'at' : undefined}>
                <span className="number">{String(number).padStart(String(line).length + 1)}</span> {content}
                {'\n'}
              </span>
            ))}
          </pre>
        )}
      </div>
      {suggestion !== undefined && (
        <Button onClick={() => onSuggestion(suggestion)}>{t('import.useSuggestion', { name: suggestion })}</Button>
      )}
    </Notice>
  )
}

/** The heading of a part of the page that has just appeared. It has the focus, so that a screen reader goes on there. */
function StageHead({ children }: { children: ReactNode }) {
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus({ preventScroll: true }), [])
  return (
    <h2 ref={head} tabIndex={-1} className="stage-head">
      {children}
    </h2>
  )
}

/** Providers that are shown at once. */
const MAX_SHOWN = 60

interface ProviderChoiceProps {
  slugs: readonly string[]
  busy: boolean
  failure: Failure | undefined
  onChoose: (slug: string) => void
  onBack: () => void
}

/** Chooses a provider of a Nango file. */
function ProviderChoice({ slugs, busy, failure, onChoose, onBack }: ProviderChoiceProps) {
  const [search, setSearch] = useState('')
  const list = useRef<HTMLUListElement>(null)
  const word = search.trim().toLowerCase()
  const found = slugs
    .filter((slug) => slug.toLowerCase().includes(word))
    .toSorted(
      (a, b) =>
        Number(b.startsWith(word)) - Number(a.startsWith(word)) || a.localeCompare(b, undefined, { numeric: true }),
    )
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(event.target as HTMLButtonElement)
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    if (event.key === 'Enter' && at === -1) {
      event.preventDefault()
      if (word !== '' && found[0] !== undefined && !busy) onChoose(found[0])
    } else if (step !== undefined && (at !== -1 || event.key === 'ArrowDown')) {
      event.preventDefault()
      buttons[Math.max(0, Math.min(at + step, buttons.length - 1))]?.focus()
    }
  }
  return (
    <section onKeyDown={move} aria-labelledby="provider-head">
      <StageHead>
        <span id="provider-head">{t('import.provider')}</span>
      </StageHead>
      <p className="soft">{t('import.providerText', { count: slugs.length })}</p>
      {failure !== undefined && <Notice tone="bad">{failure.message}</Notice>}
      <label className="filter provider-search">
        <span>{t('import.providerSearch')}</span>
        <input type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
      </label>
      <span className="hidden" role="status">
        {t('import.providersFound', { count: found.length })}
      </span>
      {found.length === 0 && <Empty title={t('common.noMatch')} text={t('common.noMatchText')} />}
      <ul className="slugs" ref={list}>
        {found.slice(0, MAX_SHOWN).map((slug) => (
          <li key={slug}>
            <Button busy={busy} onClick={() => onChoose(slug)}>
              {slug}
            </Button>
          </li>
        ))}
      </ul>
      {found.length > MAX_SHOWN && (
        <p className="faint below-list">{t('import.providersMore', { count: found.length - MAX_SHOWN })}</p>
      )}
      <div className="actions after-form">
        <Button onClick={onBack}>{t('import.other')}</Button>
      </div>
    </section>
  )
}

interface ReportViewProps {
  imported: Imported
  base: string
  workspaceId: string
  onBack: () => void
  /** Undefined: the document has no other one. */
  onOtherProvider: (() => void) | undefined
}

/** What became of each part of a document, and its definition. */
function ReportView({ imported, base, workspaceId, onBack, onOtherProvider }: ReportViewProps) {
  const { source, provider, report } = imported
  const [chosen, setChosen] = useState<ImportResult>()
  const [search, setSearch] = useState('')
  const [isAsking, setIsAsking] = useState(false)
  const { definition } = report
  const groups = [
    { title: t('integration.auth'), parts: report.auth === null ? [] : [{ name: '', ...report.auth }] },
    { title: t('integration.streams'), parts: report.streams },
    { title: t('integration.actions'), parts: report.actions },
  ]
  const all = groups.flatMap(({ parts }) => parts)
  const countOf = (result: ImportResult) => all.filter((part) => part.result === result).length
  const counts = { IMPORTED: countOf('IMPORTED'), PARTLY: countOf('PARTLY'), REFUSED: countOf('REFUSED') }
  const word = search.trim().toLowerCase()
  const shown = groups.map(({ title, parts }) => ({
    title,
    total: parts.length,
    parts: parts.filter(
      ({ name, result }) => (chosen === undefined || chosen === result) && name.toLowerCase().includes(word),
    ),
  }))
  const shownCount = shown.reduce((sum, { parts }) => sum + parts.length, 0)
  const draft = newDefinitionDraft(workspaceId)
  const text = `${JSON.stringify(definition, null, 2)}\n`
  const goOn = () => {
    draft.write(text)
    navigate(`${base}/integrations/new/definition`)
  }
  const name = provider ?? source.file
  return (
    <>
      <section className="card import-summary">
        <StageHead>{name === null ? t('import.report') : t('import.reportOf', { name })}</StageHead>
        <p className="result-counts" role="status">
          {t('import.counts', counts)}
        </p>
        {definition === null ? (
          <Notice tone="bad">
            <div>
              <strong>{t('import.none')}</strong>
              <p>{t('import.noneText')}</p>
            </div>
          </Notice>
        ) : (
          <p className="soft">{t(counts.PARTLY + counts.REFUSED > 0 ? 'import.readyPartly' : 'import.ready')}</p>
        )}
        <div className="actions">
          {definition !== null && (
            <Button
              kind="primary"
              onClick={() => {
                const before = draft.read()
                if (before !== null && before !== text) setIsAsking(true)
                else goOn()
              }}
            >
              {t('import.continue')}
            </Button>
          )}
          {onOtherProvider !== undefined && <Button onClick={onOtherProvider}>{t('import.otherProvider')}</Button>}
          <Button onClick={onBack}>{t('import.other')}</Button>
        </div>
      </section>
      {all.length > 1 && (
        <div className="catalogue-search import-filters">
          <fieldset className="chips">
            <legend className="hidden">{t('import.filter')}</legend>
            {[undefined, ...RESULTS].map((result) => (
              <button
                key={result ?? 'all'}
                type="button"
                className="chip"
                aria-pressed={chosen === result}
                onClick={() => setChosen(result)}
              >
                {result === undefined ? t('common.all') : t(`import.${result}`)}{' '}
                <span className="number">{formatNumber(result === undefined ? all.length : counts[result])}</span>
              </button>
            ))}
          </fieldset>
          {all.length > 8 && (
            <label className="filter">
              <span>{t('import.searchParts')}</span>
              <input type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
            </label>
          )}
          <span className="hidden" role="status">
            {(chosen !== undefined || word !== '') && t('import.shown', { count: shownCount })}
          </span>
        </div>
      )}
      {shownCount === 0 && <Empty title={t('common.noMatch')} text={t('common.noMatchText')} />}
      {shown.map(({ title, total, parts }) =>
        parts.length === 0 ? null : (
          <section key={title} aria-label={title}>
            <h2>
              {title} {total > 1 && <span className="faint number">{formatNumber(total)}</span>}
            </h2>
            <ul className="card list parts">
              {parts.map(({ name: part, result, notes }, index) => (
                // Several refused parts may have the same name.
                // biome-ignore lint/suspicious/noArrayIndexKey: a report does not change
                <li key={`${part} ${index}`} className="part">
                  <Mark tone={TONES[result]}>{t(`import.${result}`)}</Mark>
                  <div className="main">
                    {part !== '' && <code className="title">{part}</code>}
                    {part === '' && notes.length === 0 && <span className="faint">{t('import.authNoNotes')}</span>}
                    {notes.length > 0 && (
                      <ul className="notes" lang="en">
                        {notes.map((note) => (
                          <li key={note}>{note}</li>
                        ))}
                      </ul>
                    )}
                  </div>
                </li>
              ))}
            </ul>
          </section>
        ),
      )}
      {definition !== null && <Preview text={text} definition={definition} />}
      {isAsking && (
        <Confirm
          title={t('import.replace')}
          text={t('import.replaceText')}
          action={t('import.replaceAction')}
          kind="danger"
          onConfirm={async () => goOn()}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  )
}

/** The definition, which is drawn when it is opened. */
function Preview({ text, definition }: { text: string; definition: unknown }) {
  const [isOpen, setIsOpen] = useState(false)
  const [copied, setCopied] = useState(false)
  return (
    <details className="more import-preview" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{t('import.json')}</summary>
      {isOpen && (
        <>
          <div className="actions">
            <Button
              onClick={() =>
                void navigator.clipboard.writeText(text).then(() => {
                  setCopied(true)
                  setTimeout(() => setCopied(false), 2_000)
                })
              }
            >
              <span aria-live="polite">{t(copied ? 'common.copied' : 'common.copy')}</span>
            </Button>
          </div>
          <Json value={definition} />
        </>
      )}
    </details>
  )
}
