import type { Workspace } from '../../db/generated/client.ts'

/** A workspace's branding, reduced to values that are safe to show. */
export interface Brand {
  name: string
  /** An https URL; null: no logo is shown. */
  logoUrl: string | null
  /** `#rrggbb`. `onColor` is black or white, whichever has the higher contrast. */
  color: string
  onColor: '#000000' | '#ffffff'
}

const PLAIN_COLOR = '#1f2937'

/** For a page without a workspace. */
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

/** The colour names of CSS 2.1. Other names are not supported. */
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

/** Normalizes a colour to `#rrggbb`, without its transparency; null: it is not a supported colour. */
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

/** Black or white, whichever has the higher contrast: at least 4.5 to 1. */
function readableOn(hex: string): Brand['onColor'] {
  return contrastOf('#000000', hex) >= contrastOf('#ffffff', hex) ? '#000000' : '#ffffff'
}

/** The contrast ratio of two colours, from 1 to 21 (WCAG 2.1). Both are `#rrggbb`. */
export function contrastOf(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

function luminanceOf(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(hex).map((channel) => {
    const share = channel / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** @param share of the second colour, from 0 to 1 */
export function mixColors(one: string, other: string, share: number): string {
  const others = channelsOf(other)
  const mixed = channelsOf(one).map((channel, at) => Math.round(channel + ((others[at] ?? 0) - channel) * share))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

function channelsOf(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}
