import { allOf, type Condition, condition } from '../../db/conditions.ts'
import type { Row, SqlRunner } from '../../db/sql.ts'
import { columnsOf, isLive, type TableName } from '../../db/tables.ts'

/** Reads rows by something other than their id or their parent. */
export interface RowReader {
  /** The rows for which `where` holds on the alias `t`, in the order of `orderBy`: columns of the code. */
  all<T>(table: TableName, where: readonly Condition[], options: { orderBy: string; limit: number }): Promise<T[]>
  /** The one row for which `where` holds; null when there is none. */
  one<T>(table: TableName, where: readonly Condition[]): Promise<T | null>
}

/** @param visible what the caller may see of a table, on the alias `t` */
export function createRowReader(sql: SqlRunner, visible: (table: TableName) => Condition[]): RowReader {
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
