import { EgressError } from './egress-error.ts'

/** What the connection that the bytes come from lets do with it. */
export interface AnswerSource {
  /** Goes on after `push` has returned false. */
  resume(): void
  /** Ends the connection, if the answer is not over. */
  abandon(): void
}

/** Bytes that wait to be read before the sender is made to wait. */
const HIGH_WATER_BYTES = 64 * 1024

/** The bytes of one answer, as they come, for one reader. Who reads slowly makes the sender wait. */
export class AnswerBody implements AsyncIterableIterator<Uint8Array, undefined> {
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
