import { z } from 'zod'
import { auditLater, recordAudit } from '../../access/audit.ts'
import { assertWrites, type Caller, notFound } from '../../access/caller.ts'
import { findWritableWorkspace } from '../../connections/lookups.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { WebhookEndpoint } from '../../db/generated/client.ts'
import { databaseNow } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import type { Egress } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { CONNECTION_HEADERS } from '../../egress/request-headers.ts'
import { readLogBounds } from '../../events/event-log.ts'
import type { EventType } from '../../events/event-types.ts'
import { ConflictError } from '../../kit/errors.ts'
import { globalIdOf, newId } from '../../kit/ids.ts'
import { checkInput, type InputCheck } from '../../kit/input.ts'
import { newWebhookSecret } from '../../kit/standard-webhooks.ts'
import { webhookEndpointIdentity } from '../../vault/identities.ts'
import type { Vault } from '../../vault/vault.ts'
import { attemptDelivery, type WebhookAttempt } from './attempt.ts'

export interface EndpointDeps {
  database: Database
  bus: WakeBus
  vault: Vault
  egress: Egress
}

/** The encrypted part of an endpoint. */
const endpointSecrets = z.object({
  /** Signs. */
  secret: z.string(),
  /** Earlier secrets that sign too, until their time (RFC 3339). */
  previous: z.array(z.object({ secret: z.string(), until: z.iso.datetime() })),
  headers: z.record(z.string(), z.string()),
})

type EndpointSecrets = z.infer<typeof endpointSecrets>

interface NewWebhookEndpoint {
  workspaceId: string
  url: string
  description?: string | null | undefined
  types?: readonly EventType[] | null | undefined
  /** JSON object of header values by name. */
  headers?: unknown
}

/** Undefined or null keeps the stored value. */
interface WebhookEndpointChange {
  url?: string | null | undefined
  description?: string | null | undefined
  types?: readonly EventType[] | null | undefined
  headers?: unknown
  enabled?: boolean | null | undefined
}

const MAX_ENDPOINTS = 1_000
const OVERLAP_MS = 24 * 60 * 60 * 1000
/** Secrets that a receiver has not replaced yet. Rotations beyond it end the oldest. */
const MAX_PREVIOUS = 4

/**
 * Creates an endpoint, which gets the events that are appended from now on.
 * @returns the endpoint and its signing secret, which is not shown again
 * @throws InvalidInputError, NotFoundError, ForbiddenError; ConflictError when the workspace has too many
 */
export async function createWebhookEndpoint(
  deps: EndpointDeps,
  caller: Caller,
  { workspaceId, ...input }: NewWebhookEndpoint,
): Promise<{ webhookEndpoint: WebhookEndpoint; secret: string }> {
  const headers = checkSettings(deps, input) ?? {}
  await findWritableWorkspace(deps.database, caller, workspaceId)
  const id = newId()
  const secret = newWebhookSecret()
  const webhookEndpoint = await deps.database.transaction(async (tx) => {
    // Concurrent creations take turns, so that the number is exact.
    const [workspace] = await tx.query(
      'SELECT 1 AS held FROM workspace WHERE id = $1::uuid AND deleted_at IS NULL FOR NO KEY UPDATE',
      [workspaceId],
    )
    if (workspace === undefined) throw notFound('workspace')
    const count = await tx.prisma.webhookEndpoint.count({ where: { workspaceId, deletedAt: null } })
    if (count >= MAX_ENDPOINTS) {
      throw new ConflictError(`The workspace has ${MAX_ENDPOINTS} webhook endpoints, which is the limit. Delete some.`)
    }
    const { head } = await readLogBounds(tx, workspaceId)
    await recordAudit(tx, { type: 'WebhookEndpoint', id, workspaceId })
    return tx.prisma.webhookEndpoint.create({
      data: {
        id,
        workspaceId,
        url: input.url,
        description: input.description ?? null,
        types: [...(input.types ?? [])],
        headerNames: Object.keys(headers),
        version: 1,
        ...seal(deps, { workspaceId, id, version: 1 }, { secret, previous: [], headers }),
        position: head,
      },
    })
  })
  return { webhookEndpoint, secret }
}

/**
 * Changes the given fields. A URL of another origin needs the headers again, because they may hold a secret of the receiver at
 * the earlier one.
 * @throws InvalidInputError, NotFoundError, ForbiddenError
 */
