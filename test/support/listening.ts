import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** Returns a free port of 127.0.0.1, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const address = server.address()
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  await closed.promise
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Waits until a server responds at the URL, with any status. Rejects after 30 seconds. */
export async function untilAnswers(url: string): Promise<void> {
  const deadline = performance.now() + 30_000
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer()
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await pause(20)
    }
  }
}
