import { useState } from 'react'
import { mutate, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConnectionRow } from '../../components/connection-row.tsx'
import { Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { SyncJobRow } from '../../components/sync-job.tsx'
import { connectAccount } from '../../connect-account.ts'
import { TriggerSyncDocument } from '../../generated/graphql.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { CreateSandboxDocument, HomeDocument, type HomeQuery } from './generated/graphql.ts'
import { t } from './texts.ts'

type Shown = NonNullable<HomeQuery['workspace']>

export function Home({ workspace, base, readOnly, sandbox }: WorkspacePageProps) {
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
              <li key={job.id}>
                <SyncJobRow job={job} base={base} readOnly={readOnly} />
              </li>
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
            <li key={connection.id}>
              <ConnectionRow connection={connection} base={base} />
            </li>
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
                <Link to={`${base}/webhooks/${id}`} className="title stretched">
                  {t('home.webhook')}
                </Link>
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

interface FirstProps extends Omit<WorkspacePageProps, 'rest'> {
  shown: Shown
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
    await connectAccount({ workspaceId: workspace.id, base, integration: 'sandbox', redirectUrls: shown.redirectUrls })
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
