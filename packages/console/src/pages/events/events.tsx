import { useEffect, useState } from 'react'
import { client, type LiveEvent, useDocument, useWorkspaceEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { EventRow } from '../../components/event-row.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter } from '../../components/form.tsx'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { type EventLineFragment, EventsDocument, type EventType } from './generated/graphql.ts'
import { t } from './texts.ts'

const TYPES: readonly EventType[] = [
  'CONNECTION_CREATED',
  'CONNECTION_ACTIVATED',
  'CONNECTION_NEEDS_REAUTH',
  'CONNECTION_DISABLED',
  'CONNECTION_DELETED',
  'CREDENTIAL_REFRESHED',
  'CREDENTIAL_REFRESH_FAILED',
  'SYNC_QUEUED',
  'SYNC_STARTED',
  'SYNC_PROGRESSED',
  'SYNC_RETRYING',
  'SYNC_SUCCEEDED',
  'SYNC_FAILED',
  'SYNC_CANCELLED',
  'CONNECT_SESSION_OPENED',
  'CONNECT_SESSION_COMPLETED',
  'CONNECT_SESSION_FAILED',
  'WEBHOOK_ENDPOINT_DISABLED',
]
/** Live events that are kept above the stored ones. */
const MAX_LIVE = 500

export function Events({ workspace, base }: WorkspacePageProps) {
  const { query } = usePlace()
  const type = TYPES.find((each) => each === query.get('type'))
  const variables = { workspaceId: workspace.id, types: type === undefined ? null : [type] }
  const { data, error, reload } = useDocument(EventsDocument, variables)
  const [live, setLive] = useState<(LiveEvent | EventLineFragment)[]>([])
  const [held, setHeld] = useState<LiveEvent[]>()
  const [more, setMore] = useState<{ nodes: EventLineFragment[]; after: string | null }>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another type is another list
  useEffect(() => {
    setLive([])
    setHeld((before) => (before === undefined ? undefined : []))
    setMore(undefined)
  }, [type])
  useWorkspaceEvents(
    workspace.id,
    (event) => {
      if (type !== undefined && event.type !== type) return
      if (held === undefined) setLive((before) => [event, ...before].slice(0, MAX_LIVE))
      else setHeld((before) => [event, ...(before ?? [])].slice(0, MAX_LIVE))
    },
    reload,
  )
  const page = data?.workspace?.events
  const after = more === undefined ? (page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null) : more.after
  const seen = new Set<string>()
  const events = [...live, ...(page?.nodes ?? []), ...(more?.nodes ?? [])].filter(
    ({ id }) => !seen.has(id) && seen.add(id),
  )
  const load = async () => {
    const next = (await client.query(EventsDocument, { ...variables, after }).toPromise()).data?.workspace?.events
    if (next === undefined) return
    const { hasNextPage, endCursor } = next.pageInfo
    setMore({ nodes: [...(more?.nodes ?? []), ...next.nodes], after: hasNextPage ? endCursor : null })
  }
  const resume = () => {
    setLive((before) => [...(held ?? []), ...before].slice(0, MAX_LIVE))
    setHeld(undefined)
  }
  return (
    <>
      <PageHead title={t('events.title')}>
        {held === undefined ? (
          <Button onClick={() => setHeld([])}>{t('events.pause')}</Button>
        ) : (
          <Button kind="primary" onClick={resume}>
            {t('events.resume')}
            {held.length > 0 && ` · ${t('events.waiting', { count: held.length })}`}
          </Button>
        )}
      </PageHead>
      <div className="filters">
        <Filter
          label={t('common.type')}
          value={type ?? ''}
          options={TYPES.map((each) => [each, each])}
          onChange={(value) => setQuery({ type: value })}
        />
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={8} />}
      {page !== undefined && events.length === 0 && <Empty title={t('events.empty')} text={t('events.emptyText')} />}
      {events.length > 0 && (
        <ul className="card list events">
          {events.map((event) => (
            <li key={event.id}>
              <EventRow event={event} base={base} />
            </li>
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
