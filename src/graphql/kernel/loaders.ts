import DataLoader from 'dataloader'
import { type Caller, notFound } from '../../access/caller.ts'
import { visibleTo } from '../../access/visibility.ts'
import { SESSION_SECRET_COLUMNS, type SessionRow } from '../../connecting/connect-sessions.ts'
import type { FlowError } from '../../connections/connection-hint.ts'
import type { Database } from '../../db/database.ts'
import type {
  ApiKey,
  AuditEvent,
  AuthProvider,
  Collection,
  Connection,
  Credential,
  EndUser,
  Integration,
  OidcIssuer,
  StreamState,
  SyncJob,
  SyncJobStream,
  WebhookDelivery,
  WebhookEndpoint,
  Workspace,
} from '../../db/generated/client.ts'
import { scopeKey } from '../../db/scope.ts'
import { allOf, type Condition, condition, PLAN_EACH_TIME, type Row, type SqlRunner } from '../../db/sql.ts'
import { columnsOf, isLive, type TableName } from '../../db/tables.ts'
import { readEventsByKey } from '../../events/event-log.ts'
import type { StoredEvent } from '../../events/event-types.ts'
import { type Batcher, createBatcher } from '../../kit/batch.ts'
import { NotFoundError } from '../../kit/errors.ts'
import { checkFirst, decodeIdCursor, encodeIdCursor, type Page, toPage } from './page.ts'

/**
 * The reads of one operation. Loads of the same kind become one statement, so the number of statements depends on the
 * shape of a query and not on the number of its rows. Concurrent operations share statements too (see `kit/batch.ts`).
 *
 * A load by id rejects with NotFoundError if the row does not exist, is deleted, or is invisible to the caller. The
 * loaders by connection, by sync job and of events do not check visibility: their ids must come from rows that were loaded here.
 */
export interface Loaders {
  readonly apiKey: DataLoader<string, ApiKey>
  readonly auditEvent: DataLoader<string, AuditEvent>
  readonly authProvider: DataLoader<string, AuthProviderFields>
  readonly collection: DataLoader<string, Collection>
  readonly connection: DataLoader<string, Connection>
  readonly connectSession: DataLoader<string, SessionRow>
  readonly endUser: DataLoader<string, EndUser>
  /** By `endUserKey`. Null: there is none, or it is invisible to the caller. */
  readonly endUserByExternalId: DataLoader<string, EndUser | null>
  readonly integration: DataLoader<string, Integration>
  readonly oidcIssuer: DataLoader<string, OidcIssuer>
  readonly syncJob: DataLoader<string, SyncJob>
  readonly webhookDelivery: DataLoader<string, WebhookDelivery>
  readonly webhookEndpoint: DataLoader<string, WebhookEndpointFields>
  readonly workspace: DataLoader<string, Workspace>
  /** By `eventKey`. Null: no longer stored. */
  readonly event: DataLoader<string, StoredEvent | null>
  /** By connection. Null: nothing has been connected yet. */
  readonly credential: DataLoader<string, CredentialFields | null>
  /** By connection. Null: there is none. */
  readonly latestSyncJob: DataLoader<string, SyncJob | null>
  /** By connection: the error of its newest OAuth flow. Null: it did not fail, or is no longer stored. */
  readonly flowError: DataLoader<string, FlowError | null>
  /** By connection, ordered by name. The cursor is JSON text: the driver would change large numbers. */
  readonly streamStates: DataLoader<string, (Omit<StreamState, 'cursor'> & { cursor: string | null })[]>
  /** By sync job, in the order of the definition. */
  readonly syncJobStreams: DataLoader<string, SyncJobStream[]>
  readonly lists: ListLoader
  readonly rows: TableReader
}

/** Columns that no loader reads: the sealed secret and the id of its key. */
const SEALED = ['sealed', 'keyId'] as const
/** The same of a credential, with the hashes of its refresh token. */
const CREDENTIAL_SECRETS = [...SEALED, 'refreshTokenHash', 'suppliedTokenHash'] as const

export type CredentialFields = Omit<Credential, (typeof CREDENTIAL_SECRETS)[number]>
type AuthProviderFields = Omit<AuthProvider, (typeof SEALED)[number]>
type WebhookEndpointFields = Omit<WebhookEndpoint, (typeof SEALED)[number]>

/** @param caller decides which rows are visible; null sees none */
export function createLoaders(database: Database, caller: Caller | null): Loaders {
  return new OperationLoaders(database, caller)
}

/**
 * A row that a loader reads, or null if it is not found.
 * @throws other errors of the load
 */
