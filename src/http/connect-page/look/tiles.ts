import { colorOf, logoPathOf } from '../../../catalog/logo.ts'
import { type Brand, contrastOf, mixColors } from '../branding.ts'
import { type Html, html } from '../html.ts'

/** What the pages show of an integration: its name, and what the catalogue knows about its provider. */
export interface ProviderLook {
  name: string
  /** Path of the logo on this server. Null: there is none. */
  logoUrl: string | null
  /** `#rrggbb`: the colour of the brand, or one that is derived from the name. */
  color: string
}

/** @param integration `provider`: slug in the catalogue; null: the workspace has its own definition */
export function lookOf({ displayName, provider }: { displayName: string; provider: string | null }): ProviderLook {
  return { name: displayName, logoUrl: logoPathOf(provider), color: colorOf(provider) ?? colorOfName(displayName) }
}

/** The tile of a provider: its logo, or its initials on a tint of its colour. Its name stands next to it or in the title. */
export function providerTile({ name, logoUrl, color }: ProviderLook): Html {
  if (logoUrl !== null) return html`<span class="tile logo"><img src="${logoUrl}" alt="" width="24" height="24"></span>`
  const ground = mixColors(color, '#ffffff', 0.86)
  return monogram(initials(name), ground, readableInk(color, ground))
}

/** The tile of a workspace. @param logoUrl null: its initial on its colour */
export function workspaceTile({ name, color, onColor }: Brand, logoUrl: string | null): Html {
  return logoUrl === null
    ? monogram(initials(name), color, onColor)
    : html`<span class="tile"><img src="${logoUrl}" alt="" referrerpolicy="no-referrer"></span>`
}

/** Attributes of an SVG need no style, which the policy of the pages would refuse. */
function monogram(letters: string, ground: string, ink: string): Html {
  return html`<span class="tile" aria-hidden="true"><svg viewBox="0 0 40 40" focusable="false"><rect width="40" height="40" fill="${ground}"/><text x="20" y="20" dy=".36em" text-anchor="middle" fill="${ink}"${letters.length > 1 ? html` class="two"` : ''}>${letters}</text></svg></span>`
}

/** `Google Drive` → `GD`; `Slack` → `S`. */
function initials(name: string): string {
  const words = name.split(/[\s._/-]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const letters = words.slice(0, 2).map((word) => [...new Intl.Segmenter().segment(word)][0]?.segment ?? '')
  if (letters.length > 0) return letters.join('').toUpperCase()
  return [...new Intl.Segmenter().segment(name.trim())][0]?.segment ?? ''
}

/** The same colour for a name each time, dark enough for letters on a light ground. */
function colorOfName(name: string): string {
  let hash = 0
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return colorOfHue(hash % 360)
}

/** HSL with 50 % saturation and 38 % lightness (CSS Color 4, section 7). */
function colorOfHue(hue: number): string {
  const [saturation, lightness] = [0.5, 0.38]
  const channel = (offset: number) => {
    const place = (offset + hue / 30) % 12
    const amount = saturation * Math.min(lightness, 1 - lightness)
    const value = lightness - amount * Math.max(-1, Math.min(place - 3, 9 - place, 1))
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(0)}${channel(8)}${channel(4)}`
}

/** The colour, darkened until it can be read on the ground (WCAG 2.1, section 1.4.3). */
function readableInk(color: string, ground: string): string {
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 1]
  const inks = shares.map((share) => mixColors(color, '#000000', share))
  return inks.find((ink) => contrastOf(ink, ground) >= 4.5) ?? '#000000'
}
