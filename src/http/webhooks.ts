import type { IncomingMessage } from 'node:http'
import type { IssuerKeys } from '../access/issuer-keys.ts'
import type { Database } from '../db/database.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { isId } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { Vault } from '../vault/vault.ts'
import { createHooks, WEBHOOK_PATH, webhookUrlOf } from '../webhooks/in/hooks.ts'
import { receiveWebhook } from '../webhooks/in/receive.ts'
import { webhookRequest } from '../webhooks/in/request.ts'
import { addressKey } from './server/caller-gate.ts'
import { GrowingBuffer } from './server/request-body.ts'
import { createTokenBuckets } from './server/token-buckets.ts'

interface WebhookDeps {
  database: Database
  bus: WakeBus
  vault: Vault
  issuerKeys: IssuerKeys
  logger: Logger
  metrics: Metrics
  /** Read for each request, because the port may be known late. */
  publicUrl: string
}

/** A request counts once for each 16 KiB of its body that have begun, and at least once. */
interface WebhookLimits {
  /**
   * Requests that are not verified, for each address and integration: so many at once. Default: 300. An address has four times as many for
   * all integrations together.
   */
  unverifiedAtOnce?: number
  /** And so many each second. Default: 5. */
  unverifiedPerSecond?: number
  /** Verified requests for each integration: so many at once. Default: 2,000. */
  verifiedAtOnce?: number
  /** And so many each second. Default: 200. */
  verifiedPerSecond?: number
}

/** @returns null when the path belongs to another part of the server */
export type WebhookRoute = (
  request: Request,
  address: string | null,
  req: IncomingMessage | undefined,
) => Promise<Response | null>

/** The largest body, in bytes. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024
/** To parse so many bytes of JSON takes about as long as everything else that is done for a request. */
const BYTES_PER_POINT = 16 * 1024
/** Providers send to many integrations from one address. */
const INTEGRATIONS_PER_ADDRESS = 4
/** How often requests to one integration that are not verified are logged. */
const LOG_EVERY_MS = 60_000

/**
 * `/webhooks/<integration id>`: where providers send their events. An event that is answered 200 is stored. Each process has its own
 * limits. Those of requests that are not verified are counted apart for each address and integration, so that they do not keep the
 * provider's own out.
 */
