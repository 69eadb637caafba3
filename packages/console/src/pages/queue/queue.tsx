import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { DocsLink } from '../../components/docs-link.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Figure } from '../../components/figure.tsx'
import { List, usePages } from '../../components/list.tsx'
import { SyncJobRow } from '../../components/sync-job.tsx'
import { Fact, Time } from '../../components/values.tsx'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatBytes, formatNumber } from '../../texts.ts'
import { QueueDocument, QueuedJobsDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

/** The sync jobs that are not finished, and what the workspace may use of the deployment. */
export function Queue({ workspace, base, readOnly }: WorkspacePageProps) {
  const { data, error, reload } = useDocument(QueueDocument, { workspaceId: workspace.id })
  useReloadOnEvents(workspace.id, reload, ({ type }) => type.startsWith('SYNC_'))
  const shown = data?.workspace
  const queued = usePages(shown?.queued, workspace.id, async (after) => {
    const next = await client.query(QueuedJobsDocument, { workspaceId: workspace.id, after }).toPromise()
    return next.data?.workspace?.syncJobs
  })
  if (shown == null) return error === undefined ? <Loading lines={6} /> : <Problem message={error} retry={reload} />
  const { queue, limits, running } = shown
  const limitOf = (points: number | null) => (points === null ? t('queue.unlimited') : formatNumber(points))
  const row = (job: (typeof running.nodes)[number]) => <SyncJobRow job={job} base={base} readOnly={readOnly} />
  return (
    <>
      <PageHead title={t('nav.queue')} />
      {error !== undefined && <Problem message={error} retry={reload} />}
      <ul className="figures">
        <Figure name={t('queue.running')}>{formatNumber(queue.running)}</Figure>
        <Figure name={t('queue.waiting')}>{formatNumber(queue.waiting)}</Figure>
        <Figure name={t('queue.queued')}>{formatNumber(queue.queued)}</Figure>
      </ul>
      {queue.waiting > 0 && <p className="faint">{t('queue.waitingText')}</p>}
      {running.nodes.length > 0 && (
        <>
          <h2>{t('queue.running')}</h2>
          <List items={[...running.nodes]} loadMore={undefined} label={t('queue.running')}>
            {row}
          </List>
        </>
      )}
      {queued.items.length > 0 && (
        <>
          <h2>{t('queue.queued')}</h2>
          {queue.oldestQueuedAt !== null && (
            <p className="faint">
              {t('queue.oldest')}: <Time at={queue.oldestQueuedAt} />
            </p>
          )}
          <List {...queued} label={t('queue.queued')}>
            {row}
          </List>
        </>
      )}
      {running.nodes.length + queued.items.length === 0 && (
        <Empty title={t('queue.empty')} text={t('queue.emptyText')} />
      )}
      <h2>{t('queue.limits')}</h2>
      <section className="card padded">
        <p className="faint">
          {t('queue.limitsText')} <DocsLink page="limits" />
        </p>
        <dl className="wide">
          <Fact name={t('queue.points')}>
            {limitOf(limits.pointsPerMinute)} <span className="faint">{t('queue.pointsText')}</span>
          </Fact>
          <Fact name={t('queue.keyPoints')}>{limitOf(limits.keyPointsPerMinute)}</Fact>
          <Fact name={t('queue.requests')}>{formatNumber(limits.openRequests)}</Fact>
          <Fact name={t('queue.subscriptions')}>{formatNumber(limits.subscriptions)}</Fact>
          <Fact name={t('queue.answer')}>{formatBytes(limits.answerBytes)}</Fact>
        </dl>
      </section>
    </>
  )
}
