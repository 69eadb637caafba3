import { isRecord } from '../../catalog/template/value.ts'
import { sessionStatus } from '../../connecting/connect-session-state.ts'
import { connectionInWork, type Offer, offersOf } from '../../connecting/session-offers.ts'
import { type Bringing, bringCredential } from '../../connecting/submit-credential.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import {
  ConflictError,
  CredentialRefreshError,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
} from '../../kit/errors.ts'
import type { TokenBuckets } from '../server/token-buckets.ts'
import { goToConsent } from './choose.ts'
import { nameOf } from './choose-page.ts'
import { type CredentialForm, formOf, methodsOf, valuesOf, withProblems } from './credential-form.ts'
import { guardForm } from './form-guard.ts'
import { type FormPage, formPage, methodsPage, type Refusal } from './form-page.ts'
import { handleCookie } from './handle-cookie.ts'
import { seeOther } from './page-response.ts'
import { formTargets, pathOf, problem, show, type Visit } from './page-visit.ts'

/** What is remembered of forms between requests, in this process. */
export interface FormMemory {
  /** Attempts of one session. */
  attempts: TokenBuckets
  /** Forms that are being tried, by their session: the same form sent twice at once, as by a double click, is one. */
  underWay: Map<string, Promise<Bringing>>
}

/** The form of an integration, or the ways of signing in to choose one from. */
export async function showForm(services: Services, visit: Visit, slug: string): Promise<Response> {
  const found = await findOffer(services, visit, slug)
  if (found instanceof Response) return found
  const { offer, offers } = found
  const method = new URL(visit.request.url).searchParams.get('method')
  const { session } = visit
  const connection =
    session.reconnectId === null ? null : await connectionInWork(services.database, session, offer.integration.id)
  const known = Object.entries(isRecord(connection?.input) ? connection.input : {})
  const values = new Map(known.map(([name, value]) => [`input.${name}`, String(value)]))
  const form = formOf(offer, method, values)
  if (form === null) return showMethods(visit, offer, offers)
  return answerForm(visit, found, { form, refusal: null, others: [] }, 200)
}

interface FoundOffer {
  offer: Offer
  offers: readonly Offer[]
}

async function findOffer(services: Services, visit: Visit, slug: string): Promise<FoundOffer | Response> {
  if (sessionStatus(visit.session) !== 'CONNECTING')
    return seeOther(`${visit.publicUrl}${pathOf.finish(visit.session.id)}`)
  const offers = await offersOf(services, visit.session)
  const offer = offers.find(({ integration }) => integration.slug === slug)
  return offer === undefined ? problem(visit, 404, 'notOffered') : { offer, offers }
}

function showMethods(visit: Visit, offer: Offer, offers: readonly Offer[]): Response {
  if (methodsOf(offer).length === 0) return problem(visit, 409, 'notPossible')
  return show(visit, methodsPage(visit.context, { offer, ...places(visit, offer, offers) }))
}

function places({ session }: Visit, offer: Offer, offers: readonly Offer[]) {
  return {
    action: pathOf.form(session.id, offer.integration.slug),
    offersUrl: offers.length > 1 ? pathOf.choose(session.id) : null,
  }
}

/** Tries what was entered. Whatever is wrong with it, nothing but secrets has to be entered again. */
export async function postForm(
  services: Services,
  visit: Visit,
  slug: string,
  sent: URLSearchParams,
  memory: FormMemory,
): Promise<Response> {
  const found = await findOffer(services, visit, slug)
  if (found instanceof Response) return found
  const { session, publicUrl, context } = visit
  const { offer } = found
  const form = formOf(offer, sent.get('method'), new Map(sent))
  if (form === null) return showMethods(visit, offer, found.offers)
  const values = valuesOf(form, new Map(sent))
  const finish = `${publicUrl}${pathOf.finish(session.id)}`
  try {
    if (offer.consent) return await goToConsent(services, visit, offer, values.input)
    const wait = memory.underWay.has(session.id) ? null : memory.attempts.take(session.id, 1)
    if (wait !== null) {
      const text = context.texts.tooManyAttempts(wait)
      return answerForm(
        visit,
        found,
        { form, refusal: { title: context.texts.problems.tooMany.title, text }, others: [] },
        429,
      )
    }
    const bringing = await once(memory.underWay, session.id, () =>
      bringCredential(services, session, offer.integration, values),
    )
    if (bringing.refused !== null) {
      return answerForm(
        visit,
        found,
        { form, refusal: refusedBy(visit, offer, bringing.refused.message), others: [] },
        422,
      )
    }
    const cookies = bringing.handle === null ? [] : [handleCookie(publicUrl, session.id, bringing.handle)]
    return seeOther(finish, { cookies })
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error
    if (error instanceof ConflictError) return seeOther(finish)
    return answerError(services, visit, found, form, error)
  }
}

async function once(underWay: FormMemory['underWay'], key: string, work: () => Promise<Bringing>): Promise<Bringing> {
  const running = underWay.get(key)
  if (running !== undefined) return running
  const started = work().finally(() => underWay.delete(key))
  underWay.set(key, started)
  return started
}

function refusedBy({ context: { texts } }: Visit, offer: Offer, words: string | undefined): Refusal {
  return { title: texts.refusedTitle(offer.integration.displayName), text: texts.refusedText, words }
}

function answerError(
  services: Services,
  visit: Visit,
  found: FoundOffer,
  form: CredentialForm,
  error: LatchkeyError,
): Response {
  const { texts } = visit.context
  if (error instanceof InvalidInputError) {
    const marked = withProblems(form, error.fields, texts)
    return answerForm(visit, found, { ...marked, refusal: null }, 422)
  }
  const { integration } = found.offer
  if (error instanceof CredentialRefreshError && !error.retryable) {
    const words = error.words.providerErrorDescription ?? error.words.providerError ?? error.message
    return answerForm(visit, found, { form, refusal: refusedBy(visit, found.offer, words), others: [] }, 422)
  }
  if (error instanceof ProviderError || error instanceof CredentialRefreshError) {
    const refusal = {
      title: texts.refusedTitle(integration.displayName),
      text: texts.unreachable(integration.displayName),
    }
    return answerForm(visit, found, { form, refusal, others: [] }, 502)
  }
  services.logger.warn({ err: error, integrationId: integration.id }, 'a credential cannot be taken')
  return problem(visit, 409, 'notPossible', error.message)
}

function answerForm(
  visit: Visit,
  { offer, offers }: FoundOffer,
  shown: Pick<FormPage, 'form' | 'refusal' | 'others'>,
  status: number,
): Response {
  const { value: guard, cookies } = guardForm(visit.request, visit.publicUrl)
  const at = places(visit, offer, offers)
  const methodsUrl = methodsOf(offer).length > 1 ? at.action : null
  const page = formPage(visit.context, {
    ...shown,
    offer,
    guard,
    forWhom: nameOf(visit.session.endUser),
    ...at,
    methodsUrl,
  })
  return show(visit, page, { status, cookies, formTargets: formTargets(visit, offer.consent ? [offer] : []) })
}
