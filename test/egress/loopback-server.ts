import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from './loopback-certificate.ts'

export interface SeenRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface LoopbackServer extends AsyncDisposable {
  port: number
  /** `http://127.0.0.1:port`, or https. */
  origin: string
  /** The received requests with their bodies, in order. */
  seen: SeenRequest[]
  /** Number of accepted sockets. */
  sockets: Socket[]
}

/** A real server on 127.0.0.1. The handler is called after the body of the request was read. */
export async function startServer(handler: RequestListener, options: { tls?: boolean } = {}): Promise<LoopbackServer> {
  const seen: SeenRequest[] = []
  const sockets: Socket[] = []
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    seen.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
    })
    handler(request, response)
  }
  const server: Server = options.tls
    ? createTlsServer({ key: LOOPBACK_KEY, cert: LOOPBACK_CERTIFICATE }, listener)
    : createServer(listener)
  server.on('connection', (socket: Socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    origin: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
