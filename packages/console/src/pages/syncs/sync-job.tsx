import { useState } from 'react'
import { mutate, useDocument, useReloadOnEvents, useWorkspaceEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Check } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { CancelSync, isOpen, StreamProgress } from '../../components/sync-job.tsx'
import { Fact, Status, Time } from '../../components/values.tsx'
import { TriggerSyncDocument } from '../../generated/graphql.ts'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatBytes, formatDuration, formatNumber, formatTime } from '../../texts.ts'
import { SyncJobDocument, type SyncJobQuery } from './generated/graphql.ts'
import { t } from './texts.ts'

type Shown = Extract<SyncJobQuery['node'], { __typename: 'SyncJob' }>

/** One sync job: its progress while it runs, its retries and warnings, and why it failed. */
export function SyncJobPage({ workspace, base, readOnly, id }: WorkspacePageProps & { id: string }) {
  const { data, error, reload } = useDocument(SyncJobDocument, { id })
  useReloadOnEvents(workspace.id, reload, ({ syncJob }) => syncJob?.id === id)
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  const job = data.node?.__typename === 'SyncJob' ? data.node : null
  return (
    <>
      <Link to={`${base}/syncs`} className="back">
        ← {t('syncs.title')}
      </Link>
      {job === null ? (
        <Empty title={t('common.noMatch')} text={t('common.missing')} />
      ) : (
        <Details job={job} workspaceId={workspace.id} base={base} readOnly={readOnly} />
      )}
    </>
  )
}

interface DetailsProps {
  job: Shown
  workspaceId: string
  base: string
  readOnly: string | undefined
}

function Details({ job, workspaceId, base, readOnly }: DetailsProps) {
  const { connection, error, streams, warnings } = job
  const [asked, setAsked] = useState<'again'>()
  const rates = useRates(workspaceId, job.id)
  const runs = isOpen(job)
  const newest = job.events.nodes[0]
  const waits = runs && newest !== undefined ? retryText(newest) : null
  const again = async (form: FormData) => {
    const payload = await mutate(TriggerSyncDocument, {
      input: {
        connectionId: connection.id,
        streams: streams.map(({ name }) => name),
        fullRefresh: form.has('full'),
        confirmDeletes: form.has('confirmDeletes'),
      },
    })
    if (payload.__typename === 'TriggerSyncPayload') navigate(`${base}/syncs/${payload.syncJob.id}`)
  }
  return (
    <>
      <PageHead title={connection.displayName}>
        <Status of={job.status} prefix="job" />
      </PageHead>
      <div className="actions toolbar">
        {!runs && (
          <Button kind="primary" onClick={() => setAsked('again')} disabledBecause={readOnly}>
            {t('syncs.again')}
          </Button>
        )}
        <Link to={`${base}/connections/${connection.id}`} className="button">
          {t('syncs.connection')}
        </Link>
        <Link to={`${base}/records?connection=${encodeURIComponent(connection.id)}`} className="button">
          {t('syncs.seeRecords')}
        </Link>
        {runs && <CancelSync job={job} readOnly={readOnly} />}
      </div>
      {waits !== null && <Notice tone="warn">{waits}</Notice>}
      {error !== null && (
        <Notice tone="bad">
          <div>
            <strong>{error.message}</strong>
            {error.providerMessage !== null && !error.message.includes(error.providerMessage) && (
              <q>{error.providerMessage}</q>
            )}
          </div>
        </Notice>
      )}
      {warnings.map(({ code, stream, message }) => (
        <Notice key={`${code} ${stream}`} tone="warn">
          {message}
        </Notice>
      ))}
      <div className="columns">
        <section className="card">
          <h2>{t('syncs.streams')}</h2>
          <ul className="streams wide">
            {streams.map((stream) => (
              <li key={stream.name}>
                <StreamProgress stream={stream} rate={runs ? rates.get(stream.name) : undefined} />
              </li>
            ))}
          </ul>
        </section>
        <section className="card">
          <h2>{t('syncs.facts')}</h2>
          <dl>
            <Fact name={t('syncs.trigger')}>
              {t(`syncs.trigger.${job.trigger}`)}
              {job.credentialOverridden && <p className="faint">{t('syncs.token')}</p>}
            </Fact>
            <Fact name={t('syncs.queued')}>
              <Time at={job.queuedAt} />
            </Fact>
            <Fact name={t('syncs.startedAt')}>
              <Time at={job.startedAt} />
            </Fact>
            <Fact name={t('syncs.finished')}>
              <Time at={job.finishedAt} />
            </Fact>
            {job.startedAt !== null && job.finishedAt !== null && (
              <Fact name={t('syncs.duration')}>
                {formatDuration(Date.parse(job.finishedAt) - Date.parse(job.startedAt))}
              </Fact>
            )}
            {job.waitingUntil !== null && (
              <Fact name={t('syncs.waitingUntil')}>
                {formatTime(new Date(job.waitingUntil))} <span className="faint">{job.waitingFor}</span>
              </Fact>
            )}
            <Fact name={t('syncs.attempts')}>{formatNumber(job.attempt)}</Fact>
            <Fact name={t('syncs.read')}>
              {t('syncs.readText', {
                records: job.recordsRead,
                pages: job.pagesRead,
                bytes: formatBytes(job.bytesRead),
              })}
            </Fact>
          </dl>
        </section>
      </div>
      <History job={job} />
      {asked === 'again' && (
        <Confirm
          title={t('syncs.askAgain')}
          text={t('syncs.askAgainText', { count: streams.length, name: connection.displayName })}
          action={t('syncs.again')}
          onConfirm={again}
          onClose={() => setAsked(undefined)}
        >
          <Check name="full" label={t('syncs.full')} hint={t('syncs.fullText')} />
          {warnings.some(({ code }) => code === 'DELETIONS_HELD_BACK') && (
            <Check name="confirmDeletes" label={t('syncs.confirmDeletes')} hint={t('syncs.confirmDeletesText')} />
          )}
        </Confirm>
      )}
    </>
  )
}

