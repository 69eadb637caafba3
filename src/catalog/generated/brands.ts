/** Written by scripts/generate-logos.ts. The icons are from simple-icons (CC0-1.0). */
export interface Brand {
  /** Colour of the brand, as `#4a154b`. */
  color: string
  /** Null: a page shows a monogram. The version changes with the image. */
  logo: { svg: string; version: string } | null
}

/** By the slug of the provider. */
export const BRANDS: Readonly<Record<string, Brand>> = {
  "sandbox": {
    "color": "#0f766e",
    "logo": null
  },
  "slack": {
    "color": "#4a154b",
    "logo": null
  }
}
