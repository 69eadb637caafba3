import { createHash } from 'node:crypto'
import { definitionJsonSchema } from '../catalog/definition/definition-json-schema.ts'

/** Path of the JSON Schema of definitions. */
export const DEFINITION_SCHEMA_PATH = '/definition.schema.json'

const HOUR_SECONDS = 3_600

let made: { text: string; etag: string } | undefined

/**
 * `GET /definition.schema.json`: the JSON Schema of definitions, for everybody. Editors complete and check a definition by it.
 *
 * @returns null for another path
 */
export function definitionSchemaResponse(request: Request): Response | null {
  if (new URL(request.url).pathname !== DEFINITION_SCHEMA_PATH) return null
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response('Use GET.\n', {
      status: 405,
      headers: { 'content-type': 'text/plain; charset=utf-8', allow: 'GET, HEAD' },
    })
  }
  made ??= make()
  const headers = {
    'cache-control': `public, max-age=${HOUR_SECONDS}`,
    etag: made.etag,
    // Editors in a browser have another origin.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  }
  if (request.headers.get('if-none-match') === made.etag) return new Response(null, { status: 304, headers })
  const body = request.method === 'HEAD' ? null : made.text
  return new Response(body, { headers: { ...headers, 'content-type': 'application/schema+json; charset=utf-8' } })
}

function make(): { text: string; etag: string } {
  const text = `${JSON.stringify(definitionJsonSchema())}\n`
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` }
}
