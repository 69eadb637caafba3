import { useState } from 'react'
import { mutate, useDocument, useReloadWhileVisible } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { Fact, Mark, Time } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import {
  ApproveOidcIssuerDocument,
  DeleteOidcIssuerDocument,
  type IssuerFragment,
  OidcIssuerDocument,
} from './generated/graphql.ts'
import { EditIssuer } from './issuer-form.tsx'
import { t } from './texts.ts'
import { VerifyIssuer } from './verify-issuer.tsx'

/** One OIDC issuer: what it accepts, whether it is verified, and the proof. */
export function IssuerPage({ workspace, base, rest, readOnly, id }: WorkspacePageProps & { id: string }) {
  const { data, error, reload } = useDocument(OidcIssuerDocument, { id })
  useReloadWhileVisible(workspace.id, reload)
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  const issuer = data.node?.__typename === 'OidcIssuer' ? data.node : undefined
  const isEditing = rest[1] === 'edit' && issuer !== undefined
  const path = `${base}/issuers/${id}`
  return (
    <>
      <Link to={isEditing ? path : `${base}/issuers`} className="back">
        ← {isEditing ? issuer.issuer : t('nav.issuers')}
      </Link>
      {issuer === undefined ? (
        <>
          <PageHead title={t('nav.issuers')} />
          <Empty title={t('common.noMatch')} text={t('common.missing')} />
        </>
      ) : isEditing ? (
        <>
          <PageHead title={t('issuers.edit')} />
          <EditIssuer
            issuer={issuer}
            readOnly={readOnly}
            onDone={() => {
              reload()
              navigate(path)
            }}
          />
        </>
      ) : (
        <>
          <PageHead title={issuer.issuer}>
            <VerifiedMark issuer={issuer} />
          </PageHead>
          {error !== undefined && <Problem message={error} retry={reload} />}
          <Actions
            issuer={issuer}
            base={base}
            readOnly={readOnly}
            isOperator={data.viewer.role === 'OPERATOR'}
            reload={reload}
          />
          <IssuerFacts issuer={issuer} />
          {!issuer.verified && (
            <VerifyIssuer issuer={issuer} slug={workspace.slug} readOnly={readOnly} reload={reload} />
          )}
        </>
      )}
    </>
  )
}

function IssuerFacts({ issuer }: { issuer: IssuerFragment }) {
  return (
    <section className="card facts-card">
      <dl>
        <Fact name={t('issuers.audience')}>
          <code>{issuer.audience}</code>
        </Fact>
        <Fact name={t('issuers.endUserClaim')}>
          <code>{issuer.endUserClaim}</code>{' '}
          <span className="faint">
            {t(issuer.createEndUsers ? 'issuers.createsEndUsers' : 'issuers.createsNoEndUsers')}
          </span>
        </Fact>
        <Fact name={t('issuers.workspaceClaim')}>
          {issuer.workspaceClaim === null ? (
            <span className="faint">{t('common.none')}</span>
          ) : (
            <code>{issuer.workspaceClaim}</code>
          )}
        </Fact>
        <Fact name={t('issuers.keys')}>
          <code>{issuer.jwksUrl ?? `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`}</code>
        </Fact>
        <Fact name={t('issuers.algorithms')}>
          <span className="tags">
            {issuer.allowedAlgorithms.map((each) => (
              <code key={each}>{each}</code>
            ))}
          </span>
        </Fact>
        <Fact name={t('common.created')}>
          <Time at={issuer.createdAt} />
        </Fact>
      </dl>
    </section>
  )
}

interface ActionsProps {
  issuer: IssuerFragment
  base: string
  readOnly: string | undefined
  isOperator: boolean
  reload: () => void
}

function Actions({ issuer, base, readOnly, isOperator, reload }: ActionsProps) {
  const [asked, setAsked] = useState<'approve' | 'delete'>()
  const CONFIRMED = {
    approve: async () => {
      await mutate(ApproveOidcIssuerDocument, { input: { oidcIssuerId: issuer.id } })
      reload()
    },
    delete: async () => {
      await mutate(DeleteOidcIssuerDocument, { input: { oidcIssuerId: issuer.id } })
      navigate(`${base}/issuers`)
    },
  }
  return (
    <>
      <Notice tone={issuer.verified ? 'good' : 'warn'}>
        {t(issuer.verified ? 'issuers.verifiedText' : 'issuers.unverifiedText')}
      </Notice>
      <div className="actions toolbar">
        <Button onClick={() => navigate(`${base}/issuers/${issuer.id}/edit`)} disabledBecause={readOnly}>
          {t('common.edit')}
        </Button>
        <Button
          onClick={() => setAsked('approve')}
          disabledBecause={readOnly ?? (isOperator ? undefined : t('issuers.operatorOnly'))}
        >
          {t('issuers.approve')}
        </Button>
        <Button kind="danger" onClick={() => setAsked('delete')} disabledBecause={readOnly}>
          {t('common.delete')}
        </Button>
      </div>
      {asked !== undefined && (
        <Confirm
          title={t(`issuers.ask.${asked}`)}
          text={t(`issuers.ask.${asked}Text`, { issuer: issuer.issuer, audience: issuer.audience })}
          action={t(asked === 'delete' ? 'common.delete' : 'issuers.approve')}
          kind={asked === 'delete' ? 'danger' : 'primary'}
          onConfirm={CONFIRMED[asked]}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

export function VerifiedMark({ issuer }: { issuer: IssuerFragment }) {
  return issuer.verified ? (
    <Mark tone="good">{t('issuers.verified')}</Mark>
  ) : (
    <Mark tone="warn">{t('issuers.unverified')}</Mark>
  )
}
