import { type FormEvent, useEffect, useState } from 'react'
import { mutate, useDocument } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Empty, Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { Logo } from '../../components/values.tsx'
import { type ViewerQuery, WorkspacesDocument } from '../../generated/graphql.ts'
import { navigate } from '../../router.ts'
import { CreateWorkspaceDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

/** The workspaces of an operator. The only one is opened at once. */
export function Workspaces({ viewer, listed }: { viewer: ViewerQuery['viewer']; listed: boolean }) {
  const { data, error, reload } = useDocument(WorkspacesDocument, {})
  const nodes = data?.workspaces.nodes
  const only = viewer.workspace ?? (nodes?.length === 1 ? nodes[0] : undefined)
  useEffect(() => {
    if (only != null && !listed) navigate(`/w/${only.slug}`, { replace: true })
  }, [only, listed])
  if (error !== undefined && nodes === undefined) return <Problem message={error} retry={reload} />
  if (nodes === undefined) return <Loading />
  return (
    <>
      <PageHead title={t('workspaces.title')} />
      {nodes.length > 0 && (
        <ul className="card list">
          {nodes.map(({ id, slug, name }) => (
            <li key={id} className="row">
              <Logo name={name} />
              <Link to={`/w/${slug}`} className="main title">
                {name}
              </Link>
              <span className="faint">{slug}</span>
            </li>
          ))}
        </ul>
      )}
      {viewer.role === 'OPERATOR' && <NewWorkspace isFirst={nodes.length === 0} />}
    </>
  )
}

function NewWorkspace({ isFirst }: { isFirst: boolean }) {
  const [error, setError] = useState<string>()
  const create = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim()
    try {
      const payload = await mutate(CreateWorkspaceDocument, { input: { name } })
      if (payload.__typename === 'CreateWorkspacePayload') navigate(`/w/${payload.workspace.slug}`)
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure))
    }
  }
  const form = (
    <form onSubmit={create} className="inline-form">
      <label>
        <span>{t('workspaces.name')}</span>
        <input name="name" required maxLength={100} />
      </label>
      <Button type="submit" kind="primary">
        {t('workspaces.create')}
      </Button>
    </form>
  )
  return (
    <>
      {isFirst ? (
        <Empty title={t('workspaces.empty')} text={t('workspaces.emptyText')}>
          {form}
        </Empty>
      ) : (
        form
      )}
      {error !== undefined && <Notice tone="bad">{error}</Notice>}
    </>
  )
}
