import { findGuide } from '../../catalog/catalog.ts'
import type { GuideHint } from '../../catalog/guide.ts'
import { matchHint } from '../../catalog/match-hint.ts'
import { type Html, html } from './html.ts'
import type { PageContext } from './layout.ts'
import { guideText } from './offer-words.ts'

type Reader = Pick<PageContext, 'locale' | 'texts'>

/** What a provider reported. */
interface Reported {
  at: Exclude<GuideHint['at'], 'provider_page'>
  error?: string | undefined
  message?: string | undefined
  status?: number | undefined
}

/**
 * Place of the hint about a reported error in the guide of a provider. Null: no hint is about it.
 * @param provider slug in the catalogue; null: the workspace has written the definition
 */
export function hintFor(provider: string | null, reported: Reported): number | null {
  const guide = provider === null ? null : findGuide(provider)
  if (guide === null) return null
  const hint = matchHint(guide, reported)
  return hint === null ? null : guide.hints.indexOf(hint)
}

/** Why something failed, and what to do about it. */
interface Reason {
  cause: Html
  /** What the person does. */
  advice: Html
  /** What an operator of the product does. Null: nothing. */
  operator: Html | null
}

/** A hint in words for the person who connects. @param place from `hintFor` */
export function reasonOfHint(provider: string | null, place: number | null, { locale, texts }: Reader): Reason | null {
  const hint = provider === null || place === null ? undefined : findGuide(provider)?.hints[place]
  if (hint === undefined) return null
  const { cause, person, operator } = hint
  return {
    cause: guideText(cause, locale),
    advice: person === undefined ? html`${texts.tellSender}` : guideText(person, locale),
    operator: person === undefined ? guideText(operator, locale) : null,
  }
}

/** What an operator does, for a developer who tries the page out. */
export function operatorNote({ operator }: Reason, { texts }: Reader): Html {
  if (operator === null) return html``
  return html`<details class="technical small muted"><summary>${texts.technicalNote}</summary><p>${operator}</p></details>`
}

/** The provider's own words. */
export function providerQuote(name: string, message: string | null | undefined, { texts }: Reader): Html {
  if (message === null || message === undefined) return html``
  return html`<p class="small">${texts.saidBy(name)}:</p><blockquote class="small">${message}</blockquote>`
}
