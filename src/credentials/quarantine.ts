import { CredentialCorruptError } from '../vault/envelope.ts'
import { type CredentialRow, openSealed } from './credential-row.ts'
import { needsReauth } from './needs-reauth.ts'
import type { AttemptDeps } from './renewal-attempt.ts'

/**
 * What to throw for a credential that could not be opened. One that was changed, or taken from elsewhere, is of no use to
 * anybody: its connection says so, and is not tried again.
 */
export async function quarantineIfCorrupt(deps: AttemptDeps, row: CredentialRow, error: unknown): Promise<unknown> {
  if (!(error instanceof CredentialCorruptError) || row.sealed === null || opens(deps, row)) return error
  return needsReauth(deps, row, { reason: 'CREDENTIAL_CORRUPT', message: error.message, cause: error })
}

/** Then it is something else that does not open, such as the secret of the integration's OAuth client. */
function opens({ vault }: AttemptDeps, row: CredentialRow): boolean {
  try {
    openSealed(vault, row)
    return true
  } catch {
    return false
  }
}
