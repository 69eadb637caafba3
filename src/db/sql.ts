/** One row of a typed SQL statement, by column name. `int8` comes as bigint, `timestamptz` as Date, `bytea` as Uint8Array. */
export type Row = { [column: string]: unknown }

/** Runs one SQL statement with `$1` placeholders. The same on PostgreSQL and on PGlite, in and outside a transaction. */
export interface SqlRunner {
  query<R extends Row>(text: string, values?: readonly unknown[]): Promise<R[]>
}

/** A transaction that is open. Everything done in it goes through it: another handle would wait for it or commit apart. */
export interface WriteTx extends SqlRunner {
  /** Runs `work` once the transaction is committed, and never after a rollback. Must not throw. */
  afterCommit(work: () => void): void
}

/** A piece of SQL whose `?` stand for its values, in order. Pieces come from the code, values from anywhere. */
export interface Condition {
  sql: string
  values: readonly unknown[]
}

export function condition(sql: string, ...values: readonly unknown[]): Condition {
  return { sql, values }
}

/** Joins conditions by AND, numbering their values on from those that are there already. */
export function allOf(conditions: readonly Condition[], values: unknown[]): string {
  if (conditions.length === 0) return 'true'
  return conditions
    .map(({ sql, values: own }) => {
      let next = 0
      return `(${sql.replace(/\?/g, () => `$${values.push(own[next++])}`)})`
    })
    .join(' AND ')
}
