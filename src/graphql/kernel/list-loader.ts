import DataLoader from 'dataloader'
import { allOf, type Condition, condition } from '../../db/conditions.ts'
import type { Row, SqlRunner } from '../../db/sql.ts'
import { columnsOf, isLive, type TableName } from '../../db/tables.ts'
import { checkFirst, decodeIdCursor, encodeIdCursor, type Page, toPage } from './page.ts'
import type { SharedReads } from './shared-reads.ts'

export interface ListArgs {
  first?: number | null | undefined
  after?: string | null | undefined
}

/** The children of a row in one table, ordered by id, which is by time of creation. */
export interface ListQuery extends ListArgs {
  table: TableName
  /** Column of the table that names the parent; null for a list without one. */
  parentColumn: string | null
  where?: readonly Condition[]
  newestFirst?: boolean
}

export interface ListLoader {
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
export function createListLoader(
  sql: SqlRunner,
  shared: SharedReads,
  visible: (table: TableName) => Condition[],
): ListLoader {
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
          return new DataLoader((ids) => shared.load(ofAll, ids, (all) => readPages(sql, query(), limits, all)))
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

async function readPages(
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
