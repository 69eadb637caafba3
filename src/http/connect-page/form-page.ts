import type { Offer } from '../../connecting/session-offers.ts'
import { type CredentialForm, type FormField, methodsOf } from './credential-form.ts'
import { GUARD_FIELD } from './form-guard.ts'
import { type Html, html } from './html.ts'
import type { Page, PageContext } from './layout.ts'

/** Why what was sent did not do, besides what stands beside the fields. */
export interface Refusal {
  title: string
  text: string
  /** The provider's own words. */
  words?: string | undefined
}

export interface FormPage {
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
export function formPage(context: PageContext, page: FormPage): Page {
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
export function methodsPage({ texts }: PageContext, page: Pick<FormPage, 'offer' | 'action' | 'offersUrl'>): Page {
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