/** Records per second of each stream, as the last event of the job says. */
function useRates(workspaceId: string, jobId: string): ReadonlyMap<string, number> {
  const [rates, setRates] = useState<ReadonlyMap<string, number>>(new Map())
  useWorkspaceEvents(
    workspaceId,
    (event) => {
      if (event.__typename !== 'SyncProgressed' || event.syncJob?.id !== jobId) return
      const { stream, recordsPerSecond } = event
      if (recordsPerSecond !== null) setRates((before) => new Map(before).set(stream, recordsPerSecond))
    },
    () => undefined,
  )
  return rates
}

type HistoryEvent = Shown['events']['nodes'][number]

/** The events of the job without those of its progress. Retries that follow each other are one line. */
function historyOf({ events }: Shown): { event: HistoryEvent; count: number }[] {
  const lines: { event: HistoryEvent; count: number }[] = []
  for (const event of events.nodes.toReversed()) {
    const last = lines.at(-1)
    if (event.type === 'SYNC_PROGRESSED') continue
    if (last !== undefined && event.type === 'SYNC_RETRYING' && last.event.type === 'SYNC_RETRYING') {
      last.event = event
      last.count += 1
    } else lines.push({ event, count: 1 })
  }
  return lines
}

function retryText(event: HistoryEvent): string | null {
  if (event.__typename !== 'SyncRetrying') return null
  const { stream, retryAt, reason } = event
  return t('syncs.retry', { stream, until: formatTime(new Date(retryAt)), reason })
}

function History({ job }: { job: Shown }) {
  const lines = historyOf(job)
  if (lines.length === 0) return null
  return (
    <>
      <h2>{t('syncs.history')}</h2>
      <ol className="card list history">
        {lines.map(({ event, count }) => (
          <li key={event.id}>
            <div className="row">
              <div className="main line">
                <code>{event.type}</code>
                {count > 1 && <span className="faint">{t('syncs.times', { count })}</span>}
                <span className="faint">{retryText(event)}</span>
              </div>
              <Time at={event.occurredAt} />
            </div>
          </li>
        ))}
      </ol>
    </>
  )
}
