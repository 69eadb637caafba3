import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Attempt } from './attempt.ts'
import { EgressError } from './egress-error.ts'

/** One request to one origin, checked and complete. */
export interface Hop {
  method: string
  url: URL
  headers: readonly (readonly [string, string])[]
  body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
}

export interface RawAnswer {
  status: number
  headers: Headers
  /** The bytes as they came. Fails only with EgressError. Destroying it gives up the connection. */
  body: AnswerBody
}

interface ExchangeTimeouts {
  headersTimeoutMs: number
  /** Between two chunks of the answer. */
  idleTimeoutMs: number
}

/** Sends one request and resolves when the headers of its answer are here. Rejects with EgressError. */
export function exchange(
  dispatcher: Dispatcher,
  hop: Hop,
  attempt: Attempt,
  timeouts: ExchangeTimeouts,
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  let controller: Dispatcher.DispatchController | undefined
  let answer: AnswerBody | undefined

  const requestBody = toUndiciBody(hop.body)

  const fail = (cause: unknown) => {
    attempt.onAbort = undefined
    if (requestBody instanceof Readable) requestBody.destroy()
    const error = attempt.fail(cause)
    reject(error)
    answer?.fail(error)
  }
  const onAbort = (reason: EgressError) => {
    // A request that still waits for its connection is stopped by onRequestStart, before a byte of it leaves.
    if (controller === undefined) fail(reason)
    else controller.abort(reason)
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started
      if (attempt.aborted !== undefined) started.abort(attempt.aborted)
      else attempt.sentBytes = true
    },
    onResponseStart(_, status) {
      if (status < 200) return
      answer = new AnswerBody({
        resume: () => controller?.resume(),
        abandon() {
          attempt.onAbort = undefined
          controller?.abort(new Error('The answer was not wanted.'))
        },
      })
      resolve({ status, headers: toHeaders(controller?.rawHeaders), body: answer })
    },
    onResponseData(_, chunk) {
      if (answer?.push(chunk) === false) controller?.pause()
    },
    onResponseEnd() {
      attempt.onAbort = undefined
      answer?.end()
    },
    onResponseError: (_, cause) => fail(cause),
  }

  if (attempt.aborted !== undefined) {
    fail(attempt.aborted)
    return promise
  }
  attempt.onAbort = onAbort
  const { url, method } = hop
  dispatcher.dispatch(
    {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: hop.headers.flat(),
      body: requestBody,
      headersTimeout: finite(timeouts.headersTimeoutMs),
      bodyTimeout: finite(timeouts.idleTimeoutMs),
    },
    handler,
  )
  return promise
}

function toUndiciBody(body: Hop['body']): string | Uint8Array | Readable | null {
  if (body === undefined) return null
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  return Readable.from(readSource(body), { objectMode: false }).on('error', () => undefined)
}

async function* readSource(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* source
  } catch (cause) {
    throw new EgressError('aborted', 'The body to be sent ended with an error.', { cause })
  }
}

/** undici's word for no time-out is 0. */
function finite(ms: number): number {
  return Number.isFinite(ms) ? ms : 0
}

/** Header bytes are Latin-1 (RFC 9110, section 5.5). What the Headers class refuses is left out. */
function toHeaders(raw: Dispatcher.DispatchController['rawHeaders']): Headers {
  const headers = new Headers()
  if (!Array.isArray(raw)) return headers
  for (let index = 0; index + 1 < raw.length; index += 2) {
    try {
      headers.append(toLatin1(raw[index]), toLatin1(raw[index + 1]))
    } catch {}
  }
  return headers
}

function toLatin1(bytes: Buffer | string | undefined): string {
  return typeof bytes === 'string' ? bytes : (bytes?.toString('latin1') ?? '')
}

/** What the connection that the bytes come from lets do with it. */
interface AnswerSource {
  /** Goes on after `push` has returned false. */
  resume(): void
  /** Ends the connection, if the answer is not over. */
  abandon(): void
}

/** Bytes that wait to be read before the sender is made to wait. */
const HIGH_WATER_BYTES = 64 * 1024

/** The bytes of one answer, as they come, for one reader. Who reads slowly makes the sender wait. */
class AnswerBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: AnswerSource
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #paused = false
  /** All has come, or no more is wanted. */
  #over = false
  #failure: EgressError | undefined
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined

  constructor(source: AnswerSource) {
    this.#source = source
  }

  /** @returns false when the sender has to wait for `resume` */
  push(chunk: Uint8Array): boolean {
    if (this.#over) return true
    if (this.#reader !== undefined) {
      this.#answer({ done: false, value: chunk })
      return true
    }
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.byteLength
    this.#paused = this.#waitingBytes >= HIGH_WATER_BYTES
    return !this.#paused
  }

  end(): void {
    this.#over = true
    this.#answer({ done: true, value: undefined })
  }

  /** The first failure is the one that the reader is told; what still waits to be read is dropped. */
  fail(failure: EgressError): void {
    if (this.#failure !== undefined) return
    this.#over = true
    this.#failure = failure
    this.#waiting = []
    const reader = this.#reader
    this.#reader = undefined
    reader?.reject(failure)
  }

  /** Gives up what is still to come. Nothing happens when it has all come. */
  destroy(): void {
    if (!this.#over) {
      this.fail(new EgressError('aborted', 'The rest of the answer was given up.'))
      this.#source.abandon()
    }
    this.#waiting = []
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const value = this.#waiting.shift()
    if (value !== undefined) {
      this.#waitingBytes -= value.byteLength
      if (this.#paused && this.#waitingBytes === 0) {
        this.#paused = false
        this.#source.resume()
      }
      return Promise.resolve({ done: false, value })
    }
    if (this.#over) return Promise.resolve({ done: true, value: undefined })
    this.#reader = Promise.withResolvers()
    return this.#reader.promise
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.destroy()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #answer(result: IteratorResult<Uint8Array, undefined>): void {
    const reader = this.#reader
    this.#reader = undefined
    reader?.resolve(result)
  }
}
