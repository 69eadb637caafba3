import DataLoader from 'dataloader'
import { type Caller, notFound } from '../../access/caller.ts'
import { visibleTo } from '../../access/visibility.ts'
import { SESSION_SECRET_COLUMNS, type SessionRow } from '../../connecting/connect-sessions.ts'
import type { Database } from '../../db/database.ts'
import type {
  ApiKey,
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
  Workspace,
} from '../../db/generated/client.ts'
import { scopeKey } from '../../db/scope.ts'
import { allOf, type Condition, condition, type Row, type SqlRunner } from '../../db/sql.ts'
import { columnsOf, isLive, type TableName } from '../../db/tables.ts'
import { type Batcher, createBatcher } from '../../kit/batch.ts'
import { checkFirst, decodeIdCursor, encodeIdCursor, type Page, toPage } from './page.ts'

export type CredentialFields = Omit<Credential, 'sealed' | 'keyId'>
type AuthProviderFields = Omit<AuthProvider, 'sealed' | 'keyId'>

/**
 * One batch of reads for each operation: whatever the shape of a query, the number of statements does not grow with its
 * rows. They read what the caller may see and nothing else. Those by connection and by sync job take the ids of rows that
 * came from the others.
 */
export interface Loaders {
  apiKey: DataLoader<string, ApiKey>
  /** The sealed secret is never read here. */
  authProvider: DataLoader<string, AuthProviderFields>
  workspace: DataLoader<string, Workspace>
  endUser: DataLoader<string, EndUser>
  integration: DataLoader<string, Integration>
  oidcIssuer: DataLoader<string, OidcIssuer>
  connection: DataLoader<string, Connection>
  /** What its link and its browser are known by is never read here. */
  connectSession: DataLoader<string, SessionRow>
  collection: DataLoader<string, Collection>
  syncJob: DataLoader<string, SyncJob>
  /** By connection. The sealed secret is never read here. */
  credential: DataLoader<string, CredentialFields | null>
  /** By connection. */
  latestSyncJob: DataLoader<string, SyncJob | null>
  /** By connection. */
  streamStates: DataLoader<string, StreamState[]>
  /** By sync job, in the order of the definition. */
  syncJobStreams: DataLoader<string, SyncJobStream[]>
  lists: ListLoader
  rows: TableReader
}

const sharedReads = new WeakMap<Database, Batcher>()

function sharedReadsOf(database: Database): Batcher {
  let shared = sharedReads.get(database)
  if (shared === undefined) {
    const batcher = createBatcher()
    // Operations share a statement only where it reads with the same scope.
    shared = { load: (key, ids, read) => batcher.load(`${scopeKey()} ${key}`, ids, read) }
    sharedReads.set(database, shared)
  }
  return shared
}

