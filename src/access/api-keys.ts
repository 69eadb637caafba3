import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '../db/database.ts'
import type { ApiKey } from '../db/generated/client.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { assertOperator, assertWrites, type Caller, type CallerRole, notFound } from './caller.ts'

/** Row of the key that LATCHKEY_OPERATOR_KEY names: one, whatever its value is changed to. */
const CONFIGURED_OPERATOR_KEY_ID = '00000000-0000-7000-8000-000000000001'

/** A key as it is shown once: 256 random bits behind a prefix that tells what it is. */
interface IssuedKey {
  apiKey: ApiKey
  key: string
}

interface NewApiKey {
  /** Null: an operator key. */
  workspaceId: string | null
  name: string
  role: CallerRole
  expiresAt: Date | null
}

/** SHA-256 is enough: the key is 256 bits of randomness, not a password. */
export function hashKey(key: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(key).digest())
}

function issue(): { key: string; prefix: string; hash: Uint8Array<ArrayBuffer> } {
  const key = `lk_${randomBytes(32).toString('base64url')}`
  return { key, prefix: key.slice(0, 9), hash: hashKey(key) }
}

/** Creates a key of a workspace, or an operator key. The plain key is in the answer and nowhere else. */
export async function createApiKey(database: Database, caller: Caller, input: NewApiKey): Promise<IssuedKey> {
  if (input.workspaceId === null) assertOperator(caller)
  else assertWrites(caller, input.workspaceId, 'workspace')
  const fields = []
  if (input.workspaceId === null && input.role !== 'OPERATOR') {
    fields.push({
      path: ['input', 'role'],
      message: 'A key without a workspace is an operator key: give a workspaceId, or the role OPERATOR.',
    })
  }
  if (input.workspaceId !== null && input.role === 'OPERATOR') {
    fields.push({
      path: ['input', 'role'],
      message: 'A key of a workspace is ADMIN or READER. Leave workspaceId out for an operator key.',
    })
  }
  if (input.expiresAt !== null && input.expiresAt.getTime() <= Date.now()) {
    fields.push({ path: ['input', 'expiresAt'], message: 'Must lie in the future.' })
  }
  if (fields.length > 0) throw new InvalidInputError(fields)
  if (input.workspaceId !== null) {
    const where = { id: input.workspaceId, deletedAt: null }
    if ((await database.prisma.workspace.findUnique({ where, select: { id: true } })) === null)
      throw notFound('workspace')
  }
  const { key, prefix, hash } = issue()
  const apiKey = await database.prisma.apiKey.create({ data: { id: newId(), ...input, prefix, hash } })
  return { apiKey, key }
}

/** Revokes a key. A key that is revoked already stays as it is. Its live subscriptions end. */
export async function revokeApiKey(
  database: Database,
  bus: WakeBus,
  caller: Caller,
  apiKeyId: string,
): Promise<ApiKey> {
  const apiKey = await database.prisma.apiKey.findUnique({
    where: { id: apiKeyId, OR: [{ workspaceId: null }, { workspace: { deletedAt: null } }] },
  })
  // Who acts for an end user sees no keys.
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
 * Makes sure that somebody can operate the deployment.
 * @param configured value of LATCHKEY_OPERATOR_KEY
 * @returns a new operator key to print once, or null when there is one already
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
    // The variable was taken away: its key must not go on working.
    await tx.prisma.apiKey.updateMany({
      where: { id: CONFIGURED_OPERATOR_KEY_ID, revokedAt: null },
      data: { revokedAt: new Date() },
    })
    // Two processes that start at once make one key between them.
    await tx.query('LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE')
    const count = await tx.prisma.apiKey.count({ where: { role: 'OPERATOR', revokedAt: null } })
    if (count > 0) return null
    const { key, prefix, hash } = issue()
    await tx.prisma.apiKey.create({ data: { id: newId(), name: 'First operator key', role: 'OPERATOR', prefix, hash } })
    return key
  })
}
