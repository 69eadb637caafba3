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
