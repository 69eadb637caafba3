import { inputFieldsOf } from '../../../auth/check-fields.ts'
import type { CredentialDescription } from '../../../auth/strategy.ts'
import { authMethodField } from '../../../catalog/definition/auth-fields.ts'
import { isRecord } from '../../../catalog/template/value.ts'
import { type PageSession, sessionStatus } from '../../../connecting/connect-sessions.ts'
import {
  findOffers,
  findSessionConnection,
  isUsable,
  type Method,
  type Offer,
} from '../../../connecting/session-offers.ts'
import { type SubmitResult, type SubmittedValues, submitCredential } from '../../../connecting/submit-credential.ts'
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
import type { CredentialField } from '../../../wire/credential-fields.ts'
import { isTransientStatus } from '../../../wire/verdict.ts'
import type { TokenBuckets } from '../../server/token-buckets.ts'
import { endUserName, goToConsent, needsInput, offerWords, showNotSetUp, technicalNotes, wrappable } from '../choose.ts'
import { GUARD_FIELD, guardForm, handleCookie, withoutSubmission } from '../cookies.ts'
import { type Html, html } from '../html.ts'
import type { PageContent, PageContext } from '../layout.ts'
import { lookOf } from '../look/tiles.ts'
import { fieldWords, guideOf, guideText, methodLabel, permissionLine } from '../offer-words.ts'
import { seeOther, withQuery } from '../page-response.ts'
import { type ConnectPageDeps, formTargets, sessionPath, show, showProblem, type Visit } from '../page-visit.ts'
import { hintFor, operatorNote, providerQuote, reasonOfHint } from '../reasons.ts'
import type { Texts } from '../texts/en.ts'
import type { Locale } from '../texts.ts'
import { type KeptSubmission, keepSubmission, newSubmissionId, type Refusal, readKept } from './kept-submission.ts'
import { affixesOf, isPassword, placesOf, tidyValue } from './tidy-values.ts'

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
    return seeOther(finish, { cookies: [...handle, ...withoutSubmission(request, publicUrl, session.id)] })
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

interface FormPage {
  offer: Offer
  form: CredentialForm
  action: string
  guard: string
  /** The end user's name. */
  forWhom: string
  refusal: Refusal | null
  /** Problems that belong to no field of the form. */
  others: readonly string[]
  /** The page to choose another sign-in method, or another account; null: there is no choice. */
  methodsUrl: string | null
  offersUrl: string | null
  /** An existing connection is connected again. */
  reconnects: boolean
}

function formPage(context: PageContext, page: FormPage): PageContent {
  const { texts, brand } = context
  const { offer, form, reconnects } = page
  const name = offer.integration.displayName
  const wrong = form.fields.filter(({ problem }) => problem !== null)
  const failed = page.refusal !== null || wrong.length > 0 || page.others.length > 0
  const { consent } = form.method
  const intro =
    consent !== null
      ? texts.inputIntro(name)
      : form.fields.length === 0
        ? texts.noFields(name)
        : texts.formIntro(brand.name)
  const title = reconnects ? texts.reconnectWith(name) : texts.connectWith(name)
  const button = consent !== null ? texts.continueTo(name) : reconnects ? texts.reconnect : texts.connect
  const body = html`<h1>${title}</h1>
${failed ? summary(context, page, wrong) : ''}
<p class="muted small">${intro}</p>
<form method="post" action="${page.action}" autocomplete="off" novalidate>
<input type="hidden" name="${GUARD_FIELD}" value="${page.guard}">
${form.method.key === null ? '' : html`<input type="hidden" name="method" value="${form.method.key}">`}
${form.fields.map((field) => fieldHtml(field, texts))}
${form.fields.length === 0 ? '' : help(offer, form, context)}
<button class="primary">${button}</button>
<p class="working muted small" role="status" data-working="${workingText(name, form, texts)}"></p>
</form>
${links(page, texts)}`
  return {
    title: failed ? texts.failed(title) : title,
    body,
    footer: html`${texts.forWhom} ${wrappable(page.forWhom)}`,
    logo: true,
    provider: lookOf(offer.integration),
  }
}

