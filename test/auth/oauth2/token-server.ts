import type { ServerResponse } from 'node:http'
import { createEgress, type Egress } from '../../../src/egress/egress.ts'
import { type LoopbackServer, startServer } from '../../egress/loopback-server.ts'

export interface Answer {
  status?: number
  headers?: Record<string, string>
  /** A string is sent unchanged, anything else as JSON. */
  body?: unknown
  /** Replaces the response. */
  instead?: (response: ServerResponse) => void
}

export interface TokenServer extends LoopbackServer {
  egress: Egress
  /** The next responses, in order. The last one repeats. */
  answers: Answer[]
}

/** A real server on loopback that sends the given responses and records the requests. */
export async function startTokenServer(): Promise<TokenServer> {
  const answers: Answer[] = []
  const server = await startServer((_request, response) => {
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {}
    if (answer.instead !== undefined) return answer.instead(response)
    const { status = 200, headers = {}, body = {} } = answer
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
  })
  const egress = createEgress({ allow: ['127.0.0.1'] })
  return {
    ...server,
    egress,
    answers,
    async [Symbol.asyncDispose]() {
      await egress.close()
      await server[Symbol.asyncDispose]()
    },
  }
}
