import { client, useDocument, useReloadWhileVisible } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { DocsLink } from '../../components/docs-link.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Time } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { OidcIssuersDocument } from './generated/graphql.ts'
import { IssuerPage, VerifiedMark } from './issuer.tsx'
import { NewIssuer } from './issuer-form.tsx'
import { t } from './texts.ts'
import './issuers.css'

/** The OIDC issuers of a workspace, one of them, and the form for a new one. */
export function Issuers(props: WorkspacePageProps) {
  const [id] = props.rest
  if (id === 'new') return <NewIssuer {...props} />
  return id === undefined ? <IssuerList {...props} /> : <IssuerPage key={id} {...props} id={id} />
}

function IssuerList({ workspace, base, readOnly }: WorkspacePageProps) {
  const variables = { workspaceId: workspace.id }
  const { data, error, reload } = useDocument(OidcIssuersDocument, variables)
  useReloadWhileVisible(workspace.id, reload)
  const page = data?.workspace?.oidcIssuers
  const { items, loadMore } = usePages(page, workspace.id, async (after) => {
    const { data } = await client.query(OidcIssuersDocument, { ...variables, after }).toPromise()
    return data?.workspace?.oidcIssuers
  })
  return (
    <>
      <PageHead title={t('nav.issuers')} count={items.length === 0 ? undefined : formatNumber(page?.totalCount ?? 0)}>
        <Button kind="primary" onClick={() => navigate(`${base}/issuers/new`)} disabledBecause={readOnly}>
          {t('issuers.new')}
        </Button>
      </PageHead>
      <p className="lead">
        {t('issuers.lead')} <DocsLink page="oidc-issuers" />
      </p>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading />}
      {page?.nodes.length === 0 &&
        (readOnly === undefined ? (
          <Empty title={t('issuers.empty')} text={t('issuers.emptyText')} />
        ) : (
          <Empty title={t('common.adminOnly')} text={t('common.adminOnlyText')} />
        ))}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('nav.issuers')}>
          {(issuer) => (
            <div className="row">
              <div className="main">
                <div className="line">
                  <Link to={`${base}/issuers/${issuer.id}`} className="title stretched">
                    {issuer.issuer}
                  </Link>
                  <VerifiedMark issuer={issuer} />
                </div>
                <div className="facts">
                  <span>
                    aud <code>{issuer.audience}</code>
                  </span>
                  {issuer.workspaceClaim !== null && (
                    <span>
                      {t('issuers.workspaceClaim')} <code>{issuer.workspaceClaim}</code>
                    </span>
                  )}
                  {issuer.createEndUsers && <span>{t('issuers.createsEndUsers')}</span>}
                </div>
              </div>
              <div className="side">
                <Time at={issuer.createdAt} />
              </div>
            </div>
          )}
        </List>
      )}
    </>
  )
}