export function createLoaders(database: Database, caller: Caller | null): Loaders {
  const shared = sharedReadsOf(database)
  const visible = (table: TableName) => visibleTo(caller, table)
  const byId = <T extends Row>(table: TableName, what: string, without: readonly string[] = []) =>
    new DataLoader<string, T>((ids) => {
      const seen = visible(table)
      return shared.load(`${table} ${JSON.stringify(seen)}`, ids, async (all) => {
        const values: unknown[] = []
        const where = allOf([condition('t.id = ANY(?::uuid[])', all), condition(isLive(table, 't')), ...seen], values)
        const columns = columnsOf(table, 't', without)
        const rows = await database.sql.query<T>(`SELECT ${columns} FROM ${table} t WHERE ${where}`, values)
        const found = new Map(rows.map((row) => [row['id'], row]))
        return all.map((id) => found.get(id) ?? notFound(what))
      })
    })
  const oneByConnection = <T extends Row>(textOf: () => string) =>
    new DataLoader<string, T | null>((ids) => {
      const text = textOf()
      return shared.load(text, ids, async (all) => {
        const rows = await database.sql.query<T>(text, [all])
        const found = new Map(rows.map((row) => [row['connectionId'], row]))
        return all.map((id) => found.get(id) ?? null)
      })
    })
  const manyBy = <T extends Row>(field: string, textOf: () => string) =>
    new DataLoader<string, T[]>((ids) => {
      const text = textOf()
      return shared.load(text, ids, async (all) => {
        const groups = Map.groupBy(await database.sql.query<T>(text, [all]), (row) => row[field])
        return all.map((id) => groups.get(id) ?? [])
      })
    })
  // Few of them are needed by one operation, and subscriptions are held for long.
  const made: Partial<Loaders> = {}
  return {
    get apiKey() {
      made.apiKey ??= byId<ApiKey>('api_key', 'API key')
      return made.apiKey
    },
    get authProvider() {
      made.authProvider ??= byId<AuthProviderFields>('auth_provider', 'auth provider', ['sealed', 'keyId'])
      return made.authProvider
    },
    get workspace() {
      made.workspace ??= byId<Workspace>('workspace', 'workspace')
      return made.workspace
    },
    get endUser() {
      made.endUser ??= byId<EndUser>('end_user', 'end user')
      return made.endUser
    },
    get integration() {
      made.integration ??= byId<Integration>('integration', 'integration')
      return made.integration
    },
    get oidcIssuer() {
      made.oidcIssuer ??= byId<OidcIssuer>('oidc_issuer', 'OIDC issuer')
      return made.oidcIssuer
    },
    get connection() {
      made.connection ??= byId<Connection>('connection', 'connection')
      return made.connection
    },
    get connectSession() {
      made.connectSession ??= byId<SessionRow & Row>('connect_session', 'connect session', SESSION_SECRET_COLUMNS)
      return made.connectSession
    },
    get collection() {
      made.collection ??= byId<Collection>('collection', 'collection')
      return made.collection
    },
    get syncJob() {
      made.syncJob ??= byId<SyncJob>('sync_job', 'sync job')
      return made.syncJob
    },
    get credential() {
      made.credential ??= oneByConnection<CredentialFields>(
        () => `SELECT ${columnsOf('credential', 't', ['sealed', 'keyId'])} FROM credential t
       WHERE t.connection_id = ANY($1::uuid[])`,
      )
      return made.credential
    },
    get latestSyncJob() {
      made.latestSyncJob ??= oneByConnection<SyncJob>(
        () => `SELECT ${columnsOf('sync_job', 't')} FROM unnest($1::uuid[]) AS p(id)
       CROSS JOIN LATERAL (SELECT * FROM sync_job j WHERE j.connection_id = p.id ORDER BY j.id DESC LIMIT 1) t`,
      )
      return made.latestSyncJob
    },
    get streamStates() {
      made.streamStates ??= manyBy<StreamState>(
        'connectionId',
        () =>
          `SELECT ${columnsOf('stream_state', 't')} FROM stream_state t WHERE t.connection_id = ANY($1::uuid[]) ORDER BY t.name`,
      )
      return made.streamStates
    },
    get syncJobStreams() {
      made.syncJobStreams ??= manyBy<SyncJobStream>(
        'syncJobId',
        () => `SELECT ${columnsOf('sync_job_stream', 't')} FROM sync_job_stream t
       WHERE t.sync_job_id = ANY($1::uuid[]) ORDER BY t.position`,
      )
      return made.syncJobStreams
    },
    get lists() {
      made.lists ??= createListLoader(database.sql, shared, visible)
      return made.lists
    },
    get rows() {
      made.rows ??= createTableReader(database.sql, visible)
      return made.rows
    },
  }
}

/** Reads rows by something other than their id or their parent. */
interface TableReader {
  /** The rows for which `where` holds on the alias `t`, in the order of `orderBy`: columns of the code. */
  all<T>(table: TableName, where: readonly Condition[], options: { orderBy: string; limit: number }): Promise<T[]>
  /** The one row for which `where` holds; null when there is none. */
  one<T>(table: TableName, where: readonly Condition[]): Promise<T | null>
}

/** @param visible what the caller may see of a table, on the alias `t` */
function createTableReader(sql: SqlRunner, visible: (table: TableName) => Condition[]): TableReader {
  const read = async <T>(table: TableName, where: readonly Condition[], tail: string): Promise<T[]> => {
    const values: unknown[] = []
    const conditions = allOf([...where, condition(isLive(table, 't')), ...visible(table)], values)
    const rows = await sql.query<Row>(
      `SELECT ${columnsOf(table, 't')} FROM ${table} t WHERE ${conditions} ${tail}`,
      values,
    )
    // The rows are the columns of the table that the caller named.
    return rows as T[]
  }
  return {
    all: (table, where, { orderBy, limit }) => read(table, where, `ORDER BY t.${orderBy} LIMIT ${limit}`),
    one: async <T>(table: TableName, where: readonly Condition[]) =>
      (await read<T>(table, where, 'LIMIT 1'))[0] ?? null,
  }
}

interface ListArgs {
  first?: number | null | undefined
  after?: string | null | undefined
}

/** The children of a row in one table, ordered by id, which is by time of creation. */
interface ListQuery extends ListArgs {
  table: TableName
  /** Column of the table that names the parent; null for a list without one. */
  parentColumn: string | null
  where?: readonly Condition[]
  newestFirst?: boolean
}

interface ListLoader {
  /**
   * One page of the children of `parentId`. Pages with the same arguments under several parents are one statement.
   * @throws InvalidInputError for `first` out of range and for a cursor that is none
   */
  page<T extends { id: string }>(query: ListQuery, parentId: string | null): Promise<Page<T>> | Page<T>
}

interface ListRow extends Row {
  id: string
  listParent: string
}

const NO_PARENT = '00000000-0000-0000-0000-000000000000'

