import { hash, randomBytes } from 'node:crypto'
import type { Database, Tx } from '../db/database.ts'
import type { ApiKey } from '../db/generated/client.ts'
import type { Row } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { ConflictError, ForbiddenError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { checkInput } from '../kit/input.ts'
import { recordAudit } from './audit.ts'
import {
  type ApiKeyScope,
  assertOperator,
  assertWrites,
  type Caller,
  type CallerRole,
  hasScope,
  notFound,
  SCOPES_OF_ROLE,
  seesIntegration,
} from './caller.ts'

/** Id of the row for LATCHKEY_OPERATOR_KEY. It stays the same when the value changes. */
const CONFIGURED_OPERATOR_KEY_ID = '00000000-0000-7000-8000-000000000001'

/** A new key. `key` is the plain text, which is shown once: a prefix and 256 random bits. */
interface IssuedKey {
  apiKey: ApiKey
  key: string
}

interface NewApiKey {
  /** Null for an operator key. */
  workspaceId: string | null
  name: string
  role: CallerRole
  expiresAt: Date | null
  /** Null: those of the replaced key, otherwise everything that the role may do. */
  scopes: readonly ApiKeyScope[] | null
  /** Slugs of integrations of the workspace. Null: those of the replaced key, otherwise all, also later ones. */
  integrations: readonly string[] | null
  /** Id of the key that this one replaces. */
  replaces: string | null
}

/** SHA-256 is sufficient because a key consists of 256 random bits, unlike a password. */
export function hashKey(key: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', key, 'buffer'))
}

/**
 * The hash of a key with scopes or integrations. It is another one than that of other keys, so that a process of a version that
 * does not know limits refuses the key instead of ignoring its limits.
 */
export function hashLimitedKey(key: string): Uint8Array<ArrayBuffer> {
  return hashKey(`limited ${key}`)
}

/** SQL: the `bytea[]` of a parameter that is a `text[]` of hexadecimal hashes. An index on the hash can be used with it. */
export function decodedHashes(parameter: string): string {
  return `ARRAY(SELECT decode(h.hash, 'hex') FROM unnest(${parameter}::text[]) AS h(hash))`
}

function generateKey(limited = false): { key: string; prefix: string; hash: Uint8Array<ArrayBuffer> } {
  const key = `lk_${randomBytes(32).toString('base64url')}`
  return { key, prefix: key.slice(0, 9), hash: limited ? hashLimitedKey(key) : hashKey(key) }
}

/** How long a replaced key keeps working. */
const OVERLAP = "interval '24 hours'"
const MAX_INTEGRATIONS = 100

/**
 * Creates a key of a workspace, or an operator key. Only this result contains the plain key. The new key may do no more than the
 * caller, and no more than the key that it replaces. That one expires after 24 hours.
 * @throws InvalidInputError; NotFoundError; ForbiddenError for a key that may do more than the caller; ConflictError when the
 * replaced key has expired or was revoked
 */
export async function createApiKey(
  database: Database,
  bus: WakeBus,
  caller: Caller,
  input: NewApiKey,
): Promise<IssuedKey> {
  const { workspaceId, name, role, expiresAt } = input
  if (workspaceId === null) assertOperator(caller)
  else assertWrites(caller, workspaceId, 'workspace')
  checkNewKey(input)
  if (workspaceId !== null) {
    const where = { id: workspaceId, deletedAt: null }
    if ((await database.prisma.workspace.findUnique({ where, select: { id: true } })) === null)
      throw notFound('workspace')
  }
  return database.transaction(async (tx) => {
    const replaced = input.replaces === null ? null : await findReplaced(tx, caller, workspaceId, input.replaces)
    const scopes = scopesOf(input, replaced)
    const integrationIds = await integrationIdsOf(tx, caller, input, replaced)
    assertNoMore(caller, { role, expiresAt, scopes, integrationIds })
    const { key, prefix, hash } = generateKey(scopes.length > 0 || integrationIds.length > 0)
    const limits = { scopes, integrationIds, createdBy: await creatorOf(tx, caller, workspaceId) }
    const apiKey = await tx.prisma.apiKey.create({
      data: { id: newId(), workspaceId, name, role, expiresAt, prefix, hash, ...limits },
    })
    if (replaced !== null) {
      await tx.query(`UPDATE api_key SET expires_at = least(expires_at, now() + ${OVERLAP}) WHERE id = $1::uuid`, [
        replaced.id,
      ])
      tx.afterCommit(() => bus.publish('access', replaced.id))
    }
    await recordAudit(tx, { type: 'ApiKey', id: apiKey.id, workspaceId })
    return { apiKey, key }
  })
}

/** Checks the input as far as that is possible without the database. @throws InvalidInputError */
function checkNewKey({ workspaceId, role, expiresAt, scopes, integrations }: NewApiKey): void {
  const check = checkInput()
  if (workspaceId === null && role !== 'OPERATOR') {
    const message = 'A key without a workspace must be an operator key. Give a workspaceId, or the role OPERATOR.'
    check.wrong(['input', 'role'], message)
  }
  if (workspaceId !== null && role === 'OPERATOR') {
    const message = 'A key of a workspace must be ADMIN or READER. Leave workspaceId out for an operator key.'
    check.wrong(['input', 'role'], message)
  }
  if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
    check.wrong(['input', 'expiresAt'], 'Must be in the future.')
  }
  if (scopes?.length === 0) {
    check.wrong(
      ['input', 'scopes'],
      'Name at least one scope, or leave the field out for everything that the role may do.',
    )
  }
  const foreign = (scopes ?? []).filter((scope) => !SCOPES_OF_ROLE[role].includes(scope))
  if (foreign.length > 0) {
    const message = `A key with the role ${role} can have the scopes ${SCOPES_OF_ROLE[role].join(', ')} only.`
    check.wrong(['input', 'scopes'], message)
  }
  if (integrations !== null && workspaceId === null) {
    check.wrong(['input', 'integrations'], 'An operator key cannot be limited to integrations. Leave this out.')
  }
  if (integrations !== null && (integrations.length === 0 || integrations.length > MAX_INTEGRATIONS)) {
    const message = `Give 1 to ${MAX_INTEGRATIONS} slugs, or leave the field out for all integrations.`
    check.wrong(['input', 'integrations'], message)
  }
  check.done()
}

