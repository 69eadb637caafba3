import { inputFieldsOf } from '../../auth/check-fields.ts'
import type { CredentialDescription } from '../../auth/strategy.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { connectionInWork, type Offer, offersOf } from '../../connecting/session-offers.ts'
import { type Bringing, bringCredential, type TypedValues } from '../../connecting/submit-credential.ts'
import { sessionStatus } from '../../connections/connect-session-state.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import {
  ConflictError,
  CredentialRefreshError,
  type FieldError,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
} from '../../kit/errors.ts'
import type { CredentialField } from '../../wire/credential-fields.ts'
import type { TokenBuckets } from '../server/token-buckets.ts'
import { goToConsent, optionName } from './choose.ts'
import { GUARD_FIELD, guardForm, handleCookie } from './cookies.ts'
import { type Html, html } from './html.ts'
import type { PageContent, PageContext } from './layout.ts'
import { seeOther } from './page-response.ts'
import { formTargets, sessionPath, show, showProblem, type Visit } from './page-visit.ts'
import type { Texts } from './texts/en.ts'

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
    return seeOther(`${visit.publicUrl}${sessionPath.finish(visit.session.id)}`)
  const offers = await offersOf(services, visit.session)
  const offer = offers.find(({ integration }) => integration.slug === slug)
  return offer === undefined ? showProblem(visit, 404, 'notOffered') : { offer, offers }
}

function showMethods(visit: Visit, offer: Offer, offers: readonly Offer[]): Response {
  if (methodsOf(offer).length === 0) return showProblem(visit, 409, 'notPossible')
  return show(visit, methodsPage(visit.context, { offer, ...places(visit, offer, offers) }))
}

function places({ session }: Visit, offer: Offer, offers: readonly Offer[]) {
  return {
    action: sessionPath.form(session.id, offer.integration.slug),
    offersUrl: offers.length > 1 ? sessionPath.choose(session.id) : null,
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
  const finish = `${publicUrl}${sessionPath.finish(session.id)}`
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
  return showProblem(visit, 409, 'notPossible', error.message)
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
    forWhom: optionName(visit.session.endUser),
    ...at,
    methodsUrl,
  })
  return show(visit, page, { status, cookies, formTargets: formTargets(visit, offer.consent ? [offer] : []) })
}

/** Why what was sent did not do, besides what stands beside the fields. */
interface Refusal {
  title: string
  text: string
  /** The provider's own words. */
  words?: string | undefined
}

interface FormPage {
  offer: Offer
  form: CredentialForm
  action: string
  guard: string
  /** Whose the account will be, in words. */
  forWhom: string
  refusal: Refusal | null
  /** What is wrong and belongs to no field. */
  others: readonly string[]
  /** Where another way of signing in, or another account, is chosen; null: there is none. */
  methodsUrl: string | null
  offersUrl: string | null
}