export async function updateWebhookEndpoint(
  deps: EndpointDeps,
  caller: Caller,
  id: string,
  change: WebhookEndpointChange,
): Promise<WebhookEndpoint> {
  const { workspaceId } = await findWritableEndpoint(deps, caller, id)
  const headers = checkSettings(deps, change)
  const changed = await deps.database.transaction(async (tx) => {
    const held = await hold(tx, id)
    const moved = change.url != null && new URL(change.url).origin !== new URL(held.url).origin
    if (moved && headers === null && held.headerNames.length > 0) {
      const check = checkInput()
      const message = 'Must be given again, or be {}, because the change moves the URL to another origin.'
      check.wrong(['input', 'headers'], message)
      check.done()
    }
    const enables = change.enabled === true && !held.enabled
    const version = held.version + 1
    const sealed = () =>
      seal(deps, { workspaceId, id, version }, { ...openEndpoint(deps.vault, held), headers: headers ?? {} })
    await recordAudit(tx, { type: 'WebhookEndpoint', id, workspaceId })
    return tx.prisma.webhookEndpoint.update({
      where: { id },
      data: {
        url: change.url ?? undefined,
        description: change.description ?? undefined,
        types: change.types == null ? undefined : [...change.types],
        enabled: change.enabled ?? undefined,
        ...(change.enabled == null ? {} : { disabledReason: null }),
        ...(enables || moved ? { failingSince: null } : {}),
        ...(headers === null ? {} : { headerNames: Object.keys(headers), version, ...sealed() }),
      },
    })
  })
  deps.bus.publish('webhooks', workspaceId)
  return changed
}

/** Deletes an endpoint. The worker removes the rows later, because there can be many. @throws NotFoundError, ForbiddenError */
export async function deleteWebhookEndpoint(deps: EndpointDeps, caller: Caller, id: string): Promise<void> {
  const { workspaceId } = await findWritableEndpoint(deps, caller, id)
  await deps.database.transaction(async (tx) => {
    const version = (await hold(tx, id)).version + 1
    // The secrets go at once.
    const sealed = deps.vault.seal({}, webhookEndpointIdentity(workspaceId, id, version))
    await tx.query(
      `UPDATE webhook_endpoint SET deleted_at = clock_timestamp(), enabled = false, header_names = '{}', version = $2::int,
         sealed = $3::bytea, key_id = $4::text WHERE id = $1::uuid`,
      [id, version, sealed, deps.vault.currentKeyId],
    )
    await recordAudit(tx, { type: 'WebhookEndpoint', id, workspaceId })
  })
}

/**
 * Replaces the signing secret. Deliveries have signatures by both for 24 hours.
 * @returns the endpoint and its new secret, which is not shown again
 * @throws NotFoundError, ForbiddenError
 */
export async function rotateWebhookSecret(
  deps: EndpointDeps,
  caller: Caller,
  id: string,
): Promise<{ webhookEndpoint: WebhookEndpoint; secret: string }> {
  const { workspaceId } = await findWritableEndpoint(deps, caller, id)
  const secret = newWebhookSecret()
  const webhookEndpoint = await deps.database.transaction(async (tx) => {
    const held = await hold(tx, id)
    const now = await databaseNow(tx)
    const current = openEndpoint(deps.vault, held)
    const replaced = { secret: current.secret, until: new Date(now.getTime() + OVERLAP_MS).toISOString() }
    const previous = [replaced, ...current.previous.filter(({ until }) => new Date(until) > now)].slice(0, MAX_PREVIOUS)
    const version = held.version + 1
    const sealed = seal(deps, { workspaceId, id, version }, { ...current, secret, previous })
    await recordAudit(tx, { type: 'WebhookEndpoint', id, workspaceId })
    return tx.prisma.webhookEndpoint.update({ where: { id }, data: { version, ...sealed } })
  })
  return { webhookEndpoint, secret }
}

/**
 * Sends `{ type: "webhook.test" }` now, also to a disabled endpoint. The attempt is not stored, and changes nothing.
 * @throws NotFoundError, ForbiddenError
 */
export async function testWebhookEndpoint(deps: EndpointDeps, caller: Caller, id: string): Promise<WebhookAttempt> {
  const endpoint = await findWritableEndpoint(deps, caller, id)
  const now = await databaseNow(deps.database.sql)
  const data = {
    workspaceId: globalIdOf('Workspace', endpoint.workspaceId),
    webhookEndpointId: globalIdOf('WebhookEndpoint', id),
  }
  const body = JSON.stringify({ type: 'webhook.test', timestamp: now.toISOString(), data })
  const messageId = `msg_${newId().replaceAll('-', '')}`
  auditLater({ type: 'WebhookEndpoint', id, workspaceId: endpoint.workspaceId })
  const { attempt } = await attemptDelivery(deps.egress, {
    url: endpoint.url,
    id: messageId,
    body,
    now,
    ...signingOf(openEndpoint(deps.vault, endpoint), now),
  })
  return attempt
}

