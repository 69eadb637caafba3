import { findEntry, findGuide } from '../../catalog/catalog.ts'
import { CATEGORIES } from '../../catalog/categories.ts'
import type { ProviderGuide, Words } from '../../catalog/guide.ts'
import type { Method, Offer } from '../../connecting/session-offers.ts'
import type { CredentialField } from '../../wire/credential-fields.ts'
import { type Html, html } from './html.ts'
import type { PageContext } from './layout.ts'
import { GERMAN_LABELS } from './texts/german-labels.ts'
import type { Locale } from './texts.ts'

// What people read about an offer: from the guide of its provider where the catalogue has one, otherwise from the definition
// and the texts of the pages.

/** The language of a reader, and its texts. */
type Reader = Pick<PageContext, 'locale' | 'texts'>

/** The guide of an integration's provider. Null: the workspace has written the definition, or there is no guide. */
export function guideOf({ integration }: Pick<Offer, 'integration'>): ProviderGuide | null {
  return integration.provider === null ? null : findGuide(integration.provider)
}

/** What the scopes of a method allow. */
interface Permissions {
  phrases: string[]
  /** Scopes without words, as the provider calls them. */
  others: string[]
}

function permissionsOf(offer: Offer, { scopes }: Method, { locale, texts }: Reader): Permissions {
  const guide = guideOf(offer)
  const phrases = new Set<string>()
  const others = new Set<string>()
  const isUsual = (scope: string) => Object.hasOwn(texts.scopeWords, scope)
  // What is particular to the provider comes first.
  for (const scope of [...scopes].sort((one, other) => Number(isUsual(one)) - Number(isUsual(other)))) {
    const phrase = ownText(guide?.scopes, scope)?.[locale] ?? ownText(texts.scopeWords, scope)
    if (phrase !== undefined) phrases.add(phrase)
    else if (scope.trim() !== '') others.add(scope)
  }
  return { phrases: [...phrases], others: [...others] }
}

/** What connecting allows the workspace, as a list. Empty when the method requests no scopes. */
export function permissionList(offer: Offer, method: Method, reader: Reader & Pick<PageContext, 'brand'>): Html {
  const { phrases, others } = permissionsOf(offer, method, reader)
  if (phrases.length === 0 && others.length === 0) return html``
  const { texts, brand } = reader
  const more = html`<details><summary>${texts.otherScopes(others.length, phrases.length > 0)}</summary>
<ul class="scopes">${others.map((scope) => html`<li>${scope}</li>`)}</ul></details>`
  return html`<h2>${texts.allows(brand.name)}</h2>
<ul class="allows">${phrases.map((phrase) => html`<li>${TICK}<span>${phrase}</span></li>`)}${others.length === 0 ? '' : html`<li>${TICK}${more}</li>`}</ul>`
}

const TICK = html`<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d="M5 10.5l3.5 3.5L15 6.5"/></svg>`

/** What the scopes of a method allow, in one line. */
export function permissionLine(offer: Offer, method: Method, reader: Reader): string {
  const { phrases, others } = permissionsOf(offer, method, reader)
  const [first, ...more] = phrases
  const left = more.length + others.length
  const rest = left === 0 ? [] : [reader.texts.otherScopes(left, first !== undefined)]
  return capitalized([first ?? [], rest].flat().join(' '))
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

interface Category {
  /** Place in the order of display. */
  place: number
  name: string
}

/** The category under which an offer is listed: the first of its definition that has a name for people. */
export function categoryOf({ definition }: Offer, { locale, texts }: Reader): Category {
  const known = Object.keys(CATEGORIES)
  const key = definition.categories?.find((category) => known.includes(category))
  return key === undefined
    ? { place: known.length, name: texts.otherCategory }
    : { place: known.indexOf(key), name: CATEGORIES[key]?.[locale] ?? key }
}

/** Everything by which an offer is found: its name, its provider with its aliases, and its categories in the reader's language. */
export function searchWords({ integration, definition }: Offer, locale: Locale): string {
  const categories = (definition.categories ?? []).map(
    (category) => ownText(CATEGORIES, category)?.[locale] ?? category,
  )
  const { aliases = [] } = (integration.provider === null ? null : findEntry(integration.provider)) ?? {}
  return [...new Set([integration.displayName, definition.displayName, ...aliases, ...categories])].join(' ')
}

/** The label of a sign-in method in the reader's language. */
export function methodLabel(offer: Offer, { key, label }: Method, locale: Locale): string {
  const german = key === null ? undefined : (ownText(guideOf(offer)?.options, key) ?? germanLabel(label))
  return locale === 'de' && german !== undefined ? german : label
}

/** A field's label and description in the reader's language, as far as they are translated. */
export function fieldWords(
  offer: Offer,
  { name, label, description, choices }: Pick<CredentialField, 'name' | 'label' | 'description' | 'choices'>,
  locale: Locale,
): Pick<CredentialField, 'label' | 'description' | 'choices'> {
  if (locale === 'en') return { label, description, choices }
  const german = ownText(guideOf(offer)?.fields, name)
  return {
    label: german?.label ?? germanLabel(label) ?? label,
    description: german?.description ?? description,
    choices: choices?.map((choice) => ({ ...choice, label: ownText(german?.choices, choice.value) ?? choice.label })),
  }
}

function germanLabel(label: string): string | undefined {
  return ownText(GERMAN_LABELS, label.trim().toLowerCase())
}

/** A text of a guide, whose `**bold**` marks what stands at the provider. */
export function guideText(words: Words, locale: Locale): Html {
  const parts = words[locale].split('**')
  return html`${parts.map((part, index) => (index % 2 === 0 ? html`${part}` : html`<b>${part}</b>`))}`
}

/** A value of a table by a key that comes from outside, such as the name of a scope. */
function ownText<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
}
