import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useDocument } from '../../api.ts'
import { Logo, Status } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import { GROUPS } from '../../routes.tsx'
import './search.css'
import { SearchCatalogueDocument, SearchDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

interface Result {
  group: string
  to: string
  name: string
  detail?: string | undefined
  logoUrl?: string | null
  color?: string | null
  status?: string
}

interface SearchProps {
  workspaceId: string
  /** Path of the workspace. */
  base: string
  readOnly: string | undefined
  onClose: () => void
}

/** Finds connections, end users, integrations and pages by what somebody types. */
export function Search({ workspaceId, base, readOnly, onClose }: SearchProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const { results, isLoading } = useResults(workspaceId, base, { typed: typed.trim(), text }, readOnly)
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    const timer = setTimeout(() => setText(typed.trim()), 150)
    return () => clearTimeout(timer)
  }, [typed])
  const active = Math.min(chosen, results.length - 1)
  useEffect(() => {
    if (active >= 0) document.getElementById(`result-${active}`)?.scrollIntoView({ block: 'nearest' })
  }, [active])
  const open = (result: Result | undefined) => {
    if (result === undefined) return
    dialog.current?.close()
    navigate(result.to)
  }
  const choose = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) setChosen((active + step + results.length) % Math.max(results.length, 1))
    else if (event.key === 'Enter') open(results[active])
    else return
    event.preventDefault()
  }
  return (
    <dialog ref={dialog} className="search" aria-label={t('search.title')} onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label={t('search.title')}
        aria-expanded="true"
        aria-controls="results"
        aria-activedescendant={active < 0 ? undefined : `result-${active}`}
        placeholder={t('search.placeholder')}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setChosen(0)
        }}
        onKeyDown={choose}
      />
      <div id="results" role="listbox" aria-label={t('search.title')}>
        {results.map((result, index) => (
          <div key={result.to}>
            {results[index - 1]?.group !== result.group && (
              <div className="group" role="presentation">
                {result.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the field, as in every combobox */}
            <div
              id={`result-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              className="result"
              onClick={() => open(result)}
              onMouseMove={() => setChosen(index)}
            >
              {result.logoUrl !== undefined && (
                <Logo name={result.name} url={result.logoUrl} color={result.color ?? null} />
              )}
              <span className="title">{result.name}</span>
              {result.detail !== undefined && <span className="faint">{result.detail}</span>}
              {result.status !== undefined && <Status of={result.status} prefix="status" />}
            </div>
          </div>
        ))}
      </div>
      <p className="faint" role="status">
        {results.length > 0
          ? t('search.keys')
          : text !== '' && !isLoading
            ? t('search.none', { text })
            : t('common.loading')}
      </p>
    </dialog>
  )
}

/** `text` follows `typed` a moment later, so that not every letter is a request. */
interface Words {
  typed: string
  text: string
}

/**
 * Connections and end users come from the server, for the text that was typed a moment ago. Pages and integrations are few and
 * are filtered here, so that Enter opens what is shown.
 */
function useResults(workspaceId: string, base: string, { typed, text }: Words, readOnly: string | undefined) {
  const found = useDocument(SearchDocument, { workspaceId, text })
  const catalogue = useDocument(SearchCatalogueDocument, { text })
  const matches = (...names: (string | null | undefined)[]) =>
    names.some((name) => name?.toLowerCase().includes(typed.toLowerCase()))
  const results: Result[] = []
  const shown = found.data?.workspace
  const isTyped = typed !== ''
  const isCurrent = isTyped && typed === text
  for (const { id, displayName, status, integration, endUser } of isCurrent ? (shown?.connections.nodes ?? []) : []) {
    results.push({
      group: t('nav.connections'),
      to: `${base}/connections/${id}`,
      name: displayName,
      detail: [integration.displayName, endUser?.displayName ?? endUser?.externalId].filter(Boolean).join(' · '),
      logoUrl: integration.logoUrl,
      color: integration.color,
      status,
    })
  }
  for (const { id, externalId, displayName, email } of isCurrent ? (shown?.endUsers.nodes ?? []) : []) {
    results.push({
      group: t('nav.end-users'),
      to: `${base}/end-users/${id}`,
      name: displayName ?? externalId,
      detail: email ?? (displayName === null ? undefined : externalId),
    })
  }
  const integrations = shown?.integrations.nodes ?? []
  for (const { slug, displayName, logoUrl, color } of integrations) {
    if (isTyped && matches(slug, displayName))
      results.push({
        group: t('nav.integrations'),
        to: `${base}/integrations/${slug}`,
        name: displayName,
        logoUrl,
        color,
      })
  }
  for (const { name } of GROUPS.flat()) {
    const label = t(`nav.${name}`)
    if (matches(label))
      results.push({ group: t('search.pages'), to: name === 'home' ? base : `${base}/${name}`, name: label })
  }
  for (const { slug, displayName, logoUrl, color } of isCurrent && readOnly === undefined
    ? (catalogue.data?.providers.nodes ?? [])
    : []) {
    results.push({
      group: t('search.catalogue'),
      to: `${base}/integrations/new/${slug}`,
      name: t('search.setUp', { name: displayName }),
      logoUrl,
      color,
    })
  }
  return { results, isLoading: found.data === undefined || typed !== text }
}
