import { client, useDocument, useReloadWhileVisible } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Time } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { DeliveryMark } from './delivery.tsx'
import { EndpointMark, EndpointPage } from './endpoint.tsx'
import { NewEndpoint } from './endpoint-form.tsx'
import { WebhookEndpointsDocument, type WebhookEndpointsQuery } from './generated/graphql.ts'
import { t } from './texts.ts'
import './webhooks.css'

/** The webhook endpoints of a workspace, one of them with its deliveries, and the form for a new one. */
export function Webhooks(props: WorkspacePageProps) {
  const [id] = props.rest
  if (id === 'new') return <NewEndpoint {...props} />
  return id === undefined ? <EndpointList {...props} /> : <EndpointPage key={id} {...props} id={id} />
}

function EndpointList({ workspace, base, readOnly }: WorkspacePageProps) {
  const variables = { workspaceId: workspace.id }
  const { data, error, reload } = useDocument(WebhookEndpointsDocument, variables)
  useReloadWhileVisible(workspace.id, reload)
  const page = data?.workspace?.webhookEndpoints
  const { items, loadMore } = usePages(page, workspace.id, async (after) => {
    const { data } = await client.query(WebhookEndpointsDocument, { ...variables, after }).toPromise()
    return data?.workspace?.webhookEndpoints
  })
  const create = (
    <Button kind="primary" onClick={() => navigate(`${base}/webhooks/new`)} disabledBecause={readOnly}>
      {t('webhooks.new')}
    </Button>
  )
  return (
    <>
      <PageHead title={t('nav.webhooks')} count={items.length === 0 ? undefined : formatNumber(page?.totalCount ?? 0)}>
        {(items.length > 0 || readOnly !== undefined) && create}
      </PageHead>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading />}
      {page?.nodes.length === 0 &&
        (readOnly === undefined ? (
          <Empty title={t('webhooks.empty')} text={t('webhooks.emptyText')}>
            <div className="empty-action">{create}</div>
          </Empty>
        ) : (
          <Empty title={t('common.adminOnly')} text={t('common.adminOnlyText')} />
        ))}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('nav.webhooks')}>
          {(endpoint) => <EndpointRow endpoint={endpoint} base={base} />}
        </List>
      )}
    </>
  )
}

type Listed = NonNullable<WebhookEndpointsQuery['workspace']>['webhookEndpoints']['nodes'][number]

function EndpointRow({ endpoint, base }: { endpoint: Listed; base: string }) {
  const { id, url, description, types, deliveries } = endpoint
  const [last] = deliveries.nodes
  const attempt = last?.attempts.at(-1)
  return (
    <div className="row">
      <div className="main">
        <div className="line">
          <Link to={`${base}/webhooks/${id}`} className="title stretched">
            {url}
          </Link>
          <EndpointMark endpoint={endpoint} />
        </div>
        <div className="facts">
          {description !== null && description !== '' && <span>{description}</span>}
          <span>{describeTypes(types)}</span>
        </div>
        {endpoint.disabledReason !== null && <p className="reason bad">{endpoint.disabledReason}</p>}
      </div>
      <div className="side">
        {last === undefined ? (
          <span className="faint">{t('webhooks.nothingSent')}</span>
        ) : (
          <>
            <DeliveryMark delivery={last} />
            <Time at={attempt?.at ?? last.createdAt} />
          </>
        )}
      </div>
    </div>
  )
}

/** The events that an endpoint gets, in a few words. */
function describeTypes(types: readonly string[]): string {
  if (types.length === 0) return t('webhooks.allEvents')
  const [first = ''] = types
  return types.length === 1 ? first : t('webhooks.someEvents', { count: types.length })
}
