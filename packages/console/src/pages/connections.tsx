import { useEffect, useState } from 'react'
import { client, useDocument, useReloadOnEvents } from '../api.ts'
import type { WorkspacePageProps } from '../app.tsx'
import { Button, Empty, Filter, Link, Loading, Monogram, PageHead, Problem, Status, Time } from '../components.tsx'
import { type ConnectionLineFragment, type ConnectionStatus, ConnectionsDocument } from '../generated/graphql.ts'
import { setQuery, usePlace } from '../router.ts'
import { formatNumber, type TextKey, t } from '../texts.ts'

const STATUSES: readonly ConnectionStatus[] = ['ACTIVE', 'NEEDS_REAUTH', 'ERROR', 'PENDING', 'DISABLED']

export function Connections({ workspace, base }: WorkspacePageProps) {
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
  const isFiltered = Boolean(status || integration || endUser)
  return (
    <>
      <PageHead
        title={t('connections.title')}
        {...(page === undefined ? {} : { count: formatNumber(page.totalCount ?? page.nodes.length) })}
      />
      <div className="filters">
        <Filter
          label={t('connections.status')}
          value={status ?? ''}
          options={STATUSES.map((each) => [each, t(`status.${each}` as TextKey)])}
          onChange={(value) => setQuery({ status: value })}
        />
        <Filter
          label={t('connections.integration')}
          value={integration ?? ''}
          options={(data?.workspace?.integrations.nodes ?? []).map(({ slug, displayName }) => [slug, displayName])}
          onChange={(value) => setQuery({ integration: value })}
        />
        <EndUserFilter value={endUser ?? ''} />
        {isFiltered && (
          <Button kind="quiet" onClick={() => setQuery({ status: '', integration: '', endUser: '' })}>
            {t('connections.clear')}
          </Button>
        )}
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={6} />}
      {page?.nodes.length === 0 && (
        <Empty
          title={t(isFiltered ? 'connections.noMatch' : 'connections.empty')}
          text={t(isFiltered ? 'connections.noMatchText' : 'connections.emptyText')}
        />
      )}
      {page !== undefined && page.nodes.length > 0 && (
        <Pages key={JSON.stringify(variables)} first={page} variables={variables} base={base} />
      )}
    </>
  )
}

/** Applied a moment after the last key, so that not every letter is a request. */
function EndUserFilter({ value }: { value: string }) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return undefined
    const timer = setTimeout(() => setQuery({ endUser: text.trim() }), 350)
    return () => clearTimeout(timer)
  }, [text, value])
  return (
    <label className="filter">
      <span>{t('connections.endUser')}</span>
      <input
        type="search"
        value={text}
        placeholder={t('connections.endUserHint')}
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  )
}

interface PagesProps {
  first: { nodes: ConnectionLineFragment[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
  variables: { workspaceId: string; filter: object }
  base: string
}

/** The first page, which is live, and those that were loaded after it. */
function Pages({ first, variables, base }: PagesProps) {
  const [more, setMore] = useState<PagesProps['first']>()
  const [busy, setBusy] = useState(false)
  const shown = new Set(first.nodes.map(({ id }) => id))
  const nodes = [...first.nodes, ...(more?.nodes ?? []).filter(({ id }) => !shown.has(id))]
  const { hasNextPage, endCursor } = (more ?? first).pageInfo
  const load = async () => {
    setBusy(true)
    const { data } = await client.query(ConnectionsDocument, { ...variables, after: endCursor }).toPromise()
    const next = data?.workspace?.connections
    if (next !== undefined) setMore({ nodes: [...(more?.nodes ?? []), ...next.nodes], pageInfo: next.pageInfo })
    setBusy(false)
  }
  return (
    <>
      <ul className="card list">
        {nodes.map((each) => (
          <ConnectionRow key={each.id} connection={each} base={base} />
        ))}
      </ul>
      {hasNextPage && (
        <div className="pager">
          <Button busy={busy} onClick={() => void load()}>
            {t('common.more')}
          </Button>
        </div>
      )}
    </>
  )
}

export function ConnectionRow({ connection, base }: { connection: ConnectionLineFragment; base: string }) {
  const { id, displayName, integration, endUser, status, statusReason, latestSyncJob } = connection
  return (
    <li className="row">
      <Monogram name={integration.displayName} />
      <div className="main">
        <div className="line">
          <Link to={`${base}/connections/${id}`} className="title stretched">
            {displayName}
          </Link>
          <Status of={status} prefix="status" />
        </div>
        <div className="facts">
          <span>{integration.displayName}</span>
          {endUser !== null && <span>{endUser.displayName ?? endUser.externalId}</span>}
        </div>
        {status !== 'ACTIVE' && statusReason !== null && <p className="reason">{statusReason}</p>}
      </div>
      <div className="side">
        {latestSyncJob !== null && (
          <>
            <Status of={latestSyncJob.status} prefix="job" />
            <Time at={latestSyncJob.finishedAt ?? latestSyncJob.queuedAt} />
          </>
        )}
      </div>
    </li>
  )
}
