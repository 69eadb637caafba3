import { LOGOS_PATH, logoSvgOf } from '../catalog/logo.ts'

const YEAR_SECONDS = 31_536_000
const HOUR_SECONDS = 3_600

/**
 * `GET /logos/<provider>.svg`: the logo of a provider, for everybody. The URLs of the API carry the version of the image, so that
 * browsers may keep it for good.
 *
 * @returns null for a path that is not below /logos/
 */
export function logoResponse(request: Request): Response | null {
  const { pathname, searchParams } = new URL(request.url)
  if (!pathname.startsWith(LOGOS_PATH)) return null
  const [, slug] = /^([a-z0-9-]+)\.svg$/.exec(pathname.slice(LOGOS_PATH.length)) ?? []
  const logo = slug === undefined ? null : logoSvgOf(slug)
  if (logo === null)
    return new Response('There is no such logo.\n', { status: 404, headers: { 'content-type': PLAIN } })
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response('Use GET.\n', { status: 405, headers: { 'content-type': PLAIN, allow: 'GET, HEAD' } })
  }
  const etag = `"${logo.version}"`
  const headers = {
    'cache-control':
      searchParams.get('v') === logo.version
        ? `public, max-age=${YEAR_SECONDS}, immutable`
        : `public, max-age=${HOUR_SECONDS}`,
    etag,
    'content-security-policy': "default-src 'none'",
    // The pages of a product show the logo from another origin.
    'cross-origin-resource-policy': 'cross-origin',
  }
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
  return new Response(logo.svg, { headers: { ...headers, 'content-type': 'image/svg+xml' } })
}

const PLAIN = 'text/plain; charset=utf-8'
