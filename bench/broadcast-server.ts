/** A bare `ws` broadcast, which the subscriptions are compared with: it sends every message to every socket. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { nextMessage } from './subscription-message.ts'

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type } = JSON.parse(String(data)) as { type: string }
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
  })
})

/** `POST /<first>/<count>` sends `count` messages, numbered from `first` on. */
const server = createServer(async (request, response) => {
  const [, first = 0, count = 0] = (request.url ?? '').split('/').map(Number)
  response.end()
  for (let number = first; number < first + count; number += 1) {
    const message = nextMessage(number)
    for (const socket of sockets.clients) socket.send(message)
    await new Promise(setImmediate)
  }
})
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`ready on ${address?.port}\n`)
})
process.once('SIGTERM', () => process.exit(0))
