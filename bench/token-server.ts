/**
 * A provider on loopback as a separate process: `/token` answers after 10 ms, `/load` how many token requests there were and
 * how many at once at most, and every other path an empty object at once.
 */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../src/kit/ids.ts'

const ANSWERS_AFTER_MS = 10

const load = { requests: 0, atOnce: 0, most: 0 }

async function token(): Promise<unknown> {
  load.requests += 1
  load.atOnce += 1
  load.most = Math.max(load.most, load.atOnce)
  await sleep(ANSWERS_AFTER_MS)
  load.atOnce -= 1
  return { token_type: 'Bearer', expires_in: 36_000, access_token: newId(), refresh_token: newId() }
}

const server = createServer(async (request, response) => {
  request.resume()
  const answer = request.url === '/token' ? await token() : request.url === '/load' ? load : {}
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`ready on ${typeof address === 'object' ? address?.port : 0}\n`)
})
