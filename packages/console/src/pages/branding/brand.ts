/** What the connect page makes of a branding. The rules are those of src/http/connect-page/branding.ts, and a test compares them. */
export interface Brand {
  /** `#rrggbb` */
  color: string
  /** Black or white, whichever has the higher contrast. */
  onColor: '#000000' | '#ffffff'
  logoUrl: string | null
}

/** Without a colour, or with one that is not supported. */
const PLAIN_COLOR = '#1f2937'

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

export function brandOf({ color, logoUrl }: { color: string | null; logoUrl: string | null }): Brand {
  const hex = hexOf(color) ?? PLAIN_COLOR
  return { color: hex, onColor: luminanceOf(hex) > 0.179 ? '#000000' : '#ffffff', logoUrl: logoOf(logoUrl) }
}

function logoOf(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url)
  return parsed?.protocol === 'https:' ? parsed.href : null
}

/** A colour as `#rrggbb`, without its transparency. Null: the connect page does not support it. */
export function hexOf(color: string | null): string | null {
  const given = color?.toLowerCase() ?? ''
  if (Object.hasOwn(NAMED, given)) return NAMED[given] ?? null
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?$/.exec(given)
  if (short !== null) {
    return `#${short
      .slice(1, 4)
      .map((digit) => digit.repeat(2))
      .join('')}`
  }
  return /^#[0-9a-f]{6}(?:[0-9a-f]{2})?$/.test(given) ? given.slice(0, 7) : null
}

/** Relative luminance (WCAG 2.1). */
function luminanceOf(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast of two colours, from 1 to 21 (WCAG 2.1). */
function contrastOf(one: string, other: string): number {
  const [low = 0, high = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

/** The cards of the connect page, on which the button stands. */
const CARDS = { light: '#ffffff', dark: '#1c1f24' } as const

/**
 * Below this contrast, people may not see where the button ends. Its words are readable on every colour, so that the 3 of WCAG 2.1
 * (1.4.11) does not apply.
 */
const MIN_CONTRAST = 2

/** The themes in which a button of this colour is hard to see. */
export function hardToSeeIn(hex: string): ('light' | 'dark')[] {
  return (['light', 'dark'] as const).filter((theme) => contrastOf(hex, CARDS[theme]) < MIN_CONTRAST)
}
