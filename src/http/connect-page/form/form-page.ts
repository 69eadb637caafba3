import type { Method, Offer } from '../../../connecting/session-offers.ts'
import { offerWords, technicalNotes, wrappable } from '../choose.ts'
import { GUARD_FIELD } from '../cookies.ts'
import { type Html, html } from '../html.ts'
import type { PageContent, PageContext } from '../layout.ts'
import { lookOf } from '../look/tiles.ts'
import { guideOf, guideText, methodLabel, permissionLine } from '../offer-words.ts'
import { operatorNote, providerQuote, reasonOfHint } from '../reasons.ts'
import type { Texts } from '../texts/en.ts'
import type { CredentialForm, FormField } from './credential-form.ts'
import type { Refusal } from './kept-submission.ts'
import { isPassword } from './tidy-values.ts'

/** The form of an integration for one sign-in method. */
export interface FormPage {
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

/** The page with the form, and what became of it when it failed. */
export function formPage(context: PageContext, page: FormPage): PageContent {
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
  const { label, description, example, required, secret, choices } = field
  const hasExample = example !== undefined && !secret && choices === undefined
  const hint = [description, hasExample ? texts.example(example) : undefined].filter((text) => text !== undefined)
  const describedBy = [
    hint.length > 0 ? `${id}-hint` : '',
    affixes === null || choices !== undefined ? '' : `${id}-after`,
    tidied ? `${id}-tidied` : '',
    problem === null ? '' : `${id}-error`,
  ].filter((part) => part !== '')
  const attributes = html`id="${id}" name="${key}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-required="${String(required)}"${
    describedBy.length > 0 ? html` aria-describedby="${describedBy.join(' ')}"` : ''
  }${problem === null ? '' : html` aria-invalid="true"`}`
  const control =
    choices !== undefined
      ? html`<select ${attributes}>${choiceOptions(choices, value, texts)}</select>`
      : multiline
        ? html`<textarea ${attributes}>${value}</textarea>`
        : html`<input type="${secret ? 'password' : 'text'}" ${attributes}${secret ? '' : html` value="${value}"`}>`
  return html`<div class="field">
<label for="${id}">${label}${required ? '' : html` <span class="muted small">(${texts.optional})</span>`}</label>
${hint.length === 0 ? '' : html`<p class="hint muted small" id="${id}-hint">${hint.join(' ')}</p>`}
${affixes === null || choices !== undefined ? control : withAffixes(control, id, affixes)}
${tidied ? html`<p class="hint muted small" id="${id}-tidied">${texts.tidied}</p>` : ''}
${problem === null ? '' : html`<p class="error small" id="${id}-error">${problem}</p>`}
</div>`
}

/** Nothing is chosen before somebody chooses. The empty option also stands for a field that is left out. */
function choiceOptions(choices: NonNullable<FormField['field']['choices']>, value: string, texts: Texts): Html {
  return html`<option value="">${texts.choose}</option>${choices.map(
    (choice) =>
      html`<option value="${choice.value}"${choice.value === value ? html` selected` : ''}>${choice.label}</option>`,
  )}`
}

/** The text that the definition puts around the value, as a part of the field. */
function withAffixes(control: Html, id: string, { before, after }: NonNullable<FormField['affixes']>): Html {
  return html`<div class="affixed">${before === '' ? '' : html`<span aria-hidden="true">${before}</span>`}${control}<span id="${id}-after">${after}</span></div>`
}

/** `atOnce`: the consent page needs no inputs. */
type MethodsPage = Pick<FormPage, 'offer' | 'action' | 'guard' | 'offersUrl'> & { atOnce: boolean }

/** The list of sign-in methods of an integration that has several. */
export function methodsPage(context: PageContext, page: MethodsPage): PageContent {
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
