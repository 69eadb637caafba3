import type { Duplex } from 'node:stream'
import { CloseCode } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Caller } from '../../../access/caller.ts'
import { threadMs } from '../../../kit/thread-ms.ts'
import type { PointLimits } from '../../server/point-limits.ts'

/** Bytes that a socket may send before its caller is known: one `connection_init`, with a credential of up to 8 KiB. */
const MAX_BYTES_BEFORE = 16 * 1024
/** Messages until then: clients may send pings, which wait with `connection_init` for the keys of an issuer. */
const MAX_MESSAGES_BEFORE = 10
/** Bytes that are read after a socket has been closed by us: as many as one message, then it is disconnected. */
const MAX_BYTES_AFTER = 256 * 1024
/** Largest `ping` or `pong` message, in characters. Their payload is for the client's own use, such as a time of sending. */
const MAX_PING_LENGTH = 1_024
/** What it takes to read a chunk, besides the time that is measured. */
const CHUNK_POINTS = 0.02
/** What it takes to answer a message later, besides the operation that it asks for. */
const MESSAGE_POINTS = 0.05
/** Longest pause before the debt is looked at again, in milliseconds. */
const MAX_PAUSE_MS = 10_000

export interface SocketMeter {
  /** From now on this caller is charged. */
  identified(caller: Caller): void
  /** Call it for each message, before it is handled. @returns whether to handle it */
  message(length: number): boolean
  /** Call it for a `ping` or `pong`, while it is handled. */
  ping(): void
  /** Whether nothing is read from the socket at the moment. */
  readonly isPaused: boolean
  /** Ends the throttling. Call it when the socket closes. */
  stop(): void
}

interface SocketMeterOptions {
  socket: WebSocket
  /** The TCP connection of the socket. */
  connection: Duplex
  points: PointLimits
  end: (code: number, reason: string) => void
}

/**
 * Charges what a socket sends to its caller, and reads no more from it while the caller is below zero. Everything that a chunk causes
 * at once is charged by the time that it takes: unpacking frames of every kind, and parsing messages. Until the caller is
 * known, nobody can be charged, so a socket that sends more than a client has to send is closed.
 */
export function meterSocket({ socket, connection, points, end }: SocketMeterOptions): SocketMeter {
  let caller: Caller | null = null
  let before = { bytes: 0, messages: 0 }
  let bytesAfter = 0
  let messageLength = 0
  let begunMs = 0
  let stopped = false
  let paused: NodeJS.Timeout | undefined

  /** Before the library reads a chunk. */
  const begin = (chunk: Buffer) => {
    begunMs = threadMs()
    if (stopped) {
      bytesAfter += chunk.byteLength
      if (bytesAfter > MAX_BYTES_AFTER) socket.terminate()
    } else if (caller === null) {
      before.bytes += chunk.byteLength
      if (before.bytes > MAX_BYTES_BEFORE) end(1009, 'Too large before the acknowledgement')
    }
  }
  /** After it has read the chunk and handled its messages. */
  const charge = () => {
    if (caller === null) return
    points.settle(caller, CHUNK_POINTS + threadMs() - begunMs)
    pauseInDebt()
  }
  function pauseInDebt(): void {
    if (stopped || caller === null || paused !== undefined) return
    const debtMs = points.debtMs(caller)
    if (debtMs === 0) {
      socket.resume()
      return
    }
    socket.pause()
    paused = setTimeout(
      () => {
        paused = undefined
        pauseInDebt()
      },
      Math.min(debtMs, MAX_PAUSE_MS),
    ).unref()
  }
  connection.prependListener('data', begin)
  connection.on('data', charge)

  return {
    identified(known) {
      caller = known
      before = { bytes: 0, messages: 0 }
    },
    message(length) {
      messageLength = length
      if (stopped) return false
      if (caller !== null) {
        points.settle(caller, MESSAGE_POINTS)
        return true
      }
      before.messages += 1
      if (before.messages > MAX_MESSAGES_BEFORE) {
        end(CloseCode.BadRequest, 'Too many messages before the acknowledgement')
        return false
      }
      return true
    },
    ping() {
      if (messageLength > MAX_PING_LENGTH)
        end(CloseCode.BadRequest, `A ping or pong has at most ${MAX_PING_LENGTH} characters`)
    },
    get isPaused() {
      return paused !== undefined
    },
    stop() {
      stopped = true
      clearTimeout(paused)
      paused = undefined
      // The client's answer to the close frame is to be read.
      socket.resume()
    },
  }
}
