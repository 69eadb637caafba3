import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

interface Script {
  text: string
  etag: string
}

/** `GET /connect.js`: the script for the product's page, which any page may load and run. */
export function createConnectScript(): (request: Request) => Promise<Response> {
  let script: Promise<Script> | null = null
  const load = async (): Promise<Script> => {
    const text = await readFile(new URL('../../client/connect.js', import.meta.url), 'utf8')
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
  }
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    script ??= load()
    const { text, etag } = await script
    const headers = {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300, stale-while-revalidate=86400',
      // A module of another origin is fetched with CORS, and a page that isolates itself asks for the other.
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      etag,
    }
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
    return new Response(request.method === 'HEAD' ? null : text, { headers })
  }
}
