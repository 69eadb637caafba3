import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConnectionRow } from '../../components/connection-row.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter, SearchFilter } from '../../components/form.tsx'
import { List, usePages } from '../../components/list.tsx'
import { metadataFilter } from '../../components/metadata.tsx'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { ConnectionPage } from './connection.tsx'
import { type ConnectionFilter, type ConnectionStatus, ConnectionsDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

const STATUSES: readonly ConnectionStatus[] = ['ACTIVE', 'NEEDS_REAUTH', 'ERROR', 'PENDING', 'DISABLED']
const FILTERS = ['search', 'status', 'integration', 'collection', 'metadata', 'endUser'] as const

export function Connections(props: WorkspacePageProps) {
  const [id] = props.rest
  return id === undefined ? <ConnectionList {...props} /> : <ConnectionPage key={id} {...props} id={id} />
}

function ConnectionList({ workspace, base }: WorkspacePageProps) {
  const { query } = usePlace()
  const [search, status, integration, collection, metadata, endUser] = FILTERS.map((name) => query.get(name) ?? '')
  const chosen = STATUSES.filter((each) => each === status)
  const filter: ConnectionFilter = {
    search: search || null,
    status: chosen.length > 0 ? chosen : null,
    integration: integration || null,
    collection: collection || null,
    metadata: metadataFilter(metadata ?? ''),
    endUserExternalId: endUser || null,
  }
  const variables = { workspaceId: workspace.id, filter }
  const { data, error, reload } = useDocument(ConnectionsDocument, variables)
  useReloadOnEvents(workspace.id, reload, ({ type }) => type !== 'SYNC_PROGRESSED')
  const page = data?.workspace?.connections
  const { items, loadMore } = usePages(page, JSON.stringify(variables), async (after) => {
    const { data } = await client.query(ConnectionsDocument, { ...variables, after }).toPromise()
    return data?.workspace?.connections
  })
  const isFiltered = FILTERS.some((name) => query.has(name))
  const collections = data?.workspace?.collections ?? []
  return (
    <>
      <PageHead
        title={t('connections.title')}
        {...(page === undefined ? {} : { count: formatNumber(page.totalCount ?? page.nodes.length) })}
      />
      <div className="filters">
        <SearchFilter
          label={t('connections.search')}
          value={search ?? ''}
          placeholder={t('connections.searchHint')}
          onChange={(value) => setQuery({ search: value })}
        />
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
        {(collections.length > 0 || collection !== '') && (
          <Filter
            label={t('connections.collection')}
            value={collection ?? ''}
            options={collections.map(({ name }) => [name, name])}
            onChange={(value) => setQuery({ collection: value })}
          />
        )}
        <SearchFilter
          label={t('common.metadata')}
          value={metadata ?? ''}
          placeholder={t('common.metadataHint')}
          onChange={(value) => setQuery({ metadata: value })}
        />
        {endUser !== '' && (
          <SearchFilter
            label={t('connections.endUser')}
            value={endUser ?? ''}
            onChange={(value) => setQuery({ endUser: value })}
          />
        )}
        {isFiltered && (
          <Button kind="quiet" onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ''])))}>
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
