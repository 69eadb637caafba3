/**
 * `npm run codegen`: writes src/catalog/generated/, the index of the providers, so that their files are loaded only when they are needed,
 * and their logos, so that the running product needs no icon package. With `--check` it writes nothing and fails when a file differs.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { catalogEntryOf } from '../src/catalog/provider-file.ts'
import { writeGenerated } from './generated-folder.ts'
import { type FiledProvider, loadProviderFiles } from './provider-files.ts'

const FOLDER = 'src/catalog/generated'
/** Contrast to white below which a shape is hard to see on a light tile. */
const MIN_CONTRAST = 2

/** @throws Error when simple-icons has no such icon */
async function pathOf(icon: string, provider: string): Promise<string> {
  const resolve = createRequire(import.meta.url).resolve
  const svg = await readFile(resolve(`simple-icons/icons/${icon}.svg`), 'utf8').catch(() => {
    throw new Error(`simple-icons has no icon "${icon}", which src/catalog/providers/${provider}.ts names.`)
  })
  const path = /<path d="([^"]+)"/.exec(svg)?.[1]
  if (path === undefined) throw new Error(`The icon "${icon}" of simple-icons has no path.`)
  return path
}

/** Contrast of a colour to white (WCAG 2.2, contrast ratio). */
function contrastToWhite(channels: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

/** The colour itself, or the lightest darker one of the same hue that can be seen on white. */
function visibleOnWhite(color: string): string {
  let channels = [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16))
  while (contrastToWhite(channels) < MIN_CONTRAST) channels = channels.map((channel) => Math.floor(channel * 0.95))
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

const logos = new Map<string, string>()

async function entryOf({ slug, definition, file }: FiledProvider) {
  const { logo, color } = file
  if (logo === null) return catalogEntryOf(slug, definition, file)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24" fill="${visibleOnWhite(color)}"><path d="${await pathOf(logo, slug)}"/></svg>`
  logos.set(`${slug}.svg`, svg)
  return catalogEntryOf(slug, definition, file, createHash('sha256').update(svg).digest('hex').slice(0, 8))
}

const entries = await Promise.all((await loadProviderFiles()).map(entryOf))
const index = `/** Written by scripts/generate-catalog-index.ts from the files in providers/. */
import type { CatalogEntry } from '../provider-file.ts'

export const CATALOG_INDEX: readonly CatalogEntry[] = [
${entries.map((entry) => `  ${JSON.stringify(entry)},`).join('\n')}
]
`
// The icons are from simple-icons (CC0-1.0).
await writeGenerated(`${FOLDER}/logos`, 'src/catalog/providers', logos)
await writeGenerated(FOLDER, 'src/catalog/providers', new Map([['catalog-index.ts', index]]))
