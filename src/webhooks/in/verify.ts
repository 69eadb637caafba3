import { createHmac, timingSafeEqual } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import type { IssuerKeys } from '../../access/issuer-keys.ts'
import { readPaths } from '../../catalog/definition/path.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import type { Webhook } from '../../catalog/definition/webhook.ts'
import { TemplateBudget } from '../../catalog/template/budget.ts'
import { compileTemplate, renderTemplate } from '../../catalog/template/template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { webhookKeyOf } from '../../connections/webhook-secret.ts'
import { encodedBytes } from '../../kit/encoded-bytes.ts'
import { parseInstant } from '../../kit/instant.ts'
import { durationMs, parseDuration } from '../../kit/time.ts'
import { withPrefix } from '../../wire/placement.ts'
import type { Hook } from './hooks.ts'
import { readable, type WebhookRequest } from './request.ts'

type Verify = Webhook['verify']
type Hmac = Extract<Verify, { method: 'hmac' }>
type Token = Extract<Verify, { method: 'token' }>
type Jwt = Extract<Verify, { method: 'jwt' }>

export interface Verification {
  hook: Pick<Hook, 'webhook' | 'secrets' | 'clientId' | 'workspaceId'>
  /** The integration's webhook URL. */
  url: string
  /** The time by the database's clock. */
  now: Date
  keys: Pick<IssuerKeys, 'find'>
}

/**
 * Whether the provider sent a request. Signatures are checked over the body as it was sent, before it is parsed. Everything that is
 * compared with a secret, or made with one, is compared in constant time.
 * @throws UnavailableError when the keys of a JWT cannot be read
 */
export async function isVerified(request: WebhookRequest, verification: Verification): Promise<boolean> {
  const { verify } = verification.hook.webhook
  switch (verify.method) {
    case 'hmac':
      return hasSignature(verify, request, verification)
    case 'token':
      return hasToken(verify, request, verification.hook.secrets)
    case 'standard_webhooks':
      return isStandardWebhook(request, verification)
    case 'jwt':
      return hasJwt(verify, request, verification)
    case 'none':
      return true
  }
}

/** Parts of a header that may be signatures or timestamps. Each signature costs a comparison with each secret. */
const MAX_PARTS = 20

function hasSignature(verify: Hmac, request: WebhookRequest, { hook, now }: Verification): boolean {
  const { timestamp, encoding } = verify
  const signatures = partsOf(request.headers[verify.header.toLowerCase()], verify.prefix)
  if (signatures.length === 0) return false
  const [sentAt] =
    timestamp?.header === undefined ? [] : partsOf(request.headers[timestamp.header.toLowerCase()], timestamp.prefix)
  if (timestamp?.header !== undefined && !isCurrent(timestamp, sentAt, now)) return false
  const message = messageOf(verify, request, sentAt)
  if (message === undefined) return false
  const isSigned = hook.secrets.some((secret) => {
    const expected = hmacOf(verify, secret, message)
    return expected !== null && signatures.some((signature) => isSame(encodedBytes(signature, encoding), expected))
  })
  if (!isSigned || timestamp?.path === undefined) return isSigned
  const [inBody] = readPaths(readable(request.body), timestamp.path)
  return isCurrent(timestamp, inBody, now)
}

/** Null: the secret is no key. */
export function hmacOf(verify: Hmac, secret: string, message: Buffer | string): Buffer | null {
  const key = webhookKeyOf(verify, secret)
  return key === null ? null : createHmac(verify.hash, key).update(message).digest()
}

/** The whole value of a header; with a prefix, its parts between commas that begin with it. */
function partsOf(header: string | undefined, prefix: string | undefined): string[] {
  if (header === undefined) return []
  if (prefix === undefined) return [header.trim()]
  const parts = header.split(',', MAX_PARTS).map((part) => part.trim())
  return parts.flatMap((part) => (part.startsWith(prefix) ? [part.slice(prefix.length)] : []))
}

function isCurrent(
  { format = 'epoch', tolerance }: NonNullable<Hmac['timestamp']>,
  value: unknown,
  now: Date,
): boolean {
  const sentAt = parseInstant(value, format)
  return sentAt !== undefined && Math.abs(now.getTime() - sentAt.getTime()) <= durationMs(parseDuration(tolerance), now)
}

