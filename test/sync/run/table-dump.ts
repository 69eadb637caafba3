import type { Database } from '../../../src/db/database.ts'

/** All rows of all tables, including the queue's, as text; bytes in hexadecimal. */
export async function dumpTables({ sql }: Pick<Database, 'sql'>): Promise<Map<string, string>> {
  const tables = await sql.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  )
  const dump = new Map<string, string>()
  for (const { name } of tables) {
    const rows = await sql.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)
    dump.set(name, rows.map(({ row }) => row).join('\n'))
  }
  return dump
}

/** The forms in which a secret may be stored: plain, hexadecimal, URL-encoded, and base64 at any offset. */
function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((offset) =>
    Buffer.from(`${'x'.repeat(offset)}${secret}`)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  )
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex'), ...inBase64]
}

/** The tables that contain a secret. */
export async function tablesThatShow(database: Pick<Database, 'sql'>, secret: string): Promise<string[]> {
  const forms = formsOf(secret)
  const dump = await dumpTables(database)
  if (dump.size < 15) throw new Error('This is not the whole database.')
  return [...dump].flatMap(([name, text]) => (forms.some((form) => text.includes(form)) ? [name] : []))
}
