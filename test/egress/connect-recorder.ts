import { once } from 'node:events'
import { createServer } from 'node:net'

export interface ConnectAttempt {
  address: string
  port: number
}

export interface ConnectRecorder extends Disposable {
  attempts: ConnectAttempt[]
}

/** The decision about a connect(2): allowed, refused, or redirected to another port of 127.0.0.1. */
export type Verdict = 'pass' | 'refuse' | { loopbackPort: number }

const ECONNREFUSED = -111

type NativeConnect = (request: object, address: string, port: number) => number

/**
 * Intercepts TCP connections between node:net and the kernel, below name resolution: every attempt in this process is recorded,
 * and succeeds only if `judge` allows it.
 */
export async function recordConnects(judge: (attempt: ConnectAttempt) => Verdict): Promise<ConnectRecorder> {
  const prototype = await tcpPrototype()
  const attempts: ConnectAttempt[] = []
  const originals = (['connect', 'connect6'] as const).map((name) => ({ name, native: nativeConnect(prototype, name) }))
  const connect = originals[0]?.native
  for (const { name, native } of originals) {
    const replacement = function (this: object, request: object, address: string, port: number): number {
      const attempt = { address, port }
      attempts.push(attempt)
      const verdict = judge(attempt)
      if (verdict === 'refuse') return ECONNREFUSED
      if (verdict === 'pass') return native.call(this, request, address, port)
      return connect?.call(this, request, '127.0.0.1', verdict.loopbackPort) ?? ECONNREFUSED
    }
    Reflect.set(prototype, name, replacement)
  }
  return {
    attempts,
    [Symbol.dispose]() {
      for (const { name, native } of originals) Reflect.set(prototype, name, native)
    },
  }
}

/** The class of socket handles is not exported, but a listening server has an instance. */
async function tcpPrototype(): Promise<object> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const handle: unknown = Reflect.get(server, '_handle')
  const prototype: unknown = typeof handle === 'object' && handle !== null ? Object.getPrototypeOf(handle) : undefined
  server.close()
  if (typeof prototype !== 'object' || prototype === null) throw new Error('This Node has no TCP handle to observe.')
  return prototype
}

function nativeConnect(prototype: object, name: string): NativeConnect {
  const native: unknown = Reflect.get(prototype, name)
  if (typeof native !== 'function') throw new Error(`This Node has no TCP.${name} to observe.`)
  return function (this: object, request, address, port) {
    return Reflect.apply(native, this, [request, address, port])
  }
}