/** @throws NotFoundError, ForbiddenError */
export async function findWritableEndpoint(
  { database }: Pick<EndpointDeps, 'database'>,
  caller: Caller,
  id: string,
): Promise<WebhookEndpoint> {
  const found = await database.prisma.webhookEndpoint.findFirst({
    where: { id, deletedAt: null, workspace: { deletedAt: null } },
  })
  // End users do not see webhooks.
  if (found === null || caller.endUserId !== null) throw notFound('webhook endpoint')
  assertWrites(caller, found.workspaceId, 'webhook endpoint')
  return found
}

/** Locks an endpoint until the transaction ends. @throws NotFoundError */
async function hold(tx: Tx, id: string): Promise<WebhookEndpoint> {
  await tx.query('SELECT 1 AS held FROM webhook_endpoint WHERE id = $1::uuid FOR NO KEY UPDATE', [id])
  const held = await tx.prisma.webhookEndpoint.findFirst({ where: { id, deletedAt: null } })
  if (held === null) throw notFound('webhook endpoint')
  return held
}

type SealedEndpoint = Pick<WebhookEndpoint, 'workspaceId' | 'id' | 'version'> & { sealed: Uint8Array }

/** @throws CredentialCorruptError, UnknownKeyError */
export function openEndpoint(vault: Vault, { workspaceId, id, version, sealed }: SealedEndpoint): EndpointSecrets {
  return endpointSecrets.parse(vault.open(sealed, webhookEndpointIdentity(workspaceId, id, version)))
}

/** The secrets that sign at a time, and the headers. */
export function signingOf({ secret, previous, headers }: EndpointSecrets, now: Date) {
  const valid = previous.filter(({ until }) => new Date(until) > now)
  return { secrets: [secret, ...valid.map((each) => each.secret)], headers }
}

function seal(
  { vault }: EndpointDeps,
  { workspaceId, id, version }: Omit<SealedEndpoint, 'sealed'>,
  secrets: EndpointSecrets,
) {
  const sealed = vault.seal(secrets, webhookEndpointIdentity(workspaceId, id, version))
  return { sealed, keyId: vault.currentKeyId }
}

/** @returns the headers; null: not given. @throws InvalidInputError */
function checkSettings(
  { egress }: EndpointDeps,
  { url, description, types, headers }: Omit<WebhookEndpointChange, 'enabled'>,
): Record<string, string> | null {
  const check = checkInput()
  check.text(['input', 'description'], description, 500)
  if (types?.includes('EVENTS_SKIPPED') === true) {
    check.wrong(['input', 'types'], 'EVENTS_SKIPPED is made for readers of the event log and is not sent.')
  }
  if (url != null) checkUrl(check, egress, url)
  const checked = headers == null ? null : checkHeaders(check, headers)
  check.done()
  return checked
}

function checkUrl(check: InputCheck, egress: Egress, url: string): void {
  const path = ['input', 'url']
  const own = checkInput()
  own.url(path, url)
  try {
    own.done()
    egress.check(url)
  } catch (error) {
    if (error instanceof EgressError) check.wrong(path, error.message)
    else
      check.part(() => {
        throw error
      })
  }
}

const MAX_HEADERS = 20
const MAX_HEADER_LENGTH = 2_000
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/
const HEADER_VALUE = /^[\t\x20-\x7e]*$/
/** Headers that a delivery has by itself, besides those of the connection. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['content-type', 'content-encoding', 'accept-encoding'])

/** Errors name the header, never its value. */
function checkHeaders(check: InputCheck, headers: unknown): Record<string, string> {
  const path = ['input', 'headers']
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    check.wrong(path, 'Must be a JSON object of texts by header name.')
    return {}
  }
  const entries = Object.entries(headers)
  if (entries.length > MAX_HEADERS) check.wrong(path, `Give at most ${MAX_HEADERS} headers.`)
  const seen = new Set<string>()
  for (const [name, value] of entries) {
    const lower = name.toLowerCase()
    if (!HEADER_NAME.test(name)) check.wrong(path, 'A name has characters that HTTP does not allow, or more than 100.')
    else if (lower.startsWith('webhook-') || CONNECTION_HEADERS.has(lower) || OWN_HEADERS.has(lower)) {
      check.wrong([...path, name], 'Latchkey sets this header itself.')
    } else if (seen.has(lower)) check.wrong([...path, name], 'Is given twice.')
    else if (typeof value !== 'string' || !HEADER_VALUE.test(value) || value.length > MAX_HEADER_LENGTH) {
      check.wrong([...path, name], `Must be a text of at most ${MAX_HEADER_LENGTH} printable ASCII characters.`)
    }
    seen.add(lower)
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
