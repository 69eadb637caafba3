import { useEffect, useRef } from 'react'
import { useDocument } from '../../api.ts'
import { Empty, Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { Logo } from '../../components/values.tsx'
import { navigate, usePlace } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { IntegrationDocument } from './generated/graphql.ts'
import { Hints, type Shown } from './guide-parts.tsx'
import { AppStep, ClientStep, KeyStep, ScopesStep, type StepProps, TestStep, WebhookStep } from './setup-steps.tsx'
import { LANGUAGE, t } from './texts.ts'

const STEPS = {
  app: AppStep,
  scopes: ScopesStep,
  client: ClientStep,
  key: KeyStep,
  webhook: WebhookStep,
  test: TestStep,
}
export type StepName = keyof typeof STEPS

/**
 * Leads through the set-up of an integration, one step at a time. The integration exists already, so that its URLs are known and every
 * step can be left, reloaded and come back to.
 */
export function SetUp({ workspace, base, readOnly, slug }: WorkspacePageProps & { slug: string }) {
  const { query } = usePlace()
  const { data, error, reload } = useDocument(IntegrationDocument, {
    workspaceId: workspace.id,
    slug,
    language: LANGUAGE,
  })
  const head = useRef<HTMLHeadingElement>(null)
  const link = useRef<HTMLLIElement>(null)
  const shown = useRef<string>(undefined)
  const asked = query.get('step')
  useEffect(() => {
    // A screen reader begins with the new step. When the page opens, the focus stays where it is.
    if (shown.current !== undefined && shown.current !== String(asked)) head.current?.focus({ preventScroll: true })
    link.current?.scrollIntoView({ block: 'nearest', inline: 'center' })
    shown.current = String(asked)
  }, [asked])
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  const integration = data.workspace?.integration
  if (integration == null) return <Empty title={t('common.noMatch')} text={t('common.missing')} />
  const place = `${base}/integrations/${slug}`
  const steps = stepsOf(integration)
  const current = steps.find((step) => step === asked) ?? steps[0] ?? 'test'
  const at = steps.indexOf(current)
  const addressOf = (step: StepName) => `${place}/setup?step=${step}`
  const go = (step: StepName | undefined) => navigate(step === undefined ? place : addressOf(step))
  const props: StepProps = {
    ...{ workspace, base, readOnly, integration, reload },
    redirectUrls: data.workspace?.redirectUrls ?? [],
    back: steps[at - 1] === undefined ? undefined : addressOf(steps[at - 1] ?? current),
    next: () => go(steps[at + 1]),
  }
  const Step = STEPS[current]
  return (
    <>
      <Link to={place} className="back">
        ← {integration.displayName}
      </Link>
      <div className="with-logo">
        <Logo name={integration.displayName} url={integration.logoUrl} color={integration.color} size="large" />
        <PageHead title={t('setup.title', { name: integration.displayName })} />
      </div>
      {readOnly !== undefined && <Notice tone="calm">{readOnly}</Notice>}
      <div className="setup">
        <nav aria-label={t('setup.steps')}>
          <p className="progress-text">{t('setup.progress', { at: at + 1, count: steps.length })}</p>
          <ol className="steps">
            {steps.map((step, index) => (
              <li
                key={step}
                ref={step === current ? link : undefined}
                className={isDone(step, integration) ? 'done' : undefined}
              >
                <Link to={addressOf(step)} aria-current={step === current ? 'step' : undefined}>
                  <span className="step-number" aria-hidden="true">
                    {isDone(step, integration) ? '✓' : index + 1}
                  </span>
                  {t(`step.${step}`)}
                  {isDone(step, integration) && <span className="hidden"> ({t('setup.done')})</span>}
                </Link>
              </li>
            ))}
          </ol>
        </nav>
        <div>
          <section className="card step" aria-labelledby="step-title">
            <h2 id="step-title" ref={head} tabIndex={-1}>
              {t(`step.${current}.title`, { name: integration.provider?.displayName ?? integration.displayName })}
            </h2>
            <Step key={current} {...props} />
          </section>
          <Hints guide={integration.provider?.guide ?? null} />
        </div>
      </div>
    </>
  )
}

/** The steps that an integration needs: only those with a consent page need a client, and only some have webhooks. */
function stepsOf(integration: Shown): StepName[] {
  const { auth, callbackUrl, needsOAuthClient, oauthClient, webhookUrl, provider } = integration
  const methods = auth.type === 'SELECTIVE' ? auth.options.map((option) => option.auth) : [auth]
  const hasClient = callbackUrl !== null && (needsOAuthClient || oauthClient !== null)
  const hasScopes =
    methods.some(({ scopes }) => scopes.length > 0) ||
    (provider?.guide?.scopes ?? []).length > 0 ||
    (provider === null && methods.some(({ type }) => type === 'OAUTH2'))
  const hasKey = methods.some(({ credentialFields }) => credentialFields.length > 0)
  return [
    ...(hasClient ? (['app'] as const) : []),
    ...(hasClient && hasScopes ? (['scopes'] as const) : []),
    ...(hasClient ? (['client'] as const) : []),
    ...(hasKey ? (['key'] as const) : []),
    ...(webhookUrl === null ? [] : (['webhook'] as const)),
    'test',
  ]
}

function isDone(step: StepName, { oauthClient, hasWebhookSecret, connections }: Shown): boolean {
  if (step === 'webhook') return hasWebhookSecret === true
  if (step === 'test' || step === 'key') return (connections.totalCount ?? 0) > 0
  return oauthClient !== null
}