/** Keyset paging in SQL of our own: Prisma would read all children of several parents to page each of them. */
function createListLoader(sql: SqlRunner, shared: Batcher, visible: (table: TableName) => Condition[]): ListLoader {
  const pages = new Map<string, DataLoader<string, ListRow[]>>()
  const counts = new Map<string, DataLoader<string, number>>()
  const seen = new Map<TableName, { where: Condition[]; key: string }>()

  function seenOf(table: TableName) {
    let own = seen.get(table)
    if (own === undefined) {
      const where = visible(table)
      own = { where, key: JSON.stringify(where) }
      seen.set(table, own)
    }
    return own
  }

  return {
    page<T extends { id: string }>(asked: ListQuery, parentId: string | null) {
      const first = checkFirst(asked.first)
      const after = decodeIdCursor(asked.after)
      const parent = parentId ?? NO_PARENT
      const { table, parentColumn, newestFirst = false, where = [] } = asked
      const own = seenOf(table)
      // A list of lists comes here once for each of its items.
      const whereKey = where.length === 0 ? '' : JSON.stringify(where)
      const listKey = `${table} ${parentColumn} ${newestFirst} ${whereKey}`
      const query = () => ({ ...asked, where: [...own.where, ...where] })
      const read = (count: number) => {
        const key = `${count} ${after} ${listKey}`
        return loaderOf(pages, key, () => {
          const limits = { limit: count + 1, after }
          const ofAll = `${key} ${own.key}`
          return new DataLoader((ids) => shared.load(ofAll, ids, (all) => readListPages(sql, query(), limits, all)))
        }).load(parent)
      }
      const count = () =>
        loaderOf(counts, listKey, () => {
          const ofAll = `count ${listKey} ${own.key}`
          return new DataLoader((ids) => shared.load(ofAll, ids, (all) => countRows(sql, query(), all)))
        }).load(parent)
      // The rows are the columns of the table that the caller named.
      const pageOf = (rows: readonly ListRow[]): Page<T> =>
        toPage(rows as unknown as T[], first, after, (node) => encodeIdCursor(node.id), count)
      if (first > 0) return read(first).then(pageOf)
      // Asked for no items, as for a count alone: whether there are any is read when somebody wants to know.
      return { ...pageOf([]), hasNextPage: async () => (await read(0)).length > 0 }
    },
  }
}

function loaderOf<V>(loaders: Map<string, DataLoader<string, V>>, key: string, make: () => DataLoader<string, V>) {
  let loader = loaders.get(key)
  if (loader === undefined) {
    loader = make()
    loaders.set(key, loader)
  }
  return loader
}

async function readListPages(
  sql: SqlRunner,
  query: ListQuery,
  { limit: count, after }: { limit: number; after: string | null },
  parents: readonly string[],
): Promise<ListRow[][]> {
  const [only] = parents
  const order = query.newestFirst ? 'DESC' : 'ASC'
  // One parent, which is most of the time the workspace: the planner sees that an index has its rows in order.
  const single = parents.length === 1
  const values: unknown[] = query.parentColumn === null ? [] : [single ? only : parents]
  const conditions = [...inParent(query, single ? '$1::uuid' : 'p.id'), ...(query.where ?? [])]
  if (after !== null) conditions.push(condition(query.newestFirst ? 't.id < ?::uuid' : 't.id > ?::uuid', after))
  const where = allOf(conditions, values)
  const limit = `$${values.push(count)}::int`
  const columns = columnsOf(query.table, 't')
  const ofOne = `FROM ${query.table} t WHERE ${where} ORDER BY t.id ${order} LIMIT ${limit}`
  if (single) return [await sql.query<ListRow>(`SELECT ${columns} ${ofOne}`, values)]
  const rows = await sql.query<ListRow>(
    `SELECT p.id AS "listParent", ${columns} FROM unnest($1::uuid[]) AS p(id)
     CROSS JOIN LATERAL (SELECT * ${ofOne}) t ORDER BY p.id, t.id ${order}`,
    values,
  )
  const groups = Map.groupBy(rows, (row) => row.listParent)
  return parents.map((id) => groups.get(id) ?? [])
}

async function countRows(sql: SqlRunner, query: ListQuery, parents: readonly string[]): Promise<number[]> {
  const { table, parentColumn, where = [] } = query
  const live = condition(isLive(table, 't'))
  if (parentColumn === null) {
    const values: unknown[] = []
    const rows = await sql.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${table} t WHERE ${allOf([live, ...where], values)}`,
      values,
    )
    return parents.map(() => rows[0]?.count ?? 0)
  }
  const values: unknown[] = [parents]
  // In groups: one scan for all of the parents costs less than one for each of them.
  const rows = await sql.query<{ parent: string; count: number }>(
    `SELECT t.${parentColumn} AS parent, count(*)::int AS count FROM ${table} t
     WHERE ${allOf([condition(`t.${parentColumn} = ANY($1::uuid[])`), live, ...where], values)}
     GROUP BY t.${parentColumn}`,
    values,
  )
  const found = new Map(rows.map((row) => [row.parent, row.count]))
  return parents.map((id) => found.get(id) ?? 0)
}

/** @param parent the id of the parent, as SQL */
function inParent(query: ListQuery, parent: string): Condition[] {
  const live = condition(isLive(query.table, 't'))
  return query.parentColumn === null ? [live] : [condition(`t.${query.parentColumn} = ${parent}`), live]
}
