import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { EventRow } from '../../components/event-row.tsx'
import { Empty, Loading, Problem } from '../../components/feedback.tsx'
import { List, usePages } from '../../components/list.tsx'
import { SyncJobRow } from '../../components/sync-job.tsx'
import type { ConnectionProps } from './connection.tsx'
import {
  ConnectionEventsDocument,
  type ConnectionEventsQuery,
  ConnectionJobsDocument,
  type ConnectionJobsQuery,
} from './generated/graphql.ts'
import { t } from './texts.ts'

/** The sync jobs of a connection, newest first. */
export function JobsOfConnection({ connection, workspaceId, base, readOnly }: ConnectionProps) {
  const { id } = connection
  const { data, error, reload } = useDocument(ConnectionJobsDocument, { id })
  useReloadOnEvents(workspaceId, reload, (event) => event.connection?.id === id && event.type.startsWith('SYNC_'))
  const page = jobsOf(data)
  const { items, loadMore } = usePages(page, id, async (after) => {
    return jobsOf((await client.query(ConnectionJobsDocument, { id, after }).toPromise()).data)
  })
  return (
    <>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && <Empty title={t('connection.noJobs')} text={t('connection.noJobsText')} />}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('connection.tab.jobs')}>
          {(job) => <SyncJobRow job={job} base={base} readOnly={readOnly} named={false} />}
        </List>
      )}
    </>
  )
}

function jobsOf(data: ConnectionJobsQuery | undefined) {
  return data?.node?.__typename === 'Connection' ? data.node.syncJobs : undefined
}

/** The events of a connection, newest first, while they happen. */
export function EventsOfConnection({ connection, workspaceId, base }: ConnectionProps) {
  const { id } = connection
  const { data, error, reload } = useDocument(ConnectionEventsDocument, { id })
  useReloadOnEvents(workspaceId, reload, (event) => event.connection?.id === id)
  const page = eventsOf(data)
  const { items, loadMore } = usePages(page, id, async (after) => {
    return eventsOf((await client.query(ConnectionEventsDocument, { id, after }).toPromise()).data)
  })
  return (
    <>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={8} />}
      {page?.nodes.length === 0 && <Empty title={t('connection.noEvents')} text={t('connection.noEventsText')} />}
      {items.length > 0 && (
        <div className="events">
          <List items={items} loadMore={loadMore} label={t('connection.tab.events')} rowHeight={40}>
            {(event) => <EventRow event={event} base={base} named={false} />}
          </List>
        </div>
      )}
    </>
  )
}

function eventsOf(data: ConnectionEventsQuery | undefined) {
  return data?.node?.__typename === 'Connection' ? data.node.events : undefined
}