export function createWebhookRoute(deps: WebhookDeps, limits: WebhookLimits = {}): WebhookRoute {
  const { logger, metrics } = deps
  const { unverifiedAtOnce = 300, unverifiedPerSecond = 5, verifiedAtOnce = 2_000, verifiedPerSecond = 200 } = limits
  const hooks = createHooks(deps)
  const unverified = createTokenBuckets({ capacity: unverifiedAtOnce, perSecond: unverifiedPerSecond })
  const unverifiedOfAddress = createTokenBuckets({
    capacity: INTEGRATIONS_PER_ADDRESS * unverifiedAtOnce,
    perSecond: INTEGRATIONS_PER_ADDRESS * unverifiedPerSecond,
  })
  const verified = createTokenBuckets({ capacity: verifiedAtOnce, perSecond: verifiedPerSecond })
  const keptSecrets = createTokenBuckets({ capacity: 1, perSecond: 1 / 60 })
  const logged = new BoundedMap<string, true>({ max: 1_000, ttlMs: LOG_EVERY_MS })

  const end = (outcome: string, response: Response): Response => {
    metrics.webhooksReceived.inc({ outcome })
    return response
  }
  const limited = (seconds: number) =>
    end(
      'limited',
      answer(429, `Too many requests. Try again in ${seconds} seconds.`, { 'retry-after': String(seconds) }),
    )
  const unknown = () => end('unknown', answer(404, 'No webhook is received here.'))

  async function receive(integrationId: string, request: Request, address: string | null, target: string) {
    const client = address === null ? '' : addressKey(address)
    if (!isId(integrationId)) {
      const seconds = unverified.take(client, 1)
      return seconds === null ? unknown() : limited(seconds)
    }
    const bucket = `${client} ${integrationId}`
    let points = 0
    const take = (more: number): number | null => {
      const wait = unverified.wait(bucket, more) ?? unverifiedOfAddress.take(client, more)
      if (wait !== null) return wait
      unverified.charge(bucket, more)
      points += more
      return null
    }
    // Taken before anything is read, and given back when the request is verified.
    const seconds = take(1) ?? unverified.wait(client, 1)
    if (seconds !== null) return limited(seconds)
    const hook = await hooks.find(integrationId)
    if (hook === 'unknown') {
      unverified.charge(client, 1)
      return unknown()
    }
    if (hook === 'gone') return end('gone', answer(410, 'The integration has been deleted.'))
    // Intercom checks in this way whether there is something at the URL.
    if (request.method === 'HEAD') return end('handshake', answer(200, 'ok'))
    const raw = await readBody(request)
    if (raw === null) return end('too_large', answer(413, `The body has more than ${MAX_WEBHOOK_BYTES} bytes.`))
    const tooMany = take(Math.max(0, Math.ceil(raw.length / BYTES_PER_POINT) - 1))
    if (tooMany !== null) return limited(tooMany)
    const received = await receiveWebhook(
      { ...deps, keys: deps.issuerKeys },
      hook,
      webhookRequest({
        method: request.method,
        url: `${deps.publicUrl}${target}`,
        headers: Object.fromEntries(request.headers),
        query: Object.fromEntries(new URL(target, 'http://localhost').searchParams),
        raw,
      }),
      {
        url: webhookUrlOf({ id: integrationId }, deps.publicUrl),
        mayStore() {
          unverified.charge(bucket, -points)
          unverifiedOfAddress.charge(client, -points)
          return verified.take(integrationId, points)
        },
        mayKeepSecret: () => keptSecrets.take(integrationId, 1) === null,
      },
    )
    switch (received.outcome) {
      case 'stored':
      case 'repeated':
        return end(received.outcome, answer(200, 'ok'))
      case 'handshake':
        return end('handshake', handshakeAnswer(received))
      case 'limited':
        return limited(received.seconds)
      case 'gone':
        return end('gone', answer(410, 'The integration has been deleted.'))
      case 'unusable':
        return end(
          'unusable',
          answer(
            400,
            'The request has too many events or form fields, or the expressions of this webhook cost too much.',
          ),
        )
      case 'unverified':
        if (logged.get(integrationId) === undefined) {
          logged.set(integrationId, true)
          const configured = hook.secrets.length > 0
          logger.warn({ integrationId, method: hook.webhook.verify.method, configured }, 'a webhook is not verified')
        }
        return end('unverified', answer(401, 'The request is not verified.'))
    }
  }

  return async (request, address, req) => {
    const { pathname, search } = new URL(request.url)
    if (!pathname.startsWith(WEBHOOK_PATH)) return null
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) {
      return answer(405, 'Use GET or POST.', { allow: 'GET, HEAD, POST' })
    }
    // As it was sent: a parsed URL is written in another way, and some signatures cover it.
    const target = req?.url?.startsWith(WEBHOOK_PATH) === true ? req.url : `${pathname}${search}`
    return receive(pathname.slice(WEBHOOK_PATH.length), request, address, target)
  }
}

/** Null: it is too large. */
async function readBody(request: Request): Promise<Buffer | null> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_WEBHOOK_BYTES) return null
  const body = new GrowingBuffer()
  for await (const chunk of request.body ?? []) {
    body.add(chunk)
    if (body.length > MAX_WEBHOOK_BYTES) return null
  }
  return body.read()
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}

/** A definition decides the type, and a sender the content. A browser runs nothing of it. */
function handshakeAnswer({ status, body, type }: { status: number; body: string; type: string }): Response {
  return new Response(status === 204 || status === 205 ? null : body, {
    status,
    headers: { 'content-type': type, 'content-security-policy': "default-src 'none'; sandbox" },
  })
}
