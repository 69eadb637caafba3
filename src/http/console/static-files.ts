import { fileURLToPath } from 'node:url'
import { KEPT_FOR_A_YEAR, loadStaticFiles, respondWithFile, type StaticFile } from '../static-files.ts'

/** Where `npm run build:console` writes to. */
const FOLDER = fileURLToPath(new URL('../../../packages/console/dist/', import.meta.url))

/** Nothing inline, nothing of a third party, and no other page may frame the console. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "font-src 'none'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const SECURITY_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'x-robots-tag': 'noindex',
}

/** Serves the files of the built console. Every path that is not an asset is a page of the console and gets `index.html`. */
export function createStaticFiles(folder = FOLDER): (pathname: string, request: Request) => Promise<Response> {
  let loaded: Promise<ReadonlyMap<string, StaticFile>> | undefined
  return async (pathname, request) => {
    loaded ??= loadStaticFiles(folder)
    const files = await loaded
    const index = files.get('index.html')
    if (index === undefined) {
      // Built while the process runs: the next request looks again.
      loaded = undefined
      return notBuilt()
    }
    const name = pathname.slice('/console/'.length)
    const file = files.get(name)
    if (file === undefined && name.startsWith('assets/')) return notFound()
    const isAsset = file !== undefined && name.startsWith('assets/')
    return respondWithFile(file ?? index, request, {
      caching: isAsset ? KEPT_FOR_A_YEAR : 'no-cache',
      headers: SECURITY_HEADERS,
    })
  }
}

function notFound(): Response {
  return new Response('Not found.\n', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

function notBuilt(): Response {
  return new Response(
    'The console is not built. Run "npm ci" in the folder of Latchkey, without --omit=dev, and load this page again.\n',
    { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' } },
  )
}