/** Locks the key that is replaced. @throws NotFoundError; ConflictError */
async function findReplaced(tx: Tx, caller: Caller, workspaceId: string | null, id: string): Promise<ApiKey> {
  // Two replacements, or a replacement and a revocation, run one after the other.
  const [held] = await tx.query<{ valid: boolean }>(
    `SELECT revoked_at IS NULL AND coalesce(expires_at > now(), true) AS valid FROM api_key
     WHERE id = $1::uuid AND workspace_id IS NOT DISTINCT FROM $2::uuid FOR NO KEY UPDATE`,
    [id, workspaceId],
  )
  const key = held === undefined ? null : await tx.prisma.apiKey.findUnique({ where: { id } })
  if (held === undefined || key === null || !seesKey(caller, key)) throw notFound('API key')
  if (!held.valid) throw new ConflictError('This key has expired or was revoked. Create a new one without replaces.')
  if (id === CONFIGURED_OPERATOR_KEY_ID) {
    throw new ConflictError('This is the key of LATCHKEY_OPERATOR_KEY. Change that variable to replace it.')
  }
  return key
}

/** What a key may do: its scopes, or without them everything that its role may do. */
export function effectiveScopes(key: Pick<ApiKey, 'role' | 'scopes'>): readonly ApiKeyScope[] {
  const scopes = storedScopes(key)
  return scopes.length === 0 ? SCOPES_OF_ROLE[key.role] : scopes
}

/** The scopes of a key, which only `createApiKey` writes. */
function storedScopes({ scopes }: Pick<ApiKey, 'scopes'>): ApiKeyScope[] {
  return scopes as ApiKeyScope[]
}

