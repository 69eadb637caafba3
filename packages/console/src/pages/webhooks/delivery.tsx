import { useState } from 'react'
import { mutate, useDocument } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Loading, messageOf, Notice, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { Json, Mark, Time } from '../../components/values.tsx'
import {
  type AttemptFragment,
  DeliveredEventDocument,
  type DeliveryFragment,
  RedeliverWebhookDocument,
  type WebhookDeliveryStatus,
} from './generated/graphql.ts'
import { t } from './texts.ts'

const TONES = { DELIVERED: 'good', FAILED: 'bad', PENDING: 'busy' } as const satisfies Record<
  WebhookDeliveryStatus,
  string
>

/** The state of a delivery. One that failed before and is tried again looks different from one that is on its way. */
export function DeliveryMark({
  delivery,
}: {
  delivery: { status: WebhookDeliveryStatus; attempts: readonly unknown[] }
}) {
  const { status, attempts } = delivery
  if (status === 'PENDING' && attempts.length > 0) return <Mark tone="warn">{t('webhooks.retrying')}</Mark>
  return <Mark tone={TONES[status]}>{t(`webhooks.delivery.${status}`)}</Mark>
}

interface DeliveryRowProps {
  delivery: DeliveryFragment
  endpointId: string
  base: string
  readOnly: string | undefined
  reload: () => void
}

/** One delivery in a line. It opens to its attempts, its event, and what can be done with it. */
export function DeliveryRow(props: DeliveryRowProps) {
  const [open, setOpen] = useState(false)
  const { delivery } = props
  const { event, attempts, nextAttemptAt, createdAt } = delivery
  const last = attempts.at(-1)
  return (
    <details className="delivery" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <DeliveryMark delivery={delivery} />
        <code>{event.type}</code>
        <span className="main faint">{event.connection?.displayName}</span>
        {last !== undefined && (
          <span className="faint number">
            {last.status ?? t('webhooks.noAnswer')}
            {attempts.length > 1 && ` · ${t('webhooks.attempts', { count: attempts.length })}`}
          </span>
        )}
        {nextAttemptAt !== null && attempts.length > 0 && (
          <span className="faint">
            {t('webhooks.next')} <Time at={nextAttemptAt} />
          </span>
        )}
        <Time at={last?.at ?? createdAt} />
      </summary>
      {open && <Details {...props} />}
    </details>
  )
}

function Details({ delivery, endpointId, base, readOnly, reload }: DeliveryRowProps) {
  const { data, error, reload: retry } = useDocument(DeliveredEventDocument, { id: delivery.id })
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const [result, setResult] = useState<{ tone: 'good' | 'bad'; text: string }>()
  const stored = data?.node?.__typename === 'WebhookDelivery' ? data.node.event : undefined
  const { attempts, event } = delivery

  const redeliver = async (input: { deliveryId: string } | { webhookEndpointId: string; after: string }) => {
    const payload = await mutate(RedeliverWebhookDocument, { input })
    if (payload.__typename === 'RedeliverWebhookPayload') {
      setResult({ tone: 'good', text: t('webhooks.again', { count: payload.deliveries }) })
    }
    reload()
  }
  const again = async () => {
    setBusy(true)
    await redeliver({ deliveryId: delivery.id }).catch((failure) =>
      setResult({ tone: 'bad', text: messageOf(failure) }),
    )
    setBusy(false)
  }
  return (
    <section>
      <div className="actions">
        <Button busy={busy} onClick={() => void again()} disabledBecause={readOnly}>
          {t('webhooks.redeliver')}
        </Button>
        {event.__typename !== 'EventsSkipped' && (
          <Button kind="quiet" onClick={() => setAsking(true)} disabledBecause={readOnly}>
            {t('webhooks.redeliverAfter')}
          </Button>
        )}
      </div>
      {result !== undefined && <Notice tone={result.tone}>{result.text}</Notice>}
      <h3>{t('webhooks.attemptsTitle')}</h3>
      {attempts.length === 0 && <p className="faint">{t('webhooks.noAttempts')}</p>}
      <ol className="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.at}>
            <AttemptFacts attempt={attempt} />
          </li>
        ))}
      </ol>
      <h3>{t('webhooks.event')}</h3>
      {event.connection !== null && (
        <Link to={`${base}/connections/${event.connection.id}`}>{event.connection.displayName}</Link>
      )}
      {error !== undefined && <Problem message={error} retry={retry} />}
      {stored === undefined && error === undefined && <Loading lines={3} />}
      {stored !== undefined &&
        (stored.__typename === 'EventsSkipped' ? (
          <p className="faint">{t('webhooks.eventGone')}</p>
        ) : (
          <Json value={stored} />
        ))}
      {asking && (
        <Confirm
          title={t('webhooks.ask.after')}
          text={t('webhooks.ask.afterText')}
          action={t('webhooks.redeliver')}
          onConfirm={() => redeliver({ webhookEndpointId: endpointId, after: event.cursor })}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  )
}

/** One attempt: the status of the answer or why there was none, how long it took, and the beginning of the body. */
export function AttemptFacts({ attempt }: { attempt: AttemptFragment }) {
  const { at, status, error, answer, durationMs } = attempt
  return (
    <>
      <div className="facts">
        <Mark tone={error === null ? 'good' : 'bad'}>{status ?? t('webhooks.noAnswer')}</Mark>
        <span className="number">{t('webhooks.duration', { count: durationMs })}</span>
        <Time at={at} />
      </div>
      {error !== null && <p className="reason bad">{error}</p>}
      {answer !== null && answer !== '' && <pre>{answer}</pre>}
    </>
  )
}
