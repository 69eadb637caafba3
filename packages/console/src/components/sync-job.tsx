import { useState } from 'react'
import { mutate } from '../api.ts'
import { CancelSyncDocument, type SyncJobLineFragment } from '../generated/graphql.ts'
import { formatNumber, formatTime, t } from '../texts.ts'
import { Button } from './button.tsx'
import { Confirm } from './dialog.tsx'
import { Link } from './link.tsx'
import { Logo, Status, Time } from './values.tsx'

interface SyncJobRowProps {
  job: SyncJobLineFragment
  /** Path of the workspace. */
  base: string
  /** Why the job cannot be cancelled. Undefined: it can. */
  readOnly: string | undefined
  /** Whether the row names the connection. */
  named?: boolean
}

/** One sync job: its state, its progress while it runs, and the provider's words if it failed. */
export function SyncJobRow({ job, base, readOnly, named = true }: SyncJobRowProps) {
  const { error } = job
  return (
    <div className="row job">
      {named && (
        <Logo
          name={job.connection.integration.displayName}
          url={job.connection.integration.logoUrl}
          color={job.connection.integration.color}
        />
      )}
      <div className="main">
        <div className="line">
          {named ? (
            <Link to={`${base}/syncs/${job.id}`} className="title stretched">
              {job.connection.displayName}
            </Link>
          ) : (
            <Link to={`${base}/syncs/${job.id}`} className="title stretched">
              {job.streams.map(({ name }) => name).join(', ') || job.trigger.toLowerCase()}
            </Link>
          )}
          <Status of={job.status} prefix="job" />
        </div>
        <div className="facts">
          <span className="number">{t('syncs.records', { count: job.recordsRead })}</span>
          <span className="number">{t('syncs.written', { count: job.recordsWritten })}</span>
          {job.recordsDeleted > 0 && (
            <span className="number">{t('syncs.deleted', { count: job.recordsDeleted })}</span>
          )}
          <span className="number">{t('syncs.pages', { count: job.pagesRead })}</span>
          {job.attempt > 1 && <span>{t('syncs.attempt', { count: job.attempt })}</span>}
        </div>
        {job.status === 'RUNNING' && (
          <ul className="streams">
            {job.streams.map((stream) => (
              <li key={stream.name}>
                <StreamProgress stream={stream} />
              </li>
            ))}
          </ul>
        )}
        {job.waitingUntil !== null && (
          <p className="reason">
            {t('syncs.waits', { until: formatTime(new Date(job.waitingUntil)), reason: job.waitingFor ?? '' })}
          </p>
        )}
        {error !== null && (
          <p className="reason bad">
            {error.message}
            {error.providerMessage !== null && !error.message.includes(error.providerMessage) && (
              <q>{error.providerMessage}</q>
            )}
          </p>
        )}
        {job.warnings.map((warning) => (
          <p key={`${warning.code} ${warning.stream}`} className="reason warn">
            {warning.message}
          </p>
        ))}
      </div>
      <div className="side">
        <Time at={job.finishedAt ?? job.startedAt ?? job.queuedAt} />
        {isOpen(job) && <CancelSync job={job} readOnly={readOnly} quiet />}
      </div>
    </div>
  )
}

/** Whether a job is not finished. */
export function isOpen({ status }: Pick<SyncJobLineFragment, 'status'>): boolean {
  return ['RUNNING', 'QUEUED', 'CANCELLING'].includes(status)
}

interface CancelSyncProps {
  job: Pick<SyncJobLineFragment, 'id' | 'status'>
  readOnly: string | undefined
  quiet?: boolean
}

/** The button that cancels a job, after it has said what that does. */
export function CancelSync({ job, readOnly, quiet = false }: CancelSyncProps) {
  const [asking, setAsking] = useState(false)
  if (job.status === 'CANCELLING') return null
  return (
    <>
      <Button kind={quiet ? 'quiet' : 'danger'} onClick={() => setAsking(true)} disabledBecause={readOnly}>
        {t('syncs.cancel')}
      </Button>
      {asking && (
        <Confirm
          title={t('syncs.ask')}
          text={t('syncs.askText')}
          action={t('syncs.cancel')}
          kind="danger"
          onConfirm={async () => void (await mutate(CancelSyncDocument, { input: { syncJobId: job.id } }))}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

interface StreamProgressProps {
  stream: SyncJobLineFragment['streams'][number]
  /** Records per second. */
  rate?: number | undefined
}

/** How far a stream is. Without a total of the source the bar moves without an end. */
export function StreamProgress({ stream, rate }: StreamProgressProps) {
  const { name, status, recordsRead, total } = stream
  const isKnown = total !== null && total > 0
  const waits = status === 'QUEUED'
  const value =
    status === 'RUNNING'
      ? isKnown
        ? { value: Math.min(recordsRead, total), max: total }
        : {}
      : { value: status === 'SUCCEEDED' ? 1 : 0, max: 1 }
  return (
    <>
      <span className={waits ? 'faint' : undefined}>{name}</span>
      <progress aria-label={name} className={status === 'FAILED' ? 'bad' : undefined} {...value} />
      <span className="number">
        {isKnown ? t('common.of', { count: recordsRead, total }) : formatNumber(recordsRead)}
        {rate !== undefined && status === 'RUNNING' && <span className="faint"> · {formatNumber(rate)}/s</span>}
      </span>
    </>
  )
}
