import { connect, type Socket } from 'node:net'

export interface RawConnection {
  socket: Socket
  /** All data received so far. */
  text(): string
  /** Waits until the data matches, or the connection ends. */
  saw(pattern: RegExp): Promise<string>
  closed: Promise<string>
}

/** Sends raw bytes, for requests that no client library sends. */
export async function rawConnection(port: number, first = ''): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  const looks = new Set<() => void>()
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (const look of looks) look()
  })
  // A server that closes the connection early causes a reset.
  socket.on('error', () => undefined)
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  await new Promise((resolve) => socket.once('connect', resolve))
  if (first !== '') socket.write(first)
  return {
    socket,
    text: () => text,
    closed,
    saw: (pattern) =>
      Promise.race([
        new Promise<string>((resolve) => {
          const look = () => {
            if (!pattern.test(text)) return
            looks.delete(look)
            resolve(text)
          }
          looks.add(look)
          look()
        }),
        closed,
      ]),
  }
}
