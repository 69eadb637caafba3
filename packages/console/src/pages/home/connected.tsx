import { useEffect, useRef, useState } from 'react'
import { mutate } from '../../api.ts'
import { Loading, Notice } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { OWN_END_USER } from '../../connect-account.ts'
import { ConfirmConnectionDocument } from '../../generated/graphql.ts'
import { navigate, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { t } from './texts.ts'

/** Where the connect page leads back to. Confirms the connection with the handle that it brings. */
export function Connected({ base }: WorkspacePageProps) {
  const { query } = usePlace()
  const [error, setError] = useState<string>()
  const isSent = useRef(false)
  const handle = query.get('handle')
  const refusal = query.get('error_description') ?? query.get('error')
  useEffect(() => {
    if (isSent.current || refusal !== null) return
    isSent.current = true
    const confirmed =
      handle === null
        ? Promise.resolve()
        : mutate(ConfirmConnectionDocument, { input: { handle, endUserExternalId: OWN_END_USER } })
    confirmed.then(
      () => navigate(base, { replace: true }),
      (failure: Error) => setError(failure.message),
    )
  }, [base, handle, refusal])
  if (error === undefined && refusal === null) return <Loading />
  return (
    <>
      <Notice tone="bad">{error ?? refusal}</Notice>
      <Link to={base}>{t('nav.home')}</Link>
    </>
  )
}
