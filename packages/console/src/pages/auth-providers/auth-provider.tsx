import { useState } from 'react'
import { mutate, useDocument } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { AuthProviderForm, settingsOf } from './auth-provider-form.tsx'
import { AuthProviderDocument, DeleteAuthProviderDocument, UpdateAuthProviderDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

/** The settings of one auth provider. */
export function AuthProviderPage({ base, readOnly, id }: WorkspacePageProps & { id: string }) {
  const { data, error, reload } = useDocument(AuthProviderDocument, { id })
  const [asking, setAsking] = useState(false)
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  const provider = data.node?.__typename === 'AuthProvider' ? data.node : undefined
  const save = async (form: FormData) => {
    const { config, hosts, secret } = settingsOf(form)
    await mutate(UpdateAuthProviderDocument, { input: { authProviderId: id, config, hosts, secret } })
    navigate(`${base}/auth-providers`)
  }
  return (
    <>
      <Link to={`${base}/auth-providers`} className="back">
        ← {t('nav.auth-providers')}
      </Link>
      <PageHead title={provider?.name ?? t('nav.auth-providers')}>
        {provider !== undefined && (
          <Button kind="danger" onClick={() => setAsking(true)} disabledBecause={readOnly}>
            {t('common.delete')}
          </Button>
        )}
      </PageHead>
      {provider === undefined ? (
        <Empty title={t('common.noMatch')} text={t('common.missing')} />
      ) : (
        <AuthProviderForm provider={provider} action={t('common.save')} readOnly={readOnly} onSubmit={save} />
      )}
      {asking && provider !== undefined && (
        <Confirm
          title={t('authProviders.ask', { name: provider.name })}
          text={t('authProviders.askText')}
          action={t('common.delete')}
          kind="danger"
          onConfirm={async () => {
            await mutate(DeleteAuthProviderDocument, { input: { authProviderId: id } })
            navigate(`${base}/auth-providers`)
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