/** The form for what an integration needs from a person. */
function formPage(context: PageContext, page: FormPage): PageContent {
  const { texts, brand } = context
  const { offer, form } = page
  const name = offer.integration.displayName
  const wrong = form.fields.filter(({ problem }) => problem !== null)
  const failed = page.refusal !== null || wrong.length > 0 || page.others.length > 0
  const intro = offer.consent
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
${form.method === null ? '' : html`<input type="hidden" name="method" value="${form.method}">`}
${form.fields.map((field) => fieldOf(field, texts))}
${docsUrl === undefined ? '' : html`<p class="small"><a href="${docsUrl}" target="_blank" rel="noopener noreferrer">${texts.whereToFind(name)}</a> <span class="muted">(${texts.newWindow})</span></p>`}
<button class="primary">${offer.consent ? texts.continueTo(name) : texts.connect}</button>
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
${refusal?.words === undefined ? '' : html`<p class="small">${texts.saidBy(offer.integration.displayName)}:</p><blockquote class="small">${refusal.words}</blockquote>`}
${wrong.length === 0 ? '' : html`<ul>${wrong.map(({ id, field, problem }) => html`<li><a href="#${id}">${field.label}</a>: ${problem}</li>`)}</ul>`}
${others.map((text) => html`<p>${text}</p>`)}
</div>`
}

function fieldOf({ key, id, field, multiline, value, problem }: FormField, texts: PageContext['texts']): Html {
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

/** The ways of signing in, one of which has to be chosen before there is a form. */
function methodsPage({ texts }: PageContext, page: Pick<FormPage, 'offer' | 'action' | 'offersUrl'>): PageContent {
  const title = texts.chooseMethod(page.offer.integration.displayName)
  const body = html`<h1>${title}</h1>
<ul class="offers">${methodsOf(page.offer).map(
    ({ key, label }) =>
      html`<li><a class="offer" href="${page.action}?method=${encodeURIComponent(key)}"><span class="words"><strong>${label}</strong></span><span class="chevron" aria-hidden="true"></span></a></li>`,
  )}</ul>
${links({ ...page, methodsUrl: null }, texts)}`
  return { title, body, logo: true }
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

/** One field of a form, as it is shown. */
interface FormField {
  /** Its name in the form: `credential.<name>` or `input.<name>`. */
  key: string
  /** Of its element. */
  id: string
  field: CredentialField
  /** May hold line breaks: a key in PEM form. */
  multiline: boolean
  /** What was entered; never of a secret. */
  value: string
  problem: string | null
}

/** The fields of an offer, for the way of signing in that was chosen. */
interface CredentialForm {
  /** Key of the option of a definition with several ways; null: there is one way. */
  method: string | null
  fields: FormField[]
}

/** The ways of signing in of which one has to be chosen first. Those that end at a provider's own page are not among them. */
function methodsOf({ description }: Offer): readonly { key: string; label: string }[] {
  return description.options.filter(({ auth }) => auth.grant !== 'AUTHORIZATION_CODE')
}

/**
 * @param method key of an option, where the definition has several
 * @param values what was entered before, by key
 * @returns null: that way is not offered, or one has to be chosen first
 */
function formOf(offer: Offer, method: string | null, values: ReadonlyMap<string, string>): CredentialForm | null {
  const methods = methodsOf(offer)
  const [sole] = methods
  const chosen = methods.length === 1 ? sole : methods.find(({ key }) => key === method)
  const several = offer.description.options.length > 0
  if (several && chosen === undefined) return null
  const way = offer.description.options.find(({ key }) => key === chosen?.key)?.auth ?? offer.description
  const own = offer.consent ? [] : way.credentialFields
  const shown = (kind: 'credential' | 'input') => (field: CredentialField, index: number) => {
    const key = `${kind}.${field.name}`
    const value = field.secret ? '' : (values.get(key) ?? '')
    return { key, id: `${kind}-${index}`, field, value, problem: null, multiline: field.secret && takesLines(way) }
  }
  const fields = [...inputFieldsOf(offer.definition).map(shown('input')), ...own.map(shown('credential'))]
  return { method: several ? (chosen?.key ?? null) : null, fields }
}

function takesLines({ type, grant }: CredentialDescription): boolean {
  return type === 'JWT' || type === 'CUSTOM' || grant === 'JWT_BEARER'
}

/** What a form that was sent holds for these fields. What is left empty is not given. */
function valuesOf({ fields, method }: CredentialForm, sent: ReadonlyMap<string, string>): TypedValues {
  const typed: { credential: Record<string, string>; input: Record<string, string> } = { credential: {}, input: {} }
  for (const { key, field } of fields) {
    // Forms send line breaks as CR LF (HTML, section 4.10.22.4).
    const value = sent.get(key)?.replaceAll('\r\n', '\n') ?? ''
    const kind = key.startsWith('input.') ? 'input' : 'credential'
    if (value !== '') typed[kind][field.name] = value
  }
  if (method !== null) typed.credential[authMethodField.name] = method
  return { fields: typed.credential, input: typed.input }
}

/** The form with what is wrong beside each field. @returns also what is wrong and belongs to none of them */
function withProblems(
  form: CredentialForm,
  errors: readonly FieldError[],
  texts: Texts,
): { form: CredentialForm; others: string[] } {
  const keyOf = ({ path }: FieldError) => `${path[0] === 'input' ? 'input' : 'credential'}.${path.at(-1) ?? ''}`
  const known = new Set(form.fields.map(({ key }) => key))
  const fields = form.fields.map((shown) => {
    const error = errors.find((each) => keyOf(each) === shown.key)
    return error === undefined ? shown : { ...shown, problem: inWords(error.message, texts) }
  })
  const others = errors.filter((error) => !known.has(keyOf(error))).map(({ message }) => message)
  return { form: { ...form, fields }, others }
}

function inWords(message: string, texts: Texts): string {
  if (Object.hasOwn(texts.fieldProblems, message)) return texts.fieldProblems[message] ?? message
  return message.startsWith('does not match the pattern') ? texts.wrongFormat : sentence(message)
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`
}
