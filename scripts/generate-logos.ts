/**
 * `npm run codegen`: writes src/catalog/generated/brands.ts, the colour and the logo of each provider with a guide, so that the running
 * product needs no icon package. With `--check` it writes nothing and fails when the file differs.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findGuide, GUIDES } from '../src/catalog/guides.ts'

const FILE = 'src/catalog/generated/brands.ts'
/** Contrast to white below which a shape is hard to see on a light tile. */
const MIN_CONTRAST = 2

/** @throws Error when simple-icons has no such icon */
async function pathOf(icon: string, provider: string): Promise<string> {
  const resolve = createRequire(import.meta.url).resolve
  const svg = await readFile(resolve(`simple-icons/icons/${icon}.svg`), 'utf8').catch(() => {
    throw new Error(`simple-icons has no icon "${icon}", which the guide of ${provider} names.`)
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

const brands = await Promise.all(
  GUIDES.map(async (slug) => {
    const { color = '', logo = null } = findGuide(slug) ?? {}
    if (logo === null) return [slug, { color, logo }] as const
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24" fill="${visibleOnWhite(color)}"><path d="${await pathOf(logo, slug)}"/></svg>`
    const version = createHash('sha256').update(svg).digest('hex').slice(0, 8)
    return [slug, { color, logo: { svg, version } }] as const
  }),
)

const text = `/** Written by scripts/generate-logos.ts. The icons are from simple-icons (CC0-1.0). */
export interface Brand {
  /** Colour of the brand, as \`#4a154b\`. */
  color: string
  /** Null: a page shows a monogram. The version changes with the image. */
  logo: { svg: string; version: string } | null
}

/** By the slug of the provider. */
export const BRANDS: Readonly<Record<string, Brand>> = ${JSON.stringify(Object.fromEntries(brands), null, 2)}
`

const path = fileURLToPath(new URL(`../${FILE}`, import.meta.url))
if (!process.argv.includes('--check')) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  process.stdout.write(`Wrote ${FILE}.\n`)
} else if ((await readFile(path, 'utf8').catch(() => null)) !== text) {
  process.stderr.write(`${FILE} is not in step with the guides. Run npm run codegen and commit what it writes.\n`)
  process.exitCode = 1
}
