/** Answers every POST with 204. GET returns how many there were. */
import { createServer } from 'node:http'

let received = 0
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(received))
    return
  }
  received += 1
  request.resume()
  response.writeHead(204).end()
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`Receiving at http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`)
})
