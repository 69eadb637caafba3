import { readFileSync } from 'node:fs'
import { findEntry } from './catalog.ts'

/** The logos are served below this path, as `<slug of the provider>.svg`. */
export const LOGOS_PATH = '/logos/'

const FOLDER = new URL('./generated/logos/', import.meta.url)

/** Path and query of a provider's logo. They change with the image. Null: there is none, and a page shows a monogram. */
export function logoPathOf(provider: string | null): string | null {
  const version = versionOf(provider)
  return version === null ? null : `${LOGOS_PATH}${provider}.svg?v=${version}`
}

/** The image itself, which is read each time: browsers keep it. Null: the provider has none. */
export function logoSvgOf(provider: string): { svg: string; version: string } | null {
  const version = versionOf(provider)
  return version === null ? null : { svg: readFileSync(new URL(`${provider}.svg`, FOLDER), 'utf8'), version }
}

/** Colour of a provider's brand, as `#4a154b`. Null: it is not known. */
export function colorOf(provider: string | null): string | null {
  return provider === null ? null : (findEntry(provider)?.color ?? null)
}

function versionOf(provider: string | null): string | null {
  return provider === null ? null : (findEntry(provider)?.logoVersion ?? null)
}
