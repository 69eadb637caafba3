import { useState } from 'react'
import { mutate, useDocument } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { DocsLink } from '../../components/docs-link.tsx'
import { Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Check, Field, Form, SelectField, textOf } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { ShownOnce, Snippet } from '../../components/shown-once.tsx'
import { navigate, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { type ApiKeyScope, CreateApiKeyDocument, type KeyFragment, NewApiKeyDocument } from './generated/graphql.ts'
import { describeScopes, SCOPES_OF } from './scopes.ts'
import { t } from './texts.ts'

const EXPIRIES = ['never', '30', '90', '365', 'date'] as const
const DAY_MS = 24 * 60 * 60 * 1000

/** The form for a new key, or for one that replaces another, and the key when it is there. */
export function NewKey({ workspace, base, readOnly }: WorkspacePageProps) {
  const { query } = usePlace()
  const replaces = query.get('replaces')
  const variables = { workspaceId: workspace.id, replaces: replaces ?? '', isReplacement: replaces !== null }
  const { data, error, reload } = useDocument(NewApiKeyDocument, variables)
  const [created, setCreated] = useState<{ key: string; apiKey: KeyFragment }>()
  const replaced = data?.node?.__typename === 'ApiKey' ? data.node : undefined
  const create = async (form: FormData) => {
    const role = replaced?.role ?? (form.get('role') === 'READER' ? 'READER' : 'ADMIN')
    const payload = await mutate(CreateApiKeyDocument, {
      input: {
        workspaceId: workspace.id,
        name: textOf(form, 'name') ?? '',
        role,
        expiresAt: expiryOf(form),
        ...(replaced === undefined ? limitsOf(form) : { replaces: replaced.id }),
      },
    })
    if (payload.__typename === 'CreateApiKeyPayload') setCreated({ key: payload.key, apiKey: payload.apiKey })
  }
  const title = t(created !== undefined ? 'keys.created' : replaces === null ? 'keys.new' : 'keys.replaceTitle')
  return (
    <>
      <Link to={`${base}/keys`} className="back">
        ← {t('nav.keys')}
      </Link>
      <PageHead title={title} />
      {created !== undefined ? (
        <>
          <ShownOnce label={t('keys.key', { name: created.apiKey.name })} value={created.key}>
            <Snippet label={t('keys.example')} code={exampleOf()} />
            <p className="hint">
              <DocsLink page="api-keys" />
            </p>
          </ShownOnce>
          <Button kind="primary" onClick={() => navigate(`${base}/keys`, { replace: true })}>
            {t('keys.done')}
          </Button>
        </>
      ) : data === undefined ? (
        error === undefined ? (
          <Loading />
        ) : (
          <Problem message={error} retry={reload} />
        )
      ) : replaces !== null && replaced === undefined ? (
        <Notice tone="bad">{t('common.missing')}</Notice>
      ) : (
        <Form action={t('keys.create')} disabledBecause={readOnly} onSubmit={create}>
          {replaced !== undefined && (
            <Notice tone="calm">
              <div>
                <strong>{t('keys.replaces', { name: replaced.name, prefix: replaced.prefix })}</strong>
                <p>{t('keys.replacesText', { scopes: describeScopes(replaced) })}</p>
              </div>
            </Notice>
          )}
          <Field
            label={t('common.name')}
            name="name"
            required
            hint={t('keys.nameHint')}
            defaultValue={replaced?.name ?? ''}
          />
          {replaced === undefined && <Limits integrations={data.workspace?.integrations.nodes ?? []} />}
          <Expiry />
        </Form>
      )}
    </>
  )
}

function Limits({ integrations }: { integrations: readonly { slug: string; displayName: string }[] }) {
  const [role, setRole] = useState<'ADMIN' | 'READER'>('ADMIN')
  const [isLimited, setLimited] = useState(false)
  return (
    <>
      <fieldset>
        <legend>{t('keys.role')}</legend>
        {(['ADMIN', 'READER'] as const).map((each) => (
          <label key={each} className="check">
            <input type="radio" name="role" value={each} checked={role === each} onChange={() => setRole(each)} />
            <span>
              {t(`role.${each}`)}
              <span className="hint">{t(`keys.role.${each}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset key={role}>
        <legend>{t('keys.scopes')}</legend>
        {SCOPES_OF[role].map((scope) => (
          <Check
            key={scope}
            name="scope"
            value={scope}
            label={t(`keys.scope.${scope}`)}
            hint={t(
              role === 'READER' && scope === 'EXECUTE' ? 'keys.scopeText.readerExecute' : `keys.scopeText.${scope}`,
            )}
            defaultChecked
          />
        ))}
      </fieldset>
      {integrations.length > 0 && (
        <fieldset>
          <legend>{t('keys.limit')}</legend>
          <Check
            name="limited"
            label={t('keys.limited')}
            hint={t('keys.limitedHint')}
            onChange={(checked) => setLimited(checked)}
          />
          {isLimited && (
            <div className="choices key-limits">
              {integrations.map(({ slug, displayName }) => (
                <Check key={slug} name="integration" value={slug} label={displayName} hint={slug} />
              ))}
            </div>
          )}
        </fieldset>
      )}
    </>
  )
}

function Expiry() {
  const [expiry, setExpiry] = useState('90')
  return (
    <>
      <SelectField
        label={t('keys.expiry')}
        name="expiry"
        hint={t('keys.expiryHint')}
        defaultValue="90"
        options={EXPIRIES.map((each) => [each, t(`keys.expiry.${each}`)])}
        onChange={setExpiry}
      />
      {expiry === 'date' && <Field label={t('keys.expiryDate')} name="expiresAt" type="datetime-local" required />}
    </>
  )
}

function expiryOf(form: FormData): string | null {
  const expiry = String(form.get('expiry'))
  if (expiry === 'never') return null
  if (expiry !== 'date') return new Date(Date.now() + Number(expiry) * DAY_MS).toISOString()
  const date = new Date(String(form.get('expiresAt')))
  if (Number.isNaN(date.getTime())) throw new Error(t('keys.noDate'))
  return date.toISOString()
}

/** Scopes and integrations. Null: no limit. */
function limitsOf(form: FormData) {
  const role = form.get('role') === 'READER' ? 'READER' : 'ADMIN'
  const scopes = form.getAll('scope') as ApiKeyScope[]
  if (scopes.length === 0) throw new Error(t('keys.noScope'))
  const integrations = form.getAll('integration') as string[]
  if (form.get('limited') !== null && integrations.length === 0) throw new Error(t('keys.noIntegration'))
  return {
    scopes: scopes.length === SCOPES_OF[role].length ? null : scopes,
    integrations: form.get('limited') === null ? null : integrations,
  }
}

/** A first request with the key. The key is not part of it, so that it does not stay in the history of the shell. */
function exampleOf(): string {
  return `read -rs LATCHKEY_KEY
curl ${location.origin}/graphql \\
  -H "Authorization: Bearer $LATCHKEY_KEY" \\
  -H 'content-type: application/json' \\
  -d '{"query":"{ viewer { role workspace { name } } }"}'`
}
