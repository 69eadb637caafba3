import { useState } from 'react'
import { mutate } from '../api.ts'
import { CancelSyncDocument, type SyncJobLineFragment } from '../generated/graphql.ts'
import { formatNumber, t } from '../texts.ts'
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
  const [asking, setAsking] = useState(false)
  const isOpen = ['RUNNING', 'QUEUED', 'CANCELLING'].includes(job.status)
  const { error } = job
  return (
    <div className="row job">
      {named && <Logo name={job.connection.integration.displayName} url={job.connection.integration.logoUrl} />}
      <div className="main">
        <div className="line">
          {named ? (
            <Link to={`${base}/connections/${job.connection.id}`} className="title">
              {job.connection.displayName}
            </Link>
          ) : (
            <span className="title">{job.streams.map(({ name }) => name).join(', ') || job.trigger.toLowerCase()}</span>
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
                <span>{stream.name}</span>
                <progress
                  aria-label={stream.name}
                  {...(stream.status === 'SUCCEEDED'
                    ? { value: 1, max: 1 }
                    : stream.total === null || stream.total === 0
                      ? {}
                      : { value: Math.min(stream.recordsRead, stream.total), max: stream.total })}
                />
                <span className="number">
                  {stream.total === null
                    ? formatNumber(stream.recordsRead)
                    : t('common.of', { count: stream.recordsRead, total: stream.total })}
                </span>
              </li>
            ))}
          </ul>
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
        {isOpen && job.status !== 'CANCELLING' && (
          <Button kind="quiet" onClick={() => setAsking(true)} disabledBecause={readOnly}>
            {t('syncs.cancel')}
          </Button>
        )}
      </div>
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
    </div>
  )
}
