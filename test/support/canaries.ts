import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type Span, type Tracer, trace } from '@opentelemetry/api'
import { vi } from 'vitest'
import type { TestApp } from './app.ts'
import { type ProviderHandler, sendJson } from './provider-server.ts'

/** Every secret that was made, by name: each must be found nowhere. */
export const canaries = new Map<string, string>()

/** A new secret of that name. */
export function canary(name: string): string {
  const secret = `canary-${name}-${randomBytes(9).toString('hex')}`
  canaries.set(name, secret)
  return secret
}

/** A private key, of which a line is enough to be found by. */
export function canaryKey(name: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  canaries.set(name, pem.split('\n')[5] ?? '')
  return pem
}

/** A provider whose every token is a canary, and that repeats what it refuses, as some do. */
export const answerWithCanaries: ProviderHandler = (request, response, count) => {
  const { pathname } = request.url
  const echo = { authorization: request.headers.authorization, key: request.headers['x-key'], body: request.body }
  if (pathname === '/token/fails') {
    const refreshToken = new URLSearchParams(request.body).get('refresh_token') ?? ''
    const words = [refreshToken, btoa(refreshToken), encodeURIComponent(refreshToken), request.body].join(' ')
    return sendJson(response, { error: 'invalid_grant', error_description: `Not good: ${words}`, ...echo }, {}, 400)
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

/** What an operator's SDK would be told: every name, attribute and event of every span, of libraries too. */
export function recordTraces(): string[] {
  const told: string[] = []
  const tell = (...words: unknown[]) => void told.push(JSON.stringify(words))
  const span = new Proxy({} as Span, {
    get: (_span, name) => {
      if (name === 'then') return undefined
      if (name === 'isRecording') return () => true
      return (...words: unknown[]) => {
        tell(...words.map((word) => (word instanceof Error ? [word.message, word.stack] : word)))
        return span
      }
    },
  })
  const tracer: Tracer = {
    startSpan(name, options) {
      tell(name, options)
      return span
    },
    startActiveSpan(name: string, ...rest: unknown[]) {
      tell(name, ...rest.filter((each) => typeof each !== 'function'))
      return (rest.at(-1) as (span: Span) => unknown)(span)
    },
  } as Tracer
  trace.setGlobalTracerProvider({ getTracer: () => tracer })
  return told
}

/** What goes past the log. */
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

/** A secret as it may be written elsewhere: as it is, URL-encoded, in base64 wherever it begins in the text, in hex. */
export function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(`${'x'.repeat(offset)}${secret}`).toString('base64')
    return encoded.slice(offset === 0 ? 0 : 4, -4)
  })
  return [secret, encodeURIComponent(secret), ...inBase64, Buffer.from(secret).toString('hex')]
}

/** Every column of every table, queues included, by name. */
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
    // Bytes are looked into as text too.
    const value = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::text`
    const [row] = await database.sql.query<{ text: string | null }>(
      `SELECT string_agg(${value}, ' ') AS text FROM "${schema}"."${table}"`,
    )
    texts[`${schema}.${table}.${column}`] = row?.text ?? ''
  }
  return texts
}
