import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConnectionRow } from '../../components/connection-row.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter, SearchFilter } from '../../components/form.tsx'
import { List, usePages } from '../../components/list.tsx'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { ConnectionPage } from './connection.tsx'
import { type ConnectionStatus, ConnectionsDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

const STATUSES: readonly ConnectionStatus[] = ['ACTIVE', 'NEEDS_REAUTH', 'ERROR', 'PENDING', 'DISABLED']

export function Connections(props: WorkspacePageProps) {
  const [id] = props.rest
  return id === undefined ? <ConnectionList {...props} /> : <ConnectionPage key={id} {...props} id={id} />
}

function ConnectionList({ workspace, base }: WorkspacePageProps) {
  const { query } = usePlace()
  const [status, integration, endUser] = ['status', 'integration', 'endUser'].map((name) => query.get(name) ?? '')
  const filter = {
    status: STATUSES.filter((each) => each === status).slice(0, 1),
    integration: integration || null,
    endUserExternalId: endUser || null,
  }
  const variables = {
    workspaceId: workspace.id,
    filter: { ...filter, status: filter.status.length > 0 ? filter.status : null },
  }
  const { data, error, reload } = useDocument(ConnectionsDocument, variables)
  useReloadOnEvents(workspace.id, reload, ({ type }) => !type.startsWith('SYNC_PROGRESSED'))
  const page = data?.workspace?.connections
  const { items, loadMore } = usePages(page, JSON.stringify(variables), async (after) => {
    const { data } = await client.query(ConnectionsDocument, { ...variables, after }).toPromise()
    return data?.workspace?.connections
  })
  const isFiltered = Boolean(status || integration || endUser)
  return (
    <>
      <PageHead
        title={t('connections.title')}
        {...(page === undefined ? {} : { count: formatNumber(page.totalCount ?? page.nodes.length) })}
      />
      <div className="filters">
        <Filter
          label={t('common.status')}
          value={status ?? ''}
          options={STATUSES.map((each) => [each, t(`status.${each}`)])}
          onChange={(value) => setQuery({ status: value })}
        />
        <Filter
          label={t('connections.integration')}
          value={integration ?? ''}
          options={(data?.workspace?.integrations.nodes ?? []).map(({ slug, displayName }) => [slug, displayName])}
          onChange={(value) => setQuery({ integration: value })}
        />
        <SearchFilter
          label={t('connections.endUser')}
          value={endUser ?? ''}
          placeholder={t('connections.endUserHint')}
          onChange={(value) => setQuery({ endUser: value })}
        />
        {isFiltered && (
          <Button kind="quiet" onClick={() => setQuery({ status: '', integration: '', endUser: '' })}>
            {t('common.clear')}
          </Button>
        )}
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && (
        <Empty
          title={t(isFiltered ? 'common.noMatch' : 'connections.empty')}
          text={t(isFiltered ? 'common.noMatchText' : 'connections.emptyText')}
        />
      )}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('connections.title')}>
          {(connection) => <ConnectionRow connection={connection} base={base} />}
        </List>
      )}
    </>
  )
}
