import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type Span, type Tracer, trace } from '@opentelemetry/api'
import { vi } from 'vitest'
import type { TestApp } from './app.ts'
import { type ProviderHandler, sendJson } from './provider-server.ts'

/** All secrets that were created, by name. The test expects to find none of them in any output. */
export const canaries = new Map<string, string>()

/** Creates a secret with that name. */
export function canary(name: string): string {
  const secret = `canary-${name}-${randomBytes(9).toString('hex')}`
  canaries.set(name, secret)
  return secret
}

/** Creates a private key in PEM. The canary is one line of it. */
export function canaryKey(name: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  canaries.set(name, pem.split('\n')[5] ?? '')
  return pem
}

/** A provider whose tokens are all canaries. Its error responses repeat the request, as those of some providers do. */
export const answerWithCanaries: ProviderHandler = (request, response, count) => {
  const { pathname } = request.url
  const echo = { authorization: request.headers.authorization, key: request.headers['x-key'], body: request.body }
  if (pathname === '/token/fails') {
    const refreshToken = new URLSearchParams(request.body).get('refresh_token') ?? ''
    const description = [refreshToken, btoa(refreshToken), encodeURIComponent(refreshToken), request.body].join(' ')
    return sendJson(
      response,
      { error: 'invalid_grant', error_description: `Not good: ${description}`, ...echo },
      {},
      400,
    )
  }
  if (pathname === '/token') {
    const tokens = {
      access_token: canary(`issued-access-${count}`),
      refresh_token: canary(`issued-refresh-${count}`),
    }
    return sendJson(response, { ...tokens, token_type: 'Bearer', expires_in: 3600 })
  }
  if (pathname === '/login/fails') return sendJson(response, { error: 'bad', message: JSON.stringify(echo) }, {}, 401)
  if (pathname.startsWith('/api/v3')) {
    const state = { authScheme: 'OAUTH2', val: { status: 'ACTIVE', access_token: canary('composio-access') } }
    return sendJson(response, { id: 'a', status: 'ACTIVE', state })
  }
  if (pathname.endsWith('/oauth/token')) {
    return sendJson(response, { access_token: canary('pipedream-own'), expires_in: 3600 })
  }
  if (pathname.startsWith('/v1/connect')) {
    return sendJson(response, { credentials: { oauth_access_token: canary('pipedream-access') } })
  }
  if (pathname === '/login') return sendJson(response, { token: canary('session') })
  if (pathname === '/callback') return sendJson(response, { accessToken: canary('provided') })
  if (pathname === '/fails') return sendJson(response, { error: 'bad', message: JSON.stringify(echo) }, {}, 400)
  if (pathname === '/contacts') return sendJson(response, { items: [{ id: 1, name: 'A' }] })
  return sendJson(response, { ok: true })
}

/** Records all that an OpenTelemetry SDK would receive: name, attributes and events of every span, also from libraries. */
export function recordTraces(): string[] {
  const recorded: string[] = []
  const record = (...values: unknown[]) => void recorded.push(JSON.stringify(values))
  const span = new Proxy({} as Span, {
    get: (_span, name) => {
      if (name === 'then') return undefined
      if (name === 'isRecording') return () => true
      return (...values: unknown[]) => {
        record(...values.map((value) => (value instanceof Error ? [value.message, value.stack] : value)))
        return span
      }
    },
  })
  const tracer: Tracer = {
    startSpan(name, options) {
      record(name, options)
      return span
    },
    startActiveSpan(name: string, ...rest: unknown[]) {
      record(name, ...rest.filter((each) => typeof each !== 'function'))
      return (rest.at(-1) as (span: Span) => unknown)(span)
    },
  } as Tracer
  trace.setGlobalTracerProvider({ getTracer: () => tracer })
  return recorded
}

/** Records what is written to stdout and stderr, past the logger. */
export function recordOutput(): string[] {
  const written: string[] = []
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    vi.spyOn(stream, 'write').mockImplementation((chunk, ...rest) => {
      written.push(String(chunk))
      return write(chunk, ...(rest as []))
    })
  }
  return written
}

/** The forms in which a secret may appear: plain, URL-encoded, hex, and base64 at each of the three possible offsets. */
export function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(`${'x'.repeat(offset)}${secret}`).toString('base64')
    return encoded.slice(offset === 0 ? 0 : 4, -4)
  })
  return [secret, encodeURIComponent(secret), ...inBase64, Buffer.from(secret).toString('hex')]
}

/** Returns the text of every column of every table, the queue included, by `schema.table.column`. */
export async function dump({ database }: TestApp): Promise<Record<string, string>> {
  const columns = await database.sql.query<{
    schema: string
    table_name: string
    column_name: string
    data_type: string
  }>(
    `SELECT c.table_schema AS schema, c.table_name, c.column_name, c.data_type FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')`,
  )
  const texts: Record<string, string> = {}
  for (const { schema, table_name: table, column_name: column, data_type: type } of columns) {
    // Binary columns are searched as text too.
    const value = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::text`
    const [row] = await database.sql.query<{ text: string | null }>(
      `SELECT string_agg(${value}, ' ') AS text FROM "${schema}"."${table}"`,
    )
    texts[`${schema}.${table}.${column}`] = row?.text ?? ''
  }
  return texts
}
