import { useState } from 'react'
import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { SearchFilter } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { metadataFilter, Tags } from '../../components/metadata.tsx'
import { Logo, Time } from '../../components/values.tsx'
import { navigate, setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { EndUserPage } from './end-user.tsx'
import { EndUserDialog } from './end-user-dialog.tsx'
import { EndUsersDocument, type EndUsersQuery } from './generated/graphql.ts'
import { t } from './texts.ts'

export function EndUsers(props: WorkspacePageProps) {
  const [id] = props.rest
  return id === undefined ? <EndUserList {...props} /> : <EndUserPage key={id} {...props} id={id} />
}

function EndUserList({ workspace, base, readOnly }: WorkspacePageProps) {
  const { query } = usePlace()
  const [isAdding, setIsAdding] = useState(false)
  const search = query.get('search') ?? ''
  const metadata = query.get('metadata') ?? ''
  const variables = { workspaceId: workspace.id, search: search || null, metadata: metadataFilter(metadata) }
  const { data, error, reload } = useDocument(EndUsersDocument, variables)
  useReloadOnEvents(workspace.id, reload, ({ type }) => /^CONNECT(?:ION)?_/.test(type))
  const page = data?.workspace?.endUsers
  const { items, loadMore } = usePages(page, JSON.stringify(variables), async (after) => {
    const { data } = await client.query(EndUsersDocument, { ...variables, after }).toPromise()
    return data?.workspace?.endUsers
  })
  const isFiltered = search !== '' || metadata !== ''
  const add = (
    <Button kind="primary" onClick={() => setIsAdding(true)} disabledBecause={readOnly}>
      {t('endUsers.add')}
    </Button>
  )
  return (
    <>
      <PageHead
        title={t('endUsers.title')}
        {...(page === undefined ? {} : { count: formatNumber(page.totalCount ?? page.nodes.length) })}
      >
        {add}
      </PageHead>
      <div className="filters">
        <SearchFilter
          label={t('common.search')}
          value={search}
          placeholder={t('endUsers.searchHint')}
          onChange={(value) => setQuery({ search: value })}
        />
        <SearchFilter
          label={t('common.metadata')}
          value={metadata}
          placeholder={t('common.metadataHint')}
          onChange={(value) => setQuery({ metadata: value })}
        />
        {isFiltered && (
          <Button kind="quiet" onClick={() => setQuery({ search: '', metadata: '' })}>
            {t('common.clear')}
          </Button>
        )}
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && (
        <Empty
          title={t(isFiltered ? 'common.noMatch' : 'endUsers.empty')}
          text={t(isFiltered ? 'common.noMatchText' : 'endUsers.emptyText')}
        />
      )}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('endUsers.title')}>
          {(endUser) => <EndUserRow endUser={endUser} base={base} />}
        </List>
      )}
      {isAdding && (
        <EndUserDialog
          workspaceId={workspace.id}
          onSaved={(id) => navigate(`${base}/end-users/${id}`)}
          onClose={() => setIsAdding(false)}
        />
      )}
    </>
  )
}

type Row = NonNullable<EndUsersQuery['workspace']>['endUsers']['nodes'][number]

function EndUserRow({ endUser, base }: { endUser: Row; base: string }) {
  const { id, externalId, displayName, email, metadata, createdAt, connections } = endUser
  const count = connections.totalCount ?? 0
  return (
    <div className="row">
      <Logo name={displayName ?? externalId} />
      <div className="main">
        <Link to={`${base}/end-users/${id}`} className="title stretched">
          {displayName ?? externalId}
        </Link>
        <div className="facts">
          {displayName !== null && <code>{externalId}</code>}
          {email !== null && <span>{email}</span>}
          <Tags metadata={metadata} />
        </div>
      </div>
      <div className="side">
        <span className={count === 0 ? 'faint' : 'number'}>{countText(count)}</span>
        <Time at={createdAt} />
      </div>
    </div>
  )
}

function countText(count: number): string {
  if (count === 0) return t('endUsers.none')
  return count === 1 ? t('endUsers.one') : t('endUsers.connections', { count })
}
