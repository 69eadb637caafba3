/**
 * The backend of a product with Express: `node examples/express/server.ts`, with LATCHKEY_KEY (`PRODUCT_KEY` of
 * `examples/set-up.ts`) and WORKSPACE, and where Latchkey is elsewhere LATCHKEY_URL. It listens on PORT, 3000 unless it is set.
 */
import express, { type NextFunction, type Request, type Response } from 'express'
import { createLatchkey } from 'latchkey-client'

const { LATCHKEY_KEY: key, WORKSPACE: workspaceId = '' } = process.env
const url = process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'
const port = Number(process.env['PORT'] || 3000)
const latchkey = createLatchkey({ url, key })

// In your product, this comes from the session of the signed-in user, never from the request's own words.
const userOf = (_request: Request) => 'ada'

class UnknownAccountError extends Error {}

/** A connection of the user who asks; those of others do not exist for them. */
async function ownConnection(request: Request) {
  const connection = await latchkey.connections.get({ id: String(request.params['id']) })
  if (connection?.endUser?.externalId !== userOf(request)) throw new UnknownAccountError()
  return connection
}

const app = express().use(express.json())

app.post('/api/connect-session', async (request, response) => {
  const allowedOrigins = [`http://127.0.0.1:${port}`]
  const { token } = await latchkey.connectSessions.create({
    workspaceId,
    endUserExternalId: userOf(request),
    allowedOrigins,
  })
  response.json({ token })
})

app.post('/api/confirm', async (request, response) => {
  const { connection } = await latchkey.connections.confirm({
    handle: request.body.handle,
    endUserExternalId: userOf(request),
  })
  response.json({ name: connection.displayName })
})

app.get('/api/accounts', async (request, response) => {
  const { nodes } = await latchkey.connections.list({ workspaceId, filter: { endUserExternalId: userOf(request) } })
  response.json(
    nodes.map(({ id, displayName, integration, status }) => ({
      id,
      name: displayName,
      service: integration.displayName,
      status,
    })),
  )
})

app.post('/api/accounts/:id/sync', async (request, response) => {
  const { id: connectionId } = await ownConnection(request)
  const result = await latchkey.sync.trigger({ connectionId })
  if (result.__typename === 'ReconnectRequiredError')
    response.status(409).json({ reconnect: true, message: result.message })
  else response.status(202).json({ status: result.syncJob.status })
})

app.get('/api/accounts/:id/records', async (request, response) => {
  const { id: connectionId } = await ownConnection(request)
  const { nodes, pageInfo } = await latchkey.connections.records({
    connectionId,
    first: 50,
    after: String(request.query['after'] ?? '') || null,
  })
  response.json({ records: nodes.map(({ data }) => data), next: pageInfo.hasNextPage ? pageInfo.endCursor : null })
})

app.delete('/api/accounts/:id', async (request, response) => {
  const { id: connectionId } = await ownConnection(request)
  await latchkey.connections.delete({ connectionId })
  response.sendStatus(204)
})

app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
  if (error instanceof UnknownAccountError) response.status(404).json({ message: 'There is no such account.' })
  else response.status(500).json({ message: 'Something went wrong. Try again.' })
})

app.listen(port, '127.0.0.1', () => process.stdout.write(`The product listens at http://127.0.0.1:${port}\n`))
