import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HeaderPair } from '../requests/headers.ts'

/**
 * What stands after `/proxy/`: the id, and the path as it came, byte for byte, with its query. Bytes that are not ASCII,
 * which Node hands on as Latin-1, are percent-encoded.
 */
export function proxyTarget(rest: string): { connectionId: string; path: string } {
  const end = /[/?]/.exec(rest)?.index ?? rest.length
  return { connectionId: rest.slice(0, end), path: rest.slice(end).replace(/[\x80-\xff]/g, percent) }
}

function percent(unit: string): string {
  return `%${unit.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Node's flat list of names and values, in pairs. */
export function headerPairs(rawHeaders: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''])
  }
  return pairs
}

/** Bytes of the request's body; null: there is one of unknown length. RFC 9112 section 6.3. */
export function bodyLength({ headers }: IncomingMessage): number | null {
  if (headers['transfer-encoding'] !== undefined) return null
  return Number(headers['content-length'] ?? 0)
}

/** Without a byte of its body for too long, the client is given up. */
export class RequestIdleError extends Error {
  override readonly name = 'RequestIdleError'
}

/**
 * The body of a request as it comes. It is not asked for before somebody reads it: a client that waits for `100 Continue`
 * sends nothing of a request that is refused.
 */
export class IdleBody implements AsyncIterable<Uint8Array> {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #idleMs: number

  constructor(request: IncomingMessage, response: ServerResponse, idleMs: number) {
    this.#request = request
    this.#response = response
    this.#idleMs = idleMs
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const request = this.#request
    if (isWaiting(request)) this.#response.writeContinue()
    let waiting = true
    // While the provider does not take what there is, nobody waits for the client.
    const timer = setTimeout(() => {
      if (waiting) request.destroy(new RequestIdleError())
    }, this.#idleMs)
    try {
      // The request is left as it is when nobody wants the rest: its connection still carries the answer.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        waiting = false
        yield chunk
        waiting = true
        timer.refresh()
      }
    } finally {
      clearTimeout(timer)
    }
  }
}

/** RFC 9110 section 10.1.1. */
export function isWaiting({ headers }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === '100-continue'
}
