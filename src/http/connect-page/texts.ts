import { de } from './texts/de.ts'
import { en, type Texts } from './texts/en.ts'

export const TEXTS = { en, de } as const satisfies Readonly<Record<string, Texts>>

export type Locale = keyof typeof TEXTS

/** The supported language that the browser prefers (RFC 9110 section 12.5.4). Default: English. */
export function localeOf(request: Request): Locale {
  const wanted = (request.headers.get('accept-language') ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((part, place) => {
      const [range = '', ...parameters] = part.split(';').map((text) => text.trim())
      const weight = Number(/^q=([\d.]+)$/.exec(parameters.join(';'))?.[1] ?? 1)
      return { language: range.toLowerCase().split('-')[0] ?? '', weight: Number.isNaN(weight) ? 0 : weight, place }
    })
    .sort((a, b) => b.weight - a.weight || a.place - b.place)
  for (const { language, weight } of wanted) {
    if (weight > 0 && isLocale(language)) return language
  }
  return 'en'
}

function isLocale(language: string): language is Locale {
  return Object.hasOwn(TEXTS, language)
}
