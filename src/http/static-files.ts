import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}
const TEXT = 'text/plain; charset=utf-8'

/** A file that is served from memory. */
export interface StaticFile {
  type: string
  plain: Buffer<ArrayBuffer>
  etag: string
  /** The compressed forms that were requested so far. */
  compressed: Map<Encoding, Promise<Buffer<ArrayBuffer>>>
}

type Encoding = 'br' | 'gzip'

const COMPRESS: Readonly<Record<Encoding, (plain: Buffer) => Promise<Buffer>>> = {
  br: (plain) => promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (plain) => promisify(gzip)(plain),
}

/** Names of built assets contain a hash of their content, so that browsers keep them for a year. */
export const KEPT_FOR_A_YEAR = 'public, max-age=31536000, immutable'

/**
 * Reads the files of a folder and its folders. Files with an unknown ending are plain text.
 *
 * @returns the files by their path in the folder, with `/`. Empty if the folder does not exist.
 */
export async function loadStaticFiles(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, StaticFile>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const plain = await readFile(path)
    files.set(path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, ''), {
      type: TYPES[extname(entry.name)] ?? TEXT,
      plain,
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      compressed: new Map(),
    })
  }
  return files
}

export interface StaticResponse {
  /** Value of `Cache-Control`. */
  caching: string
  /** Further headers, such as the content security policy. */
  headers: Readonly<Record<string, string>>
  /** Default 200. */
  status?: number
}

/** Answers a GET or HEAD request with a file: compressed where the client accepts it, or 304 if the client has it. */
export async function respondWithFile(
  file: StaticFile,
  request: Request,
  { caching, headers: given, status = 200 }: StaticResponse,
): Promise<Response> {
  const { type, plain, etag } = file
  const headers: Record<string, string> = {
    ...given,
    'content-type': type,
    'cache-control': caching,
    vary: 'accept-encoding',
    etag,
  }
  if (status === 200 && request.headers.get('if-none-match') === etag) {
    return new Response(null, { status: 304, headers })
  }
  const accepted = request.headers.get('accept-encoding') ?? ''
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null
  // Images are compressed already.
  if (encoding === null || type === TYPES['.png']) {
    return new Response(request.method === 'HEAD' ? null : plain, { status, headers })
  }
  let compressed = file.compressed.get(encoding)
  if (compressed === undefined) {
    compressed = COMPRESS[encoding](plain).then((bytes) => Buffer.from(bytes))
    file.compressed.set(encoding, compressed)
  }
  headers['content-encoding'] = encoding
  return new Response(request.method === 'HEAD' ? null : await compressed, { status, headers })
}
