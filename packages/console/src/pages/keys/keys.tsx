import { useState } from 'react'
import { client, mutate, useDocument, useReloadWhileVisible } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter } from '../../components/form.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Mark, Time } from '../../components/values.tsx'
import { navigate, setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { ApiKeysDocument, type KeyFragment, RevokeApiKeyDocument } from './generated/graphql.ts'
import { NewKey } from './new-key.tsx'
import { describeScopes } from './scopes.ts'
import { t } from './texts.ts'
import './keys.css'

/** The API keys of a workspace, and the form for a new one. */
export function Keys(props: WorkspacePageProps) {
  return props.rest[0] === 'new' ? <NewKey {...props} /> : <KeyList {...props} />
}

/** Keys that end within this time are marked. */
const SOON_MS = 14 * 24 * 60 * 60 * 1000

function stateOf({ revokedAt, expiresAt }: KeyFragment): 'revoked' | 'expired' | 'soon' | 'valid' {
  if (revokedAt !== null) return 'revoked'
  const left = expiresAt === null ? Number.POSITIVE_INFINITY : new Date(expiresAt).getTime() - Date.now()
  if (left <= 0) return 'expired'
  return left < SOON_MS ? 'soon' : 'valid'
}

const SHOWN = ['valid', 'soon', 'ended'] as const

function isShown(key: KeyFragment, shown: (typeof SHOWN)[number] | undefined): boolean {
  const state = stateOf(key)
  if (shown === undefined) return true
  const hasEnded = state === 'revoked' || state === 'expired'
  if (shown === 'soon') return state === 'soon'
  return shown === 'ended' ? hasEnded : !hasEnded
}

function KeyList({ workspace, base, readOnly }: WorkspacePageProps) {
  const { query } = usePlace()
  const shown = SHOWN.find((each) => each === query.get('show'))
  const variables = { workspaceId: workspace.id }
  const { data, error, reload } = useDocument(ApiKeysDocument, variables)
  useReloadWhileVisible(workspace.id, reload)
  const [revoking, setRevoking] = useState<KeyFragment>()
  const page = data?.workspace?.apiKeys
  const { items, loadMore } = usePages(page, workspace.id, async (after) => {
    const { data } = await client.query(ApiKeysDocument, { ...variables, after }).toPromise()
    return data?.workspace?.apiKeys
  })
  const keys = items.filter((key) => isShown(key, shown))
  return (
    <>
      <PageHead title={t('nav.keys')} count={page === undefined ? undefined : formatNumber(page.totalCount)}>
        <Button kind="primary" onClick={() => navigate(`${base}/keys/new`)} disabledBecause={readOnly}>
          {t('keys.new')}
        </Button>
      </PageHead>
      <div className="filters">
        <Filter
          label={t('keys.show')}
          value={shown ?? ''}
          options={SHOWN.map((each) => [each, t(`keys.show.${each}`)])}
          onChange={(value) => setQuery({ show: value })}
        />
      </div>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading />}
      {page !== undefined && keys.length === 0 && loadMore === undefined && (
        <Empty
          title={t(items.length === 0 ? 'keys.empty' : 'common.noMatch')}
          text={t(items.length === 0 ? 'keys.emptyText' : 'common.noMatchText')}
        />
      )}
      {(keys.length > 0 || loadMore !== undefined) && (
        <List items={keys} loadMore={loadMore} label={t('nav.keys')}>
          {(key) => <KeyRow apiKey={key} base={base} readOnly={readOnly} onRevoke={() => setRevoking(key)} />}
        </List>
      )}
      {revoking !== undefined && (
        <Confirm
          title={t('keys.ask', { name: revoking.name })}
          text={t('keys.askText')}
          action={t('keys.revoke')}
          kind="danger"
          onConfirm={async () => {
            await mutate(RevokeApiKeyDocument, { input: { apiKeyId: revoking.id } })
            reload()
          }}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </>
  )
}

interface KeyRowProps {
  apiKey: KeyFragment
  base: string
  readOnly: string | undefined
  onRevoke: () => void
}

function KeyRow({ apiKey, base, readOnly, onRevoke }: KeyRowProps) {
  const { id, name, prefix, role, integrations, limitedToIntegrations, createdBy, lastUsedAt } = apiKey
  const state = stateOf(apiKey)
  const hasEnded = state === 'revoked' || state === 'expired'
  return (
    <div className={hasEnded ? 'row key ended' : 'row key'}>
      <div className="main">
        <div className="line">
          <span className="title">{name}</span>
          <code className="faint">{prefix}…</code>
          {state === 'revoked' && <Mark tone="calm">{t('keys.revoked')}</Mark>}
          {state === 'expired' && <Mark tone="calm">{t('keys.expired')}</Mark>}
          {state === 'soon' && <Mark tone="warn">{t('keys.soon')}</Mark>}
        </div>
        <div className="facts">
          <span>{t(`role.${role}`)}</span>
          <span>{describeScopes(apiKey)}</span>
          {limitedToIntegrations && (
            <span>
              {t('keys.onlyFor')} {integrations.join(', ') || t('keys.deletedIntegrations')}
            </span>
          )}
        </div>
        <div className="facts">
          <span>
            {t('common.created')} <Time at={apiKey.createdAt} />
            {createdBy !== null && ` ${t('keys.by', { name: createdBy })}`}
          </span>
          <span>
            {t('keys.used')} <Time at={lastUsedAt} />
          </span>
          {apiKey.revokedAt !== null ? (
            <span>
              {t('keys.revoked')} <Time at={apiKey.revokedAt} />
            </span>
          ) : (
            <span>
              {t(state === 'expired' ? 'keys.expired' : 'keys.expires')} <Time at={apiKey.expiresAt} />
            </span>
          )}
        </div>
      </div>
      {!hasEnded && (
        <div className="side">
          <Button
            kind="quiet"
            onClick={() => navigate(`${base}/keys/new?replaces=${encodeURIComponent(id)}`)}
            disabledBecause={readOnly}
            label={`${t('keys.replace')}: ${name}`}
          >
            {t('keys.replace')}
          </Button>
          <Button kind="quiet" onClick={onRevoke} disabledBecause={readOnly} label={`${t('keys.revoke')}: ${name}`}>
            {t('keys.revoke')}
          </Button>
        </div>
      )}
    </div>
  )
}
