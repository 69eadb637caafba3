import { useState } from 'react'
import { client, mutate, useDocument, useReloadWhileVisible } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, messageOf, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Fact, Mark, Time } from '../../components/values.tsx'
import { navigate, setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { AttemptFacts, DeliveryRow } from './delivery.tsx'
import { EditEndpoint, SigningSecret } from './endpoint-form.tsx'
import {
  type AttemptFragment,
  DeleteWebhookEndpointDocument,
  type EndpointFragment,
  RotateWebhookSecretDocument,
  TestWebhookEndpointDocument,
  UpdateWebhookEndpointDocument,
  type WebhookDeliveryStatus,
  WebhookEndpointDocument,
} from './generated/graphql.ts'
import { t } from './texts.ts'

const STATUSES: readonly WebhookDeliveryStatus[] = ['FAILED', 'PENDING', 'DELIVERED']

/** One endpoint: its settings, what can be done with it, and its deliveries as they happen. */
export function EndpointPage({ workspace, base, rest, readOnly, id }: WorkspacePageProps & { id: string }) {
  const { query } = usePlace()
  const status = STATUSES.find((each) => each === query.get('status'))
  const variables = { id, status: status === undefined ? null : [status] }
  const { data, error, reload } = useDocument(WebhookEndpointDocument, variables)
  useReloadWhileVisible(workspace.id, reload, ({ type }) => type !== 'SYNC_PROGRESSED')
  const endpoint = data?.node?.__typename === 'WebhookEndpoint' ? data.node : undefined
  const deliveries = endpoint?.deliveries
  const { items, loadMore } = usePages(deliveries, status ?? '', async (after) => {
    const { data } = await client.query(WebhookEndpointDocument, { ...variables, after }).toPromise()
    return data?.node?.__typename === 'WebhookEndpoint' ? data.node.deliveries : undefined
  })
  const back = (
    <Link to={rest[1] === 'edit' ? `${base}/webhooks/${id}` : `${base}/webhooks`} className="back">
      ← {rest[1] === 'edit' ? (endpoint?.url ?? t('common.back')) : t('nav.webhooks')}
    </Link>
  )
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  if (endpoint === undefined) {
    return (
      <>
        {back}
        <PageHead title={t('nav.webhooks')} />
        <Empty title={t('common.noMatch')} text={t('common.missing')} />
      </>
    )
  }
  if (rest[1] === 'edit') {
    const done = () => {
      reload()
      navigate(`${base}/webhooks/${id}`)
    }
    return (
      <>
        {back}
        <PageHead title={t('webhooks.edit')} />
        <EditEndpoint endpoint={endpoint} readOnly={readOnly} onDone={done} />
      </>
    )
  }
  return (
    <>
      {back}
      <PageHead title={endpoint.url}>
        <EndpointMark endpoint={endpoint} />
      </PageHead>
      {error !== undefined && <Problem message={error} retry={reload} />}
      <Actions endpoint={endpoint} base={base} readOnly={readOnly} reload={reload} />
      <section className="card facts-card">
        <dl>
          {endpoint.description !== null && endpoint.description !== '' && (
            <Fact name={t('webhooks.description')}>{endpoint.description}</Fact>
          )}
          <Fact name={t('webhooks.events')}>
            {endpoint.types.length === 0 ? (
              t('webhooks.allEvents')
            ) : (
              <span className="tags">
                {endpoint.types.map((type) => (
                  <code key={type}>{type}</code>
                ))}
              </span>
            )}
          </Fact>
          {endpoint.headerNames.length > 0 && (
            <Fact name={t('webhooks.headers')}>
              <span className="tags">
                {endpoint.headerNames.map((name) => (
                  <code key={name}>{name}</code>
                ))}
              </span>
            </Fact>
          )}
          <Fact name={t('common.created')}>
            <Time at={endpoint.createdAt} />
          </Fact>
        </dl>
      </section>
      <h2>{t('webhooks.deliveries')}</h2>
      <div className="filters">
        <Filter
          label={t('common.status')}
          value={status ?? ''}
          options={STATUSES.map((each) => [each, t(`webhooks.delivery.${each}`)])}
          onChange={(value) => setQuery({ status: value })}
        />
      </div>
      {items.length === 0 ? (
        <Empty
          title={t(status === undefined ? 'webhooks.noDeliveries' : 'common.noMatch')}
          text={t(status === undefined ? 'webhooks.noDeliveriesText' : 'common.noMatchText')}
        />
      ) : (
        <List items={items} loadMore={loadMore} label={t('webhooks.deliveries')} rowHeight={45}>
          {(delivery) => <DeliveryRow delivery={delivery} {...{ base, readOnly, reload }} endpointId={id} />}
        </List>
      )}
    </>
  )
}

interface ActionsProps {
  endpoint: EndpointFragment
  base: string
  readOnly: string | undefined
  reload: () => void
}

type Asked = 'rotate' | 'disable' | 'delete'

function Actions({ endpoint, base, readOnly, reload }: ActionsProps) {
  const { id, url, enabled, disabledReason } = endpoint
  const [asked, setAsked] = useState<Asked>()
  const [busy, setBusy] = useState<string>()
  const [error, setError] = useState<string>()
  const [tested, setTested] = useState<AttemptFragment>()
  const [secret, setSecret] = useState<string>()

  const run = async (name: string, work: () => Promise<void>) => {
    setBusy(name)
    setError(undefined)
    setTested(undefined)
    try {
      await work()
    } catch (failure) {
      setError(messageOf(failure))
    }
    setBusy(undefined)
    reload()
  }
  const test = async () => {
    const payload = await mutate(TestWebhookEndpointDocument, { input: { webhookEndpointId: id } })
    if (payload.__typename === 'TestWebhookEndpointPayload') setTested(payload.attempt)
  }
  const enable = async (on: boolean) => {
    await mutate(UpdateWebhookEndpointDocument, { input: { webhookEndpointId: id, enabled: on } })
    reload()
  }
  const CONFIRMED: Record<Asked, () => Promise<void>> = {
    rotate: async () => {
      const payload = await mutate(RotateWebhookSecretDocument, { input: { webhookEndpointId: id } })
      if (payload.__typename === 'RotateWebhookSecretPayload') setSecret(payload.secret)
    },
    disable: () => enable(false),
    delete: async () => {
      await mutate(DeleteWebhookEndpointDocument, { input: { webhookEndpointId: id } })
      navigate(`${base}/webhooks`)
    },
  }
  return (
    <>
      {!enabled && (
        <Notice tone={disabledReason === null ? 'warn' : 'bad'}>
          <div>
            <strong>{disabledReason ?? t('webhooks.youDisabled')}</strong>
            <p>{t('webhooks.disabledText')}</p>
          </div>
          <Button
            busy={busy === 'enable'}
            onClick={() => void run('enable', () => enable(true))}
            disabledBecause={readOnly}
          >
            {t('webhooks.enable')}
          </Button>
        </Notice>
      )}
      <div className="actions toolbar">
        <Button kind="primary" busy={busy === 'test'} onClick={() => void run('test', test)} disabledBecause={readOnly}>
          {t('webhooks.test')}
        </Button>
        <Button onClick={() => navigate(`${base}/webhooks/${id}/edit`)} disabledBecause={readOnly}>
          {t('common.edit')}
        </Button>
        <Button onClick={() => setAsked('rotate')} disabledBecause={readOnly}>
          {t('webhooks.rotate')}
        </Button>
        {enabled && (
          <Button onClick={() => setAsked('disable')} disabledBecause={readOnly}>
            {t('webhooks.disable')}
          </Button>
        )}
        <Button kind="danger" onClick={() => setAsked('delete')} disabledBecause={readOnly}>
          {t('common.delete')}
        </Button>
      </div>
      {readOnly !== undefined && <p className="faint">{readOnly}</p>}
      {error !== undefined && <Notice tone="bad">{error}</Notice>}
      {tested !== undefined && (
        <Notice tone={tested.error === null ? 'good' : 'bad'}>
          <div className="main">
            <strong>{t(tested.error === null ? 'webhooks.testGood' : 'webhooks.testBad')}</strong>
            <AttemptFacts attempt={tested} />
          </div>
        </Notice>
      )}
      {secret !== undefined && <SigningSecret secret={secret} />}
      {asked !== undefined && (
        <Confirm
          title={t(`webhooks.ask.${asked}`)}
          text={t(`webhooks.ask.${asked}Text`, { url })}
          action={t(asked === 'delete' ? 'common.delete' : `webhooks.${asked}`)}
          kind={asked === 'delete' ? 'danger' : 'primary'}
          onConfirm={CONFIRMED[asked]}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

/** Whether an endpoint gets events, and who stopped it if it does not. */
export function EndpointMark({ endpoint }: { endpoint: { enabled: boolean; disabledReason: string | null } }) {
  if (endpoint.enabled) return <Mark tone="good">{t('webhooks.enabled')}</Mark>
  return <Mark tone={endpoint.disabledReason === null ? 'calm' : 'bad'}>{t('webhooks.disabled')}</Mark>
}