export async function nullIfGone<T>(loading: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await loading) ?? null
  } catch (error) {
    if (error instanceof NotFoundError) return null
    throw error
  }
}

/** The key of an end user for `endUserByExternalId`. */
export function endUserKey(workspaceId: string, externalId: string): string {
  return `${workspaceId}:${externalId}`
}

/** An external id may contain colons, the id of a workspace does not. */
function endUserOfKey(key: string): { workspaceId: string; externalId: string } {
  const colon = key.indexOf(':')
  return { workspaceId: key.slice(0, colon), externalId: key.slice(colon + 1) }
}

/** Creates each loader on first use: one operation uses few of them, and subscriptions keep theirs for long. */
class OperationLoaders implements Loaders {
  readonly #sql: SqlRunner
  readonly #reads: Batcher
  readonly #visible: (table: TableName) => Condition[]
  readonly #created: { -readonly [Name in keyof Loaders]?: Loaders[Name] } = {}

  constructor(database: Database, caller: Caller | null) {
    this.#sql = database.sql
    this.#reads = sharedReadsOf(database)
    this.#visible = (table) => visibleTo(caller, table)
  }

  get apiKey() {
    return this.#once('apiKey', () => this.#byId('api_key', 'API key'))
  }
  get auditEvent() {
    return this.#once('auditEvent', () => this.#byId('audit_event', 'audit event'))
  }
  get authProvider() {
    return this.#once('authProvider', () => this.#byId('auth_provider', 'auth provider', SEALED))
  }
  get collection() {
    return this.#once('collection', () => this.#byId('collection', 'collection'))
  }
  get connection() {
    return this.#once('connection', () => this.#byId('connection', 'connection'))
  }
  get connectSession() {
    return this.#once('connectSession', () => this.#byId('connect_session', 'connect session', SESSION_SECRET_COLUMNS))
  }
  get endUser() {
    return this.#once('endUser', () => this.#byId('end_user', 'end user'))
  }
  get endUserByExternalId() {
    return this.#once('endUserByExternalId', () => this.#endUserByExternalId())
  }
  get integration() {
    return this.#once('integration', () => this.#byId('integration', 'integration'))
  }
  get oidcIssuer() {
    return this.#once('oidcIssuer', () => this.#byId('oidc_issuer', 'OIDC issuer'))
  }
  get syncJob() {
    return this.#once('syncJob', () => this.#byId('sync_job', 'sync job'))
  }
  get webhookDelivery() {
    return this.#once('webhookDelivery', () => this.#byId('webhook_delivery', 'webhook delivery'))
  }
  get webhookEndpoint() {
    return this.#once('webhookEndpoint', () => this.#byId('webhook_endpoint', 'webhook endpoint', SEALED))
  }
  get event() {
    return this.#once(
      'event',
      () =>
        new DataLoader<string, StoredEvent | null>((keys) =>
          this.#reads.load('event', keys, (all) => readEventsByKey(this.#sql, all)),
        ),
    )
  }
  get workspace() {
    return this.#once('workspace', () => this.#byId('workspace', 'workspace'))
  }
  get credential() {
    return this.#once('credential', () =>
      this.#oneByConnection(
        () => `SELECT ${columnsOf('credential', 't', CREDENTIAL_SECRETS)} FROM credential t
       WHERE t.connection_id = ANY($1::uuid[])`,
      ),
    )
  }
  get latestSyncJob() {
    return this.#once('latestSyncJob', () =>
      this.#oneByConnection(
        () => `SELECT ${columnsOf('sync_job', 't')} FROM unnest($1::uuid[]) AS p(id)
       CROSS JOIN LATERAL (SELECT * FROM sync_job j WHERE j.connection_id = p.id ORDER BY j.id DESC LIMIT 1) t`,
      ),
    )
  }
  get flowError() {
    return this.#once('flowError', () =>
      this.#oneByConnection<FlowError>(
        () => `SELECT p.id AS "connectionId", t.outcome ->> 'providerError' AS "providerError",
         t.outcome ->> 'providerErrorDescription' AS "providerErrorDescription" FROM unnest($1::uuid[]) AS p(id)
       CROSS JOIN LATERAL (SELECT f.outcome FROM oauth_flow f WHERE f.connection_id = p.id AND f.outcome IS NOT NULL
         ORDER BY f.consumed_at DESC LIMIT 1) t WHERE t.outcome ->> 'status' = 'FAILED'`,
      ),
    )
  }
  get streamStates() {
    return this.#once('streamStates', () =>
      this.#manyBy(
        'connectionId',
        () => `SELECT ${columnsOf('stream_state', 't', ['cursor'])}, t.cursor::text AS cursor FROM stream_state t
       WHERE t.connection_id = ANY($1::uuid[]) ORDER BY t.name`,
      ),
    )
  }
  get syncJobStreams() {
    return this.#once('syncJobStreams', () =>
      this.#manyBy(
        'syncJobId',
        () => `SELECT ${columnsOf('sync_job_stream', 't')} FROM sync_job_stream t
       WHERE t.sync_job_id = ANY($1::uuid[]) ORDER BY t.position`,
      ),
    )
  }
  get lists() {
    return this.#once('lists', () => createListLoader(this.#sql, this.#reads, this.#visible))
  }
  get rows() {
    return this.#once('rows', () => createTableReader(this.#sql, this.#visible))
  }

  #once<Name extends keyof Loaders>(name: Name, create: () => Loaders[Name]): Loaders[Name] {
    const known: Loaders[Name] | undefined = this.#created[name]
    if (known !== undefined) return known
    const loader = create()
    this.#created[name] = loader
    return loader
  }

  /** @param what name of the row in the message of the NotFoundError */
  #byId<T extends object>(table: TableName, what: string, without: readonly string[] = []): DataLoader<string, T> {
    return new DataLoader<string, T>((ids) => {
      const visible = this.#visible(table)
      return this.#reads.load(`${table} ${JSON.stringify(visible)}`, ids, async (all) => {
        const values: unknown[] = []
        const conditions = [condition('t.id = ANY(?::uuid[])', all), condition(isLive(table, 't')), ...visible]
        const text = `SELECT ${columnsOf(table, 't', without)} FROM ${table} t WHERE ${allOf(conditions, values)}`
        const rows = await this.#sql.query<T & { id: string }>(text, values)
        const found = new Map(rows.map((row) => [row.id, row]))
        return all.map((id) => found.get(id) ?? notFound(what))
      })
    })
  }

  #endUserByExternalId(): DataLoader<string, EndUser | null> {
    return new DataLoader<string, EndUser | null>((keys) => {
      const visible = this.#visible('end_user')
      return this.#reads.load(`end_user by external id ${JSON.stringify(visible)}`, keys, async (all) => {
        const pairs = all.map(endUserOfKey)
        const values: unknown[] = []
        const conditions = [
          condition(
            '(t.workspace_id, t.external_id) IN (SELECT * FROM unnest(?::uuid[], ?::text[]))',
            pairs.map(({ workspaceId }) => workspaceId),
            pairs.map(({ externalId }) => externalId),
          ),
          condition(isLive('end_user', 't')),
          ...visible,
        ]
        const text = `SELECT ${columnsOf('end_user', 't')} FROM end_user t WHERE ${allOf(conditions, values)}`
        const rows = await this.#sql.query<EndUser & Row>(text, values)
        const found = new Map(rows.map((row) => [endUserKey(row.workspaceId, row.externalId), row]))
        return all.map((key) => found.get(key) ?? null)
      })
    })
  }

  #oneByConnection<T extends object>(textOf: () => string): DataLoader<string, T | null> {
    return new DataLoader<string, T | null>((ids) => {
      const text = textOf()
      return this.#reads.load(text, ids, async (all) => {
        const rows = await this.#sql.query<T & { connectionId: string }>(text, [all])
        const found = new Map(rows.map((row) => [row.connectionId, row]))
        return all.map((id) => found.get(id) ?? null)
      })
    })
  }

  #manyBy<T extends object>(field: keyof T & string, textOf: () => string): DataLoader<string, T[]> {
    return new DataLoader<string, T[]>((ids) => {
      const text = textOf()
      return this.#reads.load(text, ids, async (all) => {
        const groups = Map.groupBy(await this.#sql.query<T & Row>(text, [all]), (row) => row[field])
        return all.map((id) => groups.get(id as never) ?? [])
      })
    })
  }
}

