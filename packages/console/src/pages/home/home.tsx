import { type ReactNode, useState } from 'react'
import { mutate, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConnectionRow } from '../../components/connection-row.tsx'
import { Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Figure } from '../../components/figure.tsx'
import { Link } from '../../components/link.tsx'
import { SyncJobRow } from '../../components/sync-job.tsx'
import { Time } from '../../components/values.tsx'
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
  const failed = new Set(attentionOf(shown).jobs.map(({ id }) => id))
  const recent = shown.recent.nodes.filter(({ id }) => !failed.has(id))
  const isNew = (shown.recent.totalCount ?? 0) === 0 && (shown.all.totalCount ?? 0) <= 1
  return (
    <>
      <PageHead title={t('home.title')} />
      {error !== undefined && <Problem message={error} retry={reload} />}
      <ul className="figures">
        <Figure name={t('home.connections')} to={`${base}/connections`}>
          {numberOf(shown.all.totalCount)}
        </Figure>
        <Figure name={t('home.active')} to={`${base}/connections?status=ACTIVE`}>
          {numberOf(shown.active.totalCount)}
        </Figure>
        <Figure name={t('home.running')} to={`${base}/syncs`}>
          {numberOf(shown.running.totalCount)}
        </Figure>
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

function numberOf(count: number | null): string {
  return count === null ? '–' : formatNumber(count)
}

/** Days before the end of a key from which it is named. */
const KEY_DAYS = 14

/** What somebody has to see to. */
function attentionOf({ failed, webhookEndpoints, apiKeys }: Shown) {
  const soon = Date.now() + KEY_DAYS * 86_400_000
  return {
    // The newest job of a connection counts: one that failed before a success needs nothing.
    jobs: failed.nodes.filter(({ id, connection }) => connection.latestSyncJob?.id === id),
    disabled: webhookEndpoints.nodes.filter(({ enabled, disabledReason }) => !enabled && disabledReason !== null),
    failing: webhookEndpoints.nodes.flatMap(({ id, url, enabled, deliveries: { nodes } }) => {
      const [newest] = nodes
      const error = newest?.attempts.at(-1)?.error
      return enabled && newest?.status !== 'DELIVERED' && error != null ? [{ id, url, error }] : []
    }),
    keys: apiKeys.nodes.filter(
      ({ expiresAt, revokedAt }) =>
        revokedAt === null && expiresAt !== null && Date.parse(expiresAt) > Date.now() && Date.parse(expiresAt) < soon,
    ),
  }
}

function Attention({ shown, base }: { shown: Shown; base: string }) {
  const { jobs, disabled, failing, keys } = attentionOf(shown)
  const { broken } = shown
  const more = (broken.totalCount ?? 0) - broken.nodes.length
  const isFine = broken.nodes.length + jobs.length + disabled.length + failing.length + keys.length === 0
  if (isFine) {
    return (
      <>
        <h2>{t('home.attention')}</h2>
        <div className="card fine">
          <strong>{t('home.fine')}</strong>
          <p>{t('home.fineText')}</p>
        </div>
      </>
    )
  }
  return (
    <>
      <h2>{t('home.attention')}</h2>
      <ul className="card list">
        {broken.nodes.map((connection) => (
          <li key={connection.id}>
            <ConnectionRow connection={connection} base={base} />
          </li>
        ))}
        {more > 0 && (
          <Concern to={`${base}/connections?status=NEEDS_REAUTH`} title={t('home.moreBroken', { count: more })} />
        )}
        {jobs.map(({ id, connection, error }) => (
          <Concern
            key={id}
            to={`${base}/syncs/${id}`}
            title={`${t('home.syncFailed')}: ${connection.displayName}`}
            reason={error?.message}
          />
        ))}
        {disabled.map(({ id, url, disabledReason }) => (
          <Concern
            key={id}
            to={`${base}/webhooks/${id}`}
            title={t('home.webhook')}
            facts={url}
            reason={disabledReason ?? undefined}
          />
        ))}
        {failing.map(({ id, url, error }) => (
          <Concern key={id} to={`${base}/webhooks/${id}`} title={t('home.webhookFails')} facts={url} reason={error} />
        ))}
        {keys.map(({ id, name, expiresAt }) => (
          <Concern key={id} to={`${base}/keys`} title={t('home.key', { name })} facts={<Time at={expiresAt} />} />
        ))}
      </ul>
    </>
  )
}

interface ConcernProps {
  to: string
  title: string
  facts?: ReactNode
  reason?: string | undefined
}

function Concern({ to, title, facts, reason }: ConcernProps) {
  return (
    <li>
      <div className="row">
        <div className="main">
          <Link to={to} className="title stretched">
            {title}
          </Link>
          {facts !== undefined && <div className="facts">{facts}</div>}
          {reason !== undefined && <p className="reason bad">{reason}</p>}
        </div>
      </div>
    </li>
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
        <Link to={`${base}/integrations/new`} className="button primary">
          {t('home.addIntegration')}
        </Link>
      </section>
    )
  }
  return (
    <section className="card first">
      <h2>{t(isConnected ? 'home.firstSync' : 'home.first')}</h2>
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
          <div className="actions">
            <Button kind="primary" busy={busy} onClick={() => void run(connect)} disabledBecause={readOnly}>
              {t('home.connect')}
            </Button>
            <Link to={`${base}/integrations/new`} className="button">
              {t('home.own')}
            </Link>
          </div>
        </>
      )}
      {error !== undefined && <Notice tone="bad">{error}</Notice>}
    </section>
  )
}
