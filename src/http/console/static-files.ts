import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** Where `npm run build:console` writes to. */
const FOLDER = fileURLToPath(new URL('../../../packages/console/dist/', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

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

interface StaticFile {
  type: string
  plain: Buffer<ArrayBuffer>
  gzip: Buffer<ArrayBuffer>
  brotli: Buffer<ArrayBuffer>
  etag: string
}

/**
 * Serves the files of the built console from memory. Names of assets contain a hash of their content, so that browsers keep them for
 * a year. Every other path is a page of the console and gets `index.html`.
 */
export function createStaticFiles(folder = FOLDER): (pathname: string, request: Request) => Promise<Response> {
  let loaded: Promise<ReadonlyMap<string, StaticFile>> | undefined
  return async (pathname, request) => {
    loaded ??= load(folder)
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
    return respond(file ?? index, request, isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
  }
}

async function load(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, StaticFile>()
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const plain = await readFile(path)
    const name = path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, '')
    files.set(name, {
      type,
      plain,
      gzip: gzipSync(plain),
      brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    })
  }
  return files
}

function respond({ type, plain, gzip, brotli, etag }: StaticFile, request: Request, caching: string): Response {
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    'content-type': type,
    'cache-control': caching,
    vary: 'accept-encoding',
    etag,
  }
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
  const accepted = request.headers.get('accept-encoding') ?? ''
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null
  if (encoding !== null) headers['content-encoding'] = encoding
  const body = encoding === 'br' ? brotli : encoding === 'gzip' ? gzip : plain
  return new Response(request.method === 'HEAD' ? null : body, { headers })
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
