import { mutate } from '../../api.ts'
import { PageHead } from '../../components/feedback.tsx'
import { Check, Field, Form, textOf } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import {
  CreateOidcIssuerDocument,
  type IssuerFragment,
  type SigningAlgorithm,
  UpdateOidcIssuerDocument,
} from './generated/graphql.ts'
import { t } from './texts.ts'

const ALGORITHMS: readonly SigningAlgorithm[] = [
  'RS256',
  'ES256',
  'EdDSA',
  'PS256',
  'RS384',
  'RS512',
  'PS384',
  'PS512',
  'ES384',
  'ES512',
  'Ed25519',
]
/** Those of a new issuer. */
const DEFAULTS: readonly SigningAlgorithm[] = ['RS256', 'ES256', 'EdDSA', 'PS256']

export function NewIssuer({ workspace, base, readOnly }: WorkspacePageProps) {
  const create = async (form: FormData) => {
    const payload = await mutate(CreateOidcIssuerDocument, {
      input: { workspaceId: workspace.id, ...settingsOf(form) },
    })
    if (payload.__typename === 'CreateOidcIssuerPayload') {
      navigate(`${base}/issuers/${payload.oidcIssuer.id}`, { replace: true })
    }
  }
  return (
    <>
      <Link to={`${base}/issuers`} className="back">
        ← {t('nav.issuers')}
      </Link>
      <PageHead title={t('issuers.new')} />
      <IssuerForm action={t('issuers.create')} readOnly={readOnly} onSubmit={create} />
    </>
  )
}

interface EditIssuerProps {
  issuer: IssuerFragment
  readOnly: string | undefined
  onDone: () => void
}

export function EditIssuer({ issuer, readOnly, onDone }: EditIssuerProps) {
  const save = async (form: FormData) => {
    await mutate(UpdateOidcIssuerDocument, { input: { oidcIssuerId: issuer.id, ...settingsOf(form) } })
    onDone()
  }
  return (
    <>
      <p className="lead">{t('issuers.editText')}</p>
      <IssuerForm issuer={issuer} action={t('common.save')} readOnly={readOnly} onSubmit={save} />
    </>
  )
}

interface IssuerFormProps {
  issuer?: IssuerFragment
  action: string
  readOnly: string | undefined
  onSubmit: (form: FormData) => Promise<void>
}

function IssuerForm({ issuer, action, readOnly, onSubmit }: IssuerFormProps) {
  const algorithms = issuer?.allowedAlgorithms ?? DEFAULTS
  return (
    <Form action={action} disabledBecause={readOnly} onSubmit={onSubmit}>
      <Field
        label={t('issuers.issuer')}
        name="issuer"
        required
        hint={t('issuers.issuerHint')}
        placeholder="https://login.example.com"
        defaultValue={issuer?.issuer ?? ''}
      />
      <Field
        label={t('issuers.audience')}
        name="audience"
        required
        hint={t('issuers.audienceHint')}
        placeholder="https://api.example.com"
        defaultValue={issuer?.audience ?? ''}
      />
      <Field
        label={t('issuers.endUserClaim')}
        name="endUserClaim"
        required
        hint={t('issuers.endUserClaimHint')}
        defaultValue={issuer?.endUserClaim ?? 'sub'}
      />
      <Check
        label={t('issuers.createEndUsers')}
        name="createEndUsers"
        hint={t('issuers.createEndUsersHint')}
        defaultChecked={issuer?.createEndUsers ?? false}
      />
      <details className="more" open={issuer !== undefined && (issuer.workspaceClaim ?? issuer.jwksUrl) !== null}>
        <summary>{t('issuers.more')}</summary>
        <div className="form">
          <Field
            label={t('issuers.workspaceClaim')}
            name="workspaceClaim"
            hint={t('issuers.workspaceClaimHint')}
            defaultValue={issuer?.workspaceClaim ?? ''}
          />
          <Field
            label={t('issuers.jwksUrl')}
            name="jwksUrl"
            type="url"
            hint={t('issuers.jwksUrlHint')}
            defaultValue={issuer?.jwksUrl ?? ''}
          />
          <fieldset>
            <legend>{t('issuers.algorithms')}</legend>
            <div className="choices">
              {ALGORITHMS.map((each) => (
                <Check
                  key={each}
                  name="algorithm"
                  value={each}
                  label={each}
                  defaultChecked={algorithms.includes(each)}
                />
              ))}
            </div>
          </fieldset>
        </div>
      </details>
    </Form>
  )
}

function settingsOf(form: FormData) {
  const allowedAlgorithms = form.getAll('algorithm') as SigningAlgorithm[]
  if (allowedAlgorithms.length === 0) throw new Error(t('issuers.noAlgorithm'))
  return {
    issuer: textOf(form, 'issuer') ?? '',
    audience: textOf(form, 'audience') ?? '',
    endUserClaim: textOf(form, 'endUserClaim') ?? 'sub',
    createEndUsers: form.get('createEndUsers') !== null,
    workspaceClaim: textOf(form, 'workspaceClaim'),
    jwksUrl: textOf(form, 'jwksUrl'),
    allowedAlgorithms,
  }
}
