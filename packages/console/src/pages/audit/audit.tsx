import { useMemo, useState } from 'react'
import { client, useDocument, useReloadWhileVisible } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { DocsLink } from '../../components/docs-link.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Filter, SearchFilter } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Json, Mark, Time } from '../../components/values.tsx'
import { setQuery, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { AuditLogDocument, type AuditLogQuery } from './generated/graphql.ts'
import { nameOf, pathOf, type Target, useTargets } from './targets.ts'
import { t } from './texts.ts'
import { ACTIONS, wordsOf } from './words.ts'
import './audit.css'

/** How far back the filter of time goes, in hours. */
const HOURS = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24 } as const
const SINCE = Object.keys(HOURS) as (keyof typeof HOURS)[]
const RESULTS = ['ok', 'refused'] as const
const NONE = { actor: '', action: '', result: '', since: '', target: '' }

type Line = NonNullable<AuditLogQuery['workspace']>['auditEvents']['nodes'][number]

/** Who changed what in the workspace, newest first. */
export function Audit({ workspace, base, readOnly }: WorkspacePageProps) {
  return readOnly === undefined ? (
    <AuditLog workspaceId={workspace.id} base={base} />
  ) : (
    <>
      <PageHead title={t('nav.audit')} />
      <Empty title={t('common.adminOnly')} text={t('audit.forbidden')} />
    </>
  )
}

function AuditLog({ workspaceId, base }: { workspaceId: string; base: string }) {
  const { query } = usePlace()
  const actor = query.get('actor') ?? ''
  const target = query.get('target') ?? ''
  const action = ACTIONS.find((each) => each === query.get('action'))
  const result = RESULTS.find((each) => each === query.get('result'))
  const since = SINCE.find((each) => each === query.get('since'))
  // One moment for as long as the filter is the same: another one would be another list.
  const from = useMemo(
    () => (since === undefined ? null : new Date(Date.now() - HOURS[since] * 3_600_000).toISOString()),
    [since],
  )
  const filter = {
    actor: actor || null,
    action: action ?? null,
    refused: result === undefined ? null : result === 'refused',
    targetId: target || null,
    since: from,
  }
  const variables = { workspaceId, filter }
  const { data, error, code, reload } = useDocument(AuditLogDocument, variables)
  useReloadWhileVisible(workspaceId, reload)
  const page = data?.workspace?.auditEvents
  const { items, loadMore } = usePages(page, JSON.stringify(variables), async (after) => {
    const { data } = await client.query(AuditLogDocument, { ...variables, after }).toPromise()
    return data?.workspace?.auditEvents
  })
  const targets = useTargets(items.flatMap(({ targetId }) => targetId ?? []))
  const isFiltered = Object.values(filter).some((value) => value !== null)
  if (code === 'FORBIDDEN') {
    return (
      <>
        <PageHead title={t('nav.audit')} />
        <Empty title={t('audit.noRights')} text={t('audit.forbidden')} />
      </>
    )
  }
  return (
    <>
      <PageHead title={t('nav.audit')} />
      <div className="filters">
        <SearchFilter
          label={t('audit.actor')}
          value={actor}
          placeholder={t('audit.actorHint')}
          onChange={(value) => setQuery({ actor: value })}
        />
        <Filter
          label={t('audit.action')}
          value={action ?? ''}
          options={ACTIONS.map((each) => [each, each])}
          onChange={(value) => setQuery({ action: value })}
        />
        <Filter
          label={t('audit.result')}
          value={result ?? ''}
          options={RESULTS.map((each) => [each, t(`audit.result.${each}`)])}
          onChange={(value) => setQuery({ result: value })}
        />
        <Filter
          label={t('audit.time')}
          value={since ?? ''}
          options={SINCE.map((each) => [each, t(`audit.since.${each}`)])}
          onChange={(value) => setQuery({ since: value })}
        />
        {isFiltered && (
          <Button kind="quiet" onClick={() => setQuery(NONE)}>
            {t('common.clear')}
          </Button>
        )}
      </div>
      {target !== '' && (
        <p className="faint">
          {t('audit.onlyTarget')} <code>{target}</code>
        </p>
      )}
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={8} />}
      {page?.nodes.length === 0 && (
        <Empty
          title={t(isFiltered ? 'common.noMatch' : 'audit.empty')}
          text={t(isFiltered ? 'common.noMatchText' : 'audit.emptyText')}
        />
      )}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('nav.audit')} rowHeight={43}>
          {(line) => (
            <AuditRow
              line={line}
              target={line.targetId === null ? undefined : targets.get(line.targetId)}
              base={base}
            />
          )}
        </List>
      )}
      <p className="hint export-hint">
        {t('audit.export')} <code>GET /audit-export/{workspaceId}</code>. <DocsLink page="audit" />
      </p>
    </>
  )
}

interface AuditRowProps {
  line: Line
  /** The object that the line is about. Null: it no longer exists. Undefined: there is none, or it is not known yet. */
  target: Target | null | undefined
  base: string
}

/** One line in words. It opens to its object and to all that it says. */
function AuditRow({ line, target, base }: AuditRowProps) {
  const [open, setOpen] = useState(false)
  const { action, method, outcome, occurredAt } = line
  const isRefused = outcome !== 'OK'
  const name = target == null ? undefined : nameOf(target)
  return (
    <details className="audit-line" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span className="main">
          <b>{callerOf(line)}</b> {wordsOf(action, isRefused) ?? action}
          {method !== null && <code> {method}</code>}
          {name !== undefined && target?.__typename !== 'Workspace' && <i>{name}</i>}
        </span>
        {isRefused && <Mark tone="bad">{outcome}</Mark>}
        <Time at={occurredAt} />
      </summary>
      {open && <Details line={line} target={target} base={base} />}
    </details>
  )
}

/** The caller as the subject of a sentence. */
function callerOf({ actor, actorKind }: Line): string {
  if (actorKind === 'OPERATOR') return actor === 'operator' ? t('audit.operator') : actor
  if (actorKind === 'FEDERATED_USER') return t('audit.endUser', { name: actor })
  return actorKind === 'CONNECT_SESSION' ? t('audit.session') : t('audit.key', { name: actor })
}

function Details({ line, target, base }: AuditRowProps) {
  const { actor, targetId, targetType } = line
  const path = target == null ? undefined : pathOf(target)
  return (
    <section>
      <div className="actions">
        <Button kind="quiet" onClick={() => setQuery({ ...NONE, actor })}>
          {t('audit.sameActor')}
        </Button>
        {targetId !== null && (
          <Button kind="quiet" onClick={() => setQuery({ ...NONE, target: targetId })}>
            {t('audit.sameTarget')}
          </Button>
        )}
      </div>
      {targetType !== null && (
        <p className="audit-target">
          {targetType}:{' '}
          {target == null ? (
            <span className="faint">{t('audit.noTarget')}</span>
          ) : path === undefined ? (
            (nameOf(target) ?? target.id)
          ) : (
            <Link to={`${base}/${path}`}>{nameOf(target) ?? target.id}</Link>
          )}
        </p>
      )}
      <Json value={line} />
    </section>
  )
}
