import { lazy, Suspense, useEffect, useState } from 'react'
import { askToSignIn, readSession, type Session, useDocument } from './api.ts'
import { Empty, Loading, Problem } from './components/feedback.tsx'
import { ViewerDocument, type ViewerQuery, WorkspaceDocument } from './generated/graphql.ts'
import { usePlace } from './router.ts'
import { pageOf } from './routes.tsx'
import { Shell } from './shell.tsx'
import { t } from './texts.ts'

const SignIn = lazy(async () => ({ default: (await import('./pages/sign-in/sign-in.tsx')).SignIn }))
const Workspaces = lazy(async () => ({ default: (await import('./pages/workspaces/workspaces.tsx')).Workspaces }))

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
  if (isSigningIn) {
    return (
      <Suspense>
        <SignIn onSignedIn={setSession} />
      </Suspense>
    )
  }
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
      <Suspense fallback={<Loading />}>
        <Workspaces viewer={viewer} listed={area === 'workspaces'} />
      </Suspense>
    </Shell>
  )
}

interface InWorkspaceProps {
  slug: string
  viewer: ViewerQuery['viewer']
  sandbox: boolean
}

function InWorkspace({ slug, viewer, sandbox }: InWorkspaceProps) {
  const { parts } = usePlace()
  const { data, error, reload } = useDocument(WorkspaceDocument, { slug })
  const workspace = data?.workspace
  const [, , name = 'home', ...rest] = parts
  const readOnly = viewer.role === 'READER' ? t('common.readOnly') : undefined
  const base = `/w/${slug}`
  const Page = pageOf(name)
  const content = () => {
    if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
    if (workspace == null) return <Empty title={t('workspaces.title')} text={t('workspaces.missing')} />
    if (Page === undefined) return <Empty title={t('common.noPage')} text={t('common.noPageText')} />
    return (
      <Suspense fallback={<Loading lines={6} />}>
        <Page key={name} {...{ workspace, base, rest, readOnly, sandbox }} />
      </Suspense>
    )
  }
  return (
    <Shell viewer={viewer} workspace={workspace ?? undefined} page={name} base={base} readOnly={readOnly}>
      {content()}
    </Shell>
  )
}
