import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter } from '../../components/form.tsx'
import { List, usePages } from '../../components/list.tsx'
import { SyncJobRow } from '../../components/sync-job.tsx'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { type SyncJobStatus, SyncJobsDocument } from './generated/graphql.ts'
import { SyncJobPage } from './sync-job.tsx'
import { t } from './texts.ts'

const STATUSES: readonly SyncJobStatus[] = ['RUNNING', 'QUEUED', 'SUCCEEDED', 'FAILED', 'CANCELLED']

export function Syncs(props: WorkspacePageProps) {
  const [id] = props.rest
  return id === undefined ? <JobList {...props} /> : <SyncJobPage key={id} {...props} id={id} />
}

function JobList({ workspace, base, readOnly }: WorkspacePageProps) {
  const { query } = usePlace()
  const status = STATUSES.find((each) => each === query.get('status'))
  const connectionId = query.get('connection')
  const variables = {
    workspaceId: workspace.id,
    filter: { status: status === undefined ? null : [status], connectionId },
  }
  const { data, error, reload } = useDocument(SyncJobsDocument, variables)
  useReloadOnEvents(workspace.id, reload, ({ type }) => type.startsWith('SYNC_'))
  const page = data?.workspace?.syncJobs
  const { items, loadMore } = usePages(page, JSON.stringify(variables), async (after) => {
    const { data } = await client.query(SyncJobsDocument, { ...variables, after }).toPromise()
    return data?.workspace?.syncJobs
  })
  return (
    <>
      <PageHead
        title={t('syncs.title')}
        {...(page === undefined ? {} : { count: formatNumber(page.totalCount ?? items.length) })}
      />
      <div className="filters">
        <Filter
          label={t('common.status')}
          value={status ?? ''}
          options={STATUSES.map((each) => [each, t(`job.${each}`)])}
          onChange={(value) => setQuery({ status: value })}
        />
        {connectionId !== null && (
          <p className="faint">
            {t('syncs.ofConnection')}{' '}
            <Button kind="quiet" onClick={() => setQuery({ connection: '' })}>
              {t('common.clear')}
            </Button>
          </p>
        )}
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && <Empty title={t('syncs.empty')} text={t('syncs.emptyText')} />}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('syncs.title')}>
          {(job) => <SyncJobRow job={job} base={base} readOnly={readOnly} />}
        </List>
      )}
    </>
  )
}
