import type { Caller } from '../../src/access/caller.ts'

/** A caller with an API key of the role READER. */
export function callerOf(workspaceId: string, apiKeyId: string): Caller {
  return {
    kind: 'API_KEY',
    role: 'READER',
    workspaceId,
    endUserId: null,
    apiKeyId,
    connectSessionId: null,
    expiresAt: null,
  }
}
