import type { StoredAuthProvider, StoredCredential } from '../auth/stored-credential.ts'
import type { Authenticator } from '../auth/strategy.ts'
import type { Tx } from '../db/database.ts'
import type { JsonObject } from '../kit/json.ts'
import type { RowIdentity } from '../vault/envelope.ts'
import type { Vault } from '../vault/vault.ts'
import { renewAheadAt } from './refresh-policy.ts'

/** A credential together with the connection that it belongs to. */
interface NewCredential {
  connectionId: string
  workspaceId: string
  stored: StoredCredential | StoredAuthProvider
  /** The credential as its strategy opens it: what may be known of it comes from there. */
  opened: Pick<Authenticator, 'expiresAt' | 'refreshable' | 'scopes'>
}

/** Binds a sealed credential to its place: a value copied to another row, or an old version put back, does not open. */
export function credentialIdentity(workspaceId: string, connectionId: string, version: number): RowIdentity {
  return { workspaceId, rowId: connectionId, column: 'credential.sealed', version }
}

/** Stores the first credential of a connection. */
export async function insertCredential(tx: Tx, vault: Vault, credential: NewCredential): Promise<void> {
  const { connectionId, workspaceId, stored, opened } = credential
  const version = 1
  await tx.prisma.credential.create({
    data: {
      connectionId,
      workspaceId,
      version,
      type: stored.type,
      sealed: vault.seal(toJsonColumn(stored), credentialIdentity(workspaceId, connectionId, version)),
      keyId: vault.currentKeyId,
      ...knownOf(connectionId, opened),
    },
  })
}

/** What may be known of a new credential without opening it, as columns of its row; also when it is renewed ahead of its end. */
export function knownOf(connectionId: string, { expiresAt, refreshable, scopes }: NewCredential['opened']) {
  return {
    expiresAt: expiresAt ?? null,
    refreshable,
    nextRefreshAt: refreshable && expiresAt !== undefined ? renewAheadAt(connectionId, new Date(), expiresAt) : null,
    scopes: [...scopes],
  }
}

/** A stored credential is plain JSON by its schemas; the copy is what tells the compiler so. */
export function toJsonColumn(stored: StoredCredential | StoredAuthProvider): JsonObject {
  return JSON.parse(JSON.stringify(stored))
}
