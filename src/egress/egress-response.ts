import type { Attempt } from './attempt.ts'
import { decodeBody, parseCodings, tooLarge } from './decode-body.ts'
import type { RawAnswer } from './exchange.ts'

/** An answer whose body is still to be read, by one of `bytes`, `text` and `stream`, once. */
export interface EgressResponse {
  readonly status: number
  /** Without Content-Encoding and Content-Length where these were of the encoded body. */
  readonly headers: Headers
  /** Where it ended, after redirects. */
  readonly url: URL
  readonly redirected: boolean
  /** Decoded bytes read so far. */
  readonly bytesRead: number
  /** @param maxBytes instead of the request's `maxResponseBytes`, for who decides by the headers */
  bytes(maxBytes?: number): Promise<Uint8Array>
  /** UTF-8, a byte order mark taken off; what is not UTF-8 becomes U+FFFD. */
  text(maxBytes?: number): Promise<string>
  /**
   * For bodies of any length, in constant memory. From here on the total time-out no longer counts: the server must only
   * not stop for longer than `idleTimeoutMs`. Cancelling it closes the connection.
   */
  stream(): ReadableStream<Uint8Array>
  /** As `stream`, for a loop. Leaving it early closes the connection. */
  chunks(): AsyncIterable<Uint8Array>
  /** Gives up the rest and its connection. Nothing happens if all was read. */
  cancel(): Promise<void>
}

interface ResponseOptions {
  url: URL
  method: string
  redirected: boolean
  maxResponseBytes: number
  decompress: boolean
}

export function createResponse(answer: RawAnswer, attempt: Attempt, options: ResponseOptions): EgressResponse {
  const { status, headers, body } = answer
  const host = attempt.host
  const contentEncoding = headers.get('content-encoding')
  const encoded = options.decompress && contentEncoding !== null && mayHaveBody(options.method, status)
  if (encoded) {
    headers.delete('content-encoding')
    headers.delete('content-length')
  }
  let bytesRead = 0
  let taken = false
  let { maxResponseBytes } = options

  async function* decoded(): AsyncGenerator<Uint8Array, undefined> {
    try {
      const codings = parseCodings(contentEncoding, host)
      for await (const chunk of decodeBody(body, codings, maxResponseBytes, host)) {
        bytesRead += chunk.byteLength
        yield chunk
      }
    } catch (cause) {
      throw attempt.fail(cause)
    } finally {
      giveUp()
    }
    return undefined
  }

  /** What does not have to be decoded does not pay for it. */
  const plain: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      try {
        const next = await body.next()
        if (next.done === true) attempt.finish()
        else {
          const { byteLength } = next.value
          if (bytesRead + byteLength > maxResponseBytes) throw tooLarge(maxResponseBytes, host)
          bytesRead += byteLength
        }
        return next
      } catch (cause) {
        giveUp()
        throw attempt.fail(cause)
      }
    },
    async return() {
      giveUp()
      return { done: true, value: undefined }
    },
  }

  function take(): AsyncIterator<Uint8Array, undefined> {
    if (taken) throw new TypeError('The body of this answer was read already.')
    taken = true
    return encoded ? decoded() : plain
  }

  function giveUp(): void {
    attempt.finish()
    body.destroy()
  }

  async function bytes(maxBytes = maxResponseBytes): Promise<Uint8Array> {
    maxResponseBytes = maxBytes
    const source = take()
    const chunks: Uint8Array[] = []
    for (let next = await source.next(); next.done !== true; next = await source.next()) chunks.push(next.value)
    const [only] = chunks
    return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)
  }

  return {
    status,
    headers,
    url: options.url,
    redirected: options.redirected,
    get bytesRead() {
      return bytesRead
    },
    bytes,
    text: async (maxBytes) => new TextDecoder().decode(await bytes(maxBytes)),
    stream() {
      const source = take()
      attempt.stopClock()
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const next = await source.next()
            if (next.done) controller.close()
            else controller.enqueue(next.value)
          },
          // Not source.return(): that would wait for the chunk which never comes.
          cancel: giveUp,
        },
        { highWaterMark: 0 },
      )
    },
    chunks() {
      const source = take()
      attempt.stopClock()
      return { [Symbol.asyncIterator]: () => source }
    },
    async cancel() {
      taken = true
      giveUp()
    },
  }
}

/** RFC 9110, sections 6.4.1 and 15: these have none, whatever their headers say. */
function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}
