import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { Authority } from './certificates.ts'

export interface CertifiedRequest {
  /** Common name of the client certificate; undefined: none was presented. */
  client: string | undefined
  /** Port of the client, which tells its connections apart. */
  port: number | undefined
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

export interface CertifiedServer extends AsyncDisposable {
  port: number
  /** `https://127.0.0.1:port`. */
  origin: string
  /** The names of the client certificates, by request; `nobody` for none. */
  seen: string[]
  requests: CertifiedRequest[]
  /** The accepted sockets. */
  sockets: Socket[]
}

interface CertifiedServerOptions {
  /** Whether a client certificate of the authority is needed. Default: true. */
  requires?: boolean
  /** Whether the server keeps idle connections for a minute, and says so. Default: false. */
  keepAlive?: boolean
  /** Answers a request, and returns true. Default: false, the name of the client certificate is the answer. */
  answer?: (request: CertifiedRequest & { url: string }, response: ServerResponse) => boolean
}

/** An HTTPS server on 127.0.0.1 that asks for a client certificate. Its own certificate is issued by the same authority. */
export async function startCertifiedServer(
  authority: Authority,
  { requires = true, keepAlive = false, answer }: CertifiedServerOptions = {},
): Promise<CertifiedServer> {
  const own = authority.issue('server', { address: '127.0.0.1' })
  const [seen, requests, sockets]: [string[], CertifiedRequest[], Socket[]] = [[], [], []]
  const server = createServer(
    {
      ...{ cert: own.certificate, key: own.key, ca: authority.certificate },
      ...{ requestCert: true, rejectUnauthorized: requires },
      ...(keepAlive ? { keepAliveTimeout: 60_000 } : {}),
    },
    async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { subject } = (request.socket as TLSSocket).getPeerCertificate()
      const client = subject === undefined ? undefined : String(subject.CN)
      const { method = '', url = '', headers } = request
      const received = {
        client,
        port: request.socket.remotePort,
        method,
        path: url,
        headers,
        body: Buffer.concat(chunks).toString(),
      }
      seen.push(client ?? 'nobody')
      requests.push(received)
      if (answer?.({ ...received, url }, response) !== true) response.end(client ?? 'nobody')
    },
  )
  server.on('connection', (socket: Socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    ...{ port, origin: `https://127.0.0.1:${port}`, seen, requests, sockets },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export function hasOpenssl(): boolean {
  return existsSync('/usr/bin/openssl')
}

/** A server of OpenSSL, which sends alerts as most servers do. Node's closes the connection. */
export async function startOpenssl(
  authority: Authority,
  more: string[] = [],
): Promise<{ origin: string } & AsyncDisposable> {
  const own = authority.issue('server', { address: '127.0.0.1' })
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tls-'))
  for (const [name, text] of Object.entries({ ca: authority.certificate, cert: own.certificate, key: own.key }))
    await writeFile(join(folder, name), text)
  const probe = createTcpServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  const args = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', 'cert', '-key', 'key', '-CAfile', 'ca', '-www']
  const server = spawn('openssl', [...args, '-Verify', '2', '-verify_return_error', ...more], { cwd: folder })
  await new Promise<void>((resolve) => {
    server.stdout.on('data', (chunk) => {
      if (String(chunk).includes('ACCEPT')) resolve()
    })
  })
  return {
    origin: `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.kill()
      await once(server, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}
