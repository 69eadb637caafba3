import { type ReactNode, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { Tags } from '../../components/metadata.tsx'
import { Copy, Fact, Logo, Time } from '../../components/values.tsx'
import { OWN_END_USER } from '../../connect-account.ts'
import { formatNumber } from '../../texts.ts'
import { authName } from '../integrations/texts.ts'
import type { ConnectionProps, ShownConnection } from './connection.tsx'
import { EditDialog } from './edit-dialog.tsx'
import { HintText } from './hint-text.tsx'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { t } from './texts.ts'

/** What a connection is, whether it works, what to do about it, and when it is renewed and synced. */
export function Overview(props: ConnectionProps) {
  const { connection, base, readOnly, reload } = props
  const [isEdited, setIsEdited] = useState<'facts' | 'schedule'>()
  const { streams, schedule } = connection
  const records = streams.reduce((sum, { recordCount }) => sum + recordCount, 0)
  return (
    <>
      <Health connection={connection} base={base} />
      <div className="columns">
        <Details {...props} edit={() => setIsEdited('facts')} />
        <Credential connection={connection} />
      </div>
      <section aria-labelledby="streams">
        <div className="section-head">
          <h2 id="streams">{t('connection.streams')}</h2>
          {streams.length > 1 && <span className="faint number">{t('connection.records', { count: records })}</span>}
          <span className="faint schedule">{describeSchedule(schedule)}</span>
          {streams.length > 0 && (
            <Button kind="quiet" onClick={() => setIsEdited('schedule')} disabledBecause={readOnly}>
              {t('connection.changeSchedule')}
            </Button>
          )}
        </div>
        {streams.length === 0 ? (
          <p className="faint">{t('connection.noStreams')}</p>
        ) : (
          <ul className="card list">
            {streams.map(({ name, recordCount, lastSyncedAt }) => (
              <li key={name} className="row">
                <Link
                  to={`${base}/connections/${connection.id}/records?stream=${encodeURIComponent(name)}`}
                  className="main title stretched"
                >
                  {name}
                </Link>
                <span className="side">
                  <span className="number">{t('connection.records', { count: recordCount })}</span>
                  <Time at={lastSyncedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {isEdited === 'facts' && (
        <EditDialog connection={connection} onSaved={reload} onClose={() => setIsEdited(undefined)} />
      )}
      {isEdited === 'schedule' && (
        <ScheduleDialog connection={connection} onSaved={reload} onClose={() => setIsEdited(undefined)} />
      )}
    </>
  )
}

/** Says in words what is wrong and what to do. Nothing if the connection works. */
function Health({ connection, base }: { connection: ShownConnection; base: string }) {
  const { status, latestSyncJob, endUser } = connection
  // Why it did not work before it was disabled helps nobody.
  const { statusReason, hint } = status === 'DISABLED' ? { statusReason: null, hint: null } : connection
  const isOwn = endUser?.externalId === OWN_END_USER
  if (status === 'ACTIVE' && hint === null) {
    return latestSyncJob?.status !== 'FAILED' ? null : (
      <Notice tone="warn">
        {t('connection.syncFailed')}
        <Link to={`${base}/connections/${connection.id}/jobs`}>{t('connection.tab.jobs')}</Link>
      </Notice>
    )
  }
  const tone = status === 'NEEDS_REAUTH' || status === 'ERROR' ? 'bad' : status === 'ACTIVE' ? 'warn' : 'calm'
  return (
    <Notice tone={tone}>
      <div className="health">
        {status !== 'ACTIVE' && <strong>{t(`connection.is.${status}`)}</strong>}
        {status !== 'ACTIVE' && statusReason !== null && <p>{statusReason}</p>}
        {hint !== null && <HintText hint={hint} />}
        {(status === 'NEEDS_REAUTH' || status === 'PENDING') && isOwn ? (
          <p>{t(`connection.own.${status}`)}</p>
        ) : (
          hint === null && status !== 'ACTIVE' && <p>{t(`connection.do.${status}`)}</p>
        )}
      </div>
    </Notice>
  )
}

function Details({ connection, base, readOnly, edit }: ConnectionProps & { edit: () => void }) {
  const { id, integration, endUser, externalId, collection, method, createdAt, metadata } = connection
  const values = { ...(connection.input as object), ...(connection.kept as object) }
  return (
    <section className="card">
      <div className="section-head">
        <h2>{t('connection.details')}</h2>
        <Button kind="quiet" onClick={edit} disabledBecause={readOnly}>
          {t('common.edit')}
        </Button>
      </div>
      <dl>
        <Fact name={t('connections.integration')}>
          <Link to={`${base}/integrations/${integration.slug}`}>
            <Logo name={integration.displayName} url={integration.logoUrl} color={integration.color} />{' '}
            {integration.displayName}
          </Link>
        </Fact>
        <Fact name={t('connection.endUser')}>
          {endUser === null ? (
            <span className="faint">{t('connection.ofWorkspace')}</span>
          ) : (
            <Link to={`${base}/end-users/${endUser.id}`}>{endUser.displayName ?? endUser.externalId}</Link>
          )}
        </Fact>
        {externalId !== null && (
          <Fact name={t('connection.externalId')}>
            <code>{externalId}</code>
          </Fact>
        )}
        {collection !== null && (
          <Fact name={t('connection.collection')}>
            <Link to={`${base}/connections?collection=${encodeURIComponent(collection.name)}`}>{collection.name}</Link>
          </Fact>
        )}
        <Fact name={t('common.metadata')}>
          {Object.keys((metadata ?? {}) as object).length === 0 ? (
            <span className="faint">{t('common.none')}</span>
          ) : (
            <Tags metadata={metadata} max={50} />
          )}
        </Fact>
        <Fact name={t('connection.created')}>
          <Time at={createdAt} /> · <span className="faint">{t(`connection.method.${method}`)}</span>
        </Fact>
        {Object.entries(values).map(([name, value]) => (
          <Fact key={name} name={name}>
            <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
          </Fact>
        ))}
        <Fact name="Id">
          <Copy value={id} label="Id" />
        </Fact>
      </dl>
    </section>
  )
}

function Credential({ connection: { credential, integration } }: { connection: ShownConnection }) {
  const { type, expiresAt, refreshable, refreshing, nextRefreshAt, lastRefreshedAt, failedRefreshes } = credential
  const texts = new Map((integration.provider?.guide?.scopes ?? []).map(({ scope, text }) => [scope, text]))
  return (
    <section className="card">
      <h2>{t('connection.credential')}</h2>
      <dl>
        <Fact name={t('common.type')}>{authName({ type })}</Fact>
        <Fact name={t('connection.expires')}>
          {expiresAt === null ? <span className="faint">{t('common.never')}</span> : <Time at={expiresAt} />}
        </Fact>
        <Fact name={t('connection.renewal')}>
          {refreshing ? (
            t('connection.refreshing')
          ) : !refreshable ? (
            <span className="faint">{t('connection.noRenewal')}</span>
          ) : nextRefreshAt === null ? (
            <span className="faint">{t('connection.noneDue')}</span>
          ) : (
            <Time at={nextRefreshAt} />
          )}
        </Fact>
        {refreshable && (
          <Fact name={t('connection.renewed')}>
            <Time at={lastRefreshedAt} />
          </Fact>
        )}
        {failedRefreshes > 0 && (
          <Fact name={t('connection.failed')}>
            <span className="reason bad">
              {formatNumber(failedRefreshes)}
              {credential.lastError !== null && `: ${credential.lastError.message}`}
            </span>
          </Fact>
        )}
        <Fact name={t('connection.scopes')}>
          {credential.scopes.length === 0 ? (
            <span className="faint">{t('common.none')}</span>
          ) : (
            <ul className="scopes">
              {credential.scopes.map((scope) => (
                <li key={scope}>
                  <code>{scope}</code> {texts.has(scope) && <span>{texts.get(scope)}</span>}
                </li>
              ))}
            </ul>
          )}
        </Fact>
      </dl>
    </section>
  )
}

const UNITS = [
  [86_400, 'days'],
  [3_600, 'hours'],
  [60, 'minutes'],
] as const

function describeSchedule(schedule: ShownConnection['schedule']): ReactNode {
  if (schedule === null) return t('connection.noSchedule')
  const seconds = schedule.intervalSeconds ?? 0
  const [length, unit] = UNITS.find(([each]) => seconds % each === 0) ?? [1, 'seconds']
  const text =
    schedule.cron === null
      ? t(`schedule.every.${unit}`, { count: seconds / length })
      : `${schedule.cron} (${schedule.timezone})`
  if (schedule.paused) return `${text} · ${t('connection.paused')}`
  return (
    <>
      {text}
      {schedule.nextRunAt !== null && (
        <>
          {' · '}
          {t('connection.nextSync')} <Time at={schedule.nextRunAt} />
        </>
      )}
    </>
  )
}
