import type { EventDetailFragment } from '../generated/graphql.ts'
import { t } from '../texts.ts'
import { Link } from './link.tsx'
import { Json, Time } from './values.tsx'

interface EventRowProps {
  event: EventDetailFragment
  /** Path of the workspace. */
  base: string
  /** Whether the row names the connection. */
  named?: boolean
}

/** One event in words, and as JSON when it is opened. */
export function EventRow({ event, base, named = true }: EventRowProps) {
  const { connection, syncJob } = event
  const words = [named ? connection?.displayName : undefined, detailOf(event)]
  return (
    <details>
      <summary>
        <code className={toneOf(event.type)}>{event.type}</code>
        <span className="main">{words.filter(Boolean).join(' · ')}</span>
        <Time at={event.occurredAt} />
      </summary>
      <section aria-label={t('events.json')}>
        <div className="actions">
          {named && connection !== null && (
            <Link to={`${base}/connections/${connection.id}`}>{connection.displayName}</Link>
          )}
          {syncJob !== null && <Link to={`${base}/syncs/${syncJob.id}`}>{t('events.job')}</Link>}
          <Link to={`${base}/events?from=${encodeURIComponent(event.occurredAt)}`}>{t('events.fromHere')}</Link>
        </div>
        <Json value={event} />
      </section>
    </details>
  )
}

function toneOf(type: EventDetailFragment['type']): string {
  if (/FAILED|NEEDS_REAUTH|ENDPOINT_DISABLED/.test(type)) return 'bad'
  if (type === 'SYNC_RETRYING') return 'warn'
  return /SUCCEEDED|ACTIVATED|COMPLETED/.test(type) ? 'good' : ''
}

function detailOf(event: EventDetailFragment): string | undefined {
  switch (event.__typename) {
    case 'SyncProgressed':
      return `${event.stream} · ${t('syncs.records', { count: event.recordsRead })}`
    case 'SyncRetrying':
      return `${event.stream} · ${event.reason}`
    case 'SyncFailed':
      return event.error.message
    case 'CredentialRefreshFailed':
      return event.message
    case 'ActionRun':
      return event.action
    case 'ProviderEventReceived':
      return [event.integration.displayName, event.providerEventType].filter(Boolean).join(' · ')
    case 'WebhookEndpointDisabled':
      return event.disabledReason
    default:
      return undefined
  }
}
