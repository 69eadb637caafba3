import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface ProviderRequestSeen {
  method: string
  url: URL
  headers: IncomingMessage['headers']
  body: string
}

/** A provider's HTTP server on loopback. */
export interface ProviderServer {
  origin: string
  /** All requests, in order of arrival. */
  requests: ProviderRequestSeen[]
  close(): Promise<void>
}

export type ProviderHandler = (
  request: ProviderRequestSeen,
  response: ServerResponse,
  count: number,
) => void | Promise<void>

/**
 * A token with a space after each character. A provider that returns it shows which token was sent: Latchkey redacts a token
 * that a response echoes as it is.
 */
export function spaced(token: string | undefined): string | null {
  return token === undefined ? null : Array.from(token).join(' ')
}

/** Starts a server on a free port of 127.0.0.1. @param handler `count` is 1 for the first request */
export async function startProvider(handler: ProviderHandler): Promise<ProviderServer> {
  const requests: ProviderRequestSeen[] = []
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk)
    const url = new URL(message.url ?? '/', `http://${message.headers.host}`)
    const seen = { method: message.method ?? '', url, headers: message.headers, body: Buffer.concat(chunks).toString() }
    requests.push(seen)
    // Some tests disconnect in the middle of a response.
    response.on('error', () => undefined)
    await handler(seen, response, requests.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  headers: Record<string, string> = {},
  status = 200,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
