import { findAccount } from './accounts.ts'

/** An answer of the API. The body is sent as JSON. */
interface ApiAnswer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** @returns the account of an access token; null: the token is not valid */
type TokenOwner = (token: string) => Promise<string | null>

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 100
const STREAMS: ReadonlySet<string> = new Set(['users', 'projects', 'tasks'])

/**
 * Answers `/me`, and `/users`, `/projects` and `/tasks` as `{ data, total }` with the parameters `offset`, `limit` and
 * `updated_since` (inclusive).
 *
 * @param path relative to the API's root
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
  if (method !== 'GET') return { ...failure(405, 'This API supports only GET.'), headers: { allow: 'GET' } }
  if (path === '/me') return { status: 200, body: findAccount(accountId) }
  const stream = path.slice(1)
  if (!isStream(stream)) return failure(404, 'Not found. The resources are /me, /users, /projects and /tasks.')
  const offset = parseNumber(query.get('offset'), 0, Number.MAX_SAFE_INTEGER)
  const limit = parseNumber(query.get('limit'), DEFAULT_LIMIT, MAX_LIMIT)
  const since = query.get('updated_since')
  const sinceMs = since === null ? Number.NEGATIVE_INFINITY : Date.parse(since)
  if (offset === null || limit === null || Number.isNaN(sinceMs)) {
    return failure(400, `offset, limit (at most ${MAX_LIMIT}) or updated_since (ISO 8601) is not valid.`)
  }
  const records = recordsOf(accountId, stream).filter(({ updated_at: at }) => Date.parse(at) >= sinceMs)
  return { status: 200, body: { data: records.slice(offset, offset + limit), total: records.length } }
}

function isStream(name: string): name is StreamName {
  return STREAMS.has(name)
}

/** @returns null: the text is not a number from 0 to `max` */
function parseNumber(text: string | null, fallback: number, max: number): number | null {
  if (text === null) return fallback
  return /^\d{1,16}$/.test(text) && Number(text) <= max ? Number(text) : null
}

function failure(status: number, message: string): ApiAnswer {
  return { status, body: { error: { message } } }
}

/** A record. The records are the same in every process. */
interface SandboxRecord {
  id: string
  /** ISO 8601. */
  updated_at: string
  [field: string]: unknown
}

type StreamName = 'users' | 'projects' | 'tasks'

const COUNTS: Record<StreamName, number> = { users: 20, projects: 30, tasks: 200 }
const FIRST_NAMES = ['Alan', 'Barbara', 'Edsger', 'Frances', 'Katherine', 'Ken', 'Margaret', 'Radia']
const LAST_NAMES = ['Allen', 'Dijkstra', 'Hamilton', 'Johnson', 'Liskov', 'Perlman', 'Thompson', 'Turing']
const VERBS = ['Check', 'Describe', 'Draw', 'Measure', 'Rename', 'Repair', 'Shorten', 'Test']
const THINGS = ['the bridge', 'the compiler', 'the door', 'the engine', 'the invoice', 'the map', 'the report']
const STATES = ['open', 'in_progress', 'done']
const FIRST_CHANGE_MS = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000

/** All records of a stream, in the order of `updated_at`. */
function recordsOf(accountId: string, stream: StreamName): SandboxRecord[] {
  return Array.from({ length: COUNTS[stream] }, (_, index) => ({
    id: `${accountId}-${stream.slice(0, -1)}-${index + 1}`,
    ...FIELDS[stream](accountId, index),
    updated_at: new Date(FIRST_CHANGE_MS + index * HOUR_MS).toISOString(),
  }))
}

const FIELDS: Record<StreamName, (accountId: string, index: number) => Record<string, unknown>> = {
  users(accountId, index) {
    const [first, last] = [pick(FIRST_NAMES, index), pick(LAST_NAMES, index * 3 + Math.floor(index / 8))]
    return { name: `${first} ${last}`, email: `${first}.${last}.${index + 1}@${accountId}.example`.toLowerCase() }
  },
  projects: (accountId, index) => ({
    name: `${pick(VERBS, index)} ${pick(THINGS, index * 5)}`,
    owner_id: `${accountId}-user-${(index % COUNTS.users) + 1}`,
    budget: 1_000 + index * 250,
  }),
  tasks: (accountId, index) => ({
    title: `${pick(VERBS, index * 3)} ${pick(THINGS, index)}`,
    state: pick(STATES, index),
    project_id: `${accountId}-project-${(index % COUNTS.projects) + 1}`,
    assignee_id: index % 7 === 0 ? null : `${accountId}-user-${(index % COUNTS.users) + 1}`,
  }),
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length] ?? ''
}
