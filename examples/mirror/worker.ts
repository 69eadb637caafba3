/**
 * Keeps a copy of the records of a workspace in a database of your own, here SQLite: `node examples/mirror/worker.ts`, with LATCHKEY_KEY
 * (`PRODUCT_KEY` of `examples/set-up.ts`) and WORKSPACE, and LATCHKEY_URL, PORT (3100), DATABASE (mirror.sqlite), and PUBLIC_URL,
 * where Latchkey reaches this worker. A webhook says that something has changed; the export says what. A webhook that is lost is made up for
 * by the next one, or by the next start.
 */
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { buffer } from 'node:stream/consumers'
import { createLatchkey } from 'latchkey-client'
import { verifyWebhook } from 'latchkey-client/webhooks'

const { LATCHKEY_KEY: key = '', WORKSPACE: workspaceId = '', DATABASE = 'mirror.sqlite' } = process.env
const url = process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'
const port = Number(process.env['PORT'] || 3100)
const publicUrl = process.env['PUBLIC_URL'] || `http://127.0.0.1:${port}`
const BATCH = 1_000

const latchkey = createLatchkey({ url, key })
const database = new DatabaseSync(DATABASE)
database.exec(`
  CREATE TABLE IF NOT EXISTS record (connection TEXT, stream TEXT, key TEXT, data TEXT, PRIMARY KEY (connection, stream, key));
  CREATE TABLE IF NOT EXISTS progress (connection TEXT PRIMARY KEY, cursor TEXT);
  CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT)`)
const put = database.prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)')
const remove = database.prepare('DELETE FROM record WHERE connection = ? AND stream = ? AND key = ?')
const saveCursor = database.prepare('INSERT OR REPLACE INTO progress VALUES (?, ?)')

interface Line {
  stream: string
  primaryKey: string[]
  data: unknown
  deleted: boolean
  changeCursor: string
}

/** A response that breaks off throws, so that no part of it passes for all of it. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as Line
  }
}

/** Stores lines and how far they reach in one transaction: after a crash the copy continues, and nothing is missing. */
function store(connection: string, lines: readonly Line[], cursor: string | null): void {
  database.exec('BEGIN')
  for (const { stream, primaryKey, data, deleted } of lines) {
    const recordKey = JSON.stringify(primaryKey)
    if (deleted) remove.run(connection, stream, recordKey)
    else put.run(connection, stream, recordKey, JSON.stringify(data))
  }
  if (cursor !== null) saveCursor.run(connection, cursor)
  database.exec('COMMIT')
}

/** Brings the copy of a connection up to date: everything the first time, and after that what has changed. */
async function catchUp(connection: string): Promise<void> {
  const known = database.prepare('SELECT cursor FROM progress WHERE connection = ?').get(connection)?.['cursor']
  const query = typeof known === 'string' ? `?changedAfter=${known}` : ''
  const response = await fetch(`${url}/export/${connection}${query}`, { headers: { authorization: `Bearer ${key}` } })
  if (response.status === 404) return forget(connection)
  if (!response.ok || response.body === null) {
    const { error } = (await response.json()) as { error: { message: string; reason?: string } }
    if (error.reason !== 'CHANGES_NO_LONGER_KEPT') throw new Error(error.message)
    // Deletions that this copy has not seen are no longer kept: begin again.
    forget(connection)
    return catchUp(connection)
  }
  let lines: Line[] = []
  // Lines of a first copy are not in the order of changes behind a cursor that could be kept: it is kept at the end.
  const save = () => store(connection, lines, query === '' ? null : (lines.at(-1)?.changeCursor ?? null))
  for await (const line of linesOf(response.body)) {
    lines.push(line)
    if (lines.length < BATCH) continue
    save()
    lines = []
  }
  save()
  store(connection, [], response.headers.get('x-latchkey-change-cursor'))
  const [{ count } = { count: 0 }] = database
    .prepare('SELECT count(*) AS count FROM record WHERE connection = ?')
    .all(connection)
  process.stdout.write(`${connection}: ${count} records\n`)
}

function forget(connection: string): void {
  for (const table of ['record', 'progress'])
    database.prepare(`DELETE FROM ${table} WHERE connection = ?`).run(connection)
}

/** Connections are brought up to date one after the other; the same one is not asked for twice. */
const waiting = new Set<string>()
let working = false
async function work(connection: string): Promise<void> {
  waiting.add(connection)
  if (working) return
  working = true
  for (const next of waiting) {
    waiting.delete(next)
    await catchUp(next).catch((error: unknown) => process.stderr.write(`${next}: ${String(error)}\n`))
  }
  working = false
}

/** The secret of the webhook endpoint, which is created at the first start. */
async function webhookSecret(): Promise<string> {
  const stored = database.prepare('SELECT value FROM setting WHERE name = ?').get('secret')?.['value']
  if (typeof stored === 'string') return stored
  const { secret } = await latchkey.webhookEndpoints.create({
    workspaceId,
    url: publicUrl,
    types: ['SYNC_SUCCEEDED', 'SYNC_FAILED', 'CONNECTION_DELETED'],
  })
  database.prepare('INSERT INTO setting VALUES (?, ?)').run('secret', secret)
  return secret
}

const secret = await webhookSecret()
createServer(async (request, response) => {
  try {
    const webhook = await verifyWebhook(await buffer(request), request.headers, secret)
    response.writeHead(204).end()
    if ('connection' in webhook.data && webhook.data.connection !== undefined) await work(webhook.data.connection.id)
  } catch {
    if (!response.headersSent) response.writeHead(401).end()
  }
}).listen(port, '127.0.0.1', () => process.stdout.write(`The mirror listens at ${publicUrl}\n`))
for await (const { id } of latchkey.all(latchkey.connections.list, { workspaceId })) await work(id)