const sharedReads = new WeakMap<Database, Batcher>()

/** One batcher for each database. Operations share a statement only if they run in the same scope of `db/scope.ts`. */
function sharedReadsOf(database: Database): Batcher {
  let shared = sharedReads.get(database)
  if (shared === undefined) {
    const batcher = createBatcher()
    shared = { load: (key, ids, read) => batcher.load(`${scopeKey()} ${key}`, ids, read) }
    sharedReads.set(database, shared)
  }
  return shared
}

/** Reads visible rows by something other than their id or their parent. */
interface TableReader {
  /**
   * @param where conditions on the alias `t`
   * @param options `orderBy` is a column name of the code, never input
   */
  all<T>(table: TableName, where: readonly Condition[], options: { orderBy: string; limit: number }): Promise<T[]>
  /** The first row that matches; null if there is none. */
  one<T>(table: TableName, where: readonly Condition[]): Promise<T | null>
}

function createTableReader(sql: SqlRunner, visible: (table: TableName) => Condition[]): TableReader {
  const read = async <T>(table: TableName, where: readonly Condition[], tail: string): Promise<T[]> => {
    const values: unknown[] = []
    const conditions = allOf([...where, condition(isLive(table, 't')), ...visible(table)], values)
    const rows = await sql.query<Row>(
      `SELECT ${columnsOf(table, 't')} FROM ${table} t WHERE ${conditions} ${tail}`,
      values,
    )
    // The columns are those of the table that the caller of `read` names.
    return rows as T[]
  }
  return {
    all: (table, where, { orderBy, limit }) => read(table, where, `ORDER BY t.${orderBy} LIMIT ${limit}`),
    one: async <T>(table: TableName, where: readonly Condition[]) =>
      (await read<T>(table, where, 'LIMIT 1'))[0] ?? null,
  }
}

