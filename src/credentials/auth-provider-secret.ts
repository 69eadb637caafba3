import { z } from 'zod'
import type { RowIdentity } from '../vault/envelope.ts'
import type { Vault } from '../vault/vault.ts'

/** Where the secret of an auth provider is. */
interface SealedAuthProvider {
  id: string
  workspaceId: string
  sealed: Uint8Array
  version: number
}

const schema = z.object({ secret: z.string() })

export function authProviderIdentity(workspaceId: string, id: string, version: number): RowIdentity {
  return { workspaceId, rowId: id, column: 'auth_provider.sealed', version }
}

/** @throws CredentialCorruptError, UnknownKeyError */
export function openAuthProviderSecret(vault: Vault, { id, workspaceId, sealed, version }: SealedAuthProvider): string {
  return schema.parse(vault.open(sealed, authProviderIdentity(workspaceId, id, version))).secret
}
