import { inputFieldsOf } from '../../auth/check-fields.ts'
import type { CredentialDescription } from '../../auth/strategy.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { sessionStatus } from '../../connecting/connect-sessions.ts'
import {
  findOffers,
  findSessionConnection,
  isUsable,
  type Method,
  type Offer,
} from '../../connecting/session-offers.ts'
import { type SubmitResult, type SubmittedValues, submitCredential } from '../../connecting/submit-credential.ts'
import {
  ConflictError,
  CredentialRefreshError,
  type FieldError,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
} from '../../kit/errors.ts'
import type { SingleFlight } from '../../kit/single-flight.ts'
import type { CredentialField } from '../../wire/credential-fields.ts'
import type { TokenBuckets } from '../server/token-buckets.ts'
import { endUserName, goToConsent, needsInput, offerWords, scopeHint, showNotSetUp, technicalNotes } from './choose.ts'
import { GUARD_FIELD, guardForm, handleCookie } from './cookies.ts'
import { type Html, html } from './html.ts'
import type { PageContent, PageContext } from './layout.ts'
import { seeOther } from './page-response.ts'
import { type ConnectPageDeps, formTargets, sessionPath, show, showProblem, type Visit } from './page-visit.ts'
import type { Texts } from './texts/en.ts'

/** State of this process about submitted forms. */
export interface FormMemory {
  /** Attempts by session id. */
  attempts: TokenBuckets
  /** Running submissions by session id. A form that is sent twice at once, as by a double click, is submitted once. */
  submissions: SingleFlight<Submission>
}

/** `waitSeconds`: too many attempts; the next one is possible after this time. */
type Submission = SubmitResult | { waitSeconds: number }

/** The form of an integration, or the list of its sign-in methods. */
export async function showForm(deps: ConnectPageDeps, visit: Visit, slug: string): Promise<Response> {
  const found = await findOffer(deps, visit, slug)
  if (found instanceof Response) return found
  const { offer, offers } = found
  const method = new URL(visit.request.url).searchParams.get('method')
  const { session } = visit
  const connection =
    session.reconnectId === null ? null : await findSessionConnection(deps.database, session, offer.integration.id)
  const known = Object.entries(isRecord(connection?.input) ? connection.input : {})
  const values = new Map(known.map(([name, value]) => [`input.${name}`, String(value)]))
  const form = buildForm(offer, method, values)
  if (form === null || form.method.missing !== null) return showMethods(deps, visit, offer, offers)
  return showFormPage(visit, found, { form }, 200)
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
  }
}

/** Submits the entered credential or inputs. After a failure the form keeps all values except secrets. */
export async function postForm(
  deps: ConnectPageDeps,
  visit: Visit,
  slug: string,
  sent: URLSearchParams,
  memory: FormMemory,
): Promise<Response> {
  const found = await findOffer(deps, visit, slug)
  if (found instanceof Response) return found
  const { session, publicUrl, context } = visit
  const { offer } = found
  const form = buildForm(offer, sent.get('method'), new Map(sent))
  if (form === null || form.method.missing !== null) return showMethods(deps, visit, offer, found.offers)
  const { method } = form
  const values = submittedValues(form, new Map(sent))
  const finish = `${publicUrl}${sessionPath.finish(session.id)}`
  try {
    if (method.consent !== null) {
      const asked = [...sent.keys()].some((key) => key.startsWith('input.'))
      const input = asked || session.reconnectId === null ? values.input : null
      return await goToConsent(deps, visit, offer, { method, input })
    }
    const submission = await memory.submissions.run(session.id, async () => {
      const waitSeconds = memory.attempts.take(session.id, 1)
      return waitSeconds === null ? submitCredential(deps, session, offer.integration, values) : { waitSeconds }
    })
    if ('waitSeconds' in submission) {
      const text = context.texts.tooManyAttempts(submission.waitSeconds)
      return showFormPage(visit, found, { form, refusal: { title: context.texts.problems.tooMany.title, text } }, 429)
    }
    if (submission.rejected !== null) {
      return showFormPage(visit, found, { form, refusal: rejectedBy(visit, offer, submission.rejected.message) }, 422)
    }
    const cookies = submission.handle === null ? [] : [handleCookie(publicUrl, session.id, submission.handle)]
    return seeOther(finish, { cookies })
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error
    if (error instanceof ConflictError) return seeOther(finish)
    return showError(deps, visit, found, form, error)
  }
}

