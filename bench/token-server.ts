/** A provider on loopback as a separate process: `/token` answers after 10 ms, every other path at once. */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../src/kit/ids.ts'

const ANSWERS_AFTER_MS = 10

const server = createServer(async (request, response) => {
  request.resume()
  const answer = request.url === '/token' ? { token_type: 'Bearer', expires_in: 36_000 } : null
  if (answer !== null) await sleep(ANSWERS_AFTER_MS)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer === null ? {} : { ...answer, access_token: newId(), refresh_token: newId() }))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`ready on ${typeof address === 'object' ? address?.port : 0}\n`)
})
