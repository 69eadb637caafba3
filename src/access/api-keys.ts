import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '../db/database.ts'
import type { ApiKey } from '../db/generated/client.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { assertOperator, assertWrites, type Caller, type CallerRole, notFound } from './caller.ts'

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
}

/** SHA-256 is sufficient because a key consists of 256 random bits, unlike a password. */
export function hashKey(key: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(key).digest())
}

function generateKey(): { key: string; prefix: string; hash: Uint8Array<ArrayBuffer> } {
  const key = `lk_${randomBytes(32).toString('base64url')}`
  return { key, prefix: key.slice(0, 9), hash: hashKey(key) }
}

/**
 * Creates a key of a workspace, or an operator key. Only this result contains the plain key.
 * @throws InvalidInputError, NotFoundError, ForbiddenError
 */
export async function createApiKey(database: Database, caller: Caller, input: NewApiKey): Promise<IssuedKey> {
  if (input.workspaceId === null) assertOperator(caller)
  else assertWrites(caller, input.workspaceId, 'workspace')
  const fields = []
  if (input.workspaceId === null && input.role !== 'OPERATOR') {
    fields.push({
      path: ['input', 'role'],
      message: 'A key without a workspace must be an operator key. Give a workspaceId, or the role OPERATOR.',
    })
  }
  if (input.workspaceId !== null && input.role === 'OPERATOR') {
    fields.push({
      path: ['input', 'role'],
      message: 'A key of a workspace must be ADMIN or READER. Leave workspaceId out for an operator key.',
    })
  }
  if (input.expiresAt !== null && input.expiresAt.getTime() <= Date.now()) {
    fields.push({ path: ['input', 'expiresAt'], message: 'Must be in the future.' })
  }
  if (fields.length > 0) throw new InvalidInputError(fields)
  if (input.workspaceId !== null) {
    const where = { id: input.workspaceId, deletedAt: null }
    if ((await database.prisma.workspace.findUnique({ where, select: { id: true } })) === null)
      throw notFound('workspace')
  }
  const { key, prefix, hash } = generateKey()
  const apiKey = await database.prisma.apiKey.create({ data: { id: newId(), ...input, prefix, hash } })
  return { apiKey, key }
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
  if (apiKey === null || caller.endUserId !== null) throw notFound('API key')
  if (apiKey.workspaceId === null) {
    if (caller.role !== 'OPERATOR') throw notFound('API key')
  } else assertWrites(caller, apiKey.workspaceId, 'API key')
  if (apiKey.revokedAt !== null) return apiKey
  const revoked = await database.prisma.apiKey.update({ where: { id: apiKeyId }, data: { revokedAt: new Date() } })
  bus.publish('access', apiKeyId)
  return revoked
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
