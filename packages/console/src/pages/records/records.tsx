import './records.css'
import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { ConnectionRow } from '../../components/connection-row.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { SearchFilter } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Logo } from '../../components/values.tsx'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { RecordConnectionDocument, RecordConnectionsDocument } from './generated/graphql.ts'
import { RecordList } from './record-list.tsx'
import { t } from './texts.ts'

export function Records(props: WorkspacePageProps) {
  const { query } = usePlace()
  const connection = query.get('connection')
  return connection === null ? (
    <ChooseConnection {...props} />
  ) : (
    <RecordsOf key={connection} {...props} connectionId={connection} />
  )
}

function ChooseConnection({ workspace, base }: WorkspacePageProps) {
  const { query } = usePlace()
  const search = query.get('search') ?? ''
  const variables = { workspaceId: workspace.id, filter: search === '' ? null : { search } }
  const { data, error, reload } = useDocument(RecordConnectionsDocument, variables)
  useReloadOnEvents(workspace.id, reload, ({ type }) => type.startsWith('CONNECTION_'))
  const page = data?.workspace?.connections
  const { items, loadMore } = usePages(page, search, async (after) => {
    const { data } = await client.query(RecordConnectionsDocument, { ...variables, after }).toPromise()
    return data?.workspace?.connections
  })
  return (
    <>
      <PageHead title={t('records.title')} />
      <p className="intro">{t('records.choose')}</p>
      <div className="filters">
        <SearchFilter
          label={t('records.search')}
          value={search}
          placeholder={t('records.searchHint')}
          onChange={(value) => setQuery({ search: value })}
        />
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && (
        <Empty
          title={t(search === '' ? 'records.noConnection' : 'common.noMatch')}
          text={t(search === '' ? 'records.noConnectionText' : 'common.noMatchText')}
        />
      )}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('nav.connections')}>
          {(connection) => (
            <ConnectionRow
              connection={connection}
              base={base}
              to={`${base}/records?connection=${encodeURIComponent(connection.id)}`}
            />
          )}
        </List>
      )}
    </>
  )
}

function RecordsOf({ workspace, base, connectionId }: WorkspacePageProps & { connectionId: string }) {
  const { data, error, reload } = useDocument(RecordConnectionDocument, { id: connectionId })
  useReloadOnEvents(workspace.id, reload, ({ connection, type }) => {
    return connection?.id === connectionId && type.startsWith('SYNC_')
  })
  const connection = data?.node?.__typename === 'Connection' ? data.node : undefined
  return (
    <>
      <Link to={`${base}/records`} className="back">
        ← {t('records.change')}
      </Link>
      <PageHead
        title={t('records.title')}
        logo={
          connection && (
            <Logo
              name={connection.integration.displayName}
              url={connection.integration.logoUrl}
              color={connection.integration.color}
            />
          )
        }
        count={connection?.displayName}
      >
        {connection !== undefined && (
          <Link to={`${base}/connections/${connectionId}`} className="button">
            {t('records.connection')}
          </Link>
        )}
      </PageHead>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading lines={6} />}
      {data !== undefined && connection === undefined && (
        <Empty title={t('common.noMatch')} text={t('common.missing')} />
      )}
      {connection !== undefined && (
        <RecordList workspaceId={workspace.id} connectionId={connectionId} streams={connection.streams} />
      )}
    </>
  )
}
