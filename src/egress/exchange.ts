import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { createStage } from '../kit/stage.ts'
import type { Attempt } from './attempt.ts'
import type { ClientCertificate } from './client-certificate.ts'
import { EgressError } from './egress-error.ts'
import { PlainHeaders } from './plain-headers.ts'

/** One complete and checked request to one origin. */
export interface Hop {
  method: string
  url: URL
  headers: readonly (readonly [string, string])[]
  body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  /** Presented in the TLS handshake. Undefined: none. */
  certificate: ClientCertificate | undefined
}

export interface RawResponse {
  status: number
  headers: Headers
  /** The encoded bytes. Fails only with EgressError. Destroying it closes the connection. */
  body: ResponseBody
}

interface ExchangeTimeouts {
  headersTimeoutMs: number
  /** Longest time between two chunks of the response. */
  idleTimeoutMs: number
}

/** Responses whose headers have arrived. */
const arrived = createStage()

/** Sends one request and resolves when the headers of its response arrive. Rejects with EgressError. */
export function exchange(
  dispatcher: Dispatcher,
  hop: Hop,
  attempt: Attempt,
  timeouts: ExchangeTimeouts,
): Promise<RawResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>()
  let controller: Dispatcher.DispatchController | undefined
  let responseBody: ResponseBody | undefined

  const requestBody = toUndiciBody(hop.body)

  const fail = (cause: unknown) => {
    attempt.onAbort = undefined
    if (requestBody instanceof Readable) requestBody.destroy()
    const error = attempt.fail(cause)
    reject(error)
    responseBody?.fail(error)
  }
  const onAbort = (reason: EgressError) => {
    // A request that still waits for its connection is aborted by onRequestStart, before a byte is sent.
    if (controller === undefined) fail(reason)
    else controller.abort(reason)
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started
      const refusal = attempt.aborted ?? refusalOf(attempt.beforeSend)
      if (refusal !== undefined) started.abort(refusal)
      else attempt.sentBytes = true
    },
    onResponseStart(_, status) {
      if (status < 200) return
      attempt.presents = false
      responseBody = new ResponseBody({
        resume: () => controller?.resume(),
        abandon() {
          attempt.onAbort = undefined
          controller?.abort(new Error('The response was abandoned.'))
        },
      })
      const response = { status, headers: PlainHeaders.from(controller?.rawHeaders), body: responseBody }
      arrived.run(() => resolve(response))
    },
    onResponseData(_, chunk) {
      if (responseBody?.push(chunk) === false) controller?.pause()
    },
    onResponseEnd() {
      attempt.onAbort = undefined
      responseBody?.end()
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
      headersTimeout: toUndiciTimeout(timeouts.headersTimeoutMs),
      bodyTimeout: toUndiciTimeout(timeouts.idleTimeoutMs),
    },
    handler,
  )
  return promise
}

function refusalOf(check: (() => void) | undefined): Error | undefined {
  try {
    check?.()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('refused', { cause: error })
  }
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
    throw new EgressError('aborted', 'Reading the body of the request failed.', { cause })
  }
}

/** undici uses 0 for no time-out. */
function toUndiciTimeout(ms: number): number {
  return Number.isFinite(ms) ? ms : 0
}

/** Controls the connection that the bytes come from. */
interface ResponseSource {
  /** Continues after `push` returned false. */
  resume(): void
  /** Closes the connection if the response is not complete. */
  abandon(): void
}

const NOTHING = new Uint8Array()

/** When so many bytes wait to be read, the sender is paused. */
const HIGH_WATER_BYTES = 64 * 1024

/** The bytes of one response as they arrive, for one reader. A slow reader pauses the sender. */
class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: ResponseSource
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #paused = false
  /** Everything has arrived, or the rest is not wanted. */
  #over = false
  #failure: EgressError | undefined
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined

  constructor(source: ResponseSource) {
    this.#source = source
  }

  /** How many bytes have arrived and were not read yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** @returns false when the sender must pause until `resume` */
  push(chunk: Uint8Array): boolean {
    if (this.#over) return true
    if (this.#reader !== undefined) {
      this.#deliver({ done: false, value: chunk })
      return true
    }
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.byteLength
    this.#paused = this.#waitingBytes >= HIGH_WATER_BYTES
    return !this.#paused
  }

  end(): void {
    this.#over = true
    this.#deliver({ done: true, value: undefined })
  }

  /** Fails the reader with the first failure and drops bytes that were not read yet. */
  fail(failure: EgressError): void {
    if (this.#failure !== undefined) return
    this.#over = true
    this.#failure = failure
    this.#waiting = []
    const reader = this.#reader
    this.#reader = undefined
    reader?.reject(failure)
  }

  /** The whole body, if all of it has arrived and none was read, in at most one chunk. Otherwise undefined, and nothing is taken. */
  takeAll(): Uint8Array | undefined {
    if (!this.#over || this.#failure !== undefined || this.#waiting.length > 1) return undefined
    this.#waitingBytes = 0
    return this.#waiting.pop() ?? NOTHING
  }

  /** Discards the rest. Does nothing when everything has arrived. */
  destroy(): void {
    if (!this.#over) {
      this.fail(new EgressError('aborted', 'The rest of the response was discarded.'))
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

  #deliver(result: IteratorResult<Uint8Array, undefined>): void {
    const reader = this.#reader
    this.#reader = undefined
    reader?.resolve(result)
  }
}
