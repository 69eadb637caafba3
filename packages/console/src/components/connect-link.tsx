import { useState } from 'react'
import { mutate, useDocument } from '../api.ts'
import { ConnectSettingsDocument, StartConnectingDocument } from '../generated/graphql.ts'
import { formatExact, t } from '../texts.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Loading, Notice, Problem } from './feedback.tsx'
import { Check, Field, Form, SelectField, textOf } from './form.tsx'
import { Link } from './link.tsx'
import { Copy } from './values.tsx'

interface ConnectLinkProps {
  workspaceId: string
  /** Path of the workspace. */
  base: string
  /** Undefined: the form asks for the external id. */
  endUser?: { id: string; externalId: string; displayName: string | null }
  /** The integration that the link offers. Undefined: the form asks which. */
  integration?: { slug: string; displayName: string }
  /** The connection to connect again. Undefined: a new one. */
  connectionId?: string
  onClose: () => void
}

const LIFETIMES = [
  ['1800', t('link.minutes', { count: 30 })],
  ['3600', t('link.hour')],
  ['28800', t('link.hours', { count: 8 })],
  ['86400', t('link.hours', { count: 24 })],
] as const

/** Makes a link of the connect page for an end user, and shows it once. */
export function ConnectLink({ workspaceId, base, endUser, integration, connectionId, onClose }: ConnectLinkProps) {
  const { data, error, reload } = useDocument(ConnectSettingsDocument, { workspaceId })
  const [created, setCreated] = useState<{ url: string; expiresAt: string }>()
  const [isChosen, setIsChosen] = useState(false)
  const workspace = data?.workspace
  const isReconnect = connectionId !== undefined
  const title = t(isReconnect ? 'link.reconnectTitle' : 'link.title')
  if (created !== undefined) {
    return (
      <Dialog title={title} onClose={onClose} wide>
        <p>{t('link.created', { time: formatExact(new Date(created.expiresAt)) })}</p>
        <Copy value={created.url} label={title} />
        <p className="after">{t('link.seen')}</p>
        <div className="actions">
          <Button kind="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        </div>
      </Dialog>
    )
  }
  const text =
    endUser === undefined
      ? t('link.forAnyone', { name: integration?.displayName ?? '' })
      : t(isReconnect ? 'link.reconnectText' : 'link.text', { name: endUser.displayName ?? endUser.externalId })
  const mustConfirm = workspace?.confirmation === 'REQUIRED'
  // The console's own address confirms what an operator connects. Somebody else is not signed in there.
  const redirectUrls = workspace?.redirectUrls.filter((url) => !url.startsWith(`${location.origin}/console/`)) ?? []
  const create = async (form: FormData) => {
    const chosen = isChosen ? form.getAll('integrations').map(String) : null
    const integrations = integration === undefined ? chosen : [integration.slug]
    const person = endUser === undefined ? { endUserExternalId: textOf(form, 'endUser') } : { endUserId: endUser.id }
    const payload = await mutate(StartConnectingDocument, {
      input: {
        workspaceId,
        expiresInSeconds: Number(form.get('lifetime')),
        redirectUrl: textOf(form, 'redirectUrl'),
        ...person,
        ...(isReconnect ? { connectionId } : { integrations }),
      },
    })
    if (payload.__typename !== 'CreateConnectSessionPayload') return
    setCreated({ url: payload.connectUrl, expiresAt: payload.session.expiresAt })
  }
  return (
    <Dialog title={title} onClose={onClose} wide>
      <p>{text}</p>
      {workspace == null ? (
        error === undefined ? (
          <Loading />
        ) : (
          <Problem message={error} retry={reload} />
        )
      ) : mustConfirm && redirectUrls.length === 0 ? (
        <>
          <Notice tone="warn">{t('link.noRedirect')}</Notice>
          <div className="actions">
            <Link to={`${base}/branding/returning`} className="button primary">
              {t('link.addRedirect')}
            </Link>
            <Button onClick={onClose}>{t('common.close')}</Button>
          </div>
        </>
      ) : (
        <Form action={t('link.create')} onSubmit={create} cancel={onClose}>
          {endUser === undefined && (
            <Field name="endUser" label={t('link.endUser')} hint={t('link.endUserHint')} required />
          )}
          {!isReconnect && integration === undefined && (
            <SelectField
              label={t('link.integrations')}
              name="offer"
              options={[
                ['all', t('link.all')],
                ['some', t('link.some')],
              ]}
              onChange={(value) => setIsChosen(value === 'some')}
            />
          )}
          {isChosen && (
            <fieldset>
              <legend className="hidden">{t('link.some')}</legend>
              {workspace.integrations.nodes.map(({ id, slug, displayName }) => (
                <Check key={id} name="integrations" value={slug} label={displayName} />
              ))}
            </fieldset>
          )}
          <SelectField label={t('link.expires')} name="lifetime" options={LIFETIMES} defaultValue="86400" />
          {redirectUrls.length > 0 && (
            <SelectField
              label={t('link.redirect')}
              name="redirectUrl"
              {...(mustConfirm ? { hint: t('link.confirmText') } : {})}
              options={[
                ...(mustConfirm ? [] : [['', t('link.stay')] as const]),
                ...redirectUrls.map((url) => [url, url] as const),
              ]}
            />
          )}
        </Form>
      )}
    </Dialog>
  )
}
