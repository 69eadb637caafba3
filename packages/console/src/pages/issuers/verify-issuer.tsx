import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Notice } from '../../components/feedback.tsx'
import { Field, Form, textOf } from '../../components/form.tsx'
import { Mark } from '../../components/values.tsx'
import { formatExact } from '../../texts.ts'
import { type IssuerFragment, VerifyOidcIssuerDocument } from './generated/graphql.ts'
import { t } from './texts.ts'
import { checkToken } from './token.ts'

interface VerifyIssuerProps {
  issuer: IssuerFragment
  /** Slug of the workspace, which the workspace claim may hold. */
  slug: string
  readOnly: string | undefined
  reload: () => void
}

/** The proof: a token of the issuer. What it says is compared in the browser, and the signature by the server. */
export function VerifyIssuer({ issuer, slug, readOnly, reload }: VerifyIssuerProps) {
  const [token, setToken] = useState('')
  const [isWaiting, setWaiting] = useState(false)
  const verify = async (form: FormData) => {
    const payload = await mutate(VerifyOidcIssuerDocument, {
      input: { oidcIssuerId: issuer.id, token: textOf(form, 'token') ?? '' },
    })
    // The deployment may require the approval of an operator in addition.
    if (payload.__typename === 'VerifyOidcIssuerPayload') setWaiting(!payload.oidcIssuer.verified)
    reload()
  }
  return (
    <section>
      <h2>{t('issuers.verify')}</h2>
      {/* The field has no handler of its own, so this one gets its input events. */}
      <div onInput={({ target }) => setToken((target as HTMLInputElement).value)}>
        <Form action={t('issuers.verifyAction')} disabledBecause={readOnly} onSubmit={verify}>
          <Field
            label={t('issuers.token')}
            name="token"
            type="password"
            required
            hint={t('issuers.tokenHint')}
            placeholder="eyJ…"
          />
          {token.trim() !== '' && <TokenChecks token={token} issuer={issuer} slug={slug} />}
        </Form>
      </div>
      {isWaiting && <Notice tone="warn">{t('issuers.waiting')}</Notice>}
    </section>
  )
}

function TokenChecks({ token, issuer, slug }: { token: string; issuer: IssuerFragment; slug: string }) {
  const checked = checkToken(token, issuer, slug)
  if (checked === null) return <p className="reason bad">{t('issuers.noToken')}</p>
  const { checks, endUser, expiresAt } = checked
  return (
    <div className="card token-checks">
      <ul>
        {checks.map(({ claim, value, expected, ok }) => (
          <li key={claim}>
            <Mark tone={ok ? 'good' : 'bad'}>{t(ok ? 'issuers.fits' : 'issuers.fitsNot')}</Mark>
            <span>
              <code>{claim}</code>{' '}
              {claim === 'exp' && expiresAt !== null ? formatExact(expiresAt) : (value ?? t('issuers.noClaim'))}
              {!ok && expected !== null && (
                <span className="faint"> · {t('issuers.expected', { value: expected })}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {endUser !== null && <p className="faint">{t('issuers.actsFor', { endUser })}</p>}
      <p className="hint">{t('issuers.signature')}</p>
    </div>
  )
}
