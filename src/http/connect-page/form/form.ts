import { isRecord } from '../../../catalog/template/value.ts'
import { type PageSession, sessionStatus } from '../../../connecting/connect-sessions.ts'
import { findOffers, findSessionConnection, isUsable, type Offer } from '../../../connecting/session-offers.ts'
import { type SubmitResult, submitCredential } from '../../../connecting/submit-credential.ts'
import type { TestResult } from '../../../connecting/test-connection.ts'
import {
  ConflictError,
  CredentialRefreshError,
  type FieldError,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
} from '../../../kit/errors.ts'
import type { SingleFlight } from '../../../kit/single-flight.ts'
import { isTransientStatus } from '../../../wire/verdict.ts'
import type { TokenBuckets } from '../../server/token-buckets.ts'
import { endUserName, goToConsent, needsInput, showNotSetUp } from '../choose.ts'
import { guardForm, handleCookie, withoutSubmission } from '../cookies.ts'
import { seeOther, withQuery } from '../page-response.ts'
import { type ConnectPageDeps, formTargets, sessionPath, show, showProblem, type Visit } from '../page-visit.ts'
import { hintFor } from '../reasons.ts'
import { buildForm, type CredentialForm, readSubmitted, type Submitted, withProblems } from './credential-form.ts'
import { type FormPage, formPage, methodsPage } from './form-page.ts'
import { type KeptSubmission, keepSubmission, newSubmissionId, type Refusal, readKept } from './kept-submission.ts'

/** State of this process about submitted forms. */
export interface FormMemory {
  /** Attempts by session id. */
  attempts: TokenBuckets
  /** Running submissions by session id. A form that is sent twice at once, as by a double click, is submitted once. */
  submissions: SingleFlight<Submission>
}

/** `waitSeconds`: too many attempts; the next one is possible after this time. */
type Submission = SubmitResult | { waitSeconds: number }

/** The form of an integration, or the list of its sign-in methods. After a failure the address names what was submitted. */
export async function showForm(deps: ConnectPageDeps, visit: Visit, slug: string): Promise<Response> {
  const found = await findOffer(deps, visit, slug)
  if (found instanceof Response) return found
  const { offer, offers } = found
  const { searchParams } = new URL(visit.request.url)
  const { session, request } = visit
  const id = searchParams.get(SUBMISSION_PARAMETER)
  const kept = id === null ? null : readKept(deps, request, session, { slug, id })
  const values = kept === null ? await valuesOfConnection(deps, session, offer) : new Map(Object.entries(kept.values))
  const form = buildForm(offer, kept === null ? searchParams.get('method') : kept.method, values, visit.context.locale)
  if (form === null || form.method.missing !== null) return showMethods(deps, visit, offer, offers)
  if (kept === null) return showFormPage(visit, found, { form }, 200)
  return showFormPage(visit, found, submissionShown(visit, form, kept), kept.status)
}

/** The parameter of a form's address that names a failed submission. */
const SUBMISSION_PARAMETER = 'submission'

/** The inputs of the connection that is connected again. */
async function valuesOfConnection(
  deps: ConnectPageDeps,
  session: PageSession,
  offer: Offer,
): Promise<Map<string, string>> {
  if (session.reconnectId === null) return new Map()
  const connection = await findSessionConnection(deps.database, session, offer.integration.id)
  const known = Object.entries(isRecord(connection?.input) ? connection.input : {})
  return new Map(known.map(([name, value]) => [`input.${name}`, String(value)]))
}

interface FoundOffer {
  offer: Offer
  offers: readonly Offer[]
}

async function findOffer(deps: ConnectPageDeps, visit: Visit, slug: string): Promise<FoundOffer | Response> {
  if (sessionStatus(visit.session) !== 'CONNECTING')
    return seeOther(`${visit.publicUrl}${sessionPath.finish(visit.session.id)}`)
  const offers = await findOffers(deps, visit.session)
  const offer = offers.find(({ integration }) => integration.slug === slug)
  return offer === undefined ? showProblem(visit, 404, 'notOffered') : { offer, offers }
}

