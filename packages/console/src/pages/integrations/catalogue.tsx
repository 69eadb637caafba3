import { type KeyboardEvent, useEffect, useRef } from 'react'
import { client, useDocument } from '../../api.ts'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { More, usePages } from '../../components/list.tsx'
import { Logo } from '../../components/values.tsx'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { CatalogueDocument, type CatalogueQuery } from './generated/graphql.ts'
import { authName, LANGUAGE, t } from './texts.ts'

type Provider = CatalogueQuery['providers']['nodes'][number]
type Category = CatalogueQuery['providerCategories'][number]

/** Chooses what to add: a provider of the catalogue, or a definition of one's own. */
export function Catalogue({ base }: WorkspacePageProps) {
  const { query } = usePlace()
  const grid = useRef<HTMLUListElement>(null)
  const search = query.get('q') ?? ''
  const chosen = query.get('category') ?? ''
  const variables = { language: LANGUAGE, search, category: chosen === '' ? null : chosen }
  const { data, isCurrent, error, reload } = useDocument(CatalogueDocument, variables)
  const { items, loadMore } = usePages(data?.providers, JSON.stringify(variables), async (after) => {
    const { data } = await client.query(CatalogueDocument, { ...variables, after }).toPromise()
    return data?.providers
  })
  const categories = data?.providerCategories ?? []
  const first = () => grid.current?.querySelector('a')
  // Enter opens what is found, also when it is pressed before the answer is there.
  const opens = useRef(false)
  useEffect(() => {
    if (!isCurrent || !opens.current) return
    opens.current = false
    first()?.click()
  })
  const open = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
    event.preventDefault()
    if (event.key === 'ArrowDown') first()?.focus()
    else if (isCurrent) first()?.click()
    else opens.current = true
  }
  return (
    <>
      <Link to={`${base}/integrations`} className="back">
        ← {t('nav.integrations')}
      </Link>
      <PageHead title={t('catalogue.title')} />
      <div className="catalogue-search">
        <label className="filter">
          <span>{t('common.search')}</span>
          <input
            type="search"
            // biome-ignore lint/a11y/noAutofocus: the page consists of the search
            autoFocus
            value={search}
            placeholder={t('catalogue.placeholder')}
            onChange={(event) => setQuery({ q: event.target.value })}
            onKeyDown={open}
          />
        </label>
        <fieldset className="chips">
          <legend className="hidden">{t('catalogue.categories')}</legend>
          {[{ slug: '', text: t('common.all'), count: data?.all.totalCount ?? 0 }, ...categories].map(
            ({ slug, text, count }) => (
              <button
                key={slug}
                type="button"
                className="chip"
                aria-pressed={slug === chosen}
                onClick={() => setQuery({ category: slug })}
              >
                {text} <span className="number">{formatNumber(count)}</span>
              </button>
            ),
          )}
        </fieldset>
        <p className="faint">
          {t('catalogue.missing')} <Link to={`${base}/integrations/new/definition`}>{t('catalogue.own')}</Link>
          {' · '}
          <Link to={`${base}/integrations/new/import`}>{t('import.title')}</Link>
        </p>
      </div>
      <span className="hidden" role="status">
        {isCurrent && data !== undefined && t('catalogue.found', { count: data.providers.totalCount ?? items.length })}
      </span>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading lines={6} />}
      {data !== undefined && items.length === 0 && (
        <Empty title={t('common.noMatch')} text={t('catalogue.noMatchText')} />
      )}
      <ul className="tiles" ref={grid} onKeyDown={moveByArrows}>
        {items.map((provider) => (
          <li key={provider.slug} className="card tile">
            <Logo name={provider.displayName} url={provider.logoUrl} color={provider.color} size="large" />
            <div className="main">
              <Link to={`${base}/integrations/new/${provider.slug}`} className="title stretched">
                {provider.displayName}
              </Link>
              <p className="facts">
                <span>{namesOf(provider, categories).join(', ')}</span>
                <span>{authName({ type: provider.authType })}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
      {loadMore !== undefined && <More load={loadMore} />}
    </>
  )
}

function namesOf({ categories }: Provider, all: readonly Category[]): string[] {
  return categories.map((slug) => all.find((category) => category.slug === slug)?.text ?? slug)
}

/** The arrows go to the tiles beside, above and below, as they stand on the screen. */
function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>('a')]
  const at = tiles.indexOf(event.target as HTMLElement)
  if (at === -1) return
  const columns = Math.max(1, getComputedStyle(event.currentTarget).gridTemplateColumns.split(' ').length)
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key]
  if (step === undefined) return
  event.preventDefault()
  if (at + step < 0) document.querySelector<HTMLElement>('input[type=search]')?.focus()
  else tiles[Math.min(at + step, tiles.length - 1)]?.focus()
}
