import { useEffect, useState } from 'react'
import { client, useDocument, useEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { EventRow } from '../../components/event-row.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter } from '../../components/form.tsx'
import { List, usePages } from '../../components/list.tsx'
import { EVENT_GROUPS } from '../../event-groups.ts'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatExact } from '../../texts.ts'
import {
  DetailedEventsDocument,
  type EventDetailFragment,
  EventsDocument,
  type EventType,
} from './generated/graphql.ts'
import { t } from './texts.ts'

const TYPES: readonly EventType[] = Object.values(EVENT_GROUPS).flat()
/** Live events that are kept above the stored ones. */
const MAX_LIVE = 500

/** The event log: newest first and live, or replayed in order from a time on. */
export function Events({ workspace, base }: WorkspacePageProps) {
  const { query } = usePlace()
  const type = TYPES.find((each) => each === query.get('type'))
  const from = timeOf(query.get('from'))
  const types = type === undefined ? null : [type]
  const variables = { workspaceId: workspace.id, types, from, newestFirst: from === null }
  const key = JSON.stringify(variables)
  const { data, error, reload } = useDocument(EventsDocument, variables)
  const [live, setLive] = useState<EventDetailFragment[]>([])
  const [held, setHeld] = useState<EventDetailFragment[]>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another list
  useEffect(() => {
    setLive([])
    setHeld((before) => (before === undefined ? undefined : []))
  }, [key])
  useEvents(
    DetailedEventsDocument,
    { workspaceId: workspace.id, types },
    ({ workspaceEvents }) => workspaceEvents,
    (event) => {
      if (held === undefined) setLive((before) => [event, ...before].slice(0, MAX_LIVE))
      else setHeld((before) => [event, ...(before ?? [])].slice(0, MAX_LIVE))
    },
    reload,
  )
  const page = data?.workspace?.events
  const { items, loadMore } = usePages(page, key, async (after) => {
    return (await client.query(EventsDocument, { ...variables, after }).toPromise()).data?.workspace?.events
  })
  const known = new Set(items.map(({ id }) => id))
  const fresh = live.filter(({ id }) => !known.has(id))
  // A replay continues with the live events once all stored ones are shown.
  const events =
    from === null ? [...fresh, ...items] : loadMore === undefined ? [...items, ...fresh.toReversed()] : items
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
        <label className="filter">
          <span>{t('events.from')}</span>
          <input
            type="datetime-local"
            value={from === null ? '' : localOf(from)}
            max={localOf(new Date().toISOString())}
            onChange={({ target: { value } }) => setQuery({ from: value === '' ? '' : new Date(value).toISOString() })}
          />
        </label>
        {from !== null && (
          <Button kind="quiet" onClick={() => setQuery({ from: '' })}>
            {t('events.newest')}
          </Button>
        )}
      </div>
      {from !== null && <p className="faint">{t('events.replay', { time: formatExact(new Date(from)) })}</p>}
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={8} />}
      {page !== undefined && events.length === 0 && <Empty title={t('events.empty')} text={t('events.emptyText')} />}
      {events.length > 0 && (
        <div className="events">
          <List items={events} loadMore={loadMore} label={t('events.title')} rowHeight={42}>
            {(event) => <EventRow event={event} base={base} />}
          </List>
        </div>
      )}
    </>
  )
}

/** An instant of the address. Null: there is none, or it is no time. */
function timeOf(text: string | null): string | null {
  const time = new Date(text ?? '')
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}

/** An instant as the input for a date and a time has it: in the time zone of the browser. */
function localOf(instant: string): string {
  const time = new Date(instant)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