/** The scopes of a new key. Empty: everything that the role may do. @throws InvalidInputError */
function scopesOf({ role, scopes }: NewApiKey, replaced: ApiKey | null): ApiKeyScope[] {
  const check = checkInput()
  if (replaced?.role === 'READER' && role !== 'READER') {
    check.wrong(['input', 'role'], 'The key that is replaced is a READER. The new one may do no more.')
    check.done()
  }
  const before = replaced === null ? [] : storedScopes(replaced)
  const possible = SCOPES_OF_ROLE[role].filter((scope) => before.length === 0 || before.includes(scope))
  const chosen = scopes === null ? (before.length === 0 ? [] : possible) : [...new Set(scopes)]
  if (
    chosen.some((scope) => !possible.includes(scope)) ||
    (scopes === null && before.length > 0 && chosen.length === 0)
  ) {
    const message = `The key that is replaced has the scopes ${before.join(', ')}. Choose the role and the scopes within them.`
    check.wrong(['input', 'scopes'], message)
  }
  check.done()
  return chosen
}

/** Ids of the integrations that a new key is limited to. Empty: it is not limited. @throws InvalidInputError */
async function integrationIdsOf(
  tx: Tx,
  caller: Caller,
  { workspaceId, integrations }: NewApiKey,
  replaced: ApiKey | null,
): Promise<string[]> {
  const before = replaced === null ? [] : replaced.integrationIds
  if (integrations === null || workspaceId === null) return before
  const rows = await tx.prisma.integration.findMany({
    where: {
      workspaceId,
      slug: { in: [...integrations] },
      deletedAt: null,
      id: { in: caller.integrationIds?.slice() },
    },
    select: { id: true, slug: true },
  })
  const check = checkInput()
  const ids = integrations.flatMap((slug, index) => {
    const found = rows.find((row) => row.slug === slug)
    if (found !== undefined && (before.length === 0 || before.includes(found.id))) return found.id
    const problem =
      found === undefined
        ? 'The workspace has no integration with this slug.'
        : 'The key that is replaced does not have this integration.'
    check.wrong(['input', 'integrations', String(index)], problem)
    return []
  })
  check.done()
  return [...new Set(ids)]
}

type KeyRights = Pick<ApiKey, 'role' | 'expiresAt' | 'integrationIds'> & { scopes: readonly ApiKeyScope[] }

/** @throws ForbiddenError when a key may do more than the caller, or longer */
function assertNoMore(caller: Caller, { role, expiresAt, scopes, integrationIds }: KeyRights): void {
  const granted = scopes.length === 0 ? SCOPES_OF_ROLE[role] : scopes
  const missing = granted.filter((scope) => !hasScope(caller, scope))
  if (missing.length > 0) {
    throw new ForbiddenError(
      `Your key does not have the scopes ${missing.join(', ')}, so it cannot create a key that has. Give scopes among those of your key.`,
    )
  }
  if (caller.integrationIds !== undefined) {
    if (integrationIds.length === 0 || integrationIds.some((id) => !seesIntegration(caller, id))) {
      throw new ForbiddenError('Your key is limited to some integrations. Give integrations among those of your key.')
    }
  }
  if (caller.expiresAt !== null && (expiresAt === null || expiresAt > caller.expiresAt)) {
    throw new ForbiddenError(
      `Your key expires at ${caller.expiresAt.toISOString()}. Give an expiresAt that is not later.`,
    )
  }
}

/** Who creates a key, for people. Workspaces do not learn the names of operator keys. */
async function creatorOf(tx: Tx, caller: Caller, workspaceId: string | null): Promise<string | null> {
  if (caller.kind === 'OPERATOR' && workspaceId !== null) return 'operator'
  const key = caller.apiKeyId === null ? null : await tx.prisma.apiKey.findUnique({ where: { id: caller.apiKeyId } })
  return key === null ? null : `${key.name} (${key.prefix}…)`
}

/** Whether the caller may see a key: one that is limited to integrations sees keys that are limited to the same ones. */
function seesKey(caller: Caller, { integrationIds }: Pick<ApiKey, 'integrationIds'>): boolean {
  if (caller.integrationIds === undefined) return true
  return integrationIds.length > 0 && integrationIds.every((id) => seesIntegration(caller, id))
}

