/**
 * A product whose users connect accounts: `node examples/product/server.ts`, with LATCHKEY_KEY (`PRODUCT_KEY` of
 * `examples/set-up.ts`) and WORKSPACE, and where Latchkey is elsewhere LATCHKEY_URL. It listens on PORT, 3000 unless it is set. Its one user is
 * Ada, who is signed in.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { createLatchkey, type LatchkeyEvent } from 'latchkey-client'
import { renderPage } from './page.ts'

const { LATCHKEY_KEY: key = '', WORKSPACE: workspaceId = '' } = process.env
if (key === '' || workspaceId === '')
  throw new Error('Set LATCHKEY_KEY to PRODUCT_KEY, and WORKSPACE, as examples/set-up.ts prints them.')
const url = process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'
const port = Number(process.env['PORT'] || 3000)
const origin = process.env['PRODUCT_URL'] || `http://127.0.0.1:${port}`
const latchkey = createLatchkey({ url, key })
const say = (line: string) => process.stdout.write(`${line}\n`)

// Who is signed in is what the product's own session says, and never what the browser says.
const signedInUser = (_request: IncomingMessage) => 'ada'

async function createSession(request: IncomingMessage): Promise<string> {
  const endUserExternalId = signedInUser(request)
  const session = { workspaceId, endUserExternalId, allowedOrigins: [origin], redirectUrl: `${origin}/connected` }
  return (await latchkey.connectSessions.create(session)).token
}

/** Somebody else's connect link brings its handle here with the browser of somebody else: it is refused. */
async function confirm(request: IncomingMessage, handle: string): Promise<string> {
  const { connection } = await latchkey.connections.confirm({ handle, endUserExternalId: signedInUser(request) })
  say(`Connected: ${connection.displayName}`)
  const started = await latchkey.sync.trigger({ connectionId: connection.id })
  if (started.__typename === 'ReconnectRequiredError') say(started.message)
  return connection.displayName
}

/** Pages that are open, each with what brings it up to date. */
const pages = new Set<() => Promise<void>>()

/** The connections of the user, now and after each change, as server-sent events. */
async function streamConnections(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const filter = { endUserExternalId: signedInUser(request) }
  const show = async () => {
    const { nodes } = await latchkey.connections.list({ workspaceId, filter })
    const shown = nodes.map(({ displayName, integration, status, statusReason, latestSyncJob }) => ({
      ...{ displayName, integration: integration.displayName, status, statusReason },
      sync: latestSyncJob?.status ?? null,
    }))
    response.write(`data: ${JSON.stringify(shown)}\n\n`)
  }
  pages.add(show)
  response.once('close', () => pages.delete(show))
  await show()
}

/** One subscription for all pages. */
async function follow(): Promise<void> {
  for await (const event of latchkey.events.follow({ workspaceId })) {
    tell(event)
    await Promise.all([...pages].map((show) => show()))
  }
}

/** Tells the operator of the product what happens. */
function tell(event: LatchkeyEvent): void {
  if (event.type === 'SYNC_PROGRESSED') say(`  ${event.type} ${event.stream}: ${event.recordsRead} records`)
  else if (event.type.startsWith('SYNC_')) say(`  ${event.type}`)
}

async function answer(request: IncomingMessage): Promise<[type: string, body: string] | null> {
  const { pathname, searchParams } = new URL(request.url ?? '/', origin)
  if (request.method === 'GET' && pathname === '/') return ['text/html', renderPage(url)]
  if (request.method === 'POST' && pathname === '/session') return ['text/plain', await createSession(request)]
  if (request.method === 'POST' && pathname === '/confirm') {
    return ['text/plain', await confirm(request, await text(request))]
  }
  if (request.method === 'GET' && pathname === '/connected') {
    // Where the windows cannot see each other, or there is only one, the handle comes back in the address.
    const handle = searchParams.get('handle')
    if (handle === null) return ['text/plain', `Not connected: ${searchParams.get('error') ?? 'nothing came back'}.`]
    return ['text/plain', `Connected: ${await confirm(request, handle)}`]
  }
  return null
}

const server = createServer((request, response) => {
  const failed = (error: unknown) => {
    say(String(error))
    if (response.headersSent) response.destroy()
    else response.writeHead(500).end('Something went wrong. Try again.')
  }
  if (request.url === '/connections') return void streamConnections(request, response).catch(failed)
  answer(request).then((found) => {
    if (found === null) return response.writeHead(404).end('Not found')
    const [type, body] = found
    return response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body)
  }, failed)
})

follow().catch((error: unknown) => say(String(error)))
server.listen(port, '127.0.0.1', () => say(`Open ${origin} and connect an account.`))
