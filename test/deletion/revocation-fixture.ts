import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { DefinitionInput } from '../../src/catalog/definition/definition.ts'
import type { OidcServer } from '../support/oidc-server.ts'
import { testClient } from '../support/oidc-server.ts'

/** An integration whose tokens are issued and revoked by the server. */
export function revocableDefinition(oidc: OidcServer, revocationUrl = oidc.revocationUrl): DefinitionInput {
  return {
    displayName: 'Protected',
    baseUrl: oidc.issuer,
    auth: {
      type: 'oauth2',
      grant: 'refresh_token',
      tokenUrl: oidc.tokenUrl,
      rotation: 'strict',
      revocation: { url: revocationUrl },
    },
  }
}

export interface MintedTokens {
  accessToken: string
  refreshToken: string
}

/** Gets the tokens of a new grant from the server. */
export async function mintTokens(oidc: OidcServer): Promise<MintedTokens> {
  const first = await oidc.mintRefreshToken()
  const response = await fetch(oidc.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: first,
      client_id: testClient.client_id,
      client_secret: testClient.client_secret,
    }),
  })
  const { access_token: accessToken, refresh_token: refreshToken } = (await response.json()) as Record<string, string>
  if (accessToken === undefined || refreshToken === undefined) throw new Error('The server gave no tokens.')
  return { accessToken, refreshToken }
}

export function tokenInput({ accessToken, refreshToken }: MintedTokens) {
  return { accessToken, refreshToken, clientId: testClient.client_id, clientSecret: testClient.client_secret }
}

export async function areDead(oidc: OidcServer, { accessToken, refreshToken }: MintedTokens): Promise<boolean> {
  return !(await oidc.isLiveAccessToken(accessToken)) && !(await oidc.isLiveRefreshToken(refreshToken))
}

export interface Gate extends AsyncDisposable {
  url: string
  /** Received requests, in order. */
  bodies: string[]
  /** Resolves when the next request has arrived and is held. */
  arrived(): Promise<void>
  /** Forwards requests from now on. Held requests stay held. */
  open(): void
}

/** A proxy in front of an endpoint that holds requests until it is opened. */
export async function startGate(target: string): Promise<Gate> {
  let opened = false
  const bodies: string[] = []
  let arrival = Promise.withResolvers<void>()
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await new Response(Readable.toWeb(request) as ReadableStream).text()
    bodies.push(body)
    arrival.resolve()
    if (!opened) return
    const { 'content-type': type = '' } = request.headers
    const answer = await fetch(target, { method: 'POST', headers: { 'content-type': type }, body })
    response.writeHead(answer.status).end(await answer.text())
  }
  const server = createServer((request, response) => void pass(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}/revoke`,
    bodies,
    async arrived() {
      await arrival.promise
      arrival = Promise.withResolvers()
    },
    open() {
      opened = true
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