function rejectedBy({ context: { texts } }: Visit, offer: Offer, providerMessage: string | undefined): Refusal {
  return { title: texts.refusedTitle(offer.integration.displayName), text: texts.refusedText, providerMessage }
}

function showError(
  deps: ConnectPageDeps,
  visit: Visit,
  found: FoundOffer,
  form: CredentialForm,
  error: LatchkeyError,
): Response {
  const { texts } = visit.context
  if (error instanceof InvalidInputError) {
    const marked = withProblems(form, error.fields, texts)
    return showFormPage(visit, found, marked, 422)
  }
  const { integration } = found.offer
  if (error instanceof CredentialRefreshError && !error.retryable) {
    const providerMessage = error.words.providerErrorDescription ?? error.words.providerError ?? error.message
    return showFormPage(visit, found, { form, refusal: rejectedBy(visit, found.offer, providerMessage) }, 422)
  }
  if (error instanceof ProviderError || error instanceof CredentialRefreshError) {
    const refusal = {
      title: texts.unreachableTitle(integration.displayName),
      text: texts.unreachable(integration.displayName),
    }
    return showFormPage(visit, found, { form, refusal }, 502)
  }
  deps.logger.warn({ err: error, integrationId: integration.id }, 'cannot store a credential from a connect page')
  return showProblem(visit, 409, 'notPossible', error.message)
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
  const page = formPage(visit.context, {
    form,
    refusal,
    others,
    offer,
    guard,
    forWhom: endUserName(visit.session.endUser),
    ...at,
    methodsUrl,
  })
  return show(visit, page, {
    status,
    cookies,
    formTargets: formTargets(visit, form.method.consent === null ? [] : [offer]),
  })
}

/** Why the submission failed, apart from the problems of single fields. */
interface Refusal {
  title: string
  text: string
  /** The provider's own words. */
  providerMessage?: string | undefined
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
}

function formPage(context: PageContext, page: FormPage): PageContent {
  const { texts, brand } = context
  const { offer, form } = page
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
  const { docsUrl } = offer.definition
  const body = html`<h1>${texts.formTitle(name)}</h1>
${failed ? summary(context, page, wrong) : ''}
<p class="muted">${intro}</p>
<form method="post" action="${page.action}" autocomplete="off" novalidate>
<input type="hidden" name="${GUARD_FIELD}" value="${page.guard}">
${form.method.key === null ? '' : html`<input type="hidden" name="method" value="${form.method.key}">`}
${form.fields.map((field) => fieldHtml(field, texts))}
${docsUrl === undefined ? '' : html`<p class="small"><a href="${docsUrl}" target="_blank" rel="noopener noreferrer">${texts.whereToFind(name)}</a> <span class="muted">(${texts.newWindow})</span></p>`}
<button class="primary">${consent === null ? texts.connect : texts.continueTo(name)}</button>
<p class="muted small" role="status" data-working="${texts.working}"></p>
</form>
${links(page, texts)}`
  return {
    title: failed ? `${texts.errorSummary(wrong.length || 1)} – ${texts.formTitle(name)}` : texts.formTitle(name),
    body,
    footer: html`${texts.forWhom} ${page.forWhom}`,
    logo: true,
  }
}

function summary(
  { texts, brand: _brand }: PageContext,
  { refusal, others, offer }: FormPage,
  wrong: FormField[],
): Html {
  const title = refusal?.title ?? texts.errorSummary(wrong.length + others.length)
  return html`<div class="note bad" role="alert" tabindex="-1" data-focus>
<h2>${title}</h2>
${refusal === null ? '' : html`<p>${refusal.text}</p>`}
${refusal?.providerMessage === undefined ? '' : html`<p class="small">${texts.saidBy(offer.integration.displayName)}:</p><blockquote class="small">${refusal.providerMessage}</blockquote>`}
${wrong.length === 0 ? '' : html`<ul>${wrong.map(({ id, field, problem }) => html`<li><a href="#${id}">${field.label}</a>: ${problem}</li>`)}</ul>`}
${others.map((text) => html`<p>${text}</p>`)}
</div>`
}

