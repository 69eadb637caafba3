import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** An upstream that answers at once, in a process of its own. */
export async function startNullUpstream(): Promise<{ origin: string; close(): Promise<void> }> {
  const child = fork(fileURLToPath(new URL('./proxy-servers.ts', import.meta.url)), ['null'])
  const [port] = await once(child, 'message')
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