/** The rows of a table that have one parent, ordered by id. Ids are made in order of time. */
export interface ListQuery {
  table: TableName
  /** Column that holds the id of the parent; null for a list without one. */
  parentColumn: string | null
  /** Conditions on the alias `t`. */
  where?: readonly Condition[]
  /** Conditions on the alias `t` that exclude each other, of which one must hold. Each of them is read by an index of its own. */
  oneOf?: readonly Condition[] | undefined
  /** Ways that lead to different rows. The list has the rows of all of them. Default: the table alone. */
  ways?: readonly Way[] | undefined
  newestFirst?: boolean
  first?: number | null | undefined
  after?: string | null | undefined
}

/** A way to the rows of a list, by an index of other tables. */
export interface Way extends Condition {
  /** Tables with their aliases. The condition joins them to `t`, with at most one row of each for a row of the list. */
  tables: readonly string[]
}

interface ListLoader {
  /**
   * One page of the visible rows under `parentId`. Pages with equal arguments under several parents are one statement.
   * @throws InvalidInputError if `first` is out of range or `after` is not a cursor
   */
  page<T extends { id: string }>(query: ListQuery, parentId: string | null): Promise<Page<T>> | Page<T>
}

interface ListRow extends Row {
  id: string
  listParent: string
}

const NO_PARENT = '00000000-0000-0000-0000-000000000000'

/** Keyset pagination in own SQL: Prisma would read all children of several parents to page each of them. */
function createListLoader(sql: SqlRunner, reads: Batcher, visible: (table: TableName) => Condition[]): ListLoader {
  const pages = new Map<string, DataLoader<string, ListRow[]>>()
  const counts = new Map<string, DataLoader<string, number>>()
  const visibility = new Map<TableName, { where: Condition[]; key: string }>()

  function visibilityOf(table: TableName) {
    let known = visibility.get(table)
    if (known === undefined) {
      const where = visible(table)
      known = { where, key: JSON.stringify(where) }
      visibility.set(table, known)
    }
    return known
  }

  return {
    // Called once for each item of an outer list: nothing is built here that only a statement needs.
    page<T extends { id: string }>(list: ListQuery, parentId: string | null) {
      const first = checkFirst(list.first)
      const after = decodeIdCursor(list.after)
      const parent = parentId ?? NO_PARENT
      const { table, parentColumn, newestFirst = false, where = [], oneOf, ways } = list
      const own = visibilityOf(table)
      const isWhole = where.length === 0 && oneOf === undefined && ways === undefined
      const whereKey = isWhole ? '' : JSON.stringify([where, oneOf, ways])
      const listKey = `${table} ${parentColumn} ${newestFirst} ${whereKey}`
      const query = () => ({ ...list, where: [...own.where, ...where] })
      const readPage = (count: number) => {
        const key = `${count} ${after} ${listKey}`
        return getOrCreate(pages, key, () => {
          const limits = { limit: count + 1, after }
          return new DataLoader((ids) =>
            reads.load(`${key} ${own.key}`, ids, (all) => readListPages(sql, query(), limits, all)),
          )
        }).load(parent)
      }
      const count = () =>
        getOrCreate(
          counts,
          listKey,
          () =>
            new DataLoader((ids) =>
              reads.load(`count ${listKey} ${own.key}`, ids, (all) => countRows(sql, query(), all)),
            ),
        ).load(parent)
      // The columns are those of the table that the query names.
      const pageOf = (rows: readonly ListRow[]): Page<T> =>
        toPage(rows as unknown as T[], first, after, (node) => encodeIdCursor(node.id), count)
      if (first > 0) return readPage(first).then(pageOf)
      // `first: 0`, as for a count alone: whether there are rows is read only if the query selects it.
      return { ...pageOf([]), hasNextPage: async () => (await readPage(0)).length > 0 }
    },
  }
}

