import { type ReactNode, useRef, useState } from 'react'
import { mutate } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { messageOf, Notice } from '../../components/feedback.tsx'
import { Field, Form, textOf } from '../../components/form.tsx'
import { ButtonLink, Link } from '../../components/link.tsx'
import { Copy } from '../../components/values.tsx'
import { connectAccount } from '../../connect-account.ts'
import { usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { CLIENT_FIELDS, ClientFields, clientInputOf } from './client-fields.tsx'
import { UpdateIntegrationDocument } from './generated/graphql.ts'
import { GuideSteps, type Shown, signsWithClientSecret } from './guide-parts.tsx'
import { NewConnection } from './new-connection.tsx'
import { ScopeChecks, scopesIn, scopesOf, useScopeDraft } from './scopes.tsx'
import { t } from './texts.ts'
import { TryCredential } from './try-credential.tsx'
import { useFieldErrors } from './use-field-errors.ts'

export interface StepProps extends Pick<WorkspacePageProps, 'workspace' | 'base' | 'readOnly'> {
  integration: Shown
  /** The `redirectUrls` of the workspace. */
  redirectUrls: readonly string[]
  reload: () => void
  /** Address of the step before. Undefined: this is the first. */
  back: string | undefined
  /** Shows the step behind, or the integration after the last. */
  next: () => void
}

function Back({ to }: { to: string | undefined }) {
  if (to === undefined) return null
  return (
    <ButtonLink to={to} kind="quiet">
      {t('common.back')}
    </ButtonLink>
  )
}

function Buttons({ back, children }: { back: string | undefined; children: ReactNode }) {
  return (
    <div className="actions step-buttons">
      {children}
      <Back to={back} />
    </div>
  )
}

function nameOf({ provider, displayName }: Shown): string {
  return provider?.displayName ?? displayName
}

/** The app at the provider. The callback URL stands first, because the app is made with it. */
export function AppStep({ integration, back, next }: StepProps) {
  const [draft] = useScopeDraft(integration)
  const { callbackUrl, provider } = integration
  const scopes = draft ?? scopesOf(integration)
  const isUsual = draft === null && (integration.oauthClient?.scopes ?? []).length === 0
  return (
    <>
      <h3>{t('app.callback')}</h3>
      <p className="hint">{t('app.callbackText')}</p>
      <Copy value={callbackUrl ?? ''} label={t('app.callback')} />
      {callbackUrl?.startsWith('http:') === true && <p className="hint">{t('app.callbackHttp')}</p>}
      <h3>{t('app.steps')}</h3>
      <GuideSteps part={provider?.guide?.app ?? null} name={nameOf(integration)} fallback={t('app.noGuide')} />
      {scopes.length > 0 && (
        <>
          <h3>{t('app.scopes')}</h3>
          <p className="hint">{t(isUsual ? 'app.scopesUsual' : 'app.scopesText')}</p>
          <Copy value={scopes.join(' ')} label={t('app.scopes')} />
        </>
      )}
      <Buttons back={back}>
        <Button kind="primary" onClick={next}>
          {t('common.next')}
        </Button>
      </Buttons>
    </>
  )
}

/** The scopes. They belong to the client: until there is one, the browser keeps the choice. */
export function ScopesStep({ integration, readOnly, reload, back, next }: StepProps) {
  const [draft, setDraft] = useScopeDraft(integration)
  const { oauthClient } = integration
  const save = async (form: FormData) => {
    const scopes = scopesIn(form)
    if (oauthClient === null) setDraft(scopes)
    else {
      await mutate(UpdateIntegrationDocument, {
        input: { integrationId: integration.id, oauthClient: { clientId: oauthClient.clientId, scopes } },
      })
      setDraft(null)
      reload()
    }
    next()
  }
  return (
    <>
      <p className="soft">
        {t('scopes.text', { name: nameOf(integration) })} {t('scopes.textApp')}
      </p>
      <Form action={t('common.next')} onSubmit={save} disabledBecause={readOnly} beside={<Back to={back} />}>
        <ScopeChecks integration={integration} chosen={draft ?? scopesOf(integration)} />
      </Form>
    </>
  )
}

export function ClientStep({ integration, readOnly, reload, back, next }: StepProps) {
  const [draft, setDraft] = useScopeDraft(integration)
  const { errorOf, reporting } = useFieldErrors(CLIENT_FIELDS)
  const save = reporting(async (form) => {
    const input = clientInputOf(form, integration)
    await mutate(UpdateIntegrationDocument, {
      input: { integrationId: integration.id, oauthClient: { ...input, ...(draft === null ? {} : { scopes: draft }) } },
    })
    setDraft(null)
    reload()
    next()
  })
  return (
    <>
      <p className="soft">{t('client.text', { name: nameOf(integration) })}</p>
      <Form
        action={t(integration.oauthClient === null ? 'client.save' : 'common.next')}
        onSubmit={save}
        disabledBecause={readOnly}
        beside={<Back to={back} />}
      >
        <ClientFields integration={integration} errorOf={errorOf} />
      </Form>
    </>
  )
}

/** For providers to which people bring a key of their own. */
export function KeyStep({ integration, back, next }: StepProps) {
  const { auth, provider } = integration
  const methods = auth.type === 'SELECTIVE' ? auth.options.map((option) => option.auth) : [auth]
  const fields = [...methods.flatMap(({ credentialFields }) => credentialFields), ...auth.inputFields]
  const named = [...new Map(fields.map((field) => [field.name, field])).values()]
  return (
    <>
      <p className="soft">
        {t(integration.callbackUrl === null ? 'key.text' : 'key.textToo', { name: nameOf(integration) })}
      </p>
      <dl className="asked">
        {named.map(({ name, label, description }) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
      <h3>{t('key.where')}</h3>
      <GuideSteps part={provider?.guide?.key ?? null} name={nameOf(integration)} fallback={t('key.noGuide')} />
      <Buttons back={back}>
        <Button kind="primary" onClick={next}>
          {t('common.next')}
        </Button>
      </Buttons>
    </>
  )
}

export function WebhookStep({ integration, readOnly, reload, back, next }: StepProps) {
  const { webhookUrl, hasWebhookSecret, provider } = integration
  const name = nameOf(integration)
  const needsNone = signsWithClientSecret(integration)
  const onward = (
    <>
      <Button kind={needsNone || hasWebhookSecret === true ? 'primary' : 'plain'} onClick={next}>
        {t(needsNone || hasWebhookSecret === true ? 'common.next' : 'webhook.skip')}
      </Button>
      <Back to={back} />
    </>
  )
  const secret = (
    <WebhookSecret
      integration={integration}
      readOnly={readOnly}
      kind={needsNone || hasWebhookSecret === true ? 'plain' : 'primary'}
      done={t('webhook.saved')}
      onSaved={reload}
      {...(needsNone ? {} : { beside: onward })}
    />
  )
  return (
    <>
      <p className="soft">{t('webhook.text', { name })}</p>
      <h3>{t('webhook.url')}</h3>
      <Copy value={webhookUrl ?? ''} label={t('webhook.url')} />
      {webhookUrl?.startsWith('http:') === true && <p className="hint">{t('webhook.http')}</p>}
      <h3>{t('app.steps')}</h3>
      <GuideSteps part={provider?.guide?.webhook ?? null} name={name} fallback={t('webhook.noGuide')} />
      {needsNone ? (
        <>
          <details className="more own-secret">
            <summary>{t('webhook.ownSecret')}</summary>
            {secret}
          </details>
          <div className="actions step-buttons">{onward}</div>
        </>
      ) : (
        secret
      )}
    </>
  )
}

interface WebhookSecretProps extends Pick<StepProps, 'integration' | 'readOnly'> {
  onSaved: () => void
  /** Of the button that saves. */
  kind?: 'primary' | 'plain'
  /** What is said when the secret is saved. */
  done?: string
  /** What stands beside the button that saves. */
  beside?: ReactNode
}

/** Sets the secret by which webhooks are verified, or takes over the one that the provider sent. */
export function WebhookSecret({ integration, readOnly, onSaved, kind, done, beside }: WebhookSecretProps) {
  const [taking, setTaking] = useState(false)
  const [saved, setSaved] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const { errorOf, reporting } = useFieldErrors(['webhookSecret'])
  const { id, pendingWebhookSecret, hasWebhookSecret } = integration
  const set = async (webhookSecret: string | null) => {
    setSaved(false)
    await mutate(UpdateIntegrationDocument, { input: { integrationId: id, webhookSecret } })
    place.current?.querySelector('form')?.reset()
    setSaved(true)
    onSaved()
  }
  return (
    <div ref={place}>
      {pendingWebhookSecret !== null && (
        <div className="pending">
          <h3>{t('webhook.pending')}</h3>
          <p className="hint">{t('webhook.pendingText')}</p>
          <Copy value={pendingWebhookSecret} label={t('webhook.pending')} />
          <Button onClick={() => setTaking(true)} disabledBecause={readOnly}>
            {t('webhook.take')}
          </Button>
        </div>
      )}
      <Form
        action={t('webhook.save')}
        disabledBecause={readOnly}
        {...(kind === undefined ? {} : { kind })}
        beside={beside}
        onSubmit={reporting((form) => set(textOf(form, 'secret')))}
      >
        <Field
          name="secret"
          type="password"
          label={t('webhook.secret')}
          hint={t(hasWebhookSecret === true ? 'webhook.secretSet' : 'webhook.secretHint')}
          required
          error={errorOf('webhookSecret')}
        />
        {saved && done !== undefined && <Notice tone="good">{done}</Notice>}
      </Form>
      {taking && (
        <Confirm
          title={t('webhook.take')}
          text={t('webhook.takeText')}
          action={t('webhook.take')}
          onConfirm={() => set(pendingWebhookSecret)}
          onClose={() => setTaking(false)}
        />
      )}
    </div>
  )
}

/** Tries the integration: with a key that is not stored, and with an account of one's own. */
export function TestStep(props: StepProps) {
  const { workspace, base, readOnly, integration, redirectUrls, back, reload } = props
  const { query } = usePlace()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const { slug, auth, callbackUrl, needsOAuthClient } = integration
  const methods = auth.type === 'SELECTIVE' ? auth.options.map((option) => option.auth) : [auth]
  const hasKey = methods.some(({ credentialFields }) => credentialFields.length > 0)
  const connection = query.get('connection')
  const connect = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const place = `${base}/integrations/${slug}/setup?step=test`
      await connectAccount({ workspaceId: workspace.id, base, integration: slug, redirectUrls, back: place })
    } catch (failure) {
      setError(messageOf(failure))
      setBusy(false)
    }
  }
  const noClient = needsOAuthClient && !hasKey
  const blocked = readOnly ?? (noClient ? t('test.needsClient') : undefined)
  return (
    <>
      {connection !== null && <NewConnection {...props} id={connection} onChanged={reload} />}
      {callbackUrl !== null && connection === null && <p className="soft">{t('test.consentText')}</p>}
      {hasKey && connection === null && (
        <>
          <p className="soft">{t('test.keyText')}</p>
          <TryCredential workspaceId={workspace.id} integration={integration} readOnly={readOnly} />
          <h3>{t('test.connectTitle')}</h3>
        </>
      )}
      <p className="soft">{t('test.connectText')}</p>
      {error !== undefined && <Notice tone="bad">{error}</Notice>}
      {noClient && (
        <Notice tone="warn">
          <span>
            {t('test.needsClient')}{' '}
            <Link to={`${base}/integrations/${slug}/setup?step=client`}>{t('step.client.title')}</Link>
          </span>
        </Notice>
      )}
      {readOnly !== undefined && <p className="faint">{readOnly}</p>}
      <Buttons back={back}>
        <Button
          kind={connection === null ? 'primary' : 'plain'}
          busy={busy}
          onClick={() => void connect()}
          disabledBecause={blocked}
        >
          {t(connection === null ? 'test.connect' : 'test.connectAnother')}
        </Button>
        <ButtonLink to={`${base}/integrations/${slug}`}>{t('test.finish')}</ButtonLink>
      </Buttons>
    </>
  )
}
