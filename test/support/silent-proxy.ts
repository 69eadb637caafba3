import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that can drop all packets, as a firewall does that has lost its connection table. */
export interface SilentProxy extends AsyncDisposable {
  port: number
  /** Drops everything in both directions. Connections stay open and neither side gets an error. */
  lose(): void
  /** Closes all connections and refuses new ones, as a server does that is stopped. */
  refuse(): Promise<void>
  /** Forwards new connections again. Existing ones stay silent. */
  heal(): Promise<void>
}

export async function startSilentProxy(target: { host: string; port: number }): Promise<SilentProxy> {
  const passing = new Set<() => void>()
  const sockets = new Set<Socket>()
  let losing = false
  const server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => undefined)
    near.once('close', () => sockets.delete(near))
    if (losing) return near.resume()
    const far = connect(target)
    sockets.add(far)
    far.on('error', () => near.destroy())
    near.on('error', () => far.destroy())
    near.pipe(far)
    far.pipe(near)
    const lose = () => {
      near.unpipe(far)
      far.unpipe(near)
      near.resume()
      far.resume()
    }
    passing.add(lose)
    const end = () => {
      if (!passing.delete(lose)) return
      near.destroy()
      far.destroy()
    }
    near.once('close', end)
    far.once('close', () => {
      sockets.delete(far)
      end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    lose() {
      losing = true
      for (const lose of passing) lose()
      passing.clear()
    },
    async refuse() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
    async heal() {
      losing = false
      if (!server.listening) await once(server.listen(port, '127.0.0.1'), 'listening')
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server.close(), 'close')
    },
  }
}
