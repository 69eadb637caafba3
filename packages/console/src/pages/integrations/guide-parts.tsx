import type { ReactNode } from 'react'
import { Notice } from '../../components/feedback.tsx'
import { OtherSite } from '../../components/link.tsx'
import { Fact, Words } from '../../components/values.tsx'
import type { IntegrationQuery, TestIntegrationMutation } from './generated/graphql.ts'
import { t } from './texts.ts'

export type Shown = NonNullable<NonNullable<IntegrationQuery['workspace']>['integration']>
export type Guide = NonNullable<NonNullable<Shown['provider']>['guide']>

interface GuideStepsProps {
  part: Guide['app']
  /** Name of the provider. */
  name: string
  /** What to do where the provider has no guide. */
  fallback: ReactNode
}

/** The steps at the provider, with a link to the page where they begin. */
export function GuideSteps({ part, name, fallback }: GuideStepsProps) {
  if (part === null) return <p className="soft">{fallback}</p>
  return (
    <>
      <p>
        <OtherSite url={part.url} className="button plain">
          {t('setup.openPage', { name })}
        </OtherSite>
      </p>
      <ol className="guide">
        {part.steps.map((step) => (
          <li key={step}>
            <span>
              <Words text={step} />
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}

/** What is known about a provider besides its streams and actions, and where it was read. */
export function ProviderFacts({ name, guide }: { name: string; guide: Guide | null }) {
  if (guide === null) return null
  const { tokens, events, traps, rateLimit, pages, unverified } = guide
  return (
    <section>
      <h2>{t('facts.title', { name })}</h2>
      <div className="card">
        <dl>
          {tokens.length > 0 && <Fact name={t('facts.tokens')}>{tokens.join(' ')}</Fact>}
          {events.length > 0 && (
            <Fact name={t('facts.events')}>
              <span className="tags">
                {events.map((event) => (
                  <code key={event}>{event}</code>
                ))}
              </span>
            </Fact>
          )}
          {rateLimit !== null && <Fact name={t('facts.rateLimit')}>{rateLimit.text}</Fact>}
          {traps.length > 0 && (
            <Fact name={t('facts.traps')}>
              {traps.map((trap) => (
                <p key={trap}>
                  <Words text={trap} />
                </p>
              ))}
            </Fact>
          )}
          {unverified.length > 0 && (
            <Fact name={t('facts.unverified')}>{unverified.map((part) => t(`facts.part.${part}`)).join(', ')}</Fact>
          )}
        </dl>
        {pages.length > 0 && (
          <details>
            <summary>{t('facts.sources', { count: pages.length })}</summary>
            <ul>
              {pages.map(({ url, readOn, isSecond, differs }) => (
                <li key={url}>
                  <OtherSite url={url}>{url.replace('https://', '')}</OtherSite>{' '}
                  <span className="faint">
                    {t(isSecond ? 'facts.readSecond' : 'facts.read', { date: readOn })} {differs}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </section>
  )
}

const BY_CLIENT_SECRET = /signs with the (client|app) secret|signiert mit dem (Client-Secret|App secret)/

/** Webhooks of the provider are verified with the secret of the client, as its guide says. */
export function signsWithClientSecret({ provider }: Shown): boolean {
  return (provider?.guide?.webhook?.steps ?? []).some((step) => BY_CLIENT_SECRET.test(step))
}

/** Typical mistakes, folded. */
export function Hints({ guide }: { guide: Guide | null }) {
  if (guide === null || guide.hints.length === 0) return null
  return (
    <details className="hints">
      <summary>{t('setup.trouble')}</summary>
      <ul>
        {guide.hints.map(({ cause, remedy, errors, messages, url }) => (
          <li key={cause}>
            <strong>
              <Words text={cause} />
            </strong>
            {[...errors, ...messages].length > 0 && (
              <p className="tags">
                {[...errors, ...messages].map((each) => (
                  <code key={each}>{each}</code>
                ))}
              </p>
            )}
            <p>
              <Words text={remedy} /> {url !== null && <OtherSite url={url}>{t('setup.more')}</OtherSite>}
            </p>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Without the records, which only a test of a definition can have. */
export type TestResult = Omit<DefinitionTestResult, 'records'>

export type DefinitionTestResult = Extract<
  TestIntegrationMutation['testIntegration'],
  { __typename: 'TestIntegrationPayload' }
>['result']

/** The result of a test: what the provider says, and what to do about it. */
export function ResultNotice({ result }: { result: TestResult }) {
  const { ok, checked, message, providerStatus, hint } = result
  return (
    <Notice tone={ok ? (checked ? 'good' : 'warn') : 'bad'}>
      <div>
        <p>
          {message}{' '}
          {providerStatus !== null && (
            <span className="number">({t('test.status', { status: String(providerStatus) })})</span>
          )}
        </p>
        {hint !== null && (
          <p>
            <Words text={hint.cause} /> <Words text={hint.remedy} />{' '}
            {hint.url !== null && <OtherSite url={hint.url}>{t('setup.more')}</OtherSite>}
          </p>
        )}
      </div>
    </Notice>
  )
}
