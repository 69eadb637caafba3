import { z } from 'zod'
import type { Webhook } from '../catalog/definition/webhook.ts'
import type { Database, Tx } from '../db/database.ts'
import { databaseNow } from '../db/sql.ts'
import { encodedBytes } from '../kit/encoded-bytes.ts'
import { webhookSecretBytes } from '../kit/standard-webhooks.ts'
import { webhookSecretIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'

const contentSchema = z.strictObject({
  /** Null: none was set yet. */
  secret: z.string().nullable(),
  /** The secret before it, which is accepted until its time (RFC 3339). */
  previous: z.strictObject({ secret: z.string(), until: z.iso.datetime() }).nullable(),
  /** A secret that the provider sent while none was set. */
  pending: z.string().nullable(),
})

type WebhookSecrets = z.infer<typeof contentSchema>

interface SealedSecrets {
  workspaceId: string
  integrationId: string
  version: number
  sealed: Uint8Array
}

/** How long the secret before the current one is accepted, because the provider learns of the new one earlier or later. */
const OVERLAP_MS = 24 * 60 * 60 * 1000

/** @throws CredentialCorruptError, UnknownKeyError */
export function openWebhookSecrets(
  vault: Vault,
  { workspaceId, integrationId, version, sealed }: SealedSecrets,
): WebhookSecrets {
  return contentSchema.parse(vault.open(sealed, webhookSecretIdentity(workspaceId, integrationId, version)))
}

/** The secrets by which requests are verified at a time. */
export function validWebhookSecrets({ secret, previous }: WebhookSecrets, now: Date): string[] {
  if (secret === null) return []
  return previous !== null && new Date(previous.until) > now ? [secret, previous.secret] : [secret]
}

/**
 * The key that a secret stands for; null: it is not written as the definition says, and nothing is verified or signed with it. A key
 * without bytes would be known to everybody.
 */
export function webhookKeyOf(verify: Webhook['verify'], secret: string): Buffer | null {
  if (verify.method === 'standard_webhooks') return webhookSecretBytes(secret)
  const encoding = verify.method === 'hmac' ? (verify.keyEncoding ?? 'text') : 'text'
  const key = encoding === 'text' ? Buffer.from(secret) : encodedBytes(secret, encoding)
  return key === null || key.length === 0 ? null : key
}

/**
 * Sets the secret of an integration's webhooks, in the caller's transaction. The one before it is accepted for 24 hours more. Null removes
 * both at once. The integration's row must be locked.
 */
export async function setWebhookSecret(
  tx: Tx,
  vault: Vault,
  { id: integrationId, workspaceId }: { id: string; workspaceId: string },
  secret: string | null,
): Promise<void> {
  if (secret === null) {
    await tx.prisma.webhookSecret.deleteMany({ where: { integrationId } })
    return
  }
  const stored = await tx.prisma.webhookSecret.findUnique({ where: { integrationId } })
  const before = stored === null ? null : openWebhookSecrets(vault, stored)
  const until = new Date((await databaseNow(tx)).getTime() + OVERLAP_MS).toISOString()
  const replaced = before?.secret != null && before.secret !== secret ? { secret: before.secret, until } : null
  const version = (stored?.version ?? 0) + 1
  const content = { secret, previous: replaced ?? before?.previous ?? null, pending: null }
  const sealed = sealSecrets(vault, { workspaceId, integrationId, version }, content)
  await tx.prisma.webhookSecret.upsert({
    where: { integrationId },
    create: { integrationId, workspaceId, version, ...sealed },
    update: { version, pendingAt: null, ...sealed },
  })
}

/** How often a secret that a provider sends is stored at most. Anybody who knows the URL can send one. */
const PENDING_EVERY_MS = 60_000

/**
 * Keeps a secret that a provider sent, until one is set. Does nothing while one is set, and at most once a minute.
 */
export async function keepPendingSecret(
  { database, vault }: { database: Database; vault: Vault },
  { id: integrationId, workspaceId }: { id: string; workspaceId: string },
  pending: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    const [held] = await tx.query(
      'SELECT 1 AS held FROM integration WHERE id = $1::uuid AND deleted_at IS NULL FOR NO KEY UPDATE',
      [integrationId],
    )
    if (held === undefined) return
    const stored = await tx.prisma.webhookSecret.findUnique({ where: { integrationId } })
    const now = await databaseNow(tx)
    if (stored !== null) {
      const isRecent = stored.pendingAt !== null && now.getTime() - stored.pendingAt.getTime() < PENDING_EVERY_MS
      if (isRecent || openWebhookSecrets(vault, stored).secret !== null) return
    }
    const version = (stored?.version ?? 0) + 1
    const content = { secret: null, previous: null, pending }
    const sealed = { ...sealSecrets(vault, { workspaceId, integrationId, version }, content), pendingAt: now }
    await tx.prisma.webhookSecret.upsert({
      where: { integrationId },
      create: { integrationId, workspaceId, version, ...sealed },
      update: { version, ...sealed },
    })
  })
}

/** The secret that a provider sent while none was set; null: there is none. */
export async function pendingSecretOf(
  { database, vault }: { database: Database; vault: Vault },
  integrationId: string,
): Promise<string | null> {
  const stored = await database.prisma.webhookSecret.findUnique({ where: { integrationId } })
  return stored === null ? null : openWebhookSecrets(vault, stored).pending
}

/** Whether an integration has a secret by which its webhooks are verified. */
export async function hasWebhookSecret(
  { database, vault }: { database: Database; vault: Vault },
  integrationId: string,
): Promise<boolean> {
  const stored = await database.prisma.webhookSecret.findUnique({ where: { integrationId } })
  return stored !== null && openWebhookSecrets(vault, stored).secret !== null
}

function sealSecrets(
  vault: Vault,
  { workspaceId, integrationId, version }: Omit<SealedSecrets, 'sealed'>,
  content: WebhookSecrets,
) {
  const sealed = vault.seal(content, webhookSecretIdentity(workspaceId, integrationId, version))
  return { sealed, keyId: vault.currentKeyId }
}
