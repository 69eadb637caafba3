/** One row of a result, by column name. `int8` is a bigint, `timestamptz` a Date, `bytea` a Uint8Array. */
export type Row = { [column: string]: unknown }

/**
 * Begins a statement that is planned for its values each time. Other statements are prepared, and PostgreSQL may keep one plan for all
 * values. Use it where the best plan depends on how many rows have a value.
 */
export const PLAN_EACH_TIME = '/* plan each time */ '

/** Runs one SQL statement with `$1` placeholders, on PostgreSQL or PGlite, inside or outside of a transaction. */
export interface SqlRunner {
  query<R extends Row>(text: string, values?: readonly unknown[]): Promise<R[]>
}

/** An open transaction. Use no other handle until it ends: it would wait for the transaction or commit on its own. */
export interface WriteTx extends SqlRunner {
  /** Runs `work` after the commit, and never after a rollback. `work` must not throw. */
  afterCommit(work: () => void): void
}

/**
 * The time of the database's clock. Stored times are compared with it, because the clocks of processes may differ from it and
 * from each other.
 */
export async function databaseNow(sql: SqlRunner): Promise<Date> {
  const [row] = await sql.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  if (row === undefined) throw new Error('The database did not return its time.')
  return row.now
}

/** A SQL condition with a `?` for each of its values, in order. The SQL must come from the code; values may come from callers. */
export interface Condition {
  sql: string
  values: readonly unknown[]
}

export function condition(sql: string, ...values: readonly unknown[]): Condition {
  return { sql, values }
}

/** The pattern for ILIKE that finds a text anywhere in a value. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/** Joins conditions with AND, and appends their values to `values`, from which the placeholders are numbered. */
export function allOf(conditions: readonly Condition[], values: unknown[]): string {
  if (conditions.length === 0) return 'true'
  return conditions
    .map(({ sql, values: own }) => {
      let next = 0
      return `(${sql.replace(/\?/g, () => `$${values.push(own[next++])}`)})`
    })
    .join(' AND ')
}
