import type { Workspace } from '../../db/generated/client.ts'

/** How a workspace presents itself, as far as it is safe to show. */
export interface Brand {
  name: string
  /** An https URL; null: there is none that may be shown. */
  logoUrl: string | null
  /** `#rrggbb`, and black or white, whichever is read better on it. */
  color: string
  onColor: '#000000' | '#ffffff'
}

const PLAIN_COLOR = '#1f2937'

/** Of a page that knows no workspace. */
export const PLAIN_BRAND: Brand = { name: 'Latchkey', logoUrl: null, color: PLAIN_COLOR, onColor: '#ffffff' }

type Branded = Pick<Workspace, 'name' | 'brandingName' | 'brandingLogoUrl' | 'brandingColor'>

export function brandOf({ name, brandingName, brandingLogoUrl, brandingColor }: Branded): Brand {
  const color = hexOf(brandingColor) ?? PLAIN_COLOR
  return { name: brandingName ?? name, logoUrl: logoOf(brandingLogoUrl), color, onColor: readableOn(color) }
}

function logoOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null
  const { protocol, href } = new URL(url)
  return protocol === 'https:' ? href : null
}

/** The names of CSS 2.1; whoever wants another colour gives its number. */
const NAMED: Readonly<Record<string, string>> = {
  aqua: '#00ffff',
  black: '#000000',
  blue: '#0000ff',
  fuchsia: '#ff00ff',
  gray: '#808080',
  green: '#008000',
  lime: '#00ff00',
  maroon: '#800000',
  navy: '#000080',
  olive: '#808000',
  orange: '#ffa500',
  purple: '#800080',
  red: '#ff0000',
  silver: '#c0c0c0',
  teal: '#008080',
  white: '#ffffff',
  yellow: '#ffff00',
}

/** `#rrggbb` of a colour as a workspace may give it; how transparent it is is left out. */
function hexOf(color: string | null): string | null {
  const given = color?.toLowerCase() ?? ''
  if (Object.hasOwn(NAMED, given)) return NAMED[given] ?? null
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?$/.exec(given)
  if (short !== null)
    return `#${short
      .slice(1, 4)
      .map((digit) => digit.repeat(2))
      .join('')}`
  return /^#[0-9a-f]{6}(?:[0-9a-f]{2})?$/.test(given) ? given.slice(0, 7) : null
}

/** WCAG 2.1, relative luminance: above 0.179 black has the higher contrast, which is then at least 4.5 to 1. */
function readableOn(hex: string): Brand['onColor'] {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff'
}
