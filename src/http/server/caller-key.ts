import type { Caller } from '../../access/caller.ts'

/** Whose limits count: an API key, a connect session, or an end user. */
export function callerKey({ apiKeyId, connectSessionId, workspaceId, endUserId }: Caller): string {
  return apiKeyId ?? connectSessionId ?? `${workspaceId}:${endUserId}`
}

/** The workspace of a caller. Operators, who belong to none, count by API key. */
export function workspaceKey({ workspaceId, apiKeyId }: Caller): string {
  return workspaceId ?? apiKeyId ?? 'operators'
}