function showMethods(deps: ConnectPageDeps, visit: Visit, offer: Offer, offers: readonly Offer[]): Response {
  if (!isUsable(offer)) return showNotSetUp(deps, visit, offer)
  const { value: guard, cookies } = guardForm(visit.request, visit.publicUrl)
  const atOnce = !needsInput(visit, offer)
  const page = methodsPage(visit.context, { offer, guard, atOnce, ...formLinks(visit, offer, offers) })
  return show(visit, page, { cookies, formTargets: formTargets(visit, [offer]) })
}

function formLinks({ session }: Visit, offer: Offer, offers: readonly Offer[]) {
  return {
    action: sessionPath.form(session.id, offer.integration.slug),
    offersUrl: offers.length > 1 ? sessionPath.choose(session.id) : null,
    reconnects: session.reconnectId !== null,
  }
}

/**
 * Submits the entered credential or inputs. After a failure the browser is sent back to the form, which keeps all values
 * except secrets.
 */
export async function postForm(
  deps: ConnectPageDeps,
  visit: Visit,
  slug: string,
  sent: URLSearchParams,
  memory: FormMemory,
): Promise<Response> {
  const found = await findOffer(deps, visit, slug)
  if (found instanceof Response) return found
  const { session, publicUrl, request } = visit
  const { offer } = found
  const form = buildForm(offer, sent.get('method'), new Map(), visit.context.locale)
  if (form === null || form.method.missing !== null) return showMethods(deps, visit, offer, found.offers)
  const { method } = form
  const submitted = readSubmitted(offer, form, new Map(sent))
  const fail = (failure: Failure) => showFailed(deps, visit, found, { form, submitted, ...failure })
  const finish = `${publicUrl}${sessionPath.finish(session.id)}`
  try {
    if (method.consent !== null) {
      const asked = [...sent.keys()].some((key) => key.startsWith('input.'))
      const input = asked || session.reconnectId === null ? submitted.values.input : null
      return await goToConsent(deps, visit, offer, { method, input })
    }
    const submission = await memory.submissions.run(session.id, async () => {
      const waitSeconds = memory.attempts.take(session.id, 1)
      return waitSeconds === null
        ? submitCredential(deps, session, offer.integration, submitted.values)
        : { waitSeconds }
    })
    if ('waitSeconds' in submission) {
      return fail({ status: 429, refusal: refusalOf('tooMany', { waitSeconds: submission.waitSeconds }) })
    }
    if (submission.rejected !== null) return fail(rejectedBy(offer, submission.rejected))
    const handle = submission.handle === null ? [] : [handleCookie(publicUrl, session.id, submission.handle)]
    return seeOther(finish, { cookies: [...handle, ...withoutSubmission(request, publicUrl)] })
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error
    if (error instanceof ConflictError) return seeOther(finish)
    const failure = failureOf(offer, error)
    if (failure !== null) return fail(failure)
    deps.logger.warn(
      { err: error, integrationId: offer.integration.id },
      'cannot store a credential from a connect page',
    )
    return showProblem(visit, 409, 'notPossible', error.message)
  }
}

/** Why a submission failed. */
interface Failure {
  /** HTTP status of the form that shows it. */
  status: number
  errors?: FieldError[]
  refusal?: Refusal | null
}

function refusalOf(kind: Refusal['kind'], more: Partial<Refusal> = {}): Refusal {
  return { kind, hint: null, providerMessage: null, notFound: false, waitSeconds: 0, ...more }
}