/** What the page waits for after the form was submitted. */
function workingText(name: string, { method, fields }: CredentialForm, texts: Texts): string {
  if (method.consent !== null) return texts.leadsTo(name)
  const secrets = fields.filter(({ field }) => field.secret)
  if (fields.length === 0) return texts.working
  return secrets.length === 1 && secrets.every(({ field }) => !isPassword(field))
    ? texts.checksKey(name)
    : texts.checksEntries(name)
}

/** Where the user finds what the form asks for: the steps of the provider's guide, or a link to its documentation. */
function help(offer: Offer, { method }: CredentialForm, { texts, locale }: PageContext): Html {
  const name = offer.integration.displayName
  const { docsUrl } = offer.definition
  const key = method.consent === null ? guideOf(offer)?.key : undefined
  if (key === undefined) {
    return docsUrl === undefined
      ? html``
      : html`<p class="help small">${outerLink(docsUrl, texts.whereToFind(name), texts)}</p>`
  }
  return html`<details class="help small"><summary>${texts.whereToFind(name)}</summary>
<ol>${key.steps.map((step) => html`<li>${guideText(step, locale)}</li>`)}</ol>
<p>${outerLink(key.url, texts.openPage(name), texts)}</p></details>`
}

function outerLink(url: string, text: string, texts: Texts): Html {
  return html`<a href="${url}" target="_blank" rel="noopener noreferrer">${text}</a> <span class="muted">(${texts.newWindow})</span>`
}

/** What has to be mended. The problem of a field stands at the field, and is not repeated here. */
function summary(context: PageContext, page: FormPage, wrong: FormField[]): Html {
  const { texts } = context
  const { refusal, others } = page
  const count = wrong.length + others.length
  return html`<div class="note bad" role="alert" tabindex="-1" data-focus>
${refusal === null ? html`<h2>${texts.errorSummary(count)}</h2>` : refusalHtml(context, page, refusal)}
${wrong.length === 0 ? '' : html`<ul>${wrong.map(({ id, field }) => html`<li><a href="#${id}">${field.label}</a></li>`)}</ul>`}
${others.map((text) => html`<p>${text}</p>`)}
</div>`
}

function refusalHtml(context: PageContext, { offer, form }: FormPage, refusal: Refusal): Html {
  const { texts } = context
  const { displayName: name, provider } = offer.integration
  const { kind, hint, providerMessage } = refusal
  const reason = reasonOfHint(provider, hint, context)
  const quote = providerQuote(name, providerMessage, context)
  // A wrong part of the address is the likeliest reason for a host that does not exist or knows nothing.
  const inAddress = form.fields.find(({ inHost }) => inHost)
  const address = inAddress === undefined ? '' : ` ${texts.checkField(inAddress.field.label)}`
  switch (kind) {
    case 'tooMany':
      return html`<p>${texts.tooManyAttempts(refusal.waitSeconds)}</p>`
    case 'unreachable':
      return html`<p>${texts.unreachable(name)}${address}</p>`
    case 'busy':
      return html`<h2>${texts.busyTitle(name)}</h2><p>${texts.busyText}</p>${quote}`
    case 'unusable':
      return html`<h2>${texts.unusableTitle(name)}</h2><p>${texts.failures['invalid_token_response']} ${texts.tellSender}</p>${quote}`
    case 'refused':
      return reason === null
        ? html`<h2>${texts.refusedTitle(name)}</h2><p>${texts.refusedText}${refusal.notFound ? address : ''}</p>${quote}`
        : html`<h2>${texts.refusedTitle(name)}</h2><p>${reason.cause} ${reason.advice}</p>${operatorNote(reason, context)}${quote}`
  }
}

