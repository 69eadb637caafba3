import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { KEPT_FOR_A_YEAR, loadStaticFiles, respondWithFile, type StaticFile } from './static-files.ts'

/** Where `npm run build:docs` writes to. */
const FOLDER = fileURLToPath(new URL('../../docs/.vitepress/dist/', import.meta.url))

const PATH = '/docs'

/** @returns null when the path is not below /docs */
export type DocsRoutes = (request: Request) => Promise<Response | null>

interface Site {
  files: ReadonlyMap<string, StaticFile>
  headers: Readonly<Record<string, string>>
}

/**
 * `GET /docs/…`: the documentation, for everybody, outside production. Each page is there as HTML and, with `.md`, as Markdown.
 *
 * @param folder of the built site. Default: docs/.vitepress/dist
 */
export function createDocsRoutes(folder = FOLDER): DocsRoutes {
  let loaded: Promise<Site> | undefined
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname !== PATH && !pathname.startsWith(`${PATH}/`)) return null
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(405, 'Use GET.', { allow: 'GET, HEAD' })
    }
    if (pathname === PATH) return movedTo(`${PATH}/`)
    loaded ??= load(folder)
    const { files, headers } = await loaded
    if (!files.has('index.html')) {
      // Built while the process runs: the next request looks again.
      loaded = undefined
      return plain(
        503,
        'The documentation is not built. Run "npm run build:docs" in the folder of Latchkey, and load this page again. The pages are in docs/.',
      )
    }
    const name = decoded(pathname.slice(PATH.length + 1))
    const file = files.get(name) ?? files.get(`${name}.html`) ?? files.get(`${name}index.html`)
    if (file !== undefined) {
      const caching = name.startsWith('assets/') ? KEPT_FOR_A_YEAR : 'no-cache'
      return respondWithFile(file, request, { caching, headers })
    }
    if (files.has(`${name}/index.html`)) return movedTo(`${PATH}/${name}/`)
    const missing = files.get('404.html')
    if (missing === undefined || name.startsWith('assets/')) return plain(404, 'Not found.')
    return respondWithFile(missing, request, { caching: 'no-cache', headers, status: 404 })
  }
}

async function load(folder: string): Promise<Site> {
  const files = await loadStaticFiles(folder)
  return { files, headers: { 'content-security-policy': policyOf(files), 'x-robots-tag': 'noindex' } }
}

/**
 * Allows the inline scripts that VitePress writes into its pages by their hash, and no others. Inline styles are allowed: the colours of
 * code are attributes, and no page shows text of callers.
 */
function policyOf(files: ReadonlyMap<string, StaticFile>): string {
  const hashes = new Set<string>()
  for (const { type, plain } of files.values()) {
    if (!type.startsWith('text/html')) continue
    for (const [, script = ''] of plain
      .toString('utf8')
      .matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)) {
      hashes.add(`'sha256-${createHash('sha256').update(script).digest('base64')}'`)
    }
  }
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A path that cannot be decoded names no file. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function movedTo(location: string): Response {
  return new Response(null, { status: 308, headers: { location } })
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}
