import type { IssuerKeys } from '../../access/issuer-keys.ts'
import { type Path, readPath } from '../../catalog/definition/path.ts'
import type { Webhook } from '../../catalog/definition/webhook.ts'
import { TemplateBudget, withSharedBudget } from '../../catalog/template/budget.ts'
import { compileCondition, renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { expressionReadsName } from '../../catalog/template/template-schema.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { keepPendingSecret } from '../../connections/webhook-secret.ts'
import type { Database } from '../../db/database.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { isRawJson, stringifyJson } from '../../kit/json.ts'
import type { Logger } from '../../kit/log.ts'
import { MIN_SECRET_LENGTH } from '../../kit/redact.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Hook } from './hooks.ts'
import { hasTooManyFields, readable, storable, storableText, type WebhookRequest, withoutSecrets } from './request.ts'
import { type ProviderEvent, storeEvents } from './store.ts'
import { hmacOf, isVerified, standardIdOf } from './verify.ts'

interface ReceiveDeps {
  database: Database
  bus: WakeBus
  vault: Vault
  keys: Pick<IssuerKeys, 'find'>
  logger: Logger
}

/**
 * What became of a request. `unusable`: it has too many events or form fields, or its expressions cost too much. `gone`: the integration
 * was deleted meanwhile.
 */
type Received =
  | { outcome: 'stored' | 'repeated' | 'unverified' | 'unusable' | 'gone' }
  | { outcome: 'handshake'; status: number; body: string; type: string }
  | { outcome: 'limited'; seconds: number }

interface ReceiveOptions {
  /** The integration's webhook URL. */
  url: string
  /** Called when a request is verified. @returns null, or the seconds after which it may be stored */
  mayStore(): number | null
  /** Called before a secret of a handshake is stored. @returns false when one was stored a short time ago */
  mayKeepSecret(): boolean
}

/**
 * Handles a request that a provider sent to the URL of an integration. Handshakes are answered first. Every other request must be
 * verified; its events are committed when this resolves.
 * @throws UnavailableError when it cannot be verified at present
 */
export async function receiveWebhook(
  deps: ReceiveDeps,
  hook: Hook,
  request: WebhookRequest,
  { url, mayStore, mayKeepSecret }: ReceiveOptions,
): Promise<Received> {
  const { webhook } = hook
  if (hasTooManyFields(request)) return { outcome: 'unusable' }
  try {
    const handshake = await answerHandshake(deps, hook, request, mayKeepSecret)
    if (handshake !== null) return handshake
    const now = new Date(Date.now() + hook.aheadMs)
    if (!(await isVerified(request, { hook, url, now, keys: deps.keys }))) return { outcome: 'unverified' }
    const seconds = mayStore()
    if (seconds !== null) return { outcome: 'limited', seconds }
    const events = eventsOf(webhook, request, hook.secrets)
    if (events === null) {
      deps.logger.warn({ integrationId: hook.integrationId, limit: MAX_EVENTS }, 'a webhook has too many events')
      return { outcome: 'unusable' }
    }
    return { outcome: await storeEvents(deps, hook, events) }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    deps.logger.warn({ integrationId: hook.integrationId, err: error }, 'the expressions of a webhook cost too much')
    return { outcome: 'unusable' }
  }
}

/** What the expressions of a handshake read. The body is parsed when the first of them reads it: anybody can send one. */
function unverifiedScope(request: WebhookRequest): TemplateScope {
  const { headers, query, raw } = request
  let parsed: { body: unknown } | undefined
  return Object.defineProperty(withSharedBudget({ headers, query }, new TemplateBudget(raw.length)), 'body', {
    enumerable: true,
    get() {
      parsed ??= { body: readable(request.body) }
      return parsed.body
    },
  })
}

/** A request with a larger body is no handshake. */
const MAX_HANDSHAKE_BYTES = 16 * 1024

/** @returns null: the request is none */
async function answerHandshake(
  deps: ReceiveDeps,
  hook: Hook,
  request: WebhookRequest,
  mayKeepSecret: () => boolean,
): Promise<Received | null> {
  const { handshake = [] } = hook.webhook
  if (handshake.length === 0 || request.raw.length > MAX_HANDSHAKE_BYTES) return null
  const scope = unverifiedScope(request)
  for (const { where, status = 200, answer, type = 'text/plain; charset=utf-8', secret, sign } of handshake) {
    if (!compileCondition(where).test(scope)) continue
    const read = sign === undefined ? scope : { ...scope, signature: signatureOf(hook, textOf(sign, scope)) }
    const body = unlessMissing(() => renderTemplate(answer, read))
    if (body === undefined) continue
    const pending = secret === undefined ? undefined : textOf(secret, scope)
    if (pending !== undefined && hook.secrets.length === 0 && pending.length <= MAX_SECRET && mayKeepSecret()) {
      const { integrationId: id, workspaceId } = hook
      await keepPendingSecret(deps, { id, workspaceId }, pending)
    }
    return { outcome: 'handshake', status, body: redactedAnswer(body, hook.secrets), type }
  }
  return null
}

/**
 * An answer holds a secret only if the request did. Who sends a request may be another than who reads the answer in a log. Short secrets are
 * left: anybody could try many at once and see which one is replaced.
 */
function redactedAnswer(body: string, secrets: readonly string[]): string {
  return String(withoutSecrets(body, secrets, MIN_ANSWER_SECRET))
}

const MIN_ANSWER_SECRET = 16

/** What a handshake signs. The message of a request has other characters. */
const SIGNABLE = /^[\w-]{1,100}$/

/** Undefined: the value must not be signed, or there is no secret that is a key. */
function signatureOf({ webhook: { verify }, secrets: [secret] }: Hook, value: string | undefined): string | undefined {
  if (verify.method !== 'hmac' || secret === undefined || value === undefined || !SIGNABLE.test(value)) return undefined
  return hmacOf(verify, secret, value)?.toString(verify.encoding)
}

const MAX_SECRET = 1_000
/** Events of one request. */
const MAX_EVENTS = 1_000
/** A larger body is not stored. A subscriber may read hundreds of events at once. */
const MAX_STORED_BODY = 128 * 1024

/**
 * What the expressions of events read: the request without the secrets by which it is verified. What they make of it is shown, and could
 * otherwise hold a secret in another form.
 */
function scopeOf({ headers, query, body, raw }: WebhookRequest, secrets: readonly string[]): TemplateScope {
  const hide = (value: unknown) => withoutSecrets(value, secrets, MIN_SECRET_LENGTH)
  const scope = { headers: hide(headers), query: hide(query), body: readable(hide(body)) }
  return withSharedBudget(scope, new TemplateBudget(raw.length))
}

/** Null: there are too many. */
function eventsOf(webhook: Webhook, request: WebhookRequest, secrets: readonly string[]): ProviderEvent[] | null {
  const scope = scopeOf(request, secrets)
  const list = webhook.events === undefined ? undefined : readPath(request.body, webhook.events)
  const requestId = requestIdOf(webhook, request)
  const eventOfItem = (ofItem: TemplateScope, item: unknown) => {
    const event = eventOf(webhook, ofItem, item, secrets)
    return { ...event, id: event.id ?? requestId }
  }
  if (!Array.isArray(list)) return [{ ...eventOfItem(scope, request.body), place: undefined }]
  if (list.length > MAX_EVENTS) return null
  const readableList = readPath(scope['body'], webhook.events ?? [])
  const sharesId = requestId !== undefined || (webhook.id !== undefined && !expressionReadsName(webhook.id, 'item'))
  return list.map((item, index) => {
    const ofItem = { ...scope, item: Array.isArray(readableList) ? readableList[index] : undefined }
    return { ...eventOfItem(ofItem, item), place: sharesId ? index : undefined }
  })
}

/** The id that Standard Webhooks gives to a message, where the definition has no `id`. */
function requestIdOf({ id, verify }: Webhook, { headers }: WebhookRequest): string | undefined {
  const given = id === undefined && verify.method === 'standard_webhooks' ? standardIdOf(headers) : undefined
  return given === undefined || given === '' ? undefined : storableText(given)
}

function eventOf(
  webhook: Webhook,
  scope: TemplateScope,
  body: unknown,
  secrets: readonly string[],
): Omit<ProviderEvent, 'place'> {
  const { id, type, connection, sync = [], drop = [] } = webhook
  const text = (expression: string | undefined) => (expression === undefined ? undefined : textOf(expression, scope))
  const value = text(connection?.value)
  const matching = sync.filter(({ where }) => where === undefined || compileCondition(where).test(scope))
  return {
    id: text(id),
    type: text(type),
    body: storedBody(body, drop, secrets),
    connection: connection === undefined || value === undefined ? undefined : { property: connection.equals, value },
    sync: matching.length === 0 ? undefined : streamsOf(matching),
  }
}

/** Empty: all streams. */
function streamsOf(rules: NonNullable<Webhook['sync']>): string[] {
  const names = rules.map(({ streams }) => streams)
  return names.includes(undefined) ? [] : [...new Set(names.flatMap((each) => each ?? []))]
}

/** The value of an expression as text; undefined: it has none. @throws TemplateError (`fault: 'limit'`) */
function textOf(expression: string, scope: TemplateScope): string | undefined {
  const text = unlessMissing(() => renderTemplate(`{{ ${expression} }}`, scope))
  return text === undefined || text === '' ? undefined : storableText(text)
}

/** @throws TemplateError (`fault: 'limit'`) */
function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof TemplateError && error.fault !== 'limit') return undefined
    throw error
  }
}

/** The body as it is stored: without what the definition drops, and without the secrets. Null: it is too large. */
function storedBody(body: unknown, drop: readonly Path[], secrets: readonly string[]): unknown {
  const kept = storable(drop.reduce<unknown>((value, path) => withoutPath(value, path), body))
  const hidden = withoutSecrets(kept, secrets, MIN_SECRET_LENGTH)
  return Buffer.byteLength(stringifyJson(hidden ?? null)) > MAX_STORED_BODY ? null : hidden
}

function withoutPath(value: unknown, [key, ...rest]: Path): unknown {
  if (typeof value !== 'object' || value === null || key === undefined || isRawJson(value)) return value
  if (Array.isArray(value)) {
    return value.map((item, index) => (key === '*' || String(index) === String(key) ? withoutPath(item, rest) : item))
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      if (key !== '*' && name !== String(key)) return [[name, item]]
      return rest.length === 0 ? [] : [[name, withoutPath(item, rest)]]
    }),
  )
}
