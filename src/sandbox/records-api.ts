import { findAccount } from './accounts.ts'
import { recordsOf, type StreamName } from './records.ts'

/** What the API answers: a status and JSON. */
export interface ApiAnswer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** @returns whose token it is; null: it is not good */
export type TokenOwner = (token: string) => Promise<string | null>

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 100
const STREAMS: ReadonlySet<string> = new Set(['users', 'projects', 'tasks'])

/**
 * `/me`, `/users`, `/projects` and `/tasks`, with `offset`, `limit` and `updated_since` (inclusive): `{ data, total }`.
 * @param path under the API's root
 */
export async function answerApi(
  ownerOf: TokenOwner,
  {
    method,
    path,
    query,
    authorization,
  }: { method: string; path: string; query: URLSearchParams; authorization: string },
): Promise<ApiAnswer> {
  const token = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1]
  const accountId = token === undefined ? null : await ownerOf(token)
  if (accountId === null) {
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
    return { ...failure(401, 'The access token is missing, has expired or was revoked.'), headers }
  }
  if (method !== 'GET') return { ...failure(405, 'Everything here is read with GET.'), headers: { allow: 'GET' } }
  if (path === '/me') return { status: 200, body: findAccount(accountId) }
  const stream = path.slice(1)
  if (!isStream(stream)) return failure(404, 'Here are /me, /users, /projects and /tasks.')
  const offset = numberOf(query.get('offset'), 0, Number.MAX_SAFE_INTEGER)
  const limit = numberOf(query.get('limit'), DEFAULT_LIMIT, MAX_LIMIT)
  const since = query.get('updated_since')
  const sinceMs = since === null ? Number.NEGATIVE_INFINITY : Date.parse(since)
  if (offset === null || limit === null || Number.isNaN(sinceMs)) {
    return failure(400, `offset, limit (at most ${MAX_LIMIT}) or updated_since (ISO 8601) cannot be read.`)
  }
  const records = recordsOf(accountId, stream).filter(({ updated_at: at }) => Date.parse(at) >= sinceMs)
  return { status: 200, body: { data: records.slice(offset, offset + limit), total: records.length } }
}

function isStream(name: string): name is StreamName {
  return STREAMS.has(name)
}

/** @returns null for what is no number from 0 to `most` */
function numberOf(text: string | null, absent: number, most: number): number | null {
  if (text === null) return absent
  return /^\d{1,16}$/.test(text) && Number(text) <= most ? Number(text) : null
}

function failure(status: number, message: string): ApiAnswer {
  return { status, body: { error: { message } } }
}
