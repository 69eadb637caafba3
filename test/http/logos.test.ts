import { describe, expect, it } from 'vitest'
import { CATALOG_INDEX } from '../../src/catalog/generated/catalog-index.ts'
import { logoPathOf } from '../../src/catalog/logo.ts'
import { logoResponse } from '../../src/http/logos.ts'

const get = (path: string, init?: RequestInit) => logoResponse(new Request(`http://localhost${path}`, init))

describe('GET /logos/<provider>.svg', () => {
  const path = logoPathOf('github') ?? ''

  it('serves the logo as an image that pages of other origins may show and that can do nothing', async () => {
    const response = get(path)
    expect(response?.status).toBe(200)
    expect(Object.fromEntries(response?.headers ?? [])).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
    })
    const svg = (await response?.text()) ?? ''
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*fill="#[0-9a-f]{6}"><path d="[^"<>]+"\/><\/svg>$/,
    )
  })

  it('may be kept for good with the version of the image, and for an hour without it', () => {
    expect(path).toMatch(/^\/logos\/github\.svg\?v=[0-9a-f]{8}$/)
    expect(get(path)?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(get('/logos/github.svg')?.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(get('/logos/github.svg?v=0')?.headers.get('cache-control')).toBe('public, max-age=3600')
  })

  it('answers 304 to a client that has the image', () => {
    const etag = get(path)?.headers.get('etag') ?? ''
    expect(get(path, { headers: { 'if-none-match': etag } })?.status).toBe(304)
    expect(get(path, { headers: { 'if-none-match': '"other"' } })?.status).toBe(200)
  })

  it.each(['/logos/nobody.svg', '/logos/', '/logos/github', '/logos/constructor.svg', '/logos/..%2fgithub.svg'])(
    'answers 404 to %s',
    (unknown) => {
      expect(get(unknown)?.status).toBe(404)
    },
  )

  it('answers 404 for a provider without a logo, whose path is null', () => {
    const { slug = '' } = CATALOG_INDEX.find(({ logoVersion }) => logoVersion === null) ?? {}
    expect(logoPathOf(slug)).toBeNull()
    expect(get(`/logos/${slug}.svg`)?.status).toBe(404)
  })

  it('answers 405 to other methods, and leaves other paths to other routes', () => {
    expect(get(path, { method: 'POST' })?.status).toBe(405)
    expect(get('/connect')).toBeNull()
    expect(logoPathOf(null)).toBeNull()
  })
})
