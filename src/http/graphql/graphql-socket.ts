import type { Duplex } from 'node:stream'
import { CloseCode, type Server as ProtocolServer } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Logger } from '../../kit/log.ts'

export interface SocketLimits {
  /** Bytes that may wait to be taken by the client, beside the message that is under way. Default 1 MiB. */
  maxBufferedBytes?: number
  /** How long a message may be under way without any getting through. Default 30,000. */
  sendWithinMs?: number
  /** Default 12,000. A client that does not answer until the next ping is gone. */
  pingEveryMs?: number
}

/** Not of the protocol: its client reconnects after it, and `subscribeFrom` goes on where it was. */
export const SLOW_CONSUMER = 4413
/** For the closing handshake. */
const LINGER_MS = 2_000

/** What graphql-ws is told of a socket, besides the socket. */
export interface SocketContext<Extra> {
  /** Below the socket. */
  connection: Duplex
  server: ProtocolServer<Extra>
  extra: Extra
  logger: Logger
  limits: SocketLimits
}

export interface GraphQLSocket {
  /** Closes the socket and ends what runs over it. */
  end(code: number, reason: string): void
  /** Sends messages in one go. Resolves when the last of them has left this process, or when the socket is closed. */
  send(messages: readonly Buffer[]): Promise<void>
}

/**
 * Runs graphql-ws over one socket. A subscription's next event is fetched once the one before it has left this process, so
 * that what waits for a client is one message for each of its subscriptions. A client that does not take them is let go.
 *
 * @returns closes the socket and ends what runs over it
 */
export function runGraphQLSocket<Extra>(
  socket: WebSocket,
  { connection, server, extra, logger, limits }: SocketContext<Extra>,
): GraphQLSocket {
  const { maxBufferedBytes = 1024 * 1024, sendWithinMs = 30_000, pingEveryMs = 12_000 } = limits
  /** Sizes of the messages that are under way, oldest first. */
  const sending: number[] = []
  let stalled: NodeJS.Timeout | undefined
  let ended = false
  let closed: (code: number, reason: string) => Promise<void> = async () => undefined

  const end = (code: number, reason: string) => {
    if (ended) return
    ended = true
    clearInterval(pings)
    clearTimeout(stalled)
    socket.close(code, reason)
    const timer = setTimeout(() => socket.terminate(), LINGER_MS)
    timer.unref()
    socket.once('close', () => clearTimeout(timer))
    closed(code, reason).catch((error: unknown) =>
      logger.error({ err: error }, 'a socket was not closed in good order'),
    )
  }
  const slow = () => end(SLOW_CONSUMER, 'Slow consumer')
  const overfull = () => socket.bufferedAmount - (sending[0] ?? 0) > maxBufferedBytes

  const send = (messages: readonly (string | Buffer)[]): Promise<void> => {
    const last = messages.at(-1)
    if (last === undefined || ended || socket.readyState !== socket.OPEN) return Promise.resolve()
    if (overfull()) {
      slow()
      return Promise.resolve()
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    sending.push(messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0))
    stalled ??= setTimeout(slow, sendWithinMs)
    // One system call for all of them.
    connection.cork()
    for (const message of messages.slice(0, -1)) socket.send(message, { binary: false })
    socket.send(last, { binary: false }, (error) => {
      sending.shift()
      if (sending.length > 0) stalled?.refresh()
      else {
        clearTimeout(stalled)
        stalled = undefined
      }
      if (error == null || ended) resolve()
      else reject(error)
    })
    connection.uncork()
    return promise
  }

  let answered = true
  const pings = setInterval(() => {
    // Behind what is under way a ping would come too late; `sendWithinMs` is for that.
    if (sending.length > 0) return
    if (!answered) socket.terminate()
    answered = false
    socket.ping()
  }, pingEveryMs)
  socket.on('pong', () => {
    answered = true
  })
  // Answered here and not by the library, which would buffer answers for a client that only asks.
  socket.on('ping', (data) => {
    if (overfull()) slow()
    else if (socket.readyState === socket.OPEN) socket.pong(data)
  })
  socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'))
  socket.once('close', (code, reason) => end(code, String(reason)))
  closed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) => send([data]),
      close: (code, reason) => end(code ?? CloseCode.InternalServerError, reason ?? ''),
      onMessage(handle) {
        socket.on('message', (data) => {
          if (ended) return
          handle(String(data)).catch((error: unknown) => {
            if (ended) return
            logger.error({ err: error }, 'a message was not handled')
            end(CloseCode.InternalServerError, 'Internal server error')
          })
        })
      },
    },
    extra,
  )
  return { end, send }
}
