import type { Attempt } from './attempt.ts'
import { decodeBody, parseCodings, tooLarge } from './decode-body.ts'
import type { RawResponse } from './exchange.ts'
import type { Meter } from './meter.ts'

/** A response whose body is still to be read, once, with one of `bytes`, `parts`, `text`, `stream` and `chunks`. */
export interface EgressResponse {
  readonly status: number
  /** Without Content-Encoding and Content-Length if the body is decoded. */
  readonly headers: Headers
  /** The URL that answered, after redirects. */
  readonly url: URL
  readonly redirected: boolean
  /** Decoded bytes read so far. */
  readonly bytesRead: number
  /** @param maxBytes replaces the request's `maxResponseBytes` */
  bytes(maxBytes?: number): Promise<Uint8Array>
  /** Like `bytes`, in the parts in which the body arrived: a large body is not copied. */
  parts(maxBytes?: number): Promise<Uint8Array[]>
  /** The body as UTF-8 without a byte order mark. Invalid bytes become U+FFFD. */
  text(maxBytes?: number): Promise<string>
  /**
   * For bodies of any length, in constant memory. Ends the total time-out: only `idleTimeoutMs` still applies. Cancelling the
   * stream closes the connection.
   */
  stream(): ReadableStream<Uint8Array>
  /** Like `stream`, for a loop. Leaving the loop early closes the connection. */
  chunks(): AsyncIterable<Uint8Array>
  /**
   * Like `chunks`, for a body that has arrived already, as a small one has with the headers: its bytes at once. Null, and nothing is
   * taken, when a part is missing, or when the body is longer than `maxBytes` or has to be decoded.
   */
  arrived(maxBytes: number): Uint8Array | null
  /** Discards the rest of the body and closes the connection. Does nothing when the body was read completely. */
  cancel(): Promise<void>
}

interface ResponseOptions {
  url: URL
  method: string
  redirected: boolean
  maxResponseBytes: number
  decompress: boolean
  meter: Meter | undefined
}

export function createResponse(raw: RawResponse, attempt: Attempt, options: ResponseOptions): EgressResponse {
  const { status, headers, body } = raw
  const { meter } = options
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
      for await (const chunk of decodeBody(
        meter === undefined ? body : counted(body, meter),
        codings,
        maxResponseBytes,
        host,
      )) {
        bytesRead += chunk.byteLength
        yield chunk
      }
    } catch (cause) {
      throw attempt.fail(cause)
    } finally {
      abandon()
    }
    return undefined
  }

  /** The body without the overhead of decoding. */
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
        abandon()
        throw attempt.fail(cause)
      }
    },
    async return() {
      abandon()
      return { done: true, value: undefined }
    },
  }

  function take(): AsyncIterator<Uint8Array, undefined> {
    if (taken) throw new TypeError('The body of this response was already read.')
    taken = true
    const source = encoded ? decoded() : plain
    return meter === undefined ? source : counted(source, meter)
  }

  function abandon(): void {
    attempt.finish()
    body.destroy()
  }

  async function keep(by: Meter, bytes: number): Promise<void> {
    try {
      const wait = by.keep(bytes)
      if (wait !== undefined) await attempt.withoutClock(wait)
    } catch (cause) {
      abandon()
      throw cause
    }
  }

  async function parts(maxBytes = maxResponseBytes): Promise<Uint8Array[]> {
    maxResponseBytes = maxBytes
    const source = take()
    const chunks: Uint8Array[] = []
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      chunks.push(next.value)
      if (meter !== undefined) await keep(meter, next.value.byteLength)
    }
    if (meter !== undefined) await meter.turn(bytesRead)
    return chunks
  }

  async function bytes(maxBytes?: number): Promise<Uint8Array> {
    const chunks = await parts(maxBytes)
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
    parts,
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
          // Not source.return(), which would wait for the next chunk.
          cancel: abandon,
        },
        { highWaterMark: 0 },
      )
    },
    chunks() {
      const source = take()
      attempt.stopClock()
      return { [Symbol.asyncIterator]: () => source }
    },
    arrived(maxBytes) {
      if (taken || encoded || body.waitingBytes > Math.min(maxBytes, maxResponseBytes)) return null
      const whole = body.takeAll()
      if (whole === undefined) return null
      taken = true
      bytesRead = whole.byteLength
      // Nothing is left to read for which the caller could have to wait.
      void meter?.count(whole.byteLength)
      attempt.finish()
      return whole
    },
    async cancel() {
      taken = true
      abandon()
    },
  }
}

/** Counts what is read, and pauses before the next chunk is read. The connection then pauses the server. */
function counted(
  source: AsyncIterator<Uint8Array, undefined>,
  meter: Meter,
): AsyncIterableIterator<Uint8Array, undefined> {
  let pause: Promise<void> | undefined
  return {
    async next() {
      if (pause !== undefined) await pause
      const next = await source.next()
      if (next.done !== true) pause = meter.count(next.value.byteLength)
      return next
    },
    return: async () => (await source.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** Whether a response may have a body (RFC 9110 sections 6.4.1 and 15). */
function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}
