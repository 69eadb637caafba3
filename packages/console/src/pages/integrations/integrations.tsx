import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { ButtonLink, Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Logo, Mark } from '../../components/values.tsx'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { Catalogue } from './catalogue.tsx'
import { CreateIntegration } from './create.tsx'
import { DefinitionPage } from './definition.tsx'
import { type IntegrationLineFragment, IntegrationsDocument } from './generated/graphql.ts'
import { ImportPage } from './import.tsx'
import { IntegrationPage } from './integration.tsx'
import { SetUp } from './setup.tsx'
import { authName, t } from './texts.ts'
import './integrations.css'

/**
 * `/integrations`, and below it `new` (the catalogue), `new/<provider>`, `new/definition`, `new/import`, `<slug>`, `<slug>/setup` and
 * `<slug>/definition`.
 */
export function Integrations(props: WorkspacePageProps) {
  const [first, second] = props.rest
  if (first === undefined) return <IntegrationList {...props} />
  if (first === 'new') {
    if (second === undefined) return <Catalogue {...props} />
    if (second === 'definition') return <DefinitionPage {...props} slug={null} />
    if (second === 'import') return <ImportPage {...props} />
    return <CreateIntegration key={second} {...props} provider={second} />
  }
  if (second === 'setup') return <SetUp key={first} {...props} slug={first} />
  if (second === 'definition') return <DefinitionPage key={first} {...props} slug={first} />
  return <IntegrationPage key={first} {...props} slug={first} />
}

function IntegrationList({ workspace, base, readOnly }: WorkspacePageProps) {
  const variables = { workspaceId: workspace.id }
  const { data, error, reload } = useDocument(IntegrationsDocument, variables)
  useReloadOnEvents(workspace.id, reload, ({ type }) => type.startsWith('CONNECTION_'))
  const page = data?.workspace?.integrations
  const { items, loadMore } = usePages(page, '', async (after) => {
    const { data } = await client.query(IntegrationsDocument, { ...variables, after }).toPromise()
    return data?.workspace?.integrations
  })
  const add = (
    <ButtonLink to={`${base}/integrations/new`} kind="primary" disabledBecause={readOnly}>
      {t('list.add')}
    </ButtonLink>
  )
  return (
    <>
      <PageHead
        title={t('nav.integrations')}
        {...(page === undefined ? {} : { count: formatNumber(page.totalCount ?? items.length) })}
      >
        {items.length > 0 && add}
      </PageHead>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && (
        <Empty title={t('list.empty')} text={t('list.emptyText')}>
          <div className="empty-action">{add}</div>
        </Empty>
      )}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('nav.integrations')}>
          {(integration) => <IntegrationRow integration={integration} base={base} />}
        </List>
      )}
    </>
  )
}

function IntegrationRow({ integration, base }: { integration: IntegrationLineFragment; base: string }) {
  const { slug, displayName, logoUrl, color, provider, auth, needsOAuthClient, pendingWebhookSecret, connections } =
    integration
  const count = connections.totalCount ?? 0
  return (
    <div className="row">
      <Logo name={displayName} url={logoUrl} color={color} />
      <div className="main">
        <div className="line">
          <Link to={`${base}/integrations/${slug}`} className="title stretched">
            {displayName}
          </Link>
          {needsOAuthClient && <Mark tone="warn">{t('list.noClient')}</Mark>}
          {pendingWebhookSecret !== null && <Mark tone="warn">{t('list.pendingSecret')}</Mark>}
        </div>
        <div className="facts">
          <code>{slug}</code>
          <span>{authName(auth)}</span>
          {provider === null && <span>{t('list.own')}</span>}
        </div>
      </div>
      <div className="side number">{t(count === 1 ? 'list.connections.one' : 'list.connections', { count })}</div>
    </div>
  )
}
