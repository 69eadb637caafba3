import type { SqlRunner } from '../../src/db/sql.ts'
import { type ProviderServer, sendJson, startProvider } from './provider-server.ts'

export interface UpstreamItem {
  id: number
  text: string
  updated_at: string
}

/** An API over a table whose rows are inserted, changed and deleted while a sync reads it. */
export interface ChangingUpstream extends ProviderServer {
  /** Inserts or updates the row. Either sets `updated_at` to the present time. */
  put(id: number, text: string): Promise<void>
  remove(id: number): Promise<void>
  /** All present rows, by id. */
  items(): Promise<UpstreamItem[]>
  /** Called after a page is requested and before it is read. */
  beforePage: (offset: number) => Promise<void> | void
  /** When set, requests for this offset and beyond get status 400. */
  failFrom: number | null
}

/**
 * Serves `GET /items?offset&limit`: rows by id. With `since`: those updated at that time or later. With `after`: those
 * updated later.
 * @param precision decimal places of the seconds in `updated_at`
 */
export async function startChangingUpstream(sql: SqlRunner, precision = 3): Promise<ChangingUpstream> {
  const table = `upstream_${Math.random().toString(36).slice(2)}`
  await sql.query(
    `CREATE TABLE ${table} (id int PRIMARY KEY, text text NOT NULL, updated_at timestamptz(${precision}) NOT NULL)`,
  )
  const iso = `to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS${precision === 0 ? '' : '.MS'}"Z"')`
  // A cast would round, and might give a time in the future.
  const now = `date_trunc('${precision === 0 ? 'second' : 'milliseconds'}', clock_timestamp())`
  const server = await startProvider(async ({ url }, response) => {
    const offset = Number(url.searchParams.get('offset'))
    await upstream.beforePage(offset)
    if (upstream.failFrom !== null && offset >= upstream.failFrom)
      return sendJson(response, { error: 'broken' }, {}, 400)
    const rows = await sql.query<{ id: number; text: string; updated_at: string }>(
      `SELECT id, text, ${iso} AS updated_at FROM ${table}
       WHERE ($1::timestamptz IS NULL OR updated_at >= $1) AND ($2::timestamptz IS NULL OR updated_at > $2)
       ORDER BY id OFFSET $3::int LIMIT $4::int`,
      [url.searchParams.get('since'), url.searchParams.get('after'), offset, Number(url.searchParams.get('limit'))],
    )
    return sendJson(response, rows)
  })
  const upstream: ChangingUpstream = {
    ...server,
    beforePage: () => undefined,
    failFrom: null,
    async put(id, text) {
      await sql.query(
        `INSERT INTO ${table} VALUES ($1::int, $2, ${now})
         ON CONFLICT (id) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at`,
        [id, text],
      )
    },
    async remove(id) {
      await sql.query(`DELETE FROM ${table} WHERE id = $1::int`, [id])
    },
    items: () =>
      sql.query<UpstreamItem & { [column: string]: unknown }>(
        `SELECT id, text, ${iso} AS updated_at FROM ${table} ORDER BY id`,
      ),
  }
  return upstream
}
