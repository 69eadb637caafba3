/** `null`: an upstream that answers at once. `bare <port>`: node:http alone in front of it. Tells its port to the parent. */
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

/** What every proxy has to do, and nothing else: pass the request on with a token, and the answer back. */
function bareProxy(port: number): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  return createServer((message, response) => {
    const headers = { ...message.headers, authorization: 'Bearer a-token-of-the-usual-length-0123456789' }
    const { method, url } = message
    const onward = request({ host: '127.0.0.1', port, agent, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    message.pipe(onward)
  })
}

const server = role === 'null' ? nullUpstream() : bareProxy(Number(upstreamPort))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : address)
})
