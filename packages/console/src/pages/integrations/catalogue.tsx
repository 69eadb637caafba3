import { type KeyboardEvent, useRef } from 'react'
import { useDocument } from '../../api.ts'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
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
  const { data, error, reload } = useDocument(CatalogueDocument, { language: LANGUAGE })
  const grid = useRef<HTMLUListElement>(null)
  const search = query.get('q') ?? ''
  const chosen = query.get('category') ?? ''
  const categories = data?.providerCategories ?? []
  const found = (data?.providers.nodes ?? [])
    .filter((provider) => chosen === '' || provider.categories.includes(chosen))
    .filter((provider) => matches(provider, categories, search))
    .toSorted((a, b) => rank(a, search) - rank(b, search) || a.displayName.localeCompare(b.displayName))
  const links = () => [...(grid.current?.querySelectorAll('a') ?? [])]
  const open = (event: KeyboardEvent) => {
    const [first] = links()
    if (first === undefined || (event.key !== 'ArrowDown' && event.key !== 'Enter')) return
    event.preventDefault()
    if (event.key === 'Enter') first.click()
    else first.focus()
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
          {[{ slug: '', text: t('common.all'), count: data?.providers.nodes.length ?? 0 }, ...categories].map(
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
      </div>
      <span className="hidden" role="status">
        {data !== undefined && t('catalogue.found', { count: found.length })}
      </span>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading lines={6} />}
      {data !== undefined && found.length === 0 && (
        <Empty title={t('common.noMatch')} text={t('catalogue.noMatchText')} />
      )}
      <ul className="tiles" ref={grid} onKeyDown={moveByArrows}>
        {found.map((provider) => (
          <li key={provider.slug} className="card tile">
            <Logo name={provider.displayName} url={provider.logoUrl} color={provider.color} size="large" />
            <div className="main">
              <Link to={`${base}/integrations/new/${provider.slug}`} className="title stretched">
                {provider.displayName}
              </Link>
              <p className="facts">
                <span>{namesOf(provider, categories).join(', ')}</span>
                <span>{authName(provider.auth)}</span>
              </p>
            </div>
          </li>
        ))}
        {data !== undefined && (
          <li className="card tile own">
            <span className="logo monogram large" aria-hidden="true">
              {'{ }'}
            </span>
            <div className="main">
              <Link to={`${base}/integrations/new/definition`} className="title stretched">
                {t('catalogue.own')}
              </Link>
              <p className="facts">{t('catalogue.ownText')}</p>
            </div>
          </li>
        )}
        {data !== undefined && (
          <li className="card tile own">
            <span className="logo monogram large" aria-hidden="true">
              ⤓
            </span>
            <div className="main">
              <Link to={`${base}/integrations/new/import`} className="title stretched">
                {t('import.title')}
              </Link>
              <p className="facts">{t('import.tile')}</p>
            </div>
          </li>
        )}
      </ul>
    </>
  )
}

function namesOf({ categories }: Provider, all: readonly Category[]): string[] {
  return categories.map((slug) => all.find((category) => category.slug === slug)?.text ?? slug)
}

/** Whether each word of a search is in the names of a provider, of its categories, or of the company in its addresses. */
function matches(provider: Provider, all: readonly Category[], search: string): boolean {
  const { slug, displayName, categories, baseUrl, docsUrl } = provider
  const text = [slug, displayName, ...categories, ...namesOf(provider, all), baseUrl, docsUrl].join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Providers whose name begins with the search come first, then those whose name contains it. */
function rank({ displayName, slug }: Provider, search: string): number {
  const word = search.trim().toLowerCase()
  if (word === '') return 0
  const name = displayName.toLowerCase()
  if (name.startsWith(word) || slug.startsWith(word)) return 0
  return name.includes(word) ? 1 : 2
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
