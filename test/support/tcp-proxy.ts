import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

type Direction = 'to server' | 'to client'

/** A TCP proxy whose connections can be cut, and whose traffic a test can hold back. */
export interface TcpProxy extends AsyncDisposable {
  port: number
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>
  /** Accepts connections again. */
  heal(): Promise<void>
  /** Called with each chunk before it is forwarded. The chunk and all that follow it wait until the promise resolves. */
  beforeForward: ((direction: Direction, chunk: Buffer) => Promise<void>) | undefined
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let server: Server | undefined

  async function forward(from: Socket, to: Socket, direction: Direction): Promise<void> {
    try {
      for await (const chunk of from) {
        await proxy.beforeForward?.(direction, chunk)
        if (!to.write(chunk)) await once(to, 'drain')
      }
      to.end()
    } catch {
      // One side has closed the connection.
    } finally {
      from.destroy()
      if (direction === 'to client') to.destroy()
    }
  }

  function accept(near: Socket): void {
    const far = connect(target)
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        ;(socket === near ? far : near).destroy()
      })
    }
    void forward(near, far, 'to server')
    void forward(far, near, 'to client')
  }

  async function listen(port: number): Promise<number> {
    server = createServer(accept)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async function cut(): Promise<void> {
    const closing = server
    server = undefined
    if (closing === undefined) return
    const closed = once(closing, 'close')
    closing.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  const proxy: TcpProxy = {
    port: await listen(0),
    cut,
    async heal() {
      if (server === undefined) await listen(proxy.port)
    },
    beforeForward: undefined,
    [Symbol.asyncDispose]: cut,
  }
  return proxy
}
