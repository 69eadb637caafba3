/**
 * Server processes of benchmarks. `null`: an upstream that answers at once. `bare <port>`: a node:http proxy in front of the
 * upstream at that port. Each sends its port to the parent process.
 */
import { Agent, createServer, request, type Server } from 'node:http'

const [role, upstreamPort] = process.argv.slice(2)
const BODY = Buffer.from(JSON.stringify({ id: 7, name: 'Ada', tags: ['a', 'b'], total: 12.5 }))

function nullUpstream(): Server {
  return createServer((message, response) => {
    message.resume()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length })
    response.end(BODY)
  })
}

/** The minimum that a proxy does: forwards the request with a token, and returns the response. */
function bareProxy(port: number): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  return createServer((message, response) => {
    const headers = { ...message.headers, authorization: 'Bearer a-token-of-the-usual-length-0123456789' }
    const { method, url } = message
    const forwarded = request({ host: '127.0.0.1', port, agent, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forwarded.on('error', () => response.destroy())
    message.pipe(forwarded)
  })
}

const server = role === 'null' ? nullUpstream() : bareProxy(Number(upstreamPort))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : address)
})