function getOrCreate<V>(loaders: Map<string, DataLoader<string, V>>, key: string, create: () => DataLoader<string, V>) {
  let loader = loaders.get(key)
  if (loader === undefined) {
    loader = create()
    loaders.set(key, loader)
  }
  return loader
}

/** The first `limit` rows behind `after` under each parent, in the order of `parents`. */
async function readListPages(
  sql: SqlRunner,
  query: ListQuery,
  { limit, after }: { limit: number; after: string | null },
  parents: readonly string[],
): Promise<ListRow[][]> {
  const [only] = parents
  const order = query.newestFirst ? 'DESC' : 'ASC'
  // A single parent, mostly the workspace, is compared directly: the planner then uses the index that has this order.
  const single = parents.length === 1
  const values: unknown[] = query.parentColumn === null ? [] : [single ? only : parents]
  const conditions = [...underParent(query, single ? '$1::uuid' : 'p.id'), ...(query.where ?? [])]
  if (after !== null) conditions.push(condition(query.newestFirst ? 't.id < ?::uuid' : 't.id > ?::uuid', after))
  const last = `ORDER BY t.id ${order} LIMIT $${values.push(limit)}::int`
  const lists = waysOf(query).flatMap((way) =>
    (query.oneOf ?? [condition('true')]).map((one) => {
      const where = allOf([...conditions, way, one], values)
      return `SELECT ${columnsOf(query.table, 't')} FROM ${way.tables.join(', ')} WHERE ${where} ${last}`
    }),
  )
  const onePage = lists.length === 1 ? lists.join() : `SELECT * FROM ((${lists.join(') UNION ALL (')})) t ${last}`
  const begin = beginOf(query)
  if (single) return [await sql.query<ListRow>(`${begin}${onePage}`, values)]
  const rows = await sql.query<ListRow>(
    `${begin}SELECT p.id AS "listParent", t.* FROM unnest($1::uuid[]) AS p(id)
     CROSS JOIN LATERAL (${onePage}) t ORDER BY p.id, t.id ${order}`,
    values,
  )
  const groups = Map.groupBy(rows, (row) => row.listParent)
  return parents.map((id) => groups.get(id) ?? [])
}

/** The number of rows under each parent, in the order of `parents`. */
async function countRows(sql: SqlRunner, query: ListQuery, parents: readonly string[]): Promise<number[]> {
  const { table, parentColumn, oneOf } = query
  const conditions = [
    condition(isLive(table, 't')),
    ...(query.where ?? []),
    ...(oneOf === undefined ? [] : [anyOf(oneOf)]),
  ]
  if (parentColumn !== null) conditions.unshift(condition(`t.${parentColumn} = ANY(?::uuid[])`, parents))
  const values: unknown[] = []
  const lists = waysOf(query).map((way) => {
    const parent = parentColumn === null ? `'${NO_PARENT}'::uuid` : `t.${parentColumn}`
    return `SELECT ${parent} AS parent FROM ${way.tables.join(', ')} WHERE ${allOf([...conditions, way], values)}`
  })
  // Grouped: one scan for all parents is cheaper than one for each.
  const rows = await sql.query<{ parent: string; count: number }>(
    `${beginOf(query)}SELECT parent, count(*)::int AS count FROM (${lists.join(' UNION ALL ')}) t GROUP BY parent`,
    values,
  )
  const found = new Map(rows.map((row) => [row.parent, row.count]))
  return parents.map((id) => found.get(id) ?? 0)
}

/** The ways to the rows of a list, each with the table of the list. */
function waysOf({ table, ways = [{ tables: [], ...condition('true') }] }: ListQuery): Way[] {
  return ways.map((way) => ({ ...way, tables: [`${table} t`, ...way.tables] }))
}

/** A way is better than another one by how many rows have its values. */
function beginOf({ ways }: ListQuery): string {
  return ways === undefined ? '' : PLAN_EACH_TIME
}

function anyOf(conditions: readonly Condition[]): Condition {
  return condition(conditions.map(({ sql }) => `(${sql})`).join(' OR '), ...conditions.flatMap(({ values }) => values))
}

/** @param parent the id of the parent, as SQL */
function underParent(query: ListQuery, parent: string): Condition[] {
  const live = condition(isLive(query.table, 't'))
  return query.parentColumn === null ? [live] : [condition(`t.${query.parentColumn} = ${parent}`), live]
}
