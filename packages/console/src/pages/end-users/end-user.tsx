import { useState } from 'react'
import { client, mutate, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConnectLink } from '../../components/connect-link.tsx'
import { ConnectionRow } from '../../components/connection-row.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Tags } from '../../components/metadata.tsx'
import { Fact, Logo, Time } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { EndUserDialog } from './end-user-dialog.tsx'
import { DeleteEndUserDocument, EndUserDocument, type EndUserQuery } from './generated/graphql.ts'
import { t } from './texts.ts'

export function EndUserPage({ workspace, base, readOnly, id }: WorkspacePageProps & { id: string }) {
  const { data, error, reload } = useDocument(EndUserDocument, { id })
  const [asked, setAsked] = useState<'link' | 'edit' | 'delete'>()
  useReloadOnEvents(workspace.id, reload, ({ type }) => type !== 'SYNC_PROGRESSED')
  const endUser = endUserOf(data)
  const { items, loadMore } = usePages(endUser?.connections, id, async (after) => {
    return endUserOf((await client.query(EndUserDocument, { id, after }).toPromise()).data)?.connections
  })
  const close = () => setAsked(undefined)
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  if (endUser === undefined) return <Empty title={t('common.noMatch')} text={t('common.missing')} />
  const { externalId, displayName, email, metadata, createdAt } = endUser
  const name = displayName ?? externalId
  const count = endUser.connections.totalCount ?? 0
  return (
    <>
      <Link to={`${base}/end-users`} className="back">
        ← {t('endUser.back')}
      </Link>
      <PageHead title={name} logo={<Logo name={name} size="large" />} />
      {error !== undefined && <Problem message={error} retry={reload} />}
      <div className="actions toolbar">
        <Button kind="primary" onClick={() => setAsked('link')} disabledBecause={readOnly}>
          {t('endUser.link')}
        </Button>
        <Button onClick={() => setAsked('edit')} disabledBecause={readOnly}>
          {t('common.edit')}
        </Button>
        <Button kind="danger" onClick={() => setAsked('delete')} disabledBecause={readOnly}>
          {t('common.delete')}
        </Button>
      </div>
      {readOnly !== undefined && <p className="faint">{readOnly}</p>}
      <div className="columns">
        <section className="card">
          <h2>{t('endUser.details')}</h2>
          <dl>
            <Fact name={t('endUsers.externalId')}>
              <code>{externalId}</code>
            </Fact>
            {email !== null && <Fact name={t('endUsers.email')}>{email}</Fact>}
            <Fact name={t('common.metadata')}>
              {Object.keys((metadata ?? {}) as object).length === 0 ? (
                <span className="faint">{t('common.none')}</span>
              ) : (
                <Tags metadata={metadata} max={50} />
              )}
            </Fact>
            <Fact name={t('common.created')}>
              <Time at={createdAt} />
            </Fact>
          </dl>
        </section>
      </div>
      <h2>{t('endUser.connections')}</h2>
      {items.length === 0 ? (
        <Empty title={t('endUser.noConnections')} text={t('endUser.noConnectionsText')} />
      ) : (
        <List items={items} loadMore={loadMore} label={t('endUser.connections')}>
          {(connection) => <ConnectionRow connection={connection} base={base} />}
        </List>
      )}
      {asked === 'link' && <ConnectLink workspaceId={workspace.id} base={base} endUser={endUser} onClose={close} />}
      {asked === 'edit' && (
        <EndUserDialog workspaceId={workspace.id} endUser={endUser} onSaved={reload} onClose={close} />
      )}
      {asked === 'delete' && (
        <Confirm
          title={t('endUser.ask', { name })}
          text={count === 0 ? t('endUser.askNone') : t('endUser.askText', { count })}
          action={t('common.delete')}
          kind="danger"
          onConfirm={async () => {
            await mutate(DeleteEndUserDocument, { input: { endUserId: id } })
            navigate(`${base}/end-users`)
          }}
          onClose={close}
        />
      )}
    </>
  )
}

function endUserOf(data: EndUserQuery | undefined) {
  return data?.node?.__typename === 'EndUser' ? data.node : undefined
}