/** Revokes a key and ends its live subscriptions. A revoked key stays unchanged. @throws NotFoundError, ForbiddenError */
export async function revokeApiKey(
  database: Database,
  bus: WakeBus,
  caller: Caller,
  apiKeyId: string,
): Promise<ApiKey> {
  const apiKey = await database.prisma.apiKey.findUnique({
    where: { id: apiKeyId, OR: [{ workspaceId: null }, { workspace: { deletedAt: null } }] },
  })
  // End users do not see API keys.
  if (apiKey === null || caller.endUserId !== null || !seesKey(caller, apiKey)) throw notFound('API key')
  if (apiKey.workspaceId === null) {
    if (caller.role !== 'OPERATOR') throw notFound('API key')
  } else assertWrites(caller, apiKey.workspaceId, 'API key')
  if (apiKey.revokedAt !== null) return apiKey
  return database.transaction(async (tx) => {
    const revoked = await tx.prisma.apiKey.update({ where: { id: apiKeyId }, data: { revokedAt: new Date() } })
    await recordAudit(tx, { type: 'ApiKey', id: apiKeyId, workspaceId: apiKey.workspaceId })
    tx.afterCommit(() => bus.publish('access', apiKeyId))
    return revoked
  })
}

/**
 * Makes sure that an operator key exists.
 * @param configured value of LATCHKEY_OPERATOR_KEY
 * @returns a new operator key to print once; null when there is already one
 */
export async function ensureOperatorKey(database: Database, configured: string | undefined): Promise<string | null> {
  if (configured !== undefined) {
    const hash = hashKey(configured)
    const row = {
      name: 'LATCHKEY_OPERATOR_KEY',
      role: 'OPERATOR' as const,
      prefix: configured.slice(0, 4),
      hash,
      revokedAt: null,
    }
    await database.prisma.apiKey.upsert({
      where: { id: CONFIGURED_OPERATOR_KEY_ID },
      create: { id: CONFIGURED_OPERATOR_KEY_ID, ...row },
      update: row,
    })
    return null
  }
  return database.transaction(async (tx) => {
    // The variable is not set any more, so its key must stop working.
    await tx.prisma.apiKey.updateMany({
      where: { id: CONFIGURED_OPERATOR_KEY_ID, revokedAt: null },
      data: { revokedAt: new Date() },
    })
    // The lock makes processes that start at the same time create one key together.
    await tx.query('LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE')
    const count = await tx.prisma.apiKey.count({ where: { role: 'OPERATOR', revokedAt: null } })
    if (count > 0) return null
    const { key, prefix, hash } = generateKey()
    await tx.prisma.apiKey.create({ data: { id: newId(), name: 'First operator key', role: 'OPERATOR', prefix, hash } })
    return key
  })
}

/** The columns of a key that its caller depends on. */
export interface KeyRow extends Row {
  id: string
  workspace_id: string | null
  role: CallerRole
  expires_at: Date | null
  /** Empty: the key may do what its role may. */
  scopes: ApiKeyScope[]
  /** Empty: the key is not limited to integrations. */
  integration_ids: string[]
  name: string
  prefix: string
}

/** SQL: the columns of a `KeyRow`, from `api_key` as `k`. */
export const KEY_COLUMNS =
  'k.id, k.name, k.prefix, k.workspace_id, k.role, k.expires_at, k.scopes, k.integration_ids::text[] AS integration_ids'

/** SQL condition that selects keys that can be used, from `api_key` as `k` and its workspace as `w`. */
export const USABLE_KEY =
  '(k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND (k.workspace_id IS NULL OR w.deleted_at IS NULL))'

/** Characters of a key's name by which the audit log names it. Names have no limit of their own. */
const MAX_NAME = 200

export function callerOfKey(row: KeyRow): Caller {
  return {
    kind: row.workspace_id === null ? 'OPERATOR' : 'API_KEY',
    name: `${row.name.slice(0, MAX_NAME).toWellFormed()} (${row.prefix}…)`,
    role: row.role,
    workspaceId: row.workspace_id,
    endUserId: null,
    apiKeyId: row.id,
    connectSessionId: null,
    expiresAt: row.expires_at,
    scopes: row.scopes.length === 0 ? undefined : row.scopes,
    integrationIds: row.integration_ids.length === 0 ? undefined : row.integration_ids,
  }
}