function fieldHtml(shown: FormField, texts: Texts): Html {
  const { key, id, field, multiline, value, problem, affixes, tidied } = shown
  const { label, description, example, required, secret } = field
  const hint = [description, example === undefined || secret ? undefined : texts.example(example)].filter(
    (text) => text !== undefined,
  )
  const describedBy = [
    hint.length > 0 ? `${id}-hint` : '',
    affixes === null ? '' : `${id}-after`,
    tidied ? `${id}-tidied` : '',
    problem === null ? '' : `${id}-error`,
  ].filter((part) => part !== '')
  const attributes = html`id="${id}" name="${key}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-required="${String(required)}"${
    describedBy.length > 0 ? html` aria-describedby="${describedBy.join(' ')}"` : ''
  }${problem === null ? '' : html` aria-invalid="true"`}`
  const control = multiline
    ? html`<textarea ${attributes}>${value}</textarea>`
    : html`<input type="${secret ? 'password' : 'text'}" ${attributes}${secret ? '' : html` value="${value}"`}>`
  return html`<div class="field">
<label for="${id}">${label}${required ? '' : html` <span class="muted small">(${texts.optional})</span>`}</label>
${hint.length === 0 ? '' : html`<p class="hint muted small" id="${id}-hint">${hint.join(' ')}</p>`}
${affixes === null ? control : withAffixes(control, id, affixes)}
${tidied ? html`<p class="hint muted small" id="${id}-tidied">${texts.tidied}</p>` : ''}
${problem === null ? '' : html`<p class="error small" id="${id}-error">${problem}</p>`}
</div>`
}

/** The text that the definition puts around the value, as a part of the field. */
function withAffixes(control: Html, id: string, { before, after }: NonNullable<FormField['affixes']>): Html {
  return html`<div class="affixed">${before === '' ? '' : html`<span aria-hidden="true">${before}</span>`}${control}<span id="${id}-after">${after}</span></div>`
}

/** `atOnce`: the consent page needs no inputs. */
type MethodsPage = Pick<FormPage, 'offer' | 'action' | 'guard' | 'offersUrl'> & { atOnce: boolean }

/** The list of sign-in methods of an integration that has several. */
function methodsPage(context: PageContext, page: MethodsPage): PageContent {
  const { texts } = context
  const title = texts.chooseMethod(page.offer.integration.displayName)
  const body = html`<h1>${title}</h1>
<form method="post" action="${page.action}">
<input type="hidden" name="${GUARD_FIELD}" value="${page.guard}">
<ul class="offers">${page.offer.methods.map((method) => html`<li>${methodLine(method, page, context)}</li>`)}</ul>
<p class="working muted small" role="status" data-working="${texts.leadsTo(page.offer.integration.displayName)}"></p>
</form>
${technicalNotes(page.offer.methods, texts)}
${links({ ...page, methodsUrl: null }, texts)}`
  return { title, body, logo: true, provider: lookOf(page.offer.integration) }
}

/** A method with a form is a link. A method without one leads to the consent page at once. */
function methodLine(method: Method, { action, atOnce, offer }: MethodsPage, context: PageContext): Html {
  const { consent, missing } = method
  const label = methodLabel(offer, method, context.locale)
  if (missing !== null) return html`<div class="offer off">${offerWords(label, context.texts.notSetUp)}</div>`
  const key = method.key ?? ''
  const words = offerWords(label, consent === null ? '' : permissionLine(offer, method, context))
  return consent !== null && atOnce
    ? html`<button class="offer" name="method" value="${key}">${words}</button>`
    : html`<a class="offer" href="${action}?method=${encodeURIComponent(key)}">${words}</a>`
}

function links(
  { methodsUrl, offersUrl }: Pick<FormPage, 'methodsUrl' | 'offersUrl'>,
  texts: PageContext['texts'],
): Html {
  if (methodsUrl === null && offersUrl === null) return html``
  return html`<nav class="links small">
${methodsUrl === null ? '' : html`<a href="${methodsUrl}">${texts.otherMethod}</a>`}
${offersUrl === null ? '' : html`<a href="${offersUrl}">${texts.otherAccount}</a>`}
</nav>`
}

/** One field of a form. */
interface FormField {
  /** Its name in the HTML form: `credential.<name>` or `input.<name>`. */
  key: string
  /** The id of its HTML element. */
  id: string
  /** With label and description in the reader's language. */
  field: CredentialField
  /** The value may contain line breaks, like a PEM key. */
  multiline: boolean
  /** The value that was entered; always empty for a secret. */
  value: string
  /** The value was cut from what was entered. */
  tidied: boolean
  problem: string | null
  /** The text that the definition puts around the value. Null: none. */
  affixes: ReturnType<typeof affixesOf>
  /** The value is a part of the address to which requests are sent. */
  inHost: boolean
}

