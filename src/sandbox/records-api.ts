import { randomUUID } from 'node:crypto'
import { isRecord } from '../catalog/template/value.ts'
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

/** A request to the API. */
interface ApiRequest {
  method: string
  /** Relative to the API's root. */
  path: string
  query: URLSearchParams
  authorization: string
  /** Null: there is none. */
  idempotencyKey: string | null
  /** The text of the body. Null: it is too long. */
  readBody: () => Promise<string | null>
}

/** Tasks that are kept for one account. Older ones are forgotten first. */
const MAX_CREATED = 1_000

/**
 * Answers `/me`; `/users`, `/projects` and `/tasks` as `{ data, total }` with the parameters `offset`, `limit` and `updated_since`
 * (inclusive); and one record as `/tasks/<id>`. A POST to `/tasks` creates a task, which this process remembers. Two with the same
 * Idempotency-Key create one task.
 */
export function createRecordsApi(ownerOf: TokenOwner): (request: ApiRequest) => Promise<ApiAnswer> {
  const created = new Map<string, { key: string | null; task: SandboxRecord }[]>()

  function recordsFor(accountId: string, stream: StreamName): SandboxRecord[] {
    const own = stream === 'tasks' ? (created.get(accountId) ?? []) : []
    return [...recordsOf(accountId, stream), ...own.map(({ task }) => task)]
  }

  async function createTask(accountId: string, { idempotencyKey: key, readBody }: ApiRequest): Promise<ApiAnswer> {
    const tasks = created.get(accountId) ?? []
    const earlier = key === null ? undefined : tasks.find((each) => each.key === key)
    if (earlier !== undefined) return { status: 201, body: earlier.task }
    const input = parseTask(await readBody())
    if (typeof input === 'string') return failure(422, input)
    const task = {
      id: `${accountId}-task-${randomUUID()}`,
      ...input,
      updated_at: new Date().toISOString(),
    }
    created.set(accountId, [...tasks, { key, task }].slice(-MAX_CREATED))
    return { status: 201, body: task }
  }

  return async (request) => {
    const { method, path, query, authorization } = request
    const token = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1]
    const accountId = token === undefined ? null : await ownerOf(token)
    if (accountId === null) {
      const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
      return { ...failure(401, 'The access token is missing, has expired or was revoked.'), headers }
    }
    if (method === 'POST' && path === '/tasks') return createTask(accountId, request)
    if (method !== 'GET') {
      return { ...failure(405, 'This API supports only GET, and POST for /tasks.'), headers: { allow: 'GET' } }
    }
    if (path === '/me') return { status: 200, body: findAccount(accountId) }
    const [stream = '', id, ...rest] = path.slice(1).split('/')
    if (!isStream(stream) || rest.length > 0) {
      return failure(404, 'Not found. The resources are /me, /users, /projects and /tasks.')
    }
    const all = recordsFor(accountId, stream)
    if (id === undefined) return answerList(all, query)
    const record = all.find((each) => each.id === id)
    return record === undefined ? failure(404, 'There is no such record.') : { status: 200, body: record }
  }
}

function answerList(all: readonly SandboxRecord[], query: URLSearchParams): ApiAnswer {
  const offset = parseNumber(query.get('offset'), 0, Number.MAX_SAFE_INTEGER)
  const limit = parseNumber(query.get('limit'), DEFAULT_LIMIT, MAX_LIMIT)
  const since = query.get('updated_since')
  const sinceMs = since === null ? Number.NEGATIVE_INFINITY : Date.parse(since)
  if (offset === null || limit === null || Number.isNaN(sinceMs)) {
    return failure(400, `offset, limit (at most ${MAX_LIMIT}) or updated_since (ISO 8601) is not valid.`)
  }
  const state = query.get('state')
  const records = all.filter((each) => {
    return Date.parse(each.updated_at) >= sinceMs && (state === null || each['state'] === state)
  })
  return { status: 200, body: { data: records.slice(offset, offset + limit), total: records.length } }
}

const MAX_TITLE = 200

/** @returns the fields of a new task, or what is wrong with the body */
function parseTask(body: string | null): Record<string, unknown> | string {
  const given = body === null ? undefined : jsonOf(body)
  if (!isRecord(given)) return 'The body must be a JSON object of at most 4 KiB.'
  const { title, state = 'open', project_id = null, assignee_id = null } = given
  if (typeof title !== 'string' || title === '' || title.length > MAX_TITLE) {
    return `title must have 1 to ${MAX_TITLE} characters.`
  }
  if (typeof state !== 'string' || !STATES.includes(state)) return `state must be one of ${STATES.join(', ')}.`
  return { title, state, project_id, assignee_id }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
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
