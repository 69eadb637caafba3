import type { IncomingMessage, ServerResponse } from 'node:http'
import { SANDBOX_ORIGIN, SANDBOX_PATH } from '../catalog/sandbox-provider.ts'
import { createEgress, type Egress, type EgressRequest } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import type { Logger } from '../kit/log.ts'
import { INSTALL_OPTIONAL, MissingPackageError } from '../kit/optional-package.ts'
import { findAccount } from './accounts.ts'
import { type AuthorizationServer, createAuthorizationServer, SESSION_COOKIE } from './authorization-server.ts'
import { consentPage, messagePage, PAGE_HEADERS } from './consent-page.ts'
import { createRecordsApi } from './records-api.ts'

interface SandboxDeps {
  /** How browsers reach this deployment. Called at each request. */
  publicUrl: () => string
  logger: Logger
}

/** @returns true: the request is for the sandbox, which answers it */
export type SandboxListener = (request: IncomingMessage, response: ServerResponse) => boolean

const MAX_BODY_BYTES = 4_096

/** A sample provider for development, in this process: an OAuth server with a consent page, and a records API. */
export function createSandbox({ publicUrl, logger }: SandboxDeps): SandboxListener {
  let starting: Promise<AuthorizationServer> | undefined
  const answerApi = createRecordsApi(async (token) => (await server()).ownerOf(token))

  function server(): Promise<AuthorizationServer> {
    starting ??= createAuthorizationServer((uri) => isAllowedRedirect(uri, publicUrl())).catch((error: unknown) => {
      starting = undefined
      throw error
    })
    return starting
  }

  async function serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice(SANDBOX_PATH.length)
    if (path.startsWith('/api/')) return serveApi(request, response, path.slice('/api'.length), url.searchParams)
    if (path.startsWith('/interaction/')) return serveConsent(request, response, url.pathname)
    // As frameworks do when they mount it. The OAuth server derives its own URLs from these properties.
    Object.assign(request, { originalUrl: request.url, url: `${path}${url.search}` })
    ;(await server()).handle(request, response)
  }

  async function serveApi(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams) {
    const { method = 'GET' } = request
    const { authorization = '', 'idempotency-key': key } = request.headers
    const {
      status,
      body,
      headers = {},
    } = await answerApi({
      method,
      path,
      query,
      authorization,
      idempotencyKey: typeof key === 'string' ? key : null,
      readBody: () => readSandboxBody(request),
    })
    response.writeHead(status, { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(body))
  }

  async function serveConsent(request: IncomingMessage, response: ServerResponse, action: string): Promise<void> {
    await (await server()).assertDeciding(request, response)
    if (request.method !== 'POST') return send(response, 200, consentPage(action))
    const form = await readSandboxForm(request)
    const account = findAccount(form?.get('account') ?? '')
    const decision = form?.get('decision')
    if (decision !== 'refuse' && (decision !== 'allow' || account === undefined)) {
      return send(response, 400, messagePage('This request failed', 'Choose an account, then select Allow or Refuse.'))
    }
    await (await server()).decide(request, response, decision === 'allow' ? (account?.id ?? null) : null)
  }

  return (request, response) => {
    // To parse a URL takes longer than to see that it is another one.
    const url = request.url?.includes('sandbox') === true ? URL.parse(request.url, 'http://sandbox') : null
    if (url === null || !url.pathname.startsWith(`${SANDBOX_PATH}/`)) return false
    setPublicAddress(request, new URL(publicUrl()))
    serve(request, response, url).catch((error: unknown) => {
      if (error instanceof MissingPackageError) {
        logger.warn({ err: error }, 'the sandbox is not installed')
        return send(
          response,
          503,
          messagePage('The sandbox is not installed', `${error.message}. To use the sandbox, ${INSTALL_OPTIONAL}`),
        )
      }
      // Usually an interaction that has expired or belongs to another browser.
      logger.warn({ err: error }, 'the sandbox could not answer a request')
      if (response.headersSent) response.destroy()
      else send(response, 400, messagePage('This page has expired', 'Start connecting again.'))
    })
    return true
  }
}

/** Allows our own callback, and any URL on this machine for a product in development. */
function isAllowedRedirect(uri: string, publicUrl: string): boolean {
  const url = URL.parse(uri)
  if (url === null || url.hash !== '') return false
  if (url.origin === publicUrl) return url.pathname.startsWith('/oauth/callback/')
  return /^https?:$/.test(url.protocol) && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
}

/** Makes the OAuth server use the public address for its URLs and cookies, whatever proxy the request came through. */
function setPublicAddress(request: IncomingMessage, { host, protocol }: URL): void {
  const { cookie } = request.headers
  Object.assign(request.headers, { 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) })
  if (cookie === undefined) return
  // Without the session cookie nobody stays signed in, so that each flow can choose another account.
  const others = cookie.split(';').filter((pair) => !pair.trim().startsWith(SESSION_COOKIE))
  request.headers.cookie = others.join(';')
}

/** @returns null: the form is too long */
async function readSandboxForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const text = await readSandboxBody(request)
  return text === null ? null : new URLSearchParams(text)
}

/** @returns null: the body is too long */
async function readSandboxBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, PAGE_HEADERS)
  response.end(html)
}

/** The paths of the sandbox that are for programs and not for browsers. */
const FOR_PROGRAMS =
  /^\/(?:token|token\/revocation|api\/.*|\.well-known\/(?:oauth-authorization-server|openid-configuration))$/

/**
 * Sends requests for the sandbox to this process, whose own address the egress policy does not allow. This works only for the
 * sandbox's host name and its paths, and redirects are not followed. Requests to the address itself are refused as before.
 *
 * @param egress sends all other requests. `close` does not close it
 * @param address the base URL of the process that runs the sandbox, such as `http://127.0.0.1:4000`
 */
export function sandboxEgress(egress: Egress, address: () => string): Egress {
  let direct: { origin: string; egress: Egress } | undefined

  function egressTo(origin: string): Egress {
    if (direct?.origin !== origin) {
      const { hostname, port, protocol } = new URL(origin)
      const endpoint = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
      direct = { origin, egress: createEgress({ allow: [endpoint] }) }
    }
    return direct.egress
  }

  async function sendToSandbox(request: EgressRequest, given: URL): Promise<EgressResponse> {
    const url = new URL(given)
    if (!FOR_PROGRAMS.test(url.pathname)) {
      throw new EgressError('refused_url', `The sandbox has no path ${url.pathname.slice(0, 100)} for programs.`)
    }
    const origin = address()
    const target = new URL(`${SANDBOX_PATH}${url.pathname}${url.search}`, origin)
    const redirect = request.redirect === 'manual' ? 'manual' : 'never'
    const response = await egressTo(origin).send({ ...request, url: target, redirect })
    url.hash = ''
    // The response shows the sandbox's URL, not the address of this process.
    return Object.create(response, { url: { value: url, enumerable: true } })
  }

  return {
    send(request) {
      const url = typeof request.url === 'string' ? URL.parse(request.url) : request.url
      return url?.origin === SANDBOX_ORIGIN ? sendToSandbox(request, url) : egress.send(request)
    },
    check: (url) => egress.check(url),
    async close() {
      await direct?.egress.close()
    },
  }
}
