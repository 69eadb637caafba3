import { de } from './texts/de.ts'
import { en } from './texts/en.ts'

export type TextKey = keyof typeof en

/** The language of the browser, if there is a catalogue for it. */
export const language: 'en' | 'de' = navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en'
const catalogue: Record<TextKey, string> = language === 'de' ? de : en
const numbers = new Intl.NumberFormat(language)

/** A text of the catalogue. Values replace `{name}`; numbers are written as the language writes them. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return catalogue[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? ''
    return typeof value === 'number' ? numbers.format(value) : value
  })
}

export function formatNumber(value: number): string {
  return numbers.format(value)
}

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
const exact = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long' })
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** How far a time is from now, such as "3 min. ago". */
export function formatRelative(time: Date, now: number): string {
  const seconds = (time.getTime() - now) / 1000
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit)
  }
  return relative.format(Math.trunc(seconds), 'second')
}

export function formatExact(time: Date): string {
  return exact.format(time)
}
