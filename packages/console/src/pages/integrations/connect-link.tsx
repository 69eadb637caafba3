import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, Form, SelectField, textOf } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { Copy, Time } from '../../components/values.tsx'
import { hrefOf } from '../../router.ts'
import { CreateConnectLinkDocument } from './generated/graphql.ts'
import type { Shown } from './guide-parts.tsx'
import { t } from './texts.ts'
import { useFieldErrors } from './use-field-errors.ts'

interface ConnectLinkProps {
  workspace: { id: string }
  base: string
  integration: Shown
  redirectUrls: readonly string[]
  /** New connections have to be confirmed by the product. */
  mustConfirm: boolean
  onClose: () => void
}

const LIFETIMES = [1_800, 7_200, 86_400] as const

/** Makes a link with which an end user connects an account. */
export function ConnectLink({ workspace, base, integration, redirectUrls, mustConfirm, onClose }: ConnectLinkProps) {
  const [link, setLink] = useState<{ connectUrl: string; expiresAt: string }>()
  const { errorOf, reporting } = useFieldErrors(['endUserExternalId'])
  // That of the console confirms for its own end user only.
  const own = `${location.origin}${hrefOf(`${base}/connected`)}`
  const urls = redirectUrls.filter((url) => url !== own)
  const create = reporting(async (form) => {
    const payload = await mutate(CreateConnectLinkDocument, {
      input: {
        workspaceId: workspace.id,
        integrations: [integration.slug],
        endUserExternalId: textOf(form, 'endUser'),
        redirectUrl: textOf(form, 'redirectUrl'),
        expiresInSeconds: Number(form.get('lifetime')),
      },
    })
    if (payload.__typename !== 'CreateConnectSessionPayload') return
    setLink({ connectUrl: payload.connectUrl, expiresAt: payload.session.expiresAt })
  })
  if (mustConfirm && urls.length === 0) {
    return (
      <Dialog title={t('link.title')} onClose={onClose}>
        <p>{t('link.needsRedirect')}</p>
        <div className="actions">
          <Link to={`${base}/branding/returning`} className="button primary">
            {t('link.addRedirect')}
          </Link>
          <Button onClick={onClose}>{t('common.close')}</Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={t('link.title')} onClose={onClose} wide>
      {link === undefined ? (
        <>
          <p>{t('link.text', { name: integration.displayName })}</p>
          <Form action={t('link.create')} onSubmit={create}>
            <Field
              name="endUser"
              label={t('link.endUser')}
              hint={t('link.endUserHint')}
              required
              error={errorOf('endUserExternalId')}
            />
            {urls.length > 0 && (
              <SelectField
                name="redirectUrl"
                label={t('link.redirectUrl')}
                hint={t('link.redirectUrlHint')}
                options={[
                  ...urls.map((url) => [url, url] as const),
                  ...(mustConfirm ? [] : [['', t('link.noRedirect')] as const]),
                ]}
              />
            )}
            <SelectField
              name="lifetime"
              label={t('link.lifetime')}
              options={LIFETIMES.map((seconds) => [String(seconds), t(`link.${seconds}`)])}
            />
          </Form>
        </>
      ) : (
        <>
          <p>
            {t('link.ready')} <Time at={link.expiresAt} />
          </p>
          <Copy value={link.connectUrl} label={t('link.title')} />
          <div className="actions after-form">
            <Button onClick={onClose}>{t('common.close')}</Button>
          </div>
        </>
      )}
    </Dialog>
  )
}
