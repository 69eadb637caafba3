import { InvalidInputError } from './errors.ts'

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** @throws InvalidInputError unless it is 1 to 63 small letters, digits and inner hyphens */
export function checkSlug(slug: string, path: string[]): void {
  if (!SLUG.test(slug)) {
    throw new InvalidInputError([
      { path, message: 'Use 1 to 63 small letters, digits and hyphens, with a letter or digit at both ends.' },
    ])
  }
}

/** A slug made of a name; the id's end keeps names without usable letters apart. */
export function slugOf(name: string, id: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')
  return words === '' ? `workspace-${id.slice(-8)}` : words
}