function fieldHtml({ key, id, field, multiline, value, problem }: FormField, texts: PageContext['texts']): Html {
  const { label, description, example, required, secret } = field
  const hint = [description, example === undefined || secret ? undefined : texts.example(example)].filter(
    (text) => text !== undefined,
  )
  const describedBy = [hint.length > 0 ? `${id}-hint` : '', problem === null ? '' : `${id}-error`].filter(
    (part) => part !== '',
  )
  const attributes = html`id="${id}" name="${key}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-required="${String(required)}"${
    describedBy.length > 0 ? html` aria-describedby="${describedBy.join(' ')}"` : ''
  }${problem === null ? '' : html` aria-invalid="true"`}`
  const control = multiline
    ? html`<textarea ${attributes}>${value}</textarea>`
    : html`<input type="${secret ? 'password' : 'text'}" ${attributes}${secret ? '' : html` value="${value}"`}>`
  return html`<div class="field">
<label for="${id}">${label}${required ? '' : html` <span class="muted small">(${texts.optional})</span>`}</label>
${hint.length === 0 ? '' : html`<p class="hint muted small" id="${id}-hint">${hint.join(' ')}</p>`}
${control}
${problem === null ? '' : html`<p class="error small" id="${id}-error">${problem}</p>`}
</div>`
}

/** `atOnce`: the consent page needs no inputs. */
type MethodsPage = Pick<FormPage, 'offer' | 'action' | 'guard' | 'offersUrl'> & { atOnce: boolean }

/** The list of sign-in methods of an integration that has several. */
function methodsPage({ texts }: PageContext, page: MethodsPage): PageContent {
  const title = texts.chooseMethod(page.offer.integration.displayName)
  const body = html`<h1>${title}</h1>
<form method="post" action="${page.action}">
<input type="hidden" name="${GUARD_FIELD}" value="${page.guard}">
<ul class="offers">${page.offer.methods.map((method) => html`<li>${methodLine(method, page, texts)}</li>`)}</ul>
<p class="muted small" role="status" data-working="${texts.working}"></p>
</form>
${technicalNotes(page.offer.methods, texts)}
${links({ ...page, methodsUrl: null }, texts)}`
  return { title, body, logo: true }
}

/** A method with a form is a link. A method without one leads to the consent page at once. */
function methodLine(method: Method, { action, atOnce }: MethodsPage, texts: Texts): Html {
  const { label, consent, missing } = method
  if (missing !== null) return html`<div class="offer off">${offerWords(label, texts.notSetUp)}</div>`
  const key = method.key ?? ''
  const words = offerWords(label, consent === null ? '' : scopeHint(method, texts))
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
  field: CredentialField
  /** The value may contain line breaks, like a PEM key. */
  multiline: boolean
  /** The value that was entered; always empty for a secret. */
  value: string
  problem: string | null
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
function buildForm(offer: Offer, key: string | null, values: ReadonlyMap<string, string>): CredentialForm | null {
  const [sole, ...others] = offer.methods
  const method = others.length === 0 ? sole : offer.methods.find((each) => each.key === key)
  if (method === undefined) return null
  const auth = method.description
  const own = method.consent === null ? auth.credentialFields : []
  const shown = (kind: 'credential' | 'input') => (field: CredentialField, index: number) => {
    const key = `${kind}.${field.name}`
    const value = field.secret ? '' : (values.get(key) ?? '')
    return { key, id: `${kind}-${index}`, field, value, problem: null, multiline: field.secret && mayHaveLines(auth) }
  }
  const fields = [...inputFieldsOf(offer.definition).map(shown('input')), ...own.map(shown('credential'))]
  return { method, fields }
}

function mayHaveLines({ type, grant }: CredentialDescription): boolean {
  return type === 'JWT' || type === 'CUSTOM' || grant === 'JWT_BEARER'
}

/** The submitted values of these fields. Empty values are left out. */
function submittedValues({ fields, method }: CredentialForm, sent: ReadonlyMap<string, string>): SubmittedValues {
  const typed: { credential: Record<string, string>; input: Record<string, string> } = { credential: {}, input: {} }
  for (const { key, field } of fields) {
    // HTML forms send line breaks as CR LF (HTML, section 4.10.22.4).
    const value = sent.get(key)?.replaceAll('\r\n', '\n') ?? ''
    const kind = key.startsWith('input.') ? 'input' : 'credential'
    if (value !== '') typed[kind][field.name] = value
  }
  if (method.key !== null) typed.credential[authMethodField.name] = method.key
  return { fields: typed.credential, input: typed.input }
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
