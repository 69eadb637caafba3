import * as DropdownMenu from '@radix-ui/react-dropdown-menu'
import { useEffect, useState } from 'react'
import { askToSignIn, readSession, type Session, signOut, useDocument, useLive } from './api.ts'
import { Button, Empty, Link, Loading, Problem } from './components.tsx'
import { ViewerDocument, type ViewerQuery, WorkspaceDocument, WorkspacesDocument } from './generated/graphql.ts'
import { ConnectionPage } from './pages/connection.tsx'
import { Connections } from './pages/connections.tsx'
import { Events } from './pages/events.tsx'
import { Connected, Home } from './pages/home.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { SyncJobs } from './pages/sync-jobs.tsx'
import { Workspaces } from './pages/workspaces.tsx'
import { hrefOf, navigate, usePlace } from './router.ts'
import { type TextKey, t } from './texts.ts'

type Viewer = ViewerQuery['viewer']

/** What every page of a workspace gets. */
export interface WorkspacePageProps {
  workspace: { id: string; slug: string; name: string }
  /** Path of the workspace. */
  base: string
  /** Why nothing can be changed. Undefined: it can. */
  readOnly: string | undefined
}

export function App() {
  const { parts } = usePlace()
  const [session, setSession] = useState<Session>()
  const [error, setError] = useState<string>()
  const isSigningIn = parts[0] === 'sign-in'
  const load = () => {
    setError(undefined)
    readSession().then(setSession, (failure: Error) => setError(failure.message))
  }
  useEffect(load, [])
  useEffect(() => {
    if (session?.signedIn === false && !isSigningIn) askToSignIn()
  }, [session, isSigningIn])
  if (isSigningIn) return <SignIn onSignedIn={setSession} />
  if (error !== undefined) {
    return (
      <main className="content">
        <Problem message={error} retry={load} />
      </main>
    )
  }
  return session?.signedIn === true ? <SignedIn sandbox={session.sandbox} /> : null
}

function SignedIn({ sandbox }: { sandbox: boolean }) {
  const { parts } = usePlace()
  const { data, error, reload } = useDocument(ViewerDocument, {})
  const viewer = data?.viewer
  if (viewer === undefined) {
    return (
      <main className="content">{error === undefined ? <Loading /> : <Problem message={error} retry={reload} />}</main>
    )
  }
  const [area, slug] = parts
  if (area === 'w' && slug !== undefined)
    return <InWorkspace key={slug} slug={slug} viewer={viewer} sandbox={sandbox} />
  return (
    <Shell viewer={viewer}>
      <Workspaces viewer={viewer} listed={area === 'workspaces'} />
    </Shell>
  )
}

function InWorkspace({ slug, viewer, sandbox }: { slug: string; viewer: Viewer; sandbox: boolean }) {
  const { parts } = usePlace()
  const { data, error, reload } = useDocument(WorkspaceDocument, { slug })
  const workspace = data?.workspace
  const [, , page, id] = parts
  const readOnly = viewer.role === 'READER' ? t('common.readOnly') : undefined
  const base = `/w/${slug}`
  const content = () => {
    if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
    if (workspace == null) return <Empty title={t('workspaces.title')} text={t('workspaces.missing')} />
    const props: WorkspacePageProps = { workspace, base, readOnly }
    if (page === 'connections') {
      return id === undefined ? <Connections {...props} /> : <ConnectionPage key={id} {...props} id={id} />
    }
    if (page === 'syncs') return <SyncJobs {...props} />
    if (page === 'events') return <Events {...props} />
    if (page === 'connected') return <Connected {...props} />
    return <Home {...props} sandbox={sandbox} />
  }
  return (
    <Shell viewer={viewer} workspace={workspace ?? undefined} page={page ?? 'home'} base={base}>
      {content()}
    </Shell>
  )
}

const PAGES = [
  ['home', ''],
  ['connections', '/connections'],
  ['syncs', '/syncs'],
  ['events', '/events'],
] as const

interface ShellProps {
  viewer: Viewer
  workspace?: { slug: string; name: string } | undefined
  page?: string
  base?: string
  children: React.ReactNode
}

function Shell({ viewer, workspace, page, base, children }: ShellProps) {
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <header className="sidebar">
        <div className="brand">
          <img src={hrefOf('/icon.svg')} alt="" width="24" height="24" />
          {viewer.workspace === null ? (
            <Switcher current={workspace} />
          ) : (
            <strong className="workspace-name">{viewer.workspace.name}</strong>
          )}
        </div>
        {base !== undefined && (
          <nav aria-label={t('nav.main')}>
            {PAGES.map(([name, path]) => (
              <Link key={name} to={`${base}${path}`} aria-current={page === name ? 'page' : undefined}>
                {t(`nav.${name}`)}
              </Link>
            ))}
          </nav>
        )}
        <div className="foot">
          {base !== undefined && <LiveMark />}
          {viewer.role !== null && <span className="faint">{t(`role.${viewer.role}` as TextKey)}</span>}
          <Button kind="quiet" onClick={() => void signOut()}>
            {t('nav.signOut')}
          </Button>
        </div>
      </header>
      <main id="content" className="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

function LiveMark() {
  const live = useLive()
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
