import { client, mutate, useDocument, useReloadWhileVisible } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { DocsLink } from '../../components/docs-link.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Mark, Time } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { AuthProviderPage } from './auth-provider.tsx'
import { AuthProviderForm, settingsOf } from './auth-provider-form.tsx'
import { AuthProvidersDocument, CreateAuthProviderDocument } from './generated/graphql.ts'
import { t } from './texts.ts'
import './auth-providers.css'

/** The services that hold credentials for a workspace, one of them, and the form for a new one. */
export function AuthProviders(props: WorkspacePageProps) {
  const [id] = props.rest
  if (id === 'new') return <NewAuthProvider {...props} />
  return id === undefined ? <AuthProviderList {...props} /> : <AuthProviderPage key={id} {...props} id={id} />
}

function AuthProviderList({ workspace, base, readOnly }: WorkspacePageProps) {
  const variables = { workspaceId: workspace.id }
  const { data, error, reload } = useDocument(AuthProvidersDocument, variables)
  useReloadWhileVisible(workspace.id, reload)
  const page = data?.workspace?.authProviders
  const { items, loadMore } = usePages(page, workspace.id, async (after) => {
    const { data } = await client.query(AuthProvidersDocument, { ...variables, after }).toPromise()
    return data?.workspace?.authProviders
  })
  return (
    <>
      <PageHead
        title={t('nav.auth-providers')}
        count={items.length === 0 ? undefined : formatNumber(page?.totalCount ?? 0)}
      >
        <Button kind="primary" onClick={() => navigate(`${base}/auth-providers/new`)} disabledBecause={readOnly}>
          {t('authProviders.new')}
        </Button>
      </PageHead>
      <p className="lead">
        {t('authProviders.lead')} <DocsLink page="refresh" />
      </p>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading />}
      {page?.nodes.length === 0 &&
        (readOnly === undefined ? (
          <Empty title={t('authProviders.empty')} text={t('authProviders.emptyText')} />
        ) : (
          <Empty title={t('common.adminOnly')} text={t('common.adminOnlyText')} />
        ))}
      {items.length > 0 && (
        <List items={items} loadMore={loadMore} label={t('nav.auth-providers')}>
          {({ id, name, kind, hosts, updatedAt }) => (
            <div className="row">
              <div className="main">
                <div className="line">
                  <Link to={`${base}/auth-providers/${id}`} className="title stretched">
                    {name}
                  </Link>
                  {hosts.length === 0 && <Mark tone="warn">{t('authProviders.noHosts')}</Mark>}
                </div>
                <div className="facts">
                  <span>{t(`authProviders.kind.${kind}`)}</span>
                  {hosts.length > 0 && <span>{hosts.join(', ')}</span>}
                </div>
              </div>
              <div className="side">
                <Time at={updatedAt} />
              </div>
            </div>
          )}
        </List>
      )}
    </>
  )
}

function NewAuthProvider({ workspace, base, readOnly }: WorkspacePageProps) {
  const create = async (form: FormData) => {
    const { name, kind, config, hosts, secret } = settingsOf(form)
    const input = { workspaceId: workspace.id, name, kind, config, hosts, secret: secret ?? '' }
    const payload = await mutate(CreateAuthProviderDocument, { input })
    if (payload.__typename === 'CreateAuthProviderPayload') navigate(`${base}/auth-providers`, { replace: true })
  }
  return (
    <>
      <Link to={`${base}/auth-providers`} className="back">
        ← {t('nav.auth-providers')}
      </Link>
      <PageHead title={t('authProviders.new')} />
      <AuthProviderForm action={t('authProviders.create')} readOnly={readOnly} onSubmit={create} />
    </>
  )
}
