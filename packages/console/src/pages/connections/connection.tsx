import { type ReactNode, useState } from 'react'
import { mutate, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { SyncJobRow } from '../../components/sync-job.tsx'
import { Fact, Logo, Status, Time } from '../../components/values.tsx'
import { TriggerSyncDocument } from '../../generated/graphql.ts'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import {
  ConnectionDocument,
  type ConnectionQuery,
  DeleteConnectionDocument,
  RefreshConnectionDocument,
  TestConnectionDocument,
  UpdateConnectionDocument,
} from './generated/graphql.ts'
import { t } from './texts.ts'

type Shown = Extract<ConnectionQuery['node'], { __typename: 'Connection' }>
type Asked = 'renew' | 'disable' | 'delete'

export function ConnectionPage({ workspace, base, readOnly, id }: WorkspacePageProps & { id: string }) {
  const { data, error, reload } = useDocument(ConnectionDocument, { id })
  useReloadOnEvents(workspace.id, reload, (event) => event.connection?.id === id)
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  const connection = data.node?.__typename === 'Connection' ? data.node : null
  return (
    <>
      <Link to={`${base}/connections`} className="back">
        ← {t('connection.back')}
      </Link>
      {connection === null ? (
        <Empty title={t('common.noMatch')} text={t('connection.missing')} />
      ) : (
        <Details connection={connection} base={base} readOnly={readOnly} reload={reload} />
      )}
    </>
  )
}

interface DetailsProps {
  connection: Shown
  base: string
  readOnly: string | undefined
  reload: () => void
}

function Details({ connection, base, readOnly, reload }: DetailsProps) {
  const { id, displayName, integration, endUser, status, statusReason, credential, schedule, streams } = connection
  const jobs = connection.syncJobs.nodes
  return (
    <>
      <PageHead title={displayName}>
        <Status of={status} prefix="status" />
      </PageHead>
      {status !== 'ACTIVE' && statusReason !== null && (
        <Notice tone={status === 'NEEDS_REAUTH' || status === 'ERROR' ? 'bad' : 'calm'}>{statusReason}</Notice>
      )}
      <Actions connection={connection} base={base} readOnly={readOnly} reload={reload} />
      <div className="columns">
        <section className="card">
          <h2>{t('connection.details')}</h2>
          <dl>
            <Fact name={t('connections.integration')}>
              <Logo name={integration.displayName} /> {integration.displayName}
            </Fact>
            <Fact name={t('connection.endUser')}>
              {endUser === null ? (
                <span className="faint">{t('connection.ofWorkspace')}</span>
              ) : (
                <Link to={`${base}/connections?endUser=${encodeURIComponent(endUser.externalId)}`}>
                  {endUser.displayName ?? endUser.externalId}
                </Link>
              )}
            </Fact>
            <Fact name={t('connection.created')}>
              <Time at={connection.createdAt} />
            </Fact>
            <Fact name={t('connection.schedule')}>{describeSchedule(schedule)}</Fact>
            <Fact name="Id">
              <code>{id}</code>
            </Fact>
          </dl>
        </section>
        <section className="card">
          <h2>{t('connection.credential')}</h2>
          <dl>
            <Fact name={t('common.type')}>
              <code>{credential.type}</code>
            </Fact>
            <Fact name={t('connection.expires')}>
              <Time at={credential.expiresAt} />
            </Fact>
            <Fact name={t('connection.renewal')}>
              {credential.refreshable ? (
                <Time at={credential.nextRefreshAt} />
              ) : (
                <span className="faint">{t('connection.noRenewal')}</span>
              )}
            </Fact>
            <Fact name={t('connection.renewed')}>
              <Time at={credential.lastRefreshedAt} />
            </Fact>
            <Fact name={t('connection.scopes')}>
              {credential.scopes.length === 0 ? (
                <span className="faint">{t('common.none')}</span>
              ) : (
                <span className="tags">
                  {credential.scopes.map((scope) => (
                    <code key={scope}>{scope}</code>
                  ))}
                </span>
              )}
            </Fact>
          </dl>
          {credential.lastError !== null && <p className="reason bad">{credential.lastError.message}</p>}
        </section>
      </div>
      <h2>{t('connection.streams')}</h2>
      {streams.length === 0 ? (
        <p className="faint">{t('connection.noStreams')}</p>
      ) : (
        <ul className="card list">
          {streams.map(({ name, recordCount, lastSyncedAt }) => (
            <li key={name} className="row">
              <code className="main">{name}</code>
              <span className="number">{t('connection.records', { count: recordCount })}</span>
              <span className="side">
                <Time at={lastSyncedAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <h2>{t('connection.jobs')}</h2>
      {jobs.length === 0 ? (
        <p className="faint">{t('connection.noJobs')}</p>
      ) : (
        <ul className="card list">
          {jobs.map((job) => (
            <li key={job.id}>
              <SyncJobRow job={job} base={base} readOnly={readOnly} named={false} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function describeSchedule(schedule: Shown['schedule']): ReactNode {
  if (schedule === null) return <span className="faint">{t('connection.noSchedule')}</span>
  if (schedule.paused) return t('connection.paused')
  const text =
    schedule.cron === null
      ? t('connection.every', { seconds: schedule.intervalSeconds ?? 0 })
      : `${schedule.cron} (${schedule.timezone})`
  return (
    <>
      {text} · <Time at={schedule.nextRunAt} />
    </>
  )
}

/** What can be done with a connection. What changes something that is not obvious asks first. */
function Actions({ connection, base, readOnly, reload }: DetailsProps) {
  const { id, displayName, status, credential, streams } = connection
  const [asked, setAsked] = useState<Asked>()
  const [result, setResult] = useState<{ tone: 'good' | 'bad'; text: string }>()
  const [busy, setBusy] = useState<string>()
  const isDisabled = status === 'DISABLED'
  const count = streams.reduce((sum, { recordCount }) => sum + recordCount, 0)

  const run = async (name: string, work: () => Promise<{ tone: 'good' | 'bad'; text: string }>) => {
    setBusy(name)
    setResult(undefined)
    try {
      setResult(await work())
    } catch (failure) {
      setResult({ tone: 'bad', text: failure instanceof Error ? failure.message : String(failure) })
    }
    setBusy(undefined)
    reload()
  }
  const done = (name: 'renew' | 'sync' | 'disable' | 'enable') => ({
    tone: 'good' as const,
    text: t(`connection.done.${name}`),
  })
  const test = async () => {
    const payload = await mutate(TestConnectionDocument, { input: { connectionId: id } })
    if (payload.__typename !== 'TestConnectionPayload') throw new Error(t('common.failed'))
    const { ok, message } = payload.result
    return { tone: ok ? ('good' as const) : ('bad' as const), text: message }
  }
  const sync = async () => {
    await mutate(TriggerSyncDocument, { input: { connectionId: id } })
    return done('sync')
  }
  const disable = async (disabled: boolean) => {
    await mutate(UpdateConnectionDocument, { input: { connectionId: id, disabled } })
    return done(disabled ? 'disable' : 'enable')
  }
  const CONFIRMED: Record<Asked, () => Promise<void>> = {
    renew: async () => {
      await mutate(RefreshConnectionDocument, { input: { connectionId: id, force: true } })
      setResult(done('renew'))
      reload()
    },
    disable: async () => {
      setResult(await disable(true))
      reload()
    },
    delete: async () => {
      await mutate(DeleteConnectionDocument, { input: { connectionId: id } })
      navigate(`${base}/connections`)
    },
  }
  return (
    <>
      <div className="actions toolbar">
        {streams.length > 0 && (
          <Button
            kind="primary"
            busy={busy === 'sync'}
            onClick={() => void run('sync', sync)}
            disabledBecause={readOnly}
          >
            {t('connection.sync')}
          </Button>
        )}
        <Button busy={busy === 'test'} onClick={() => void run('test', test)} disabledBecause={readOnly}>
          {t('connection.test')}
        </Button>
        {credential.refreshable && (
          <Button onClick={() => setAsked('renew')} disabledBecause={readOnly}>
            {t('connection.renew')}
          </Button>
        )}
        {isDisabled ? (
          <Button
            busy={busy === 'enable'}
            onClick={() => void run('enable', () => disable(false))}
            disabledBecause={readOnly}
          >
            {t('connection.enable')}
          </Button>
        ) : (
          <Button onClick={() => setAsked('disable')} disabledBecause={readOnly}>
            {t('connection.disable')}
          </Button>
        )}
        <Button kind="danger" onClick={() => setAsked('delete')} disabledBecause={readOnly}>
          {t('connection.delete')}
        </Button>
      </div>
      {readOnly !== undefined && <p className="faint">{readOnly}</p>}
      {result !== undefined && <Notice tone={result.tone}>{result.text}</Notice>}
      {asked !== undefined && (
        <Confirm
          title={t(`connection.ask.${asked}`, { name: displayName })}
          text={t(`connection.ask.${asked}Text`, { count })}
          action={t(`connection.${asked}`)}
          kind={asked === 'delete' ? 'danger' : 'primary'}
          onConfirm={CONFIRMED[asked]}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}
