import { nearestName } from '../kit/nearest-name.ts'
import { CATEGORIES } from './categories.ts'
import type { CatalogEntry } from './provider-file.ts'

/** No name of a provider is as long, so that a longer search finds nothing. */
const MAX_LENGTH = 200

/**
 * The providers that people mean by what they type, the best matches first: the exact name, an exact alias, the beginning of the name,
 * words of the name, the beginning of an alias, words of both, a part of them, and then words of the categories in English or German. Case,
 * accents, spaces and punctuation do not count. Only if nothing matches, misspelt words do. Inside a rank the order of the entries stays.
 */
export function searchCatalog(entries: readonly CatalogEntry[], search: string): CatalogEntry[] {
  if (search.length > MAX_LENGTH) return []
  const typed = wordsOf(search)
  // Nothing but punctuation is the name of no provider.
  if (typed.length === 0) return search.trim() === '' ? [...entries] : []
  const texts = entries.map((entry) => ({ entry, ...textsOf(entry) }))
  const ranked = texts
    .map((each) => ({ entry: each.entry, rank: rankOf(each, typed) }))
    .filter(({ rank }) => rank !== null)
    .sort((one, other) => Number(one.rank) - Number(other.rank))
  if (ranked.length > 0) return ranked.map(({ entry }) => entry)
  return texts.filter((each) => isMisspelt(each, typed)).map(({ entry }) => entry)
}

interface Texts {
  /** Name and slug without spaces. */
  names: string[]
  /** Aliases without spaces. */
  aliases: string[]
  /** Words of name and slug. */
  nameWords: string[]
  /** Words of the names and aliases. */
  words: string[]
  /** Words of the categories and of their names. */
  categories: string[]
}

function textsOf({ slug, displayName, aliases, categories }: CatalogEntry): Texts {
  const compact = (text: string) => wordsOf(text).join('')
  return {
    names: [displayName, slug].map(compact),
    aliases: aliases.map(compact),
    nameWords: [displayName, slug].flatMap(wordsOf),
    words: [displayName, slug, ...aliases].flatMap(wordsOf),
    categories: categories.flatMap((category) => {
      const { en = '', de = '' } = CATEGORIES[category] ?? {}
      return [category, en, de].flatMap(wordsOf)
    }),
  }
}

/** The words of a text in lower case, without accents. */
function wordsOf(text: string): string[] {
  const plain = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
}

/** Null: no match. */
function rankOf({ names, aliases, nameWords, words, categories }: Texts, typed: readonly string[]): number | null {
  const whole = typed.join('')
  const all = [...names, ...aliases]
  const begin = (known: readonly string[]) => typed.every((word) => known.some((each) => each.startsWith(word)))
  const ranks = [
    () => names.includes(whole),
    () => aliases.includes(whole),
    () => names.some((each) => each.startsWith(whole)),
    () => begin(nameWords),
    () => aliases.some((each) => each.startsWith(whole)),
    () => begin(words),
    () => all.some((each) => each.includes(whole)),
    () => begin([...words, ...categories]),
  ]
  const rank = ranks.findIndex((matches) => matches())
  return rank === -1 ? null : rank
}

/** One wrong letter in a word of four, two in one of eight. */
function isMisspelt({ names, aliases, words }: Texts, typed: readonly string[]): boolean {
  const resembles = (word: string, known: readonly string[]) =>
    nearestName(word, known, (each) => Math.floor(Math.min(each.length, word.length, 8) / 4)) !== undefined
  return resembles(typed.join(''), [...names, ...aliases]) || typed.every((word) => resembles(word, words))
}
