import { mutate, useDocument } from '../../api.ts'
import { Empty, Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Field, Form, textOf } from '../../components/form.tsx'
import { Link, OtherSite } from '../../components/link.tsx'
import { Fact, Logo } from '../../components/values.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { CreateIntegrationDocument, NewIntegrationDocument } from './generated/graphql.ts'
import { authName, LANGUAGE, t } from './texts.ts'
import { useFieldErrors } from './use-field-errors.ts'

/** Creates an integration of a provider. Its OAuth client comes after it, because the callback URL contains its id. */
export function CreateIntegration({
  workspace,
  base,
  readOnly,
  provider: slug,
}: WorkspacePageProps & { provider: string }) {
  const { data, error, reload } = useDocument(NewIntegrationDocument, {
    provider: slug,
    workspaceId: workspace.id,
    language: LANGUAGE,
  })
  const { errorOf, reporting } = useFieldErrors(['slug', 'displayName'])
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  const { provider } = data
  if (provider === null) return <Empty title={t('common.noMatch')} text={t('create.missing')} />
  const taken = new Set(data.workspace?.integrations.nodes.map((each) => each.slug))
  const create = reporting(async (form) => {
    const payload = await mutate(CreateIntegrationDocument, {
      input: {
        workspaceId: workspace.id,
        provider: slug,
        slug: textOf(form, 'slug') ?? slug,
        displayName: textOf(form, 'displayName'),
      },
    })
    if (payload.__typename !== 'CreateIntegrationPayload') return
    navigate(`${base}/integrations/${payload.integration.slug}/setup`, { replace: true })
  })
  return (
    <>
      <Link to={`${base}/integrations/new`} className="back">
        ← {t('catalogue.title')}
      </Link>
      <div className="with-logo">
        <Logo name={provider.displayName} url={provider.logoUrl} color={provider.color} size="large" />
        <PageHead title={t('create.title', { name: provider.displayName })} />
      </div>
      <div className="columns">
        <section className="card">
          {data.workspace?.integration != null && (
            <Notice tone="warn">
              <span>
                {t('create.exists')} <Link to={`${base}/integrations/${slug}`}>{t('create.open')}</Link>
              </span>
            </Notice>
          )}
          <Form action={t('create.action')} disabledBecause={readOnly} onSubmit={create}>
            <Field
              name="displayName"
              label={t('common.name')}
              hint={t('create.nameHint')}
              defaultValue={provider.displayName}
              error={errorOf('displayName')}
            />
            <Field
              name="slug"
              label={t('create.slug')}
              hint={t('create.slugHint')}
              required
              defaultValue={freeSlug(slug, taken)}
              error={errorOf('slug')}
            />
          </Form>
          <p className="faint after-form">{t(provider.guide?.app == null ? 'create.next' : 'create.nextClient')}</p>
        </section>
        <section className="card">
          <h2>{t('create.about')}</h2>
          <dl>
            <Fact name={t('integration.auth')}>{authName(provider.auth)}</Fact>
            <Fact name={t('integration.streams')}>
              {provider.streams.map(({ name }) => name).join(', ') || t('common.none')}
            </Fact>
            {provider.guide?.rateLimit != null && (
              <Fact name={t('integration.rateLimit')}>{provider.guide.rateLimit.text}</Fact>
            )}
            {provider.docsUrl !== null && (
              <Fact name={t('integration.docs')}>
                <OtherSite url={provider.docsUrl}>{new URL(provider.docsUrl).host}</OtherSite>
              </Fact>
            )}
          </dl>
        </section>
      </div>
    </>
  )
}

function freeSlug(slug: string, taken: ReadonlySet<string>): string {
  if (!taken.has(slug)) return slug
  let number = 2
  while (taken.has(`${slug}-${number}`)) number += 1
  return `${slug}-${number}`
}