/** The provider answered the test request with a refusal, or with a problem of its own. */
function rejectedBy({ integration }: Offer, result: TestResult): Failure {
  const { providerStatus, providerMessage, providerCode } = result
  const status = providerStatus ?? undefined
  const hint = hintFor(integration.provider, { at: 'request', error: providerCode, message: providerMessage, status })
  const isBusy = status !== undefined && isTransientStatus(status)
  const more = { hint, providerMessage: providerMessage ?? null, notFound: status === 404 }
  return isBusy
    ? { status: 502, refusal: refusalOf('busy', more) }
    : { status: 422, refusal: refusalOf('refused', more) }
}

/** Null: the user cannot do anything about the error. */
function failureOf({ integration }: Offer, error: LatchkeyError): Failure | null {
  if (error instanceof InvalidInputError) return { status: 422, errors: error.fields }
  if (error instanceof CredentialRefreshError && !error.retryable) {
    const { providerStatus, providerError, providerErrorDescription } = error.words
    const reported = { error: providerError, message: providerErrorDescription, status: providerStatus }
    return {
      status: 422,
      refusal: refusalOf(error.reason === 'MALFORMED_RESPONSE' ? 'unusable' : 'refused', {
        hint: hintFor(integration.provider, { at: 'token', ...reported }),
        providerMessage: providerErrorDescription ?? providerError ?? null,
        notFound: providerStatus === 404,
      }),
    }
  }
  const isUnreachable = error instanceof ProviderError || error instanceof CredentialRefreshError
  return isUnreachable ? { status: 502, refusal: refusalOf('unreachable') } : null
}

/** Redirects to the form, or shows it at once when what it shows is too long for a cookie. */
function showFailed(
  deps: ConnectPageDeps,
  visit: Visit,
  found: FoundOffer,
  { form, submitted, status, errors = [], refusal = null }: Failure & { form: CredentialForm; submitted: Submitted },
): Response {
  const { integration } = found.offer
  const submission: KeptSubmission = {
    slug: integration.slug,
    id: newSubmissionId(),
    status,
    method: form.method.key,
    values: submitted.shown,
    tidied: submitted.tidied,
    errors: errors.map(({ path, message }) => ({ path, message: message.slice(0, MAX_MESSAGE_LENGTH) })),
    refusal,
  }
  const cookie = keepSubmission(deps, visit.session, submission)
  if (cookie === null) {
    const values = new Map(Object.entries(submitted.shown))
    const shown = buildForm(found.offer, form.method.key, values, visit.context.locale) ?? form
    return showFormPage(visit, found, submissionShown(visit, shown, submission), status)
  }
  const path = sessionPath.form(visit.session.id, integration.slug)
  const query = {
    ...(form.method.key === null ? {} : { method: form.method.key }),
    [SUBMISSION_PARAMETER]: submission.id,
  }
  return seeOther(withQuery(`${visit.publicUrl}${path}`, query), { cookies: [cookie] })
}

const MAX_MESSAGE_LENGTH = 300

/** The form with what became of a submission. */
function submissionShown(
  { context }: Visit,
  form: CredentialForm,
  { tidied, errors, refusal }: KeptSubmission,
): Pick<FormPage, 'form' | 'refusal' | 'others'> {
  const fields = form.fields.map((field) => ({ ...field, tidied: tidied.includes(field.key) }))
  return { ...withProblems({ ...form, fields }, errors, context.texts), refusal }
}

function showFormPage(
  visit: Visit,
  { offer, offers }: FoundOffer,
  { form, refusal = null, others = [] }: Pick<FormPage, 'form'> & Partial<Pick<FormPage, 'refusal' | 'others'>>,
  status: number,
): Response {
  const { value: guard, cookies } = guardForm(visit.request, visit.publicUrl)
  const at = formLinks(visit, offer, offers)
  const methodsUrl = offer.methods.length > 1 ? at.action : null
  const forWhom = endUserName(visit.session.endUser)
  const page = formPage(visit.context, { form, refusal, others, offer, guard, forWhom, ...at, methodsUrl })
  return show(visit, page, {
    status,
    cookies,
    formTargets: formTargets(visit, form.method.consent === null ? [] : [offer]),
  })
}
