import type { EventLine, LiveEvent } from '../api.ts'
import { t } from '../texts.ts'
import { Link } from './link.tsx'
import { Json, Time } from './values.tsx'

interface EventRowProps {
  event: LiveEvent | EventLine
  /** Path of the workspace. */
  base: string
  /** Whether the row names the connection. */
  named?: boolean
}

/** One event, and as JSON when it is opened. */
export function EventRow({ event, base, named = true }: EventRowProps) {
  return (
    <details>
      <summary>
        <code className={toneOf(event.type)}>{event.type}</code>
        <span className="main">{detailOf(event, named)}</span>
        <Time at={event.occurredAt} />
      </summary>
      <section aria-label={t('events.json')}>
        {named && event.connection !== null && (
          <Link to={`${base}/connections/${event.connection.id}`}>{event.connection.displayName}</Link>
        )}
        <Json value={event} />
      </section>
    </details>
  )
}

function toneOf(type: EventLine['type']): string {
  if (/FAILED|NEEDS_REAUTH|ENDPOINT_DISABLED/.test(type)) return 'bad'
  return /SUCCEEDED|ACTIVATED|COMPLETED/.test(type) ? 'good' : ''
}

function detailOf(event: LiveEvent | EventLine, named: boolean): string {
  const name = named ? [event.connection?.displayName ?? ''] : []
  if (event.__typename !== 'SyncProgressed' || !('stream' in event)) return name.join('')
  return [...name, event.stream, t('syncs.records', { count: event.recordsRead })].join(' · ')
}
