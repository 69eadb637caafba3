import { useEffect, useRef, useState } from 'react'
import { mutate, useDocument, useReloadOnEvents } from '../api.ts'
import type { WorkspacePageProps } from '../app.tsx'
import { Button, Link, Loading, Notice, PageHead, Problem } from '../components.tsx'
import {
  AllowRedirectDocument,
  ConfirmConnectionDocument,
  CreateSandboxDocument,
  HomeDocument,
  type HomeQuery,
  StartConnectingDocument,
  TriggerSyncDocument,
} from '../generated/graphql.ts'
import { hrefOf, navigate, usePlace } from '../router.ts'
import { SyncJobRow } from '../sync-job.tsx'
import { formatNumber, t } from '../texts.ts'
import { ConnectionRow } from './connections.tsx'

/** The end user of connections that are made here. */
const END_USER = 'console'

type Shown = NonNullable<HomeQuery['workspace']>

export function Home({ workspace, base, readOnly, sandbox }: WorkspacePageProps & { sandbox: boolean }) {
  const { data, error, reload } = useDocument(HomeDocument, { workspaceId: workspace.id })
  useReloadOnEvents(workspace.id, reload)
  const shown = data?.workspace
  if (shown == null) return error === undefined ? <Loading lines={6} /> : <Problem message={error} retry={reload} />
  const failed = new Set(failedNow(shown).map(({ id }) => id))
  const recent = shown.recent.nodes.filter(({ id }) => !failed.has(id))
  const isNew = (shown.recent.totalCount ?? 0) === 0 && (shown.all.totalCount ?? 0) <= 1
  return (
    <>
      <PageHead title={t('home.title')} />
      {error !== undefined && <Problem message={error} retry={reload} />}
      <ul className="figures">
        <Figure name={t('home.connections')} value={shown.all.totalCount} to={`${base}/connections`} />
        <Figure name={t('home.active')} value={shown.active.totalCount} to={`${base}/connections?status=ACTIVE`} />
        <Figure name={t('home.running')} value={shown.running.totalCount} to={`${base}/syncs`} />
      </ul>
      {isNew && (
        <First workspace={workspace} base={base} shown={shown} readOnly={readOnly} sandbox={sandbox} reload={reload} />
      )}
      {!isNew && <Attention shown={shown} base={base} />}
      {recent.length > 0 && (
        <>
          <h2>{t('home.recent')}</h2>
          <ul className="card list">
            {recent.slice(0, 6).map((job) => (
              <SyncJobRow key={job.id} job={job} base={base} readOnly={readOnly} />
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function Figure({ name, value, to }: { name: string; value: number | null; to: string }) {
  return (
    <li className="card">
      <Link to={to} className="stretched">
        {name}
      </Link>
      <strong className="number">{value === null ? '–' : formatNumber(value)}</strong>
    </li>
  )
}

/** The newest job of a connection counts: one that failed before a success needs nothing. */
function failedNow({ recent }: Shown) {
  const seen = new Set<string>()
  return recent.nodes.filter(({ status, connection }) => {
    const isNewest = !seen.has(connection.id)
    seen.add(connection.id)
    return isNewest && status === 'FAILED'
  })
}

function Attention({ shown, base }: { shown: Shown; base: string }) {
  const failed = failedNow(shown)
  const endpoints = shown.webhookEndpoints.nodes.filter(({ enabled }) => !enabled)
  const isFine = shown.broken.nodes.length + failed.length + endpoints.length === 0
  return (
    <>
      <h2>{t('home.attention')}</h2>
      {isFine ? (
        <div className="card fine">
          <strong>{t('home.fine')}</strong>
          <p>{t('home.fineText')}</p>
        </div>
      ) : (
        <ul className="card list">
          {shown.broken.nodes.map((connection) => (
            <ConnectionRow key={connection.id} connection={connection} base={base} />
          ))}
          {failed.map((job) => (
            <li key={job.id} className="row">
              <div className="main">
                <Link to={`${base}/connections/${job.connection.id}`} className="title stretched">
                  {t('home.syncFailed')}: {job.connection.displayName}
                </Link>
                <p className="reason bad">{job.error?.message}</p>
              </div>
            </li>
          ))}
          {endpoints.map(({ id, url, disabledReason }) => (
            <li key={id} className="row">
              <div className="main">
                <span className="title">{t('home.webhook')}</span>
                <div className="facts">{url}</div>
                {disabledReason !== null && <p className="reason bad">{disabledReason}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

interface FirstProps extends WorkspacePageProps {
  shown: Shown
  sandbox: boolean
  reload: () => void
}

/** The way to the first connection: the connect page, the consent, a sync. */
function First({ workspace, base, shown, readOnly, sandbox, reload }: FirstProps) {
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const connection = shown.all.nodes[0]
  const isConnected = (shown.active.totalCount ?? 0) > 0 && connection !== undefined

  const run = async (work: () => Promise<void>) => {
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure))
    }
    setBusy(false)
    reload()
  }
  const connect = async () => {
    if (shown.sandbox === null) {
      await mutate(CreateSandboxDocument, {
        input: { workspaceId: workspace.id, slug: 'sandbox', provider: 'sandbox' },
      })
    }
    // The browser comes back here, and the console confirms the connection.
    const redirectUrl = `${location.origin}${hrefOf(`${base}/connected`)}`
    if (!shown.redirectUrls.includes(redirectUrl)) {
      const redirectUrls = [...shown.redirectUrls, redirectUrl]
      await mutate(AllowRedirectDocument, { input: { workspaceId: workspace.id, redirectUrls } })
    }
    const payload = await mutate(StartConnectingDocument, {
      input: { workspaceId: workspace.id, endUserExternalId: END_USER, integrations: ['sandbox'], redirectUrl },
    })
    if (payload.__typename === 'CreateConnectSessionPayload') location.assign(payload.connectUrl)
  }
  const sync = async () => {
    if (connection !== undefined) await mutate(TriggerSyncDocument, { input: { connectionId: connection.id } })
  }
  if (!sandbox && !isConnected) {
    return (
      <section className="card first">
        <h2>{t('home.first')}</h2>
        <p>{t('home.firstProduction')}</p>
      </section>
    )
  }
  return (
    <section className="card first">
      <h2>{t('home.first')}</h2>
      {isConnected ? (
        <>
          <p>{t('home.connected', { name: connection.displayName })}</p>
          <Button kind="primary" busy={busy} onClick={() => void run(sync)} disabledBecause={readOnly}>
            {t('home.sync')}
          </Button>
        </>
      ) : (
        <>
          <p>{t('home.firstText')}</p>
          <Button kind="primary" busy={busy} onClick={() => void run(connect)} disabledBecause={readOnly}>
            {t('home.connect')}
          </Button>
        </>
      )}
      {error !== undefined && <Notice tone="bad">{error}</Notice>}
    </section>
  )
}

/** Where the connect page leads back to. Confirms the connection with the handle that it brings. */
export function Connected({ base }: WorkspacePageProps) {
  const { query } = usePlace()
  const [error, setError] = useState<string>()
  const isSent = useRef(false)
  const handle = query.get('handle')
  const refusal = query.get('error_description') ?? query.get('error')
  useEffect(() => {
    if (isSent.current || refusal !== null) return
    isSent.current = true
    const confirmed =
      handle === null
        ? Promise.resolve()
        : mutate(ConfirmConnectionDocument, { input: { handle, endUserExternalId: END_USER } })
    confirmed.then(
      () => navigate(base, { replace: true }),
      (failure: Error) => setError(failure.message),
    )
  }, [base, handle, refusal])
  if (error === undefined && refusal === null) return <Loading />
  return (
    <>
      <Notice tone="bad">{error ?? refusal}</Notice>
      <Link to={base}>{t('nav.home')}</Link>
    </>
  )
}
