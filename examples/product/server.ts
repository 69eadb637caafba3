/**
 * A product whose users connect accounts: `node examples/product/server.ts`, with LATCHKEY_KEY (an operator key) and, where
 * it is elsewhere, LATCHKEY_URL. It listens on PORT, 3000 unless it is set. Its one user is Ada, who is signed in.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createClient } from 'graphql-ws'
import { subscribeFrom } from 'latchkey/client'
import {
  ConfirmConnectionDocument,
  CreateConnectSessionDocument,
  CreateIntegrationDocument,
  CreateWorkspaceDocument,
  SyncJobEventsDocument,
  TriggerSyncDocument,
} from '../../schema/generated/graphql.ts'
import { assertType, createSend } from '../typed-client/request.ts'
import { renderPage } from './page.ts'

const key = process.env['LATCHKEY_KEY']
if (!key) throw new Error('Set LATCHKEY_KEY to the operator key that Latchkey printed at its first start.')
const latchkey = process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'
const port = Number(process.env['PORT'] || 3000)
const origin = `http://127.0.0.1:${port}`
const send = createSend(`${latchkey}/graphql`, key)
const socket = createClient({
  url: `${latchkey.replace(/^http/, 'ws')}/graphql`,
  connectionParams: { authorization: `Bearer ${key}` },
  shouldRetry: () => true,
})
const say = (line: string) => process.stdout.write(`${line}\n`)

// Once, when the product is set up: where its browsers may end, and what its users may connect.
const { createWorkspace } = await send(CreateWorkspaceDocument, {
  input: { name: 'A product', redirectUrls: [`${origin}/connected`] },
})
assertType(createWorkspace, 'CreateWorkspacePayload')
const workspaceId = createWorkspace.workspace.id
const { createIntegration } = await send(CreateIntegrationDocument, {
  input: { workspaceId, slug: 'sandbox', provider: 'sandbox' },
})
assertType(createIntegration, 'CreateIntegrationPayload')

// Who is signed in is what the product's own session says, and never what the browser says.
const signedInUser = (_request: IncomingMessage) => 'ada'

async function createSession(request: IncomingMessage): Promise<string> {
  const { createConnectSession } = await send(CreateConnectSessionDocument, {
    input: {
      workspaceId,
      endUserExternalId: signedInUser(request),
      allowedOrigins: [origin],
      redirectUrl: `${origin}/connected`,
    },
  })
  assertType(createConnectSession, 'CreateConnectSessionPayload')
  return createConnectSession.token
}

/** Somebody else's connect link brings its handle here with the browser of somebody else: it is refused. */
async function confirm(request: IncomingMessage, handle: string): Promise<string> {
  const { confirmConnection } = await send(ConfirmConnectionDocument, {
    input: { handle, endUserExternalId: signedInUser(request) },
  })
  assertType(confirmConnection, 'ConfirmConnectionPayload')
  const { id, displayName } = confirmConnection.connection
  say(`Connected: ${displayName}`)
  sync(id).catch((error: unknown) => say(String(error)))
  return id
}

/** Brings the records of a new connection in, and tells of each step as it happens. */
async function sync(connectionId: string): Promise<void> {
  const { triggerSync } = await send(TriggerSyncDocument, { input: { connectionId } })
  assertType(triggerSync, 'TriggerSyncPayload')
  const syncJobId = triggerSync.syncJob.id
  for await (const { syncJobEvents: event } of subscribeFrom(socket, SyncJobEventsDocument, { syncJobId })) {
    const progress = event.__typename === 'SyncProgressed' ? ` ${event.stream}: ${event.recordsRead} records` : ''
    say(`  ${event.type}${progress}`)
  }
}

async function answer(request: IncomingMessage): Promise<string | null> {
  const { pathname, searchParams } = new URL(request.url ?? '/', origin)
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return renderPage(latchkey)
    case 'POST /session':
      return createSession(request)
    case 'POST /confirm':
      return confirm(request, await text(request))
    case 'GET /connected': {
      // Where the windows cannot see each other, or there is only one, the handle comes back in the address.
      const handle = searchParams.get('handle')
      return handle === null
        ? `Not connected: ${searchParams.get('error') ?? 'nothing came back'}.`
        : `Connected: ${await confirm(request, handle)}`
    }
    default:
      return null
  }
}

createServer((request, response) => {
  answer(request).then(
    (body) => {
      const type = request.url === '/' ? 'text/html' : 'text/plain'
      response.writeHead(body === null ? 404 : 200, { 'content-type': `${type}; charset=utf-8` }).end(body)
    },
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
}).listen(port, '127.0.0.1', () => say(`Open ${origin} and connect an account.`))
