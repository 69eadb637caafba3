import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Field, Form, SelectField, textOf } from '../../components/form.tsx'
import { Copy } from '../../components/values.tsx'
import type { AuthProviderKind, ProviderFragment } from './generated/graphql.ts'
import { t } from './texts.ts'

const KINDS = ['TOKEN_CALLBACK', 'COMPOSIO', 'PIPEDREAM'] as const satisfies readonly AuthProviderKind[]

interface AuthProviderFormProps {
  provider?: ProviderFragment
  action: string
  readOnly: string | undefined
  onSubmit: (form: FormData) => Promise<void>
}

/** The settings of an auth provider. Its name and its kind are fixed when it is created. */
export function AuthProviderForm({ provider, action, readOnly, onSubmit }: AuthProviderFormProps) {
  const [kind, setKind] = useState<AuthProviderKind>(provider?.kind ?? 'TOKEN_CALLBACK')
  const stored = (provider?.config ?? {}) as Readonly<Record<string, string | undefined>>
  return (
    <Form action={action} disabledBecause={readOnly} onSubmit={onSubmit}>
      {provider === undefined ? (
        <>
          <SelectField
            label={t('authProviders.kind')}
            name="kind"
            defaultValue={kind}
            options={KINDS.map((each) => [each, t(`authProviders.kind.${each}`)])}
            onChange={(value) => setKind(KINDS.find((each) => each === value) ?? 'TOKEN_CALLBACK')}
          />
          <Field
            label={t('common.name')}
            name="name"
            required
            hint={t('authProviders.nameHint')}
            placeholder="tokens"
          />
        </>
      ) : (
        <>
          <input type="hidden" name="kind" value={kind} />
          <p className="faint">{t(`authProviders.kind.${kind}`)}</p>
        </>
      )}
      <p className="hint">{t(`authProviders.kindText.${kind}`)}</p>
      {kind === 'TOKEN_CALLBACK' && (
        <Field
          label={t('authProviders.url')}
          name="url"
          type="url"
          required
          hint={t('authProviders.urlHint')}
          placeholder="https://app.example.com/latchkey/token"
          defaultValue={stored.url ?? ''}
        />
      )}
      {kind === 'PIPEDREAM' && (
        <>
          <Field
            label="Project ID"
            name="projectId"
            required
            placeholder="proj_…"
            defaultValue={stored.projectId ?? ''}
          />
          <SelectField
            label="Environment"
            name="environment"
            defaultValue={stored.environment ?? 'production'}
            options={[
              ['production', 'production'],
              ['development', 'development'],
            ]}
          />
          <Field label="OAuth client ID" name="clientId" required defaultValue={stored.clientId ?? ''} />
        </>
      )}
      {kind !== 'TOKEN_CALLBACK' && (
        <Field
          label={t('authProviders.baseUrl')}
          name="baseUrl"
          type="url"
          hint={t('authProviders.baseUrlHint')}
          defaultValue={stored.baseUrl ?? ''}
        />
      )}
      <Secret kind={kind} isStored={provider !== undefined} />
      <Field
        label={t('authProviders.hosts')}
        name="hosts"
        multiline
        hint={t('authProviders.hostsHint')}
        placeholder={'api.example.com\n*.example.org'}
        defaultValue={provider?.hosts.join('\n') ?? ''}
      />
    </Form>
  )
}

/** What Latchkey authenticates with. The secret of a callback can be made here, because both sides need it. */
function Secret({ kind, isStored }: { kind: AuthProviderKind; isStored: boolean }) {
  const [made, setMade] = useState<string>()
  return (
    <div className="secret-field">
      <Field
        // Another secret is another default value.
        key={`${kind} ${made ?? ''}`}
        label={t(`authProviders.secret.${kind}`)}
        name="secret"
        type="password"
        required={!isStored}
        hint={t(isStored ? 'authProviders.keepSecret' : `authProviders.secretHint.${kind}`)}
        defaultValue={kind === 'TOKEN_CALLBACK' ? (made ?? '') : ''}
      />
      {kind === 'TOKEN_CALLBACK' &&
        (made === undefined ? (
          <Button onClick={() => setMade(newSecret())}>{t('authProviders.makeSecret')}</Button>
        ) : (
          <>
            <p className="hint">{t('authProviders.copySecret')}</p>
            <Copy value={made} label={t('authProviders.secret.TOKEN_CALLBACK')} />
          </>
        ))}
    </div>
  )
}

/** A signing secret as Standard Webhooks defines it. */
function newSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`
}

export function settingsOf(form: FormData) {
  const kind = KINDS.find((each) => each === form.get('kind')) ?? 'TOKEN_CALLBACK'
  const names = ['url', 'projectId', 'environment', 'clientId', 'baseUrl']
  const config = names.flatMap((name) => {
    const value = textOf(form, name)
    return value === null ? [] : [[name, value]]
  })
  const hosts = (textOf(form, 'hosts') ?? '').split(/[\s,]+/).filter(Boolean)
  return {
    name: textOf(form, 'name') ?? '',
    kind,
    config: Object.fromEntries(config),
    hosts,
    secret: textOf(form, 'secret'),
  }
}