/** The bytes that are signed; undefined: the message reads something that the request does not have. */
function messageOf(
  { message }: Hmac,
  { method, url, headers, raw }: WebhookRequest,
  timestamp: string | undefined,
): Buffer | undefined {
  if (message === undefined) return raw
  const scope = { body: raw.toString('utf8'), headers, url, method, timestamp }
  const budget = new TemplateBudget(raw.length)
  try {
    const parts = compileTemplate(message).parts.map((part) => {
      if ('text' in part) return Buffer.from(part.text)
      if (!isBody(part.source)) return Buffer.from(part.evaluate(scope, budget))
      budget.produce(raw.length)
      // Not by way of text, which would change bytes that are not UTF-8.
      return raw
    })
    return Buffer.concat(parts)
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}

/** Whether an expression is `body` and nothing else. */
function isBody(source: string): boolean {
  const tree: { type?: unknown; value?: unknown } = JSON.parse(source)
  return tree.type === 'Identifier' && tree.value === 'body'
}

function isSame(given: Buffer | null, expected: Buffer): boolean {
  return given !== null && given.length === expected.length && timingSafeEqual(given, expected)
}

function hasToken({ place }: Token, request: WebhookRequest, secrets: readonly string[]): boolean {
  const tokens = tokensIn(place, request)
  const expected = secrets.map((secret) => withPrefix(place, secret))
  return (
    tokens.length > 0 &&
    tokens.every((token) => typeof token === 'string' && expected.some((each) => isSameText(token, each)))
  )
}

/** Tokens of a list that are compared. A longer list is not verified. */
const MAX_TOKENS = 1_000

function tokensIn(place: Placement, request: WebhookRequest): unknown[] {
  const found =
    place.in === 'json'
      ? readPaths(request.body, place.name)
      : place.in === 'header'
        ? [request.headers[place.name.toLowerCase()]]
        : place.in === 'query'
          ? [request.query[place.name]]
          : readPaths(request.body, [place.name])
  return found.length > MAX_TOKENS ? [] : found
}

/** In constant time, whatever the lengths: their digests are compared. */
function isSameText(one: string, other: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'webhook token').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** Standard Webhooks 1.0.0, and Svix from which it comes. */
const STANDARD_PREFIXES = ['webhook-', 'svix-']
const STANDARD_HEADERS = ['id', 'timestamp', 'signature']
const STANDARD_TOLERANCE_MS = 5 * 60_000

/** The id of a message, which its signature covers. */
export function standardIdOf(headers: WebhookRequest['headers']): string | undefined {
  const [id] = STANDARD_PREFIXES.flatMap((prefix) => headers[`${prefix}id`] ?? [])
  return id
}

/** With headers of both families, it would not be certain which of two ids is the one that was signed. */
function standardHeadersOf(headers: WebhookRequest['headers']): (string | undefined)[] {
  const families = STANDARD_PREFIXES.map((prefix) => STANDARD_HEADERS.map((name) => headers[prefix + name]))
  const given = families.filter((family) => family.some((value) => value !== undefined))
  return given.length === 1 ? (given[0] ?? []) : []
}

function isStandardWebhook({ headers, raw }: WebhookRequest, { hook, now }: Verification): boolean {
  const [id, timestamp, given] = standardHeadersOf(headers)
  if (id === undefined || given === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now.getTime() - Number(timestamp) * 1_000) > STANDARD_TOLERANCE_MS) return false
  const signatures = given
    .split(' ', MAX_PARTS)
    .flatMap((part) => (part.startsWith('v1,') ? [encodedBytes(part.slice('v1,'.length), 'base64')] : []))
  return hook.secrets.some((secret) => {
    const key = webhookKeyOf(hook.webhook.verify, secret)
    if (key === null) return false
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(raw).digest()
    return signatures.some((signature) => isSame(signature, expected))
  })
}

const JWT_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const JWT_CLOCK_TOLERANCE_SECONDS = 60

async function hasJwt(
  { jwksUrl, issuer, audience, header = 'Authorization', prefix = 'Bearer ' }: Jwt,
  { headers }: WebhookRequest,
  { hook, url, now, keys }: Verification,
): Promise<boolean> {
  const value = headers[header.toLowerCase()] ?? ''
  if (!value.startsWith(prefix)) return false
  try {
    const source = { issuer: issuer ?? jwksUrl, jwksUrl }
    await jwtVerify(value.slice(prefix.length), (jws) => keys.find(source, [hook.workspaceId], jws), {
      issuer,
      audience: audience === undefined ? undefined : renderTemplate(audience, { url, client_id: hook.clientId }),
      algorithms: JWT_ALGORITHMS,
      requiredClaims: ['exp'],
      clockTolerance: JWT_CLOCK_TOLERANCE_SECONDS,
      currentDate: now,
    })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TemplateError || error instanceof TypeError) return false
    throw error
  }
}
