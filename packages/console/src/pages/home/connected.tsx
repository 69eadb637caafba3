import { useEffect, useRef, useState } from 'react'
import { mutate } from '../../api.ts'
import { Loading, messageOf, Notice } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { OWN_END_USER, takeBack } from '../../connect-account.ts'
import { ConfirmConnectionDocument } from '../../generated/graphql.ts'
import { navigate, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { t } from './texts.ts'

/** Where the connect page leads back to. Confirms the connection with the handle that it brings. */
export function Connected({ base }: WorkspacePageProps) {
  const { query } = usePlace()
  const [error, setError] = useState<string>()
  const [back, setBack] = useState<string | null>()
  const isSent = useRef(false)
  const refusal = query.get('error_description') ?? query.get('error')
  useEffect(() => {
    if (isSent.current) return
    isSent.current = true
    const place = takeBack()
    setBack(place)
    if (place === null || refusal !== null) return
    connectionOf(query).then(
      (id) => navigate(place === base ? base : withConnection(place, id), { replace: true }),
      (failure: unknown) => setError(messageOf(failure)),
    )
  }, [base, query, refusal])
  if (back === undefined || (error === undefined && back !== null && refusal === null)) return <Loading />
  return (
    <>
      <Notice tone="bad">{error ?? (back === null ? t('home.notBegun') : refusal)}</Notice>
      <Link to={back ?? base}>{back == null ? t('nav.home') : t('common.back')}</Link>
    </>
  )
}

/** Confirms the connection, unless the workspace wants no confirmation. @returns its id */
async function connectionOf(query: URLSearchParams): Promise<string | null> {
  const handle = query.get('handle')
  if (handle === null) return query.get('connection_id')
  const payload = await mutate(ConfirmConnectionDocument, { input: { handle, endUserExternalId: OWN_END_USER } })
  return payload.__typename === 'ConfirmConnectionPayload' ? payload.connection.id : null
}

function withConnection(place: string, id: string | null): string {
  if (id === null) return place
  return `${place}${place.includes('?') ? '&' : '?'}${new URLSearchParams({ connection: id })}`
}
