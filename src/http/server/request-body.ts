import type { IncomingMessage } from 'node:http'

const EMPTY = Buffer.alloc(0)

/**
 * Bytes in one piece of memory that doubles when it is full. A list of chunks would take hundreds of bytes for a chunk of one
 * byte, and the client chooses the size of the chunks. A single chunk, as most bodies are, is not copied.
 */
export class GrowingBuffer {
  #bytes: Buffer = EMPTY
  #length = 0

  get length(): number {
    return this.#length
  }

  add(chunk: Uint8Array): void {
    if (this.#length === 0) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      this.#length = chunk.byteLength
      return
    }
    const length = this.#length + chunk.byteLength
    if (length > this.#bytes.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.byteLength))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    this.#bytes.set(chunk, this.#length)
    this.#length = length
  }

  /** What was added so far. */
  read(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }
}

/** A body of fewer chunks may have chunks of any size. */
const FREE_CHUNKS = 2_000

/**
 * Calls `onSlivers` once when a body has more than 2,000 chunks which have less than `minAverage` bytes on average, and drops
 * the rest of it. Each chunk costs the same time and memory, whether it has one byte or thousands. Counts chunks as they arrive:
 * whoever reads the body may not have begun, and reads many of them as one.
 */
export function limitSlivers(request: IncomingMessage, minAverage: number, onSlivers: () => void): void {
  if (Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= FREE_CHUNKS) return
  const push = request.push.bind(request)
  let chunks = 0
  let bytes = 0
  let dropped = false
  request.push = (chunk: Uint8Array | null, encoding) => {
    if (chunk === null) return push(chunk, encoding)
    if (dropped) return false
    chunks += 1
    bytes += chunk.byteLength
    if (chunks <= FREE_CHUNKS || bytes >= chunks * minAverage) return push(chunk, encoding)
    dropped = true
    onSlivers()
    return false
  }
}

/** How long a client may continue to send a body that was refused, in milliseconds. */
const LINGER_MS = 10_000
/** How much of such a body is read, in bytes. */
const LINGER_BYTES = 4 * 1024 * 1024
/** As many bytes does a chunk count at least, because each takes time. */
const CHUNK_BYTES = 1_024

/** Reads and discards the rest of a body, so that the client reads the answer. Closes the connection when there is too much of it. */
export function discardBody(request: IncomingMessage): void {
  if (request.destroyed) return
  const { socket } = request
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  let left = LINGER_BYTES
  request.on('data', (chunk: Buffer) => {
    left -= CHUNK_BYTES + chunk.byteLength
    if (left < 0) socket.destroy()
  })
  request.once('close', () => clearTimeout(timer)).resume()
}

/** RFC 9112 section 6.3. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

/** Bytes that bodies may hold together. */
interface ByteBudget {
  /** @returns false: there are not that many left, and none were taken */
  take(bytes: number): boolean
  give(bytes: number): void
}

function createByteBudget(max: number): ByteBudget {
  let left = max
  return {
    take(bytes) {
      if (bytes > left) return false
      left -= bytes
      return true
    },
    give(bytes) {
      left += bytes
    },
  }
}

/** A budget of which each key can hold a part. A null key can hold all of it. */
export interface SharedByteBudget {
  of(key: string | null): ByteBudget
}

export function createSharedByteBudget(max: number, perKey: number): SharedByteBudget {
  const all = createByteBudget(max)
  const held = new Map<string, number>()
  return {
    of(key) {
      if (key === null) return all
      return {
        take(bytes) {
          const before = held.get(key) ?? 0
          if (before + bytes > perKey || !all.take(bytes)) return false
          held.set(key, before + bytes)
          return true
        },
        give(bytes) {
          all.give(bytes)
          const left = (held.get(key) ?? 0) - bytes
          if (left > 0) held.set(key, left)
          else held.delete(key)
        },
      }
    },
  }
}

interface BodyLimits {
  maxBytes: number
  /** What the body holds until it is complete is taken from it. Null: no limit for all bodies together. */
  budget: ByteBudget | null
}

/** What was received of a body. `too-large`: a part; what follows is not read. `busy`: nothing, because the budget is used up. */
type ReceivedBody = { state: 'complete' | 'too-large'; body: Buffer } | { state: 'busy' }

/** Does not call `done` when the client disconnects before the body is complete. */
export function receiveBody(
  request: IncomingMessage,
  { maxBytes, budget }: BodyLimits,
  done: (received: ReceivedBody) => void,
): void {
  const buffer = new GrowingBuffer()
  let taken = 0
  const end = (received: ReceivedBody) => {
    release()
    if (!request.readableEnded) request.off('data', onData).off('end', onEnd).off('close', release).pause()
    done(received)
  }
  const release = () => {
    budget?.give(taken)
    taken = 0
  }
  const onData = (chunk: Buffer) => {
    if (budget?.take(chunk.byteLength) === false) {
      end({ state: 'busy' })
      return
    }
    taken += chunk.byteLength
    buffer.add(chunk)
    if (buffer.length > maxBytes) end({ state: 'too-large', body: buffer.read() })
  }
  const onEnd = () => end({ state: 'complete', body: buffer.read() })
  // Each of them is emitted once, except `data`. A body without a budget has nothing to release.
  request.on('data', onData).on('end', onEnd)
  if (budget !== null) request.on('close', release)
  // The size is known before the first byte. Node discards a body without a limit if nobody has begun to read it.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    request.read(0)
    end({ state: 'too-large', body: buffer.read() })
  }
}
