import * as DropdownMenu from '@radix-ui/react-dropdown-menu'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { signOut, useDocument, useEventsOfWorkspace, useLive } from './api.ts'
import { Button } from './components/button.tsx'
import { Link } from './components/link.tsx'
import { type ViewerQuery, WorkspacesDocument } from './generated/graphql.ts'
import { hrefOf, navigate } from './router.ts'
import { GROUPS } from './routes.tsx'
import { type CommonKey, t } from './texts.ts'

const Search = lazy(async () => ({ default: (await import('./pages/search/search.tsx')).Search }))

interface ShellProps {
  viewer: ViewerQuery['viewer']
  workspace?: { id: string; slug: string; name: string } | undefined
  /** Name of the page that is shown. */
  page?: string
  /** Why nothing can be changed. Undefined: it can. */
  readOnly?: string | undefined
  /** Path of the workspace. Undefined: no workspace is shown, and there is no menu. */
  base?: string
  children: ReactNode
}

/** What surrounds every page: the workspace, the menu, whether events arrive, and who is signed in. */
export function Shell({ viewer, workspace, page, base, readOnly, children }: ShellProps) {
  const [open, setOpen] = useState(false)
  const [searching, setSearching] = useSearchKeys()
  const canSearch = workspace !== undefined && base !== undefined
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <header className={open ? 'sidebar open' : 'sidebar'}>
        <div className="brand">
          <img src={hrefOf('/icon.svg')} alt="" width="24" height="24" />
          {viewer.workspace === null ? (
            <Switcher current={workspace} />
          ) : (
            <strong className="workspace-name">{viewer.workspace.name}</strong>
          )}
        </div>
        {canSearch && (
          <button
            type="button"
            className="search-button"
            aria-keyshortcuts="/ Control+K Meta+K"
            onClick={() => setSearching(true)}
          >
            <span>{t('common.search')}</span>
            <kbd>/</kbd>
          </button>
        )}
        {base !== undefined && (
          <button type="button" className="button menu-button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('nav.menu')}
          </button>
        )}
        <div className="folded">
          {base !== undefined && (
            // A link of the menu closes it on a phone.
            // biome-ignore lint/a11y/useKeyWithClickEvents: the links inside are what is pressed
            <nav aria-label={t('nav.main')} onClick={() => setOpen(false)}>
              {GROUPS.map((group) => (
                <ul key={group[0].name}>
                  {group.map(({ name }) => (
                    <li key={name}>
                      <Link
                        to={name === 'home' ? base : `${base}/${name}`}
                        aria-current={page === name ? 'page' : undefined}
                      >
                        {t(`nav.${name}`)}
                      </Link>
                    </li>
                  ))}
                </ul>
              ))}
            </nav>
          )}
          <div className="foot">
            {workspace !== undefined && <LiveMark workspaceId={workspace.id} />}
            {viewer.role !== null && <span className="faint">{t(`role.${viewer.role}` as CommonKey)}</span>}
            <Button kind="quiet" onClick={() => void signOut()}>
              {t('nav.signOut')}
            </Button>
          </div>
        </div>
      </header>
      <main id="content" className="content" tabIndex={-1}>
        {children}
      </main>
      {searching && canSearch && (
        <Suspense>
          <Search workspaceId={workspace.id} base={base} readOnly={readOnly} onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </div>
  )
}

/** Whether the search is open. `/` and Ctrl K (⌘K on a Mac) open it, unless somebody types a text. */
function useSearchKeys(): [boolean, (open: boolean) => void] {
  const [searching, setSearching] = useState(false)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      const types = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable
      const isShortcut = event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)
      const isSlash = event.key === '/' && !types && !event.metaKey && !event.ctrlKey && !event.altKey
      if ((!isShortcut && !isSlash) || document.querySelector('dialog[open]') !== null) return
      event.preventDefault()
      setSearching(true)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
  return [searching, setSearching]
}

/** Whether events arrive. */
function LiveMark({ workspaceId }: { workspaceId: string }) {
  const live = useLive()
  useEventsOfWorkspace(workspaceId)
  return (
    <span className={`mark ${live}`} role="status">
      {t(`live.${live}`)}
    </span>
  )
}

/** The menu with which an operator changes the workspace. */
function Switcher({ current }: { current: { slug: string; name: string } | undefined }) {
  const { data, reload } = useDocument(WorkspacesDocument, {})
  return (
    <DropdownMenu.Root modal={false} onOpenChange={(open) => open && reload()}>
      <DropdownMenu.Trigger className="switcher" aria-label={t('nav.switch')}>
        <span>{current?.name ?? 'Latchkey'}</span>
        <span aria-hidden="true">⌄</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu" align="start" sideOffset={6}>
        {(data?.workspaces.nodes ?? []).map(({ id, slug, name }) => (
          <DropdownMenu.Item key={id} className="menu-item" onSelect={() => navigate(`/w/${slug}`)}>
            {name}
          </DropdownMenu.Item>
        ))}
        <DropdownMenu.Separator className="menu-line" />
        <DropdownMenu.Item className="menu-item" onSelect={() => navigate('/workspaces')}>
          {t('nav.all')}
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  )
}
