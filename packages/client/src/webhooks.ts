import type { ConnectionStatus, ConnectSessionStatus, SyncJobStatus } from './generated/types.ts'
import type { WebhookDataByType } from './generated/webhook-payloads.ts'

/** What `data` of every event has. Global ids, as in the GraphQL API. */
export interface WebhookData {
  /** Position in the event log: `after` of `latchkey.events.follow`. */
  cursor: string
  workspaceId: string
  /** The connection that the event concerns, as it was shortly after the event. Null: what is no longer known of a deleted one. */
  connection?: {
    id: string
    externalId: string | null
    displayName: string | null
    status: ConnectionStatus | null
    /** Why the connection cannot be used, for people. */
    statusReason: string | null
    /** Slug of the integration. */
    integration: string | null
    endUserExternalId: string | null
  }
  /** The sync job that the event concerns. */
  syncJob?: { id: string; status: SyncJobStatus | null }
  /** The connect session that the event concerns. */
  connectSession?: { id: string; status: ConnectSessionStatus | null; endUserExternalId: string | null }
}

/** An object in a webhook. Unlike in GraphQL, a field that would be null may be missing. */
export type Sent<Type> = {
  [Name in keyof Type as null extends Type[Name] ? never : Name]: Type[Name]
} & {
  [Name in keyof Type as null extends Type[Name] ? Name : never]?: Type[Name] | undefined
}

export type WebhookType = keyof WebhookDataByType

/** A verified webhook. `type` says which fields `data` has. */
export type Webhook = {
  [Type in WebhookType]: {
    /** `webhook-id`: the same in each delivery of an event. Remember it where nothing may be done twice. */
    id: string
    type: Type
    /** When it happened, RFC 3339. */
    timestamp: string
    data: WebhookDataByType[Type]
  }
}[WebhookType]

export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<{ [name: string]: string | readonly string[] | undefined }>

export interface VerifyOptions {
  /** How far `webhook-timestamp` may be from now, in either direction. Default: 300. */
  toleranceSeconds?: number | undefined
  /** The time of the receiver. Default: now. */
  now?: Date | undefined
}

/** The request is not a webhook that the gateway signed. Answer with 401. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError'
}

/**
 * Verifies a webhook (Standard Webhooks 1.0.0) and returns its content. Uses WebCrypto, and so runs in Node, Deno, Bun, browsers and
 * at the edge.
 *
 * @param body exactly as it arrived: a text, or bytes of UTF-8
 * @param headers of the request, in any case
 * @param secrets the endpoint's secret, `whsec_…`; several while a secret is being replaced
 * @throws WebhookVerificationError
 * @throws TypeError if a secret is not valid
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secrets: string | readonly string[],
  { toleranceSeconds = 300, now = new Date() }: VerifyOptions = {},
): Promise<Webhook> {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  const id = required(headers, 'webhook-id')
  const timestamp = required(headers, 'webhook-timestamp')
  const signatures = required(headers, 'webhook-signature').split(' ')
  const keys = await Promise.all((typeof secrets === 'string' ? [secrets] : secrets).map(importKey))
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookVerificationError('The header webhook-timestamp is not a time.')
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > toleranceSeconds) {
    throw new WebhookVerificationError('The header webhook-timestamp is too far from the time of this server.')
  }
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`)
  const given = signatures.flatMap((each) => (each.startsWith('v1,') ? (bytesOf(each.slice('v1,'.length)) ?? []) : []))
  const checks = keys.flatMap((key) => given.map((signature) => crypto.subtle.verify('HMAC', key, signature, signed)))
  if (!(await Promise.all(checks)).includes(true)) {
    throw new WebhookVerificationError('No signature in the header webhook-signature is one by the secret.')
  }
  try {
    return { id, ...JSON.parse(text) }
  } catch {
    throw new WebhookVerificationError('The body is not JSON.')
  }
}

function required(headers: WebhookHeaders, name: string): string {
  const value = headerOf(headers, name)
  if (typeof value !== 'string' || value === '') throw new WebhookVerificationError(`The header ${name} is missing.`)
  return value
}

function headerOf(headers: WebhookHeaders, name: string): unknown {
  if (typeof headers.get === 'function') return headers.get(name)
  return Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1]
}

function importKey(secret: string): Promise<CryptoKey> {
  const bytes = secret.startsWith('whsec_') ? bytesOf(secret.slice('whsec_'.length)) : null
  if (bytes === null || bytes.length === 0) throw new TypeError('The secret must be whsec_ followed by base64.')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

/** The bytes of base64; null: it is not valid. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