/** The fields of an offer for one sign-in method. */
interface CredentialForm {
  method: Method
  fields: FormField[]
}

/**
 * @param key the key of a sign-in method, for a definition that has several
 * @param values known values by key of the field
 * @returns null: the method does not exist, or must be chosen first
 */
function buildForm(
  offer: Offer,
  key: string | null,
  values: ReadonlyMap<string, string>,
  locale: Locale,
): CredentialForm | null {
  const [sole, ...others] = offer.methods
  const method = others.length === 0 ? sole : offer.methods.find((each) => each.key === key)
  if (method === undefined) return null
  const auth = method.description
  const own = method.consent === null ? auth.credentialFields : []
  const places = placesOf(offer.definition)
  const shown = (kind: 'credential' | 'input') => (field: CredentialField, index: number) => {
    const key = `${kind}.${field.name}`
    const at = field.secret ? undefined : places.get(field.name)
    return {
      key,
      id: `${kind}-${index}`,
      field: { ...field, ...fieldWords(offer, field, locale) },
      value: field.secret ? '' : (values.get(key) ?? ''),
      tidied: false,
      problem: null,
      multiline: field.secret && mayHaveLines(auth),
      affixes: affixesOf(at),
      inHost: at !== undefined,
    }
  }
  const fields = [...inputFieldsOf(offer.definition).map(shown('input')), ...own.map(shown('credential'))]
  return { method, fields }
}

function mayHaveLines({ type, grant }: CredentialDescription): boolean {
  return type === 'JWT' || type === 'CUSTOM' || grant === 'JWT_BEARER'
}

interface Submitted {
  values: SubmittedValues
  /** The values that may be shown again, by key of the field. */
  shown: Record<string, string>
  /** Keys of the fields that are shown with another value than was entered. */
  tidied: string[]
}

/** The values that were meant by what was entered. Empty values are left out. */
function readSubmitted(
  { definition }: Offer,
  { fields, method }: CredentialForm,
  sent: ReadonlyMap<string, string>,
): Submitted {
  const values: { credential: Record<string, string>; input: Record<string, string> } = { credential: {}, input: {} }
  const shown: Record<string, string> = {}
  const tidied: string[] = []
  const places = placesOf(definition)
  for (const { key, field, multiline } of fields) {
    // HTML forms send line breaks as CR LF (HTML, section 4.10.22.4).
    const entered = sent.get(key)?.replaceAll('\r\n', '\n') ?? ''
    const value = tidyValue(field, entered, { places: places.get(field.name), multiline })
    const kind = key.startsWith('input.') ? 'input' : 'credential'
    if (value !== '') values[kind][field.name] = value
    if (field.secret) continue
    shown[key] = value
    if (value !== entered.trim()) tidied.push(key)
  }
  if (method.key !== null) values.credential[authMethodField.name] = method.key
  return { values: { fields: values.credential, input: values.input }, shown, tidied }
}

/** The form with each problem at its field. `others` are the problems that belong to no field. */
function withProblems(
  form: CredentialForm,
  errors: readonly FieldError[],
  texts: Texts,
): { form: CredentialForm; others: string[] } {
  const keyOf = ({ path }: FieldError) => `${path[0] === 'input' ? 'input' : 'credential'}.${path.at(-1) ?? ''}`
  const known = new Set(form.fields.map(({ key }) => key))
  const fields = form.fields.map((shown) => {
    const error = errors.find((each) => keyOf(each) === shown.key)
    return error === undefined ? shown : { ...shown, problem: problemText(error.message, texts) }
  })
  const others = errors.filter((error) => !known.has(keyOf(error))).map(({ message }) => problemText(message, texts))
  return { form: { ...form, fields }, others }
}

function problemText(message: string, texts: Texts): string {
  if (Object.hasOwn(texts.fieldProblems, message)) return texts.fieldProblems[message] ?? message
  return message.startsWith('does not match the pattern') ? texts.wrongFormat : sentence(message)
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`
}
