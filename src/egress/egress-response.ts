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
  return new ReceivedResponse(raw, attempt, options)
}

/** Has no `#` fields, so that objects can inherit from a response. */
class ReceivedResponse implements EgressResponse {
  readonly status: number
  readonly headers: Headers
  readonly url: URL
  readonly redirected: boolean
  bytesRead = 0
  private readonly body: RawResponse['body']
  private readonly attempt: Attempt
  private readonly meter: Meter | undefined
  private readonly host: string
  private readonly contentEncoding: string | null
  private readonly encoded: boolean
  private maxResponseBytes: number
  private taken = false

  constructor({ status, headers, body }: RawResponse, attempt: Attempt, options: ResponseOptions) {
    this.status = status
    this.headers = headers
    this.url = options.url
    this.redirected = options.redirected
    this.body = body
    this.attempt = attempt
    this.meter = options.meter
    this.host = attempt.host
    this.contentEncoding = headers.get('content-encoding')
    this.encoded = options.decompress && this.contentEncoding !== null && mayHaveBody(options.method, status)
    this.maxResponseBytes = options.maxResponseBytes
    if (this.encoded) {
      headers.delete('content-encoding')
      headers.delete('content-length')
    }
  }

  async bytes(maxBytes?: number): Promise<Uint8Array> {
    const chunks = await this.parts(maxBytes)
    const [only] = chunks
    return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)
  }

  async parts(maxBytes = this.maxResponseBytes): Promise<Uint8Array[]> {
    this.maxResponseBytes = maxBytes
    const { meter } = this
    const whole = this.takeArrived(maxBytes)
    if (whole !== null) {
      if (meter !== undefined) {
        await meter.count(whole.byteLength)
        await this.keep(meter, whole.byteLength)
        await meter.turn(whole.byteLength)
      }
      return [whole]
    }
    const source = this.take()
    const chunks: Uint8Array[] = []
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      chunks.push(next.value)
      if (meter !== undefined) await this.keep(meter, next.value.byteLength)
    }
    if (meter !== undefined) await meter.turn(this.bytesRead)
    return chunks
  }

  async text(maxBytes?: number): Promise<string> {
    return new TextDecoder().decode(await this.bytes(maxBytes))
  }

  stream(): ReadableStream<Uint8Array> {
    const source = this.take()
    this.attempt.stopClock()
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const next = await source.next()
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        },
        // Not source.return(), which would wait for the next chunk.
        cancel: () => this.abandon(),
      },
      { highWaterMark: 0 },
    )
  }

  chunks(): AsyncIterable<Uint8Array> {
    const source = this.take()
    this.attempt.stopClock()
    return { [Symbol.asyncIterator]: () => source }
  }

  arrived(maxBytes: number): Uint8Array | null {
    const whole = this.takeArrived(maxBytes)
    // Nothing is left to read for which the caller could have to wait.
    if (whole !== null) void this.meter?.count(whole.byteLength)
    return whole
  }

  private takeArrived(maxBytes: number): Uint8Array | null {
    const { body } = this
    if (this.taken || this.encoded || body.waitingBytes > Math.min(maxBytes, this.maxResponseBytes)) return null
    const whole = body.takeAll()
    if (whole === undefined) return null
    this.taken = true
    this.bytesRead = whole.byteLength
    this.attempt.finish()
    return whole
  }

  async cancel(): Promise<void> {
    this.taken = true
    this.abandon()
  }

  private take(): AsyncIterator<Uint8Array, undefined> {
    if (this.taken) throw new TypeError('The body of this response was already read.')
    this.taken = true
    const source = this.encoded ? this.decoded() : this.plain()
    return this.meter === undefined ? source : counted(source, this.meter)
  }

  private async *decoded(): AsyncGenerator<Uint8Array, undefined> {
    const { body, meter, host } = this
    try {
      const codings = parseCodings(this.contentEncoding, host)
      const source = meter === undefined ? body : counted(body, meter)
      for await (const chunk of decodeBody(source, codings, this.maxResponseBytes, host)) {
        this.bytesRead += chunk.byteLength
        yield chunk
      }
    } catch (cause) {
      throw this.attempt.fail(cause)
    } finally {
      this.abandon()
    }
    return undefined
  }

  /** The body without the overhead of decoding. */
  private plain(): AsyncIterator<Uint8Array, undefined> {
    return {
      next: async () => {
        try {
          const next = await this.body.next()
          if (next.done === true) this.attempt.finish()
          else {
            const { byteLength } = next.value
            if (this.bytesRead + byteLength > this.maxResponseBytes) throw tooLarge(this.maxResponseBytes, this.host)
            this.bytesRead += byteLength
          }
          return next
        } catch (cause) {
          this.abandon()
          throw this.attempt.fail(cause)
        }
      },
      return: async () => {
        this.abandon()
        return { done: true, value: undefined }
      },
    }
  }

  private abandon(): void {
    this.attempt.finish()
    this.body.destroy()
  }

  private keep(by: Meter, bytes: number): Promise<void> | undefined {
    const wait = by.keep(bytes)
    return wait === undefined ? undefined : this.keepLater(wait)
  }

  private async keepLater(wait: Promise<void>): Promise<void> {
    try {
      await this.attempt.withoutClock(wait)
    } catch (cause) {
      this.abandon()
      throw cause
    }
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
