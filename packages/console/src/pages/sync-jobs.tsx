import { useState } from 'react'
import { client, useDocument, useReloadOnEvents } from '../api.ts'
import type { WorkspacePageProps } from '../app.tsx'
import { Button, Empty, Filter, Loading, PageHead, Problem } from '../components.tsx'
import { type SyncJobLineFragment, type SyncJobStatus, SyncJobsDocument } from '../generated/graphql.ts'
import { setQuery, usePlace } from '../router.ts'
import { SyncJobRow } from '../sync-job.tsx'
import { formatNumber, type TextKey, t } from '../texts.ts'

const STATUSES: readonly SyncJobStatus[] = ['RUNNING', 'QUEUED', 'SUCCEEDED', 'FAILED', 'CANCELLED']

export function SyncJobs({ workspace, base, readOnly }: WorkspacePageProps) {
  const { query } = usePlace()
  const status = STATUSES.find((each) => each === query.get('status'))
  const variables = { workspaceId: workspace.id, filter: status === undefined ? null : { status: [status] } }
  const { data, error, reload } = useDocument(SyncJobsDocument, variables)
  useReloadOnEvents(workspace.id, reload, ({ type }) => type.startsWith('SYNC_'))
  const [more, setMore] = useState<{ of: string; jobs: SyncJobLineFragment[]; after: string | null }>()
  const page = data?.workspace?.syncJobs
  const later = more?.of === (status ?? '') ? more : undefined
  const jobs = [...(page?.nodes ?? []), ...(later?.jobs ?? [])]
  const after =
    later === undefined ? (page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null) : later.after
  const load = async () => {
    const next = (await client.query(SyncJobsDocument, { ...variables, after }).toPromise()).data?.workspace?.syncJobs
    if (next === undefined) return
    const { hasNextPage, endCursor } = next.pageInfo
    setMore({ of: status ?? '', jobs: [...(later?.jobs ?? []), ...next.nodes], after: hasNextPage ? endCursor : null })
  }
  const seen = new Set<string>()
  const unique = jobs.filter(({ id }) => !seen.has(id) && seen.add(id))
  return (
    <>
      <PageHead
        title={t('syncs.title')}
        {...(page === undefined ? {} : { count: formatNumber(page.totalCount ?? unique.length) })}
      />
      <div className="filters">
        <Filter
          label={t('connections.status')}
          value={status ?? ''}
          options={STATUSES.map((each) => [each, t(`job.${each}` as TextKey)])}
          onChange={(value) => setQuery({ status: value })}
        />
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && <Empty title={t('syncs.empty')} text={t('syncs.emptyText')} />}
      {unique.length > 0 && (
        <ul className="card list">
          {unique.map((job) => (
            <SyncJobRow key={job.id} job={job} base={base} readOnly={readOnly} />
          ))}
        </ul>
      )}
      {after !== null && (
        <div className="pager">
          <Button onClick={() => void load()}>{t('common.more')}</Button>
        </div>
      )}
    </>
  )
}
